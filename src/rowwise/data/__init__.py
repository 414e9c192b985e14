"""A file, a frame or a database → ids → rows → examples."""
