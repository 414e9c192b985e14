"""The page of a model: it answers and learns inside one HTML file."""
