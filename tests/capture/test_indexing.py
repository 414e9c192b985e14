"""Indexing by known numbers: whatever a person composes reads and moves the numbers that NumPy says."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rowwise as rw
from rowwise.backends import reference
from rowwise.capture.flatten import Flattener
from rowwise.capture.jaxpr import trace
from rowwise.capture.tape import Tape
from rowwise.errors import BadModel
from rowwise.program.program import Value


def model_of(function, shape):
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId"), w=rw.Weight(shape)):
        return user * function(w)

    return score


def value_and_gradient(function, w):
    """function(w), and its gradient: with user 1 and a target half below, the loss pays 1 for each unit."""
    program = model_of(function, w.shape).program(optimizer="sgd")
    values = reference.run(program, {"user": 1.0, "w": w, "target": 0.0})
    value = float(reference.number(values, program.prediction))
    values = reference.run(program, {"user": 1.0, "w": w, "target": value - 0.5})
    return value, np.broadcast_to(reference.number(values, program.gradients["w"]), w.shape)


# One act on an array: (of JAX, of NumPy)


def an_index(draw, n):
    return draw(st.integers(-n, n - 1))


def some_indices(draw, n, shape):
    numbers = draw(st.lists(st.integers(-n, n - 1), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return np.array(numbers, np.int32).reshape(shape)


def by_number(draw, shape):
    index = tuple(an_index(draw, n) for n in shape[: draw(st.integers(1, len(shape)))])
    return (lambda x: x[index],) * 2


def by_slice(draw, shape):
    ends = st.none() | st.integers(-5, 50)
    steps = st.sampled_from([None, 1, 2, 3, -1, -2])
    cut = slice(draw(ends), draw(ends), draw(steps))
    index = (..., cut) if draw(st.booleans()) else (cut,)
    return (lambda x: x[index],) * 2


def by_array(draw, shape):
    numbers = some_indices(draw, shape[0], draw(st.sampled_from([(1,), (3,), (2, 2)])))
    return (lambda x: x[numbers],) * 2


def by_two_arrays(draw, shape):
    if len(shape) < 2:
        return by_array(draw, shape)
    first, last = some_indices(draw, shape[0], (4,)), some_indices(draw, shape[-1], (4,))
    return (lambda x: x[first, ..., last],) * 2


def by_truth(draw, shape):
    chosen = np.array(draw(st.lists(st.booleans(), min_size=shape[0], max_size=shape[0])))
    return (lambda x: x[chosen],) * 2


def by_take(draw, shape):
    axis, mode = draw(st.integers(0, len(shape) - 1)), draw(st.sampled_from(["clip", "wrap"]))
    numbers = np.array(draw(st.lists(st.integers(-9, 99), min_size=1, max_size=4)))
    return (lambda x: jnp.take(x, numbers, axis, mode=mode)), (lambda x: np.take(x, numbers, axis, mode=mode))


def by_take_along(draw, shape):
    numbers = some_indices(draw, shape[0], (2, *shape[1:])) if np.prod(shape[1:]) < 50 else np.zeros(shape, int)
    return (lambda x: jnp.take_along_axis(x, numbers, 0)), (lambda x: np.take_along_axis(x, numbers, 0))


def by_dynamic_slice(draw, shape):
    sizes = [draw(st.integers(1, n)) for n in shape]
    starts = [draw(st.integers(0, n - size)) for n, size in zip(shape, sizes, strict=True)]
    index = tuple(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))
    return (lambda x: jax.lax.dynamic_slice(x, starts, sizes)), (lambda x: x[index])


def by_vmap(draw, shape):
    numbers = some_indices(draw, shape[-1], (shape[0], 2)) if len(shape) == 2 and shape[0] < 50 else None
    if numbers is None:
        return by_array(draw, shape)
    return (lambda x: jax.vmap(lambda row, k: row[k])(x, numbers)), (lambda x: np.take_along_axis(x, numbers, 1))


def flipped(draw, shape):
    axis = draw(st.integers(0, len(shape) - 1))
    return (lambda x: jnp.flip(x, axis)), (lambda x: np.flip(x, axis))


def rolled(draw, shape):
    by = draw(st.integers(-5, 5))
    return (lambda x: jnp.roll(x, by)), (lambda x: np.roll(x, by))


def reshaped(draw, shape):
    size = int(np.prod(shape))
    rows = draw(st.sampled_from([n for n in range(1, size + 1) if size % n == 0]))
    return (lambda x: x.reshape(rows, size // rows),) * 2


def transposed(draw, shape):
    order = draw(st.permutations(range(len(shape))))
    return (lambda x: x.transpose(order),) * 2


ACTS = [by_number, by_slice, by_array, by_two_arrays, by_truth, by_take, by_take_along, by_dynamic_slice, by_vmap,
        flipped, rolled, reshaped, transposed]  # fmt: skip


@st.composite
def compositions(draw):
    """A shape, and acts one after another on an array of it; the last two of what is left are one number or more."""
    shape = tuple(draw(st.lists(st.integers(1, 14), min_size=1, max_size=3)))
    places, acts = np.arange(np.prod(shape)).reshape(shape), []
    for act in draw(st.lists(st.sampled_from(ACTS), min_size=1, max_size=5)):
        if not places.ndim or not places.size:
            break
        acts.append(act(draw, places.shape))
        places = acts[-1][1](places)
    return shape, acts


def every(functions):
    def composed(x):
        for function in functions:
            x = function(x)
        return x

    return composed


@settings(max_examples=40)
@given(compositions())
def test_any_composition_reads_and_moves_the_numbers_that_numpy_says(composition):
    shape, acts = composition
    w = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1
    of_jax, of_numpy = (every(functions) for functions in zip(*acts, strict=True))
    weights = np.arange(of_numpy(w).size, dtype=np.float32).reshape(of_numpy(w).shape) % 7 - 3
    value, gradient = value_and_gradient(lambda x: (of_jax(x) * weights).sum(), w)
    places = of_numpy(np.arange(w.size).reshape(shape))
    assert value == (of_numpy(w).astype(float) * weights).sum()
    np.testing.assert_array_equal(gradient.ravel(), np.bincount(places.ravel(), weights.ravel(), w.size))


def test_a_permutation_of_thousands_of_numbers_is_one_step_and_its_inverse():
    order = np.random.default_rng(0).permutation(5000)
    factors, w = np.arange(5000, dtype=np.float32) % 7 - 3, np.arange(5000, dtype=np.float32) % 11
    value, gradient = value_and_gradient(lambda x: (x[order] * factors).sum(), w)
    assert value == w[order] @ factors
    np.testing.assert_array_equal(gradient[order], factors)


LATE = {
    "by an array": lambda w: w.reshape(-1)[jnp.array([16_781_309])].sum(),
    "by row and column": lambda w: w[jnp.array([16]), jnp.array([781_309])].sum(),
    "by a window": lambda w: jax.lax.dynamic_slice(w, (16, 781_309), (1, 1)).sum(),
}


@pytest.mark.parametrize("name", LATE)
def test_a_place_is_exact_where_float32_has_no_name_for_it(name):
    shape, tape = (17, 1_000_000), Tape()
    traced, _ = trace(jax.value_and_grad(lambda w: LATE[name](w) ** 2), jax.ShapeDtypeStruct(shape, np.float32))
    Flattener(tape, lambda _: None).flatten(traced, [Value("w", shape, "float32")])
    told = [step.params["indices"] for step in tape.steps if step.primitive in ("take", "put_add")]
    assert told == [(16_781_309,)] * 2


# Outside


@pytest.mark.parametrize(
    ("function", "value", "gradient"),
    [
        (lambda w: jnp.take(w, 7, mode="clip"), 5, [0, 0, 0, 0, 1]),
        (lambda w: jnp.take(w, jnp.array([-9, 7]), mode="clip").sum(), 6, [1, 0, 0, 0, 1]),
        (lambda w: jnp.take(w, 7, mode="wrap"), 3, [0, 0, 1, 0, 0]),
        (lambda w: jnp.take(w, jnp.array([1, 7]), mode="fill", fill_value=9).sum(), 11, [0, 1, 0, 0, 0]),
        (lambda w: w.at[jnp.array([7, 4])].get(mode="fill", fill_value=0).sum(), 5, [0, 0, 0, 0, 1]),
        (lambda w: w[-1] + w[jnp.array([-5, -4])].sum(), 8, [1, 1, 0, 0, 1]),
        (lambda w: w.at[1].set(10.0) @ jnp.arange(5.0), 10 + 6 + 12 + 20, [0, 0, 2, 3, 4]),
        (lambda w: w.at[1].set(w[4])[1], 5, [0, 0, 0, 0, 1]),
        (lambda w: w.at[jnp.array([2, 2])].set(jnp.array([1.0, 10.0])).sum(), 22, [1, 1, 0, 1, 1]),
        (lambda w: w.at[jnp.array([1, 7])].add(w[0]) @ jnp.arange(5.0), 41, [1, 1, 2, 3, 4]),
        (lambda w: w.at[7].set(100.0).sum(), 15, [1, 1, 1, 1, 1]),
        (lambda w: jax.lax.dynamic_update_slice(w, w[:2] * 2, (3,)).sum(), 12, [3, 3, 1, 0, 0]),
        (lambda w: w[jnp.array([], int)].sum() + w[0], 1, [1, 0, 0, 0, 0]),
    ],
)  # fmt: skip
def test_what_lies_outside_means_what_it_says(function, value, gradient):
    found = value_and_gradient(function, np.arange(1, 6, dtype=np.float32))
    assert found[0] == value
    np.testing.assert_array_equal(found[1], gradient)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda w: w[7], "number 7 of an axis that has 5"),
        (lambda w: w[-7], "number -2 of an axis that has 5"),
        (lambda w: w[jnp.array([1, 7])].sum(), "number 7 of an axis that has 5"),
        (lambda w: jnp.take(w, 7), "number 7 of an axis that has 5"),
        (lambda w: w.at[7].get(mode="promise_in_bounds"), "number 7 of an axis that has 5"),
        (lambda w: w.at[7].get(mode="fill"), "number 7 of an axis that has 5"),
        (lambda w: jax.lax.dynamic_slice(w, (3,), (4,)).sum(), "numbers 3 to 6 of an axis that has 5"),
        (lambda w: w.at[7].set(1.0, mode="promise_in_bounds").sum(), "number 7 of an axis that has 5"),
        (lambda w: w @ jnp.arange(5.0) * jnp.arange(5.0)[7], "number 7 of an axis that has 5"),
    ],
)  # fmt: skip
def test_an_index_outside_is_named_with_its_line_and_the_mend_works(function, told):
    with pytest.raises(BadModel, match=rf"(?s)test_indexing.py:\d+.*{told}.*0 to 4, or -1 to -5.*mode='clip'"):
        model_of(function, (5,)).program()


@pytest.mark.parametrize(("mend", "value"), [({"mode": "clip"}, 5), ({"mode": "fill", "fill_value": 0}, 0)])
def test_the_mends_of_an_index_outside_give_what_they_say(mend, value):
    assert value_and_gradient(lambda w: jnp.take(w, 7, **mend), np.arange(1, 6, dtype=np.float32))[0] == value


def test_truth_values_that_are_set_by_an_index_are_named_with_their_line_and_the_mend_works():
    w = np.float32([-1, 2, 3])
    with pytest.raises(BadModel, match=r"(?s)test_indexing.py:\d+.*some numbers of a bool array.*jnp.float32"):
        model_of(lambda w: (w > 0).at[0].set(True) @ w, (3,)).program()
    found = value_and_gradient(lambda w: (w > 0).astype(jnp.float32).at[0].set(1.0) @ w, w)
    assert (found[0], found[1].tolist()) == (4, [1, 1, 1])
