"""Program → steps, machine code, XLA, cells."""
