"""Files and folders that stand under their name when they are complete, and not before."""
