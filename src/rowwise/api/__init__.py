"""The objects people hold."""
