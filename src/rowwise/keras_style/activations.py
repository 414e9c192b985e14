"""What an activation is in the function of rows: a template of one operand for each name."""

from rowwise.options import one_of

ACTIVATIONS = {
    "linear": "{0}",
    "relu": "jax.nn.relu({0})",
    "sigmoid": "jax.nn.sigmoid({0})",
    "hard_sigmoid": "jnp.clip(0.2 * ({0}) + 0.5, 0, 1)",
    "tanh": "jnp.tanh({0})",
    "softmax": "jax.nn.softmax({0})",
    "softplus": "jax.nn.softplus({0})",
    "elu": "jax.nn.elu({0})",
    "exponential": "jnp.exp({0})",
}


def activation_of(name: str | None) -> str:
    """A name that there is; "linear" for None.

    Raises:
        BadOption: there is no such activation.
    """
    if name is None:
        return "linear"
    return one_of("activation", name, ACTIVATIONS, mend="activation='relu' is usual")


def activated(name: str, expression: str) -> str:
    """The expression under an activation."""
    return ACTIVATIONS[name].format(expression)
