"""Program → values, machine code, XLA, formulas: a folder for each backend."""
