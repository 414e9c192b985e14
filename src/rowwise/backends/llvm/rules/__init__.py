"""What each primitive means as machine code."""
