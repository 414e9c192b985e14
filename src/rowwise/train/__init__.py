"""Examples and a target → fitted tables."""
