"""Instructions of LLVM: numbers and vectors, memory, loops, functions."""
