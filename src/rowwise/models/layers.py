"""Layers over the rows of a sequence, for use in a model's function: convolution, pooling, recurrence.

Each is array code for one example, made of slices, products of matrices and `jax.lax.scan`. Sequences are
(length, …); weights come from words of the signature, such as `kernel=rw.Weight((5, 32, 64))`.
"""

from typing import Any

from rowwise.options import one_of

Array = Any


def convolution(rows: Array, kernel: Array, *, padding: str = "same") -> Array:
    """What each filter makes of each run of `width` rows: (length, dim), (width, dim, filters) -> (length, filters).

    `padding="same"` puts rows of zeros at both ends, one more at the back where their number is odd, as Keras does;
    "valid" has only whole runs, (length - width + 1, filters). Source: LeCun et al. 1989, "Backpropagation applied".
    """
    import jax.numpy as jnp

    width, dim, filters = kernel.shape
    if one_of("padding", padding, ("same", "valid")) == "same":
        front = (width - 1) // 2
        rows = jnp.pad(rows, ((front, width - 1 - front), (0, 0)))
    length = len(rows) - width + 1
    runs = jnp.concatenate([rows[k : k + length] for k in range(width)], axis=1)  # (length, width · dim)
    return runs @ kernel.reshape(width * dim, filters)


def max_pool(rows: Array, size: int) -> Array:
    """The largest of each `size` neighbours, number by number: (length, dim) -> (length // size, dim)."""
    length, dim = len(rows) // size, rows.shape[1]
    return rows[: length * size].reshape(length, size, dim).max(1)


def lstm(rows: Array, kernel: Array, recurrent: Array, bias: Array, *, mask: Array | None = None) -> Array:
    """What is remembered after the last row: (length, dim) -> (units,), by gates in the order in, forget, cell, out.

    `kernel` is (dim, 4 · units), `recurrent` (units, 4 · units), `bias` (4 · units,). A row whose `mask` (length,) is
    0 is passed over: the state stays as it was. Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000.
    """
    import jax
    import jax.numpy as jnp

    seen = jnp.ones(len(rows)) if mask is None else mask

    def gates(state: tuple[Array, Array], row: tuple[Array, Array]) -> tuple[tuple[Array, Array], tuple[()]]:
        (hidden, cell), (given, kept) = state, row
        enter, forget, new, out = jnp.split(given + hidden @ recurrent, 4)
        after = jax.nn.sigmoid(forget) * cell + jax.nn.sigmoid(enter) * jnp.tanh(new)
        shown = jax.nn.sigmoid(out) * jnp.tanh(after)
        return (jnp.where(kept > 0, shown, hidden), jnp.where(kept > 0, after, cell)), ()

    nothing = jnp.zeros(len(recurrent))
    given = rows @ kernel + bias  # of all rows at once: one product of matrices
    return jax.lax.scan(gates, (nothing, nothing), (given, seen))[0][0]
