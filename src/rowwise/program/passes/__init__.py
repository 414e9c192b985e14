"""Passes: a program in, a program or a fact about it out."""
