"""What each primitive means, in every target, as rows of one table."""
