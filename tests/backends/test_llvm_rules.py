"""Every machine rule means what the definition in NumPy means: one test, a case a row."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jax import lax

from rowwise.backends.llvm.rules.primitives import apply
from rowwise.errors import UnsupportedPrimitive
from rowwise.program.array_rules import Arrays
from rowwise.program.array_rules import apply as definition
from rowwise.program.primitives import ELEMENTWISE, RULES
from rowwise.program.program import Step, Value
from written import write

EXACT = Arrays(np, np.float64)
random = np.random.default_rng(0)


def as_machine_code(primitive, inputs, **params):
    """The output of one step, compiled and run in float32."""
    with np.errstate(all="ignore"):
        wanted = np.asarray(definition(EXACT, primitive, tuple(map(_exact, inputs)), params))
    dtype = {"f": "float32", "i": "int32", "b": "bool"}[wanted.dtype.kind]
    values = tuple(Value(f"x{k}", x.shape, str(x.dtype)) for k, x in enumerate(inputs))
    step = Step(primitive, values, Value("out", wanted.shape, dtype), params, "forward", None)
    names = dict.fromkeys([*(v.name for v in values), "out"], "pointer")
    machine, given, run = write(names)
    read = [machine.at_address(v.shape, v.dtype, given[v.name]) for v in values]
    machine.copy(apply(machine, step, read), given["out"])
    machine.builder.ret(machine.index(0))
    out = np.empty(wanted.shape, dtype)
    given_arrays = {v.name: np.ascontiguousarray(x) for v, x in zip(values, inputs, strict=True)}
    run(**given_arrays, out=out)
    with np.errstate(over="ignore"):
        return out, wanted.astype(dtype)


def _exact(x):
    return x.astype(np.float64) if x.dtype == np.float32 else x


def check(primitive, *inputs, tolerance=3e-6, **params):
    out, wanted = as_machine_code(primitive, inputs, **params)
    np.testing.assert_allclose(out, wanted, rtol=tolerance, atol=1e-6, equal_nan=True)


def floats(*shape, low=-2.0, high=2.0):
    return random.uniform(low, high, shape).astype(np.float32)


BOTH = np.concatenate([floats(40, low=-9, high=9), np.float32([0, 0.5, -0.5, 1, -1, np.inf, -np.inf, np.nan])])
POSITIVE = np.concatenate([np.exp(floats(42, low=-20, high=20)), np.float32([0, 1, 1e-40, 3e38, np.inf, np.nan])])
ANGLES = np.float32([0, 0.1, -0.1, 1, 2, 3, 4, 5, 6, 7, -7, 100, -100, 1000])
SHIFTS = np.array([1, -1, 7, -8, 2**31 - 1, 5, -5], np.int32), np.array([0, 1, 31, 2, 30, 32, -1], np.int32)
NUMBERS = {  # primitive: its inputs, where they are not one row of any floats
    "log": (POSITIVE,),
    "sqrt": (POSITIVE,),
    "rsqrt": (POSITIVE[POSITIVE > 1e-37],),
    "log1p": (np.concatenate([POSITIVE, floats(20, low=-0.99, high=0.5), np.float32([1e-6, -1e-6, 1e-20, -1])]),),
    "exp": (np.concatenate([BOTH, np.float32([87, 88.5, 89, -80, -100, -110])]),),
    "exp2": (np.concatenate([BOTH, np.float32([127.5, 129, -120, -160])]),),
    "expm1": (np.concatenate([BOTH, np.float32([1e-6, -1e-6, 88, 89, -80])]),),
    "sin": (ANGLES,),
    "cos": (ANGLES,),
    "asin": (floats(40, low=-1, high=1),),
    "acos": (floats(40, low=-1, high=1),),
    "tan": (floats(40, low=-1.5, high=1.5),),
    "asinh": (np.concatenate([BOTH, np.float32([1e-6, 1e20, -1e20])]),),
    "acosh": (np.float32([1, 1.0001, 1.5, 9, 1e20, np.inf, np.nan, 0.5]),),
    "atanh": (floats(40, low=-0.999, high=0.999),),
    "atan2": (np.concatenate([BOTH, BOTH[::-1]]), np.concatenate([BOTH[::-1], BOTH[::-1]])),
    "sinh": (floats(40, low=-9, high=9),),
    "cosh": (floats(40, low=-9, high=9),),
    "erf_inv": (np.concatenate([floats(60, low=-0.9999, high=0.9999), np.float32([0, 1, -1, 1e-6])]),),
    "xor": (floats(9) > 0, floats(9) > 0),
    "shift_left": SHIFTS,
    "shift_right_logical": SHIFTS,
    "shift_right_arithmetic": SHIFTS,
    "population_count": SHIFTS[:1],
    "pow": (POSITIVE[POSITIVE < 1e9], floats(len(POSITIVE[POSITIVE < 1e9]), low=-3, high=3)),
    "div": (BOTH, floats(48, low=0.5, high=2)),
    "rem": (floats(20), floats(20, low=0.5, high=2)),
    "eq": (np.round(BOTH), np.round(BOTH[::-1])),
    "ne": (np.round(BOTH), np.round(BOTH[::-1])),
    "clamp": (np.float32(-0.5), floats(20), np.float32(0.5)),
    "and": (floats(9) > 0, floats(9) > 0),
    "or": (floats(9) > 0, floats(9) > 0),
    "not": (floats(9) > 0,),
}
TWO = {"add", "sub", "mul", "max", "min", "lt", "le", "gt", "ge"}
INTEGERS = np.array([3, -7, 0, 12, 5, -1], np.int32), np.array([2, 3, -4, 12, -5, 1], np.int32)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("primitive", [name for name, row in ELEMENTWISE.items() if row.llvm or row.integer])
def test_a_primitive_on_numbers_means_what_numpy_means(primitive):
    row = ELEMENTWISE[primitive]
    if row.llvm:
        check(primitive, *NUMBERS.get(primitive, (BOTH, BOTH[::-1]) if primitive in TWO else (BOTH,)))
    else:
        check(primitive, *NUMBERS[primitive])


@pytest.mark.parametrize(
    "primitive", ["add", "sub", "mul", "neg", "abs", "max", "min", "eq", "ne", "lt", "le", "gt", "ge"]
)
def test_integers_count_exactly(primitive):
    inputs = INTEGERS[:1] if primitive in ("neg", "abs") else INTEGERS
    check(primitive, *inputs, tolerance=0)


WHOLE = st.one_of(st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31), 7, -7]), st.integers(-(2**31), 2**31 - 1))
PAIRS = st.lists(st.tuples(WHOLE, WHOLE), min_size=1, max_size=20)
WHOLE_PRIMITIVES = ["add", "sub", "mul", "div", "rem", "max", "min", "lt", "eq"]


@pytest.mark.parametrize("primitive", WHOLE_PRIMITIVES)
@settings(max_examples=8)
@given(PAIRS)
@example([(5, 0), (-5, 0), (0, 0), (-(2**31), -1), (-(2**31), 0), (-7, 2), (7, -2)])
def test_whole_numbers_mean_the_same_in_numpy_xla_jax_and_machine_code(primitive, pairs):
    inputs = tuple(np.array(pairs, np.int32).T)
    out, wanted = as_machine_code(primitive, tuple(map(np.ascontiguousarray, inputs)))
    np.testing.assert_array_equal(out, wanted)
    np.testing.assert_array_equal(definition(Arrays(jnp, np.float32), primitive, inputs, {}), wanted)
    np.testing.assert_array_equal(getattr(lax, primitive)(*inputs), wanted)


@settings(max_examples=8)
@given(st.lists(WHOLE, min_size=1, max_size=20), st.integers(0, 70))
@example([-(2**31), -1, 3], 70)
def test_whole_powers_of_whole_numbers_wrap_as_in_jax(numbers, y):
    x = np.array(numbers, np.int32)
    out, wanted = as_machine_code("integer_pow", (x,), y=y)
    np.testing.assert_array_equal(out, wanted)
    np.testing.assert_array_equal(lax.integer_pow(x, y), wanted)


@settings(max_examples=8)
@given(st.lists(st.floats(width=32), min_size=1, max_size=20))
@example([np.nan, np.inf, -np.inf, 3e9, -3e9, 2147483520.0, 2147483648.0, -2147483648.0, 0.9, -0.9])
def test_a_float_beyond_the_whole_numbers_becomes_the_last_one(numbers):
    x = np.array(numbers, np.float32)
    out, wanted = as_machine_code("convert_element_type", (x,), new_dtype="int32")
    np.testing.assert_array_equal(out, wanted)
    np.testing.assert_array_equal(lax.convert_element_type(x, "int32"), wanted)


@pytest.mark.parametrize("primitive", ["argmax", "argmin"])
def test_the_first_that_is_no_number_is_the_largest_and_the_smallest(primitive):
    out, wanted = as_machine_code(primitive, (np.float32([3, np.nan, 1, np.nan, 5]),), axes=(0,))
    assert out == wanted == 1


def test_a_negative_power_of_whole_numbers_is_refused():
    with pytest.raises(UnsupportedPrimitive, match="negative power"):
        as_machine_code("integer_pow", (np.int32([2]),), y=-1)


@pytest.mark.parametrize("count", [0, 1, 2, 10, 1000, 100_000])
def test_a_power_of_adam_keeps_the_digits_of_one_minus_it(count):
    out, _ = as_machine_code("pow", (np.float32(0.999), np.int32(count)))
    np.testing.assert_allclose(1 - out, 1 - np.float64(np.float32(0.999)) ** count, rtol=1e-6, atol=6e-8)


def test_powers_of_negative_numbers():
    x = np.float32([-2, -2, -2, -2, 0, 0, 0, -0.5, 3])
    y = np.float32([2, 3, -1, 0.5, 0, 2, -1, 4, 0])
    check("pow", x, y)


STRUCTURE = [
    ("integer_pow", [floats(5)], {"y": 3}),
    ("integer_pow", [floats(5, low=1)], {"y": -2}),
    ("integer_pow", [floats(5)], {"y": 0}),
    ("integer_pow", [np.float32(1.5)], {"y": 7}),
    ("convert_element_type", [np.int32([1, -2, 3])], {"new_dtype": "float32"}),
    ("convert_element_type", [np.float32([1.7, -2.7, 0])], {"new_dtype": "int32"}),
    ("convert_element_type", [np.float32([1.7, 0, np.nan])], {"new_dtype": "bool"}),
    ("convert_element_type", [floats(7) > 0], {"new_dtype": "float32"}),
    ("convert_element_type", [floats(7) > 0], {"new_dtype": "int32"}),
    ("select_n", [floats(7) > 0, floats(7), floats(7)], {}),
    ("select_n", [np.bool_(True), np.float32(1), np.float32(2)], {}),
    ("select_n", [floats(20, 12) > 0, floats(20, 12), floats(20, 12)], {}),
    ("broadcast_in_dim", [np.float32(3)], {"shape": (5,), "broadcast_dimensions": ()}),
    ("broadcast_in_dim", [np.float32(3)], {"shape": (20, 30), "broadcast_dimensions": ()}),
    ("broadcast_in_dim", [floats(30)], {"shape": (20, 30), "broadcast_dimensions": (1,)}),
    ("broadcast_in_dim", [floats(20)], {"shape": (20, 30), "broadcast_dimensions": (0,)}),
    ("broadcast_in_dim", [floats(3)], {"shape": (3, 5), "broadcast_dimensions": (0,)}),
    ("broadcast_in_dim", [floats(3, 1)], {"shape": (3, 4, 5), "broadcast_dimensions": (0, 2)}),
    ("reshape", [floats(6)], {"shape": (2, 3)}),
    ("reshape", [floats(2, 3)], {"shape": (6,)}),
    ("reshape", [floats(20, 15)], {"shape": (300,)}),
    ("reshape", [floats(300)], {"shape": (20, 15)}),
    ("reshape", [floats(20, 15)], {"shape": (15, 20)}),
    ("squeeze", [floats(1, 5, 1)], {"shape": (5,)}),
    ("expand_dims", [floats(5)], {"shape": (1, 5)}),
    ("transpose", [floats(3, 4)], {"permutation": (1, 0)}),
    ("transpose", [floats(20, 30)], {"permutation": (1, 0)}),
    ("transpose", [floats(3, 4, 5)], {"permutation": (2, 0, 1)}),
    ("rev", [floats(7)], {"dimensions": (0,)}),
    ("rev", [floats(20, 5)], {"dimensions": (0,)}),
    ("concatenate", [floats(3), floats(4), floats(1)], {"dimension": 0}),
    ("concatenate", [floats(2, 3), floats(2, 4)], {"dimension": 1}),
    ("concatenate", [floats(20, 3), floats(20, 4)], {"dimension": 1}),
    ("concatenate", [floats(20, 3), floats(1, 3)], {"dimension": 0}),
    ("stack", [floats(3), floats(3), floats(3)], {"axis": 0}),
    ("stack", [floats(3), floats(3)], {"axis": 1}),
    ("stack", [np.float32(1), np.float32(2), np.float32(3)], {"axis": 0}),
    ("slice", [floats(9)], {"start_indices": (2,), "limit_indices": (8,), "strides": None}),
    ("slice", [floats(9)], {"start_indices": (1,), "limit_indices": (9,), "strides": (3,)}),
    ("slice", [floats(9)], {"start_indices": (4,), "limit_indices": (5,), "strides": None}),
    ("slice", [floats(20, 9)], {"start_indices": (2, 3), "limit_indices": (15, 8), "strides": None}),
    ("slice", [floats(20, 9)], {"start_indices": (2, 0), "limit_indices": (15, 9), "strides": None}),
    ("pad", [floats(4), np.float32(7)], {"padding_config": ((1, 2, 0),)}),
    ("pad", [floats(4), np.float32(7)], {"padding_config": ((-1, 2, 1),)}),
    ("pad", [floats(12, 4), np.float32(0)], {"padding_config": ((1, 2, 0), (0, 1, 0))}),
    ("take", [floats(9)], {"indices": (3, 3, 0, 8), "shape": (4,)}),
    ("take", [floats(9)], {"indices": (3,), "shape": ()}),
    ("take", [floats(20, 9)], {"indices": (3, 44, 179), "shape": (3,)}),
    ("take", [floats(20, 9)], {"indices": tuple(range(27, 36)), "shape": (9,)}),
    ("take", [floats(9) > 0], {"indices": (3, 3, 0), "shape": (3,)}),
    ("take", [floats(20, 9) > 0], {"indices": (3, 44, 179), "shape": (3,)}),
    ("put_add", [floats(6), floats(4)], {"indices": (1, 1, 5, 1)}),
    ("put_add", [floats(20, 6), floats(3)], {"indices": (1, 100, 1)}),
    ("cumsum", [floats(7)], {"axis": 0, "reverse": False}),
    ("cumsum", [floats(3, 7)], {"axis": 0, "reverse": True}),
    ("cumsum", [floats(12, 7)], {"axis": 1, "reverse": False}),
    ("cumprod", [floats(7)], {"axis": 0, "reverse": True}),
    ("cummax", [floats(3, 7)], {"axis": 1, "reverse": False}),
    ("cummin", [floats(12, 7)], {"axis": 0, "reverse": False}),
    ("sort", [floats(7)], {"axis": 0}),
    ("sort", [np.round(floats(3, 7))], {"axis": 0}),
    ("sort", [floats(12, 40)], {"axis": 1}),
    ("argsort", [np.round(floats(7))], {"axis": 0}),
    ("argsort", [np.round(floats(12, 7))], {"axis": 0}),
    ("argsort", [floats(20)], {"axis": 0}),
    ("take_at", [floats(9), np.int32([3, 3, 0, 8, 99, -1])], {}),
    ("take_at", [floats(20, 9), np.int32(44)], {}),
    ("put_add_at", [floats(6), np.int32([1, 1, 5, 1, 99]), floats(5)], {}),
    ("put_add_at", [floats(20, 6), np.int32([100, 1]), floats(2)], {}),
    ("argmax", [floats(7)], {"axes": (0,)}),
    ("argmin", [floats(20, 7)], {"axes": (1,)}),
    *(
        (name, [x], {"axes": axes})
        for name in ("reduce_sum", "reduce_max", "reduce_min", "reduce_prod")
        for x, axes in [
            (floats(7), (0,)), (floats(1), (0,)), (floats(3, 4), (0,)), (floats(3, 4), (1,)), (floats(3, 4), (0, 1)),
            (floats(20, 9), (0,)), (floats(20, 9), (1,)), (floats(20, 9), (0, 1)), (floats(3, 4, 5), (1,)),
            (floats(3, 4, 5), (0, 2)), (floats(12, 4, 5), (2,)), (floats(12, 4, 5), (0, 1)), (floats(5, 1), (1,)),
        ]
    ),
    ("reduce_and", [floats(7) > -1], {"axes": (0,)}),
    ("reduce_or", [floats(20, 9) > 1], {"axes": (1,)}),
    ("reduce_max", [np.int32([3, -7, 12])], {"axes": (0,)}),
    ("reduce_sum", [np.int32([3, -7, 12])], {"axes": (0,)}),
    *(
        ("dot_general", [x, y], {"dimension_numbers": numbers})
        for x, y, numbers in [
            (floats(5), floats(5), (((0,), (0,)), ((), ()))),
            (np.float32(2), floats(5), (((), ()), ((), ()))),
            (floats(5), np.float32(2), (((), ()), ((), ()))),
            (floats(4), floats(5), (((), ()), ((), ()))),
            (floats(30), floats(20), (((), ()), ((), ()))),
            (floats(30), floats(30, 20), (((0,), (0,)), ((), ()))),
            (floats(30), floats(20, 30), (((0,), (1,)), ((), ()))),
            (floats(20, 30), floats(30), (((1,), (0,)), ((), ()))),
            (floats(20, 30), floats(20), (((0,), (0,)), ((), ()))),
            (floats(30), floats(30, 1), (((0,), (0,)), ((), ()))),
            (floats(3, 4), floats(4, 5), (((1,), (0,)), ((), ()))),
            (floats(12, 14), floats(14, 15), (((1,), (0,)), ((), ()))),
            (floats(12, 14), floats(15, 14), (((1,), (1,)), ((), ()))),
            (floats(14, 12), floats(14, 15), (((0,), (0,)), ((), ()))),
            (floats(14, 12), floats(15, 14), (((0,), (1,)), ((), ()))),
            (floats(12, 5), floats(12, 5), (((1,), (1,)), ((0,), (0,)))),
            (floats(12, 5), floats(12, 5), (((), ()), ((0, 1), (0, 1)))),
            (floats(12, 5), floats(12, 5), (((0,), (0,)), ((1,), (1,)))),
            (floats(3, 12, 5), floats(3, 5, 4), (((2,), (1,)), ((0,), (0,)))),
            (floats(12, 5), floats(7), (((), ()), ((), ()))),
            (floats(7), floats(12, 5), (((), ()), ((), ()))),
            (floats(12, 5), floats(12, 5), (((0, 1), (0, 1)), ((), ()))),
        ]
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("primitive", "inputs", "params"), STRUCTURE, ids=[f"{p}-{[x.shape for x in i]}-{k}" for p, i, k in STRUCTURE]
)
def test_a_primitive_on_arrays_means_what_numpy_means(primitive, inputs, params):
    check(primitive, *map(np.asarray, inputs), tolerance=1e-5, **params)


def test_every_structural_rule_is_tried():
    assert {name for name, *_ in STRUCTURE} == set(RULES["llvm"])


def test_a_primitive_without_a_rule_is_named():
    with pytest.raises(UnsupportedPrimitive, match="'cbrt' has no llvm rule"):
        as_machine_code("cbrt", [floats(3)])


def test_a_row_too_long_for_registers_is_refused():
    with pytest.raises(UnsupportedPrimitive, match="rows of 5000 numbers"):
        as_machine_code("neg", [floats(5000)])
