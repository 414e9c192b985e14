"""One function of rows: the words of its signature, its loss, and the zoo."""
