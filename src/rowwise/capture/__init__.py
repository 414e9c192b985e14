"""A recipe → its program: the only folder that knows JAX's insides."""
