"""Random numbers by counting: the same (seed, epoch, example) gives the same draw in every backend and on any thread.

A hash of the counter is the draw, so nothing is stored and nothing depends on the order of the work. All arithmetic
is on 32-bit unsigned integers and wraps. The hash is `lowbias32`. Source: Wellons 2018, "Prospecting for hash
functions", with the constants found later by the same search (bias 0.107).
"""

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    import jax

Array = TypeVar("Array", np.ndarray, "jax.Array")  # of uint32
GOLDEN = 0x9E3779B9  # 2³² / golden ratio: consecutive lanes land far apart
MASK = 0xFFFFFFFF
ORDER = 0xFFFF  # the stream that shuffles the examples; the inputs of a program draw from streams 0, 1, 2, …
MULTIPLIERS = (0x21F0AAAD, 0xD35A2D97)
FIRST, SECOND = (np.uint32(m) for m in MULTIPLIERS)
HALF, LESS = np.uint32(16), np.uint32(15)


def mix(x: Array) -> Array:
    """Every bit of a uint32 array spread over all the others."""
    x = (x ^ (x >> HALF)) * FIRST
    x = (x ^ (x >> LESS)) * SECOND
    return x ^ (x >> LESS)


def key(*parts: int) -> int:
    """One 32-bit key for a run of counters: `key(seed, epoch, stream)`."""
    state = 0
    for part in parts:  # `mix` in whole numbers: an array of one would cost as much as a thousand examples
        state = (state ^ (part & MASK)) + GOLDEN & MASK
        for shift, multiplier in zip((16, 15), MULTIPLIERS, strict=True):
            state = (state ^ (state >> shift)) * multiplier & MASK
        state ^= state >> 15
    return state


def bits(key: Array | np.uint32, example: Array, lane: Array) -> Array:
    """32 random bits for each (example, lane); `key` is a uint32, the others uint32 arrays that broadcast."""
    return mix(mix(example + key) + lane * np.uint32(GOLDEN))


def sampled_row(bits: Array, n_rows: int) -> Array:
    """A row from 1 to n_rows - 1, evenly: the unknown row 0 is never drawn. int32."""
    return (bits % np.uint32(max(n_rows - 1, 1)) + np.uint32(1 if n_rows > 1 else 0)).astype(np.int32)


def kept(bits: Array, rate: float) -> Array:
    """The mask of dropout: 0 with probability `rate`, else 1 / (1 - rate). float32."""
    return mask(keeps(bits, rate), rate)


def keeps(bits: Array, rate: float) -> Array:
    """Where that mask is not 0."""
    return bits >= np.uint32(min(int(rate * 2**32), MASK))


def mask(keeps: Array, rate: float) -> Array:
    """The mask of dropout that is not 0 there."""
    return keeps.astype(np.float32) * np.float32(1 / (1 - rate))


def place(counter: np.ndarray, n: int, key: np.uint32) -> np.ndarray:
    """Where the counters 0 … n-1 stand in a shuffle of n things: a permutation worked out one number at a time.

    A number that `sent` lands at n or above is sent round again. uint32 in and out.
    """
    x = sent(counter, n, key)
    while (x >= n).any():
        x = np.where(x < n, x, sent(x, n, key))
    return x


def sent(x: Array, n: int, key: Array | np.uint32) -> Array:
    """One round trip of `place`: a permutation of the numbers below the power of two that holds n.

    Multiplications by odd numbers and shifted exclusive ors permute them.
    """
    width = max(int(n - 1).bit_length(), 2)
    mask, shift = np.uint32((1 << width) - 1), np.uint32(max(width // 2, 1))
    for round_ in range(3):
        odd = mix(np.asarray([MULTIPLIERS[0] * (round_ + 1) & MASK], np.uint32) + key) | np.uint32(1)
        x = (x * odd + (odd >> np.uint32(3))) & mask
        x = x ^ (x >> shift)
    return x
