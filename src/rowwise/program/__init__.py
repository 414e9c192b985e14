"""A function of rows as a flat list of steps, captured from JAX and checked."""
