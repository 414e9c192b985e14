"""What the shape rules tell is what NumPy gives; what they refuse, no backend is asked to compute."""

import contextlib

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rowwise.errors import UnsupportedPrimitive
from rowwise.program.array_rules import Arrays, apply
from rowwise.program.primitives import ELEMENTWISE, RULES
from rowwise.program.program import Literal, Value
from rowwise.program.shape_rules import Misfit, told, work

EXACT = Arrays(np, np.float32)
KINDS = {"f": "float32", "i": "int32", "n": "int32", "l": "bool", "a": "float32"}


def value(*shape, dtype="float32"):
    return Value("x", shape, dtype)


def ones(operand):
    return np.ones(operand.shape, EXACT.dtype(operand.dtype))


def computed(primitive, inputs, params):
    with np.errstate(all="ignore"):
        return np.asarray(apply(EXACT, primitive, tuple(map(ones, inputs)), params))


def test_every_primitive_that_has_a_meaning_has_a_shape():
    assert set(RULES["shapes"]) == set(RULES["arrays"])


@pytest.mark.parametrize("primitive", sorted(ELEMENTWISE))
def test_a_number_by_number_primitive_gives_what_its_row_says(primitive):
    takes, _, _ = ELEMENTWISE[primitive].takes.partition(">")
    inputs = [value(2, 3, dtype=KINDS[letter]) for letter in takes]
    shape, dtype = told(primitive, inputs, {})
    out = computed(primitive, inputs, {})
    assert (out.shape, out.dtype.kind) == (shape, np.dtype(dtype).kind)


shapes = st.lists(st.integers(1, 4), max_size=3).map(tuple)
axes = st.lists(st.integers(-1, 3), max_size=3).map(tuple)
AXES = ["reduce_sum", "reduce_max", "argmax", "rev", "transpose"]


@given(primitive=st.sampled_from(AXES), shape=shapes, axes=axes)
def test_of_axes_what_is_told_is_what_numpy_gives_and_what_numpy_refuses_is_refused(primitive, shape, axes):
    name = {"rev": "dimensions", "transpose": "permutation"}.get(primitive, "axes")
    try:
        shape_told, _ = told(primitive, [value(*shape)], {name: axes})
    except Misfit:
        return  # more is refused than NumPy refuses, which counts axes from the end
    assert computed(primitive, [value(*shape)], {name: axes}).shape == shape_told


@given(
    shape=shapes,
    config=st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-1, 2)), max_size=3),
)
@example(shape=(1, 2), config=[(0, -1, 0), (0, 0, 1)])  # an axis of none before one that is spread
def test_of_padding_what_is_told_is_what_numpy_gives(shape, config):
    inputs, params = [value(*shape), value()], {"padding_config": tuple(config)}
    try:
        shape_told, _ = told("pad", inputs, params)
    except Misfit:
        return
    assert computed("pad", inputs, params).shape == shape_told


@given(
    x=shapes,
    y=shapes,
    pairs=st.tuples(*[st.lists(st.integers(0, 2), max_size=2).map(tuple)] * 4),
)
def test_of_products_what_is_told_is_what_numpy_gives(x, y, pairs):
    params = {"dimension_numbers": (pairs[:2], pairs[2:])}
    try:
        shape_told, _ = told("dot_general", [value(*x), value(*y)], params)
    except Misfit:
        return
    assert computed("dot_general", [value(*x), value(*y)], params).shape == shape_told


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**30) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


PARAMS = {
    "integer_pow": ["y"],
    "convert_element_type": ["new_dtype"],
    "dot_general": ["dimension_numbers"],
    "reduce_sum": ["axes"],
    "argmax": ["axes"],
    "cumsum": ["axis", "reverse"],
    "broadcast_in_dim": ["shape", "broadcast_dimensions"],
    "reshape": ["shape"],
    "transpose": ["permutation"],
    "rev": ["dimensions"],
    "concatenate": ["dimension"],
    "stack": ["axis"],
    "slice": ["start_indices", "limit_indices", "strides"],
    "pad": ["padding_config"],
    "take": ["indices", "shape"],
    "put_add": ["indices"],
    "cumprod": ["axis", "reverse"],
    "cumlogsumexp": ["axis", "reverse"],
    "sort": ["axis"],
    "argsort": ["axis"],
    "lu": ["result"],
    "triangular_solve": ["left_side", "lower", "transpose_a", "unit_diagonal"],
}


@given(primitive=st.sampled_from(sorted(PARAMS)), n=st.integers(0, 3), data=st.data())
def test_parameters_of_any_kind_are_refused_or_fit(primitive, n, data):
    params = {name: data.draw(anything, label=name) for name in PARAMS[primitive]}
    with contextlib.suppress(Misfit):
        told(primitive, [value(2, 3)] * n, params)


@pytest.mark.parametrize(
    ("primitive", "inputs", "params"),
    [
        ("add", [value(3), value(3, dtype="int32")], {}),
        ("add", [value(3), value(4)], {}),
        ("add", [value(1, 3), value(3)], {}),
        ("add", [value(3)], {}),
        ("exp", [value(3, dtype="int32")], {}),
        ("select_n", [value(3), value(3), value(3)], {}),
        ("reduce_max", [value(0)], {"axes": (0,)}),
        ("integer_pow", [value(3)], {"y": 10**9}),
        ("slice", [value(3)], {"start_indices": (True,), "limit_indices": (2,)}),
        ("convert_element_type", [value(3)], {"new_dtype": "float64"}),
    ],
)
def test_what_does_not_fit_is_refused(primitive, inputs, params):
    with pytest.raises(Misfit):
        told(primitive, inputs, params)


def test_a_primitive_without_a_meaning_is_named():
    with pytest.raises(UnsupportedPrimitive, match="'eigh' has no arrays rule"):
        told("eigh", [value(3)], {})


def test_a_single_number_goes_with_every_shape():
    assert told("mul", [Literal(2.0, "float32"), value(2, 3)], {}) == ((2, 3), "float32")


def test_a_product_of_any_size_is_told_without_computing_it():
    inputs, params = [value(10**6, 10**6)] * 2, {"dimension_numbers": (((1,), (0,)), ((), ()))}
    shape, dtype = told("dot_general", inputs, params)
    assert shape == (10**6, 10**6)
    assert work("dot_general", inputs, params, Value("%1", shape, dtype)) == 10**18
