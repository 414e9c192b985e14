"""Many small minima at once: Newton's step for each line of a matrix, by conjugate gradients, none of them waited for.

Each line has a cost of its own, whose slope alone is known. Where a cost is of degree 2 the first step is exact;
elsewhere a few follow. Sources: Hestenes & Stiefel 1952; Nocedal & Wright 2006, algorithm 7.1, and (3.7) for how far.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Array = Any
STEPS, HALVINGS = 20, 12  # of Newton's; of one step's length
ENOUGH = 1e-8  # of the slope at the start


def newton(slope: Callable[[Array], Array], x: Array) -> Array:
    """(lines, numbers) where the slope of each line is about 0, beginning at `x`; `slope` gives that of every line."""
    enough = ENOUGH * _length(slope(x))

    def go_on(state: tuple[Array, Array, Array]) -> Array:
        _, g, k = state
        return (k < STEPS) & (_length(g) > enough).any()

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        x, g, k = state
        way = _conjugate(lambda p: jax.jvp(slope, (x,), (p,))[1], -g)
        x = x + _far(slope, x, way, (way * g).sum(-1))[:, None] * way
        return x, slope(x), k + 1

    return jax.lax.while_loop(go_on, step, (x, slope(x), jnp.int32(0)))[0]


def _conjugate(bend: Callable[[Array], Array], wanted: Array) -> Array:
    """What, bent, is `wanted`, for each line by itself; where a way does not bend upwards, what was found so far."""
    enough = 1e-20 * (wanted**2).sum(-1)

    def go_on(state: tuple[Array, ...]) -> Array:
        _, _, _, size, k = state
        return (k < 2 * wanted.shape[1] + 10) & (size > enough).any()

    def step(state: tuple[Array, ...]) -> Any:
        found, left, way, size, k = state
        bent = bend(way)
        curve = (way * bent).sum(-1)
        moves = (size > enough) & (curve > 0)
        length = jnp.where(moves, size / jnp.where(moves, curve, 1.0), 0.0)[:, None]
        found, left = found + length * way, left - length * bent
        new = jnp.where(moves, (left**2).sum(-1), 0.0)
        way = left + jnp.where(moves, new / jnp.where(moves, size, 1.0), 0.0)[:, None] * way
        return found, left, way, new, k + 1

    state = jnp.zeros_like(wanted), wanted, wanted, (wanted**2).sum(-1), jnp.int32(0)
    return jax.lax.while_loop(go_on, step, state)[0]


def _far(slope: Callable[[Array], Array], x: Array, way: Array, falls: Array) -> Array:
    """How far along its way each line goes: all of it, or halved until the cost no longer rises steeply there."""

    def halved(_: int, length: Array) -> Array:
        there = (way * slope(x + length[:, None] * way)).sum(-1)
        return jnp.where(jnp.abs(there) <= 0.9 * jnp.abs(falls) + 1e-300, length, length / 2)

    return jax.lax.fori_loop(0, HALVINGS, halved, jnp.ones(len(x)))


def _length(x: Array) -> Array:
    return jnp.sqrt((x**2).sum(-1))
