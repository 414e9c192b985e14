"""Models of Keras and of JAX → a model of rows."""
