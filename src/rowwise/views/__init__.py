"""What training gave, shown to a person."""
