"""Kernels compiled and run: arguments, order, threads."""
