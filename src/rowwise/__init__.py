"""Embedding models you can see through."""
