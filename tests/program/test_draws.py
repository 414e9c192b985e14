"""Random numbers by counting: the same in every target, and as random as they say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowwise.program import draws

KEYS = st.integers(0, 2**32 - 1)


@settings(max_examples=200)
@given(st.integers(1, 3000), KEYS)
def test_place_is_a_permutation_of_any_number_of_things(n, key):
    order = draws.place(np.arange(n, dtype=np.uint32), n, np.uint32(key))
    assert order.dtype == np.uint32
    np.testing.assert_array_equal(np.sort(order), np.arange(n))


@pytest.mark.parametrize("n", [2**16 - 1, 2**16, 2**16 + 1, 100_000])
def test_place_is_a_permutation_of_many_things(n):
    order = draws.place(np.arange(n, dtype=np.uint32), n, np.uint32(draws.key(0, 1, draws.ORDER)))
    assert np.bincount(order, minlength=n).max() == 1


def test_a_place_can_be_worked_out_alone():
    key = np.uint32(7)
    whole = draws.place(np.arange(1000, dtype=np.uint32), 1000, key)
    assert all(draws.place(np.array([k], np.uint32), 1000, key)[0] == whole[k] for k in (0, 1, 17, 999))


def test_a_shuffle_leaves_few_things_near_where_they_were():
    n = 10_000
    order = draws.place(np.arange(n, dtype=np.uint32), n, np.uint32(draws.key(3, 0, draws.ORDER)))
    correlation = np.corrcoef(np.arange(n), order)[0, 1]
    neighbours = np.abs(np.diff(order.astype(np.int64)))
    assert abs(correlation) < 0.05
    assert np.mean(neighbours < 100) == pytest.approx(0.02, abs=0.01)  # by chance 2 in 100 are that near


def test_two_epochs_have_two_orders():
    first, second = (
        draws.place(np.arange(100, dtype=np.uint32), 100, np.uint32(draws.key(0, epoch, draws.ORDER)))
        for epoch in (0, 1)
    )
    assert (first != second).mean() > 0.9


def test_a_key_depends_on_every_part_and_on_their_order():
    keys = {draws.key(*parts) for parts in [(0,), (0, 0), (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 0, 2)]}
    assert len(keys) == 7
    assert draws.key(-1) == draws.key(2**32 - 1)  # a negative seed is a seed


@settings(max_examples=50)
@given(KEYS, st.integers(0, 2**32 - 1), st.integers(0, 1000))
def test_bits_are_the_same_in_numpy_and_jax(key, example, lane):
    numbers = np.uint32([example]), np.uint32([lane])
    by_numpy = draws.bits(np.uint32(key), *numbers)
    by_jax = draws.bits(jnp.uint32(key), *map(jnp.asarray, numbers))
    assert by_numpy.dtype == np.uint32
    np.testing.assert_array_equal(by_numpy, by_jax)
    np.testing.assert_array_equal(draws.sampled_row(by_numpy, 37), draws.sampled_row(by_jax, 37))
    np.testing.assert_array_equal(draws.kept(by_numpy, 0.3), draws.kept(by_jax, 0.3))


def test_each_bit_is_set_half_of_the_time():
    found = draws.bits(np.uint32(draws.key(0, 0, 0)), np.arange(20_000, dtype=np.uint32), np.zeros(1, np.uint32))
    shares = [((found >> np.uint32(bit)) & np.uint32(1)).mean() for bit in range(32)]
    np.testing.assert_allclose(shares, 0.5, atol=0.02)


def test_lanes_and_examples_do_not_repeat_each_other():
    examples, lanes = np.arange(300, dtype=np.uint32)[:, None], np.arange(300, dtype=np.uint32)
    assert len(np.unique(draws.bits(np.uint32(5), examples, lanes))) > 0.9999 * 300 * 300


def test_sampled_rows_are_even_and_never_the_unknown_one():
    found = draws.bits(np.uint32(draws.key(0, 0, 0)), np.arange(90_000, dtype=np.uint32), np.zeros(1, np.uint32))
    counts = np.bincount(draws.sampled_row(found, 10), minlength=10)
    assert counts[0] == 0
    np.testing.assert_allclose(counts[1:], 10_000, rtol=0.05)


def test_a_table_of_the_unknown_row_alone_is_sampled_there():
    assert draws.sampled_row(np.uint32([0, 1, 2**32 - 1]), 1).tolist() == [0, 0, 0]


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.75])
def test_a_mask_keeps_the_rate_and_the_mean(rate):
    found = draws.bits(np.uint32(11), np.arange(40_000, dtype=np.uint32), np.zeros(1, np.uint32))
    mask = draws.kept(found, rate)
    assert mask.dtype == np.float32
    assert set(np.unique(mask)) <= {np.float32(0), np.float32(1 / (1 - rate))}
    assert (mask == 0).mean() == pytest.approx(rate, abs=0.01)
    assert mask.mean() == pytest.approx(1, abs=0.02)


def test_draws_run_inside_a_compiled_function():
    def batch(index, key):
        return draws.sampled_row(draws.bits(key, index, jnp.uint32(0)), 5)

    index = np.arange(50, dtype=np.uint32)
    np.testing.assert_array_equal(
        jax.jit(batch)(index, jnp.uint32(9)),
        draws.sampled_row(draws.bits(np.uint32(9), index, np.zeros(1, np.uint32)), 5),
    )
