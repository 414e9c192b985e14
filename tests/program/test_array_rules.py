"""Every row of the table of primitives means what `jax.lax` means; numpy and jax.numpy agree."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from rowwise.errors import UnsupportedPrimitive
from rowwise.program.array_rules import Arrays, apply
from rowwise.program.primitives import ELEMENTWISE, PRIMITIVES, RULES, known

X = np.float32([-2.5, -1.0, -0.5, 0.0, 0.25, 1.0, 2.5, 40.0])
Y = np.float32([3.0, -1.0, 2.0, 4.0, 0.25, -2.0, 2.0, 0.5])
POSITIVE = np.float32([1e-6, 0.1, 0.5, 1.0, 2.0, 3.5, 100.0, 7.0])
BROKEN = np.float32([np.nan, np.inf, -np.inf, 1.0])
INTEGERS = np.int32([7, -7, 6, 0, 3]), np.int32([3, 3, -4, 5, 3])
TRUTHS = np.array([True, True, False, False]), np.array([True, False, True, False])
SHIFTS = np.int32([1, -1, 7, -8, 2**31 - 1, 5, -5]), np.int32([0, 1, 31, 2, 30, 32, -1])

# primitive -> (the function of jax.lax, arrays it is tried on)
ELEMENTWISE_CASES = {
    "add": (lax.add, (X, Y)),
    "sub": (lax.sub, (X, Y)),
    "mul": (lax.mul, (X, Y)),
    "div": (lax.div, (X, Y)),
    "rem": (lax.rem, (X, Y)),
    "neg": (lax.neg, (X,)),
    "abs": (lax.abs, (X,)),
    "sign": (lax.sign, (X,)),
    "max": (lax.max, (X, Y)),
    "min": (lax.min, (X, Y)),
    "exp": (lax.exp, (X,)),
    "exp2": (lax.exp2, (X,)),
    "log": (lax.log, (POSITIVE,)),
    "log1p": (lax.log1p, (POSITIVE,)),
    "expm1": (lax.expm1, (X,)),
    "tanh": (lax.tanh, (X,)),
    "logistic": (lax.logistic, (X,)),
    "sqrt": (lax.sqrt, (POSITIVE,)),
    "rsqrt": (lax.rsqrt, (POSITIVE,)),
    "cbrt": (lax.cbrt, (X,)),
    "sin": (lax.sin, (X,)),
    "cos": (lax.cos, (X,)),
    "tan": (lax.tan, (X,)),
    "asin": (lax.asin, (Y / 4,)),
    "acos": (lax.acos, (Y / 4,)),
    "atan": (lax.atan, (X,)),
    "sinh": (lax.sinh, (X,)),
    "cosh": (lax.cosh, (X,)),
    "erf": (lax.erf, (X,)),
    "erfc": (lax.erfc, (X,)),
    "asinh": (lax.asinh, (X,)),
    "acosh": (lax.acosh, (1 + POSITIVE,)),
    "atanh": (lax.atanh, (Y / 5,)),
    "atan2": (lax.atan2, (X, Y)),
    "erf_inv": (lax.erf_inv, (Y / 5,)),
    "lgamma": (lax.lgamma, (np.float32([0.1, 0.5, 3.5, 7, 100]),)),
    "digamma": (lax.digamma, (POSITIVE[1:],)),
    "polygamma": (lax.polygamma, (np.ones(7, np.float32), POSITIVE[1:])),
    "igamma": (lax.igamma, (1 + POSITIVE[:5], POSITIVE[:5])),
    "igammac": (lax.igammac, (1 + POSITIVE[:5], POSITIVE[:5])),
    "regularized_incomplete_beta": (lax.betainc, (1 + POSITIVE[:5], 2 + POSITIVE[:5], POSITIVE[:5] / 3)),
    "bessel_i0e": (lax.bessel_i0e, (X,)),
    "bessel_i1e": (lax.bessel_i1e, (X,)),
    "xor": (lax.bitwise_xor, TRUTHS),
    "shift_left": (lax.shift_left, SHIFTS),
    "shift_right_logical": (lax.shift_right_logical, SHIFTS),
    "shift_right_arithmetic": (lax.shift_right_arithmetic, SHIFTS),
    "population_count": (lax.population_count, SHIFTS[:1]),
    "pow": (lax.pow, (POSITIVE, Y)),
    "square": (lax.square, (X,)),
    "floor": (lax.floor, (X,)),
    "ceil": (lax.ceil, (X,)),
    "round": (lambda x: lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN), (X,)),
    "is_finite": (lax.is_finite, (BROKEN,)),
    "eq": (lax.eq, (X, Y)),
    "ne": (lax.ne, (X, Y)),
    "lt": (lax.lt, (X, Y)),
    "le": (lax.le, (X, Y)),
    "gt": (lax.gt, (X, Y)),
    "ge": (lax.ge, (X, Y)),
    "and": (lax.bitwise_and, TRUTHS),
    "or": (lax.bitwise_or, TRUTHS),
    "not": (lax.bitwise_not, TRUTHS[:1]),
    "clamp": (lax.clamp, (np.full_like(X, -1.0), X, np.full_like(X, 2.0))),
}
SPECIAL_CASES = {  # where sign, type or a number that is none matters
    "max of NaN": ("max", lax.max, (BROKEN, np.zeros(4, np.float32))),
    "min of NaN": ("min", lax.min, (BROKEN, np.zeros(4, np.float32))),
    "sign of NaN": ("sign", lax.sign, (BROKEN,)),
    "div of integers": ("div", lax.div, INTEGERS),
    "rem of integers": ("rem", lax.rem, INTEGERS),
    "sub of integers": ("sub", lax.sub, INTEGERS),
    "abs of integers": ("abs", lax.abs, INTEGERS[:1]),
    "logistic far out": ("logistic", lax.logistic, (np.float32([-300, 300]),)),
    "and of integers": ("and", lax.bitwise_and, INTEGERS),
    "clamp by scalars": ("clamp", lax.clamp, (np.float32(-1), X, np.float32(2))),
}

M = np.arange(12, dtype=np.float32).reshape(3, 4) - 5
CUBE = np.arange(24, dtype=np.float32).reshape(2, 3, 4) % 7
TRUE = M > 0
GRAM = np.float32([[4, 1, 0.5], [1, 3, 0.25], [0.5, 0.25, 2]])


def _triangular(how, a, b):
    left_side, lower, transpose_a, unit_diagonal = how
    return lax.linalg.triangular_solve(
        a, b, left_side=left_side, lower=lower, transpose_a=transpose_a, unit_diagonal=unit_diagonal
    )


STRUCTURAL_CASES = {  # primitive, parameters, arrays, the same by jax.lax
    "integer_pow 3": ("integer_pow", {"y": 3}, (M,), lambda x: lax.integer_pow(x, 3)),
    "integer_pow -2": ("integer_pow", {"y": -2}, (POSITIVE,), lambda x: lax.integer_pow(x, -2)),
    "integer_pow 0": ("integer_pow", {"y": 0}, (M,), lambda x: lax.integer_pow(x, 0)),
    "to int": ("convert_element_type", {"new_dtype": "int32"}, (X,), lambda x: lax.convert_element_type(x, np.int32)),
    "to float": (
        "convert_element_type",
        {"new_dtype": "float32"},
        (TRUE,),
        lambda x: lax.convert_element_type(x, np.float32),
    ),
    "select_n": ("select_n", {}, (TRUE, M, -M), lax.select_n),
    "dot of rows": ("dot_general", {"dimension_numbers": (((0,), (0,)), ((), ()))}, (X, Y), None),
    "matrix by row": ("dot_general", {"dimension_numbers": (((1,), (0,)), ((), ()))}, (M, Y[:4]), None),
    "outer product": ("dot_general", {"dimension_numbers": (((), ()), ((), ()))}, (X, Y), None),
    "batched": ("dot_general", {"dimension_numbers": (((2,), (2,)), ((0,), (0,)))}, (CUBE, CUBE + 1), None),
    "two contracted": ("dot_general", {"dimension_numbers": (((1, 2), (0, 1)), ((), ()))}, (CUBE, M), None),
    "reduce_sum": ("reduce_sum", {"axes": (0, 2)}, (CUBE,), lambda x: x.sum((0, 2))),
    "reduce_max": ("reduce_max", {"axes": (1,)}, (M,), lambda x: x.max(1)),
    "reduce_min": ("reduce_min", {"axes": (0, 1)}, (M,), lambda x: x.min()),
    "reduce_prod": ("reduce_prod", {"axes": (1,)}, (M,), lambda x: x.prod(1)),
    "reduce_and": ("reduce_and", {"axes": (0,)}, (TRUE,), lambda x: x.all(0)),
    "reduce_or": ("reduce_or", {"axes": (1,)}, (TRUE,), lambda x: x.any(1)),
    "argmax": ("argmax", {"axes": (1,)}, (CUBE,), lambda x: lax.argmax(x, 1, np.int32)),
    "argmin": ("argmin", {"axes": (0,)}, (CUBE,), lambda x: lax.argmin(x, 0, np.int32)),
    "cumsum": ("cumsum", {"axis": 1, "reverse": False}, (M,), lambda x: lax.cumsum(x, 1)),
    "cumsum from the end": ("cumsum", {"axis": 0, "reverse": True}, (M,), lambda x: lax.cumsum(x, 0, reverse=True)),
    "cumprod": ("cumprod", {"axis": 1, "reverse": False}, (M / 4,), lambda x: lax.cumprod(x, 1)),
    "cummax": ("cummax", {"axis": 0, "reverse": True}, (M % 5,), lambda x: lax.cummax(x, 0, reverse=True)),
    "cummin": ("cummin", {"axis": 1, "reverse": False}, (M % 5,), lambda x: lax.cummin(x, 1)),
    "cumlogsumexp": (
        "cumlogsumexp",
        {"axis": 1, "reverse": True},
        (M,),
        lambda x: lax.cumlogsumexp(x, 1, reverse=True),
    ),
    "sort": ("sort", {"axis": 1}, (CUBE,), lambda x: lax.sort(x, 1)),
    "argsort": ("argsort", {"axis": 1}, (CUBE,), lambda x: jnp.argsort(x, 1, stable=True)),
    "take_at": ("take_at", {}, (M, np.int32([[5, 0], [11, 5]])), lambda x, places: x.ravel()[places]),
    "take_at outside": ("take_at", {}, (M, np.int32([99, -3])), lambda x, places: x.ravel()[jnp.array([11, 0])]),
    "put_add_at": (
        "put_add_at",
        {},
        (M, np.int32([5, 0, 5, 99]), X[:4]),
        lambda x, places, u: x.ravel().at[jnp.clip(places, 0, 11)].add(u).reshape(3, 4),
    ),
    "cholesky": ("cholesky", {}, (GRAM,), lambda x: lax.linalg.cholesky(x, symmetrize_input=False)),
    "cholesky of nothing positive": (
        "cholesky",
        {},
        (-GRAM,),
        lambda x: lax.linalg.cholesky(x, symmetrize_input=False),
    ),
    **{
        f"triangular_solve {how}": (
            "triangular_solve",
            dict(zip(("left_side", "lower", "transpose_a", "unit_diagonal"), how, strict=True)),
            (GRAM, M[:, :3] if how[0] else M[:3, :3].T),
            partial(_triangular, how),
        )
        for how in [
            (True, True, False, False),
            (True, False, True, False),
            (False, True, True, True),
            (False, False, False, False),
        ]
    },
    **{f"lu {k}": ("lu", {"result": k}, (GRAM[[2, 0, 1]],), lambda x, k=k: lax.linalg.lu(x)[k]) for k in range(3)},
    "broadcast_in_dim": (
        "broadcast_in_dim",
        {"shape": (3, 2, 4), "broadcast_dimensions": (0, 2)},
        (M,),
        lambda x: lax.broadcast_in_dim(x, (3, 2, 4), (0, 2)),
    ),
    "broadcast of one": (
        "broadcast_in_dim",
        {"shape": (3, 4), "broadcast_dimensions": (0, 1)},
        (M[:, :1],),
        lambda x: lax.broadcast_in_dim(x, (3, 4), (0, 1)),
    ),
    "reshape": ("reshape", {"shape": (4, 3)}, (M,), lambda x: lax.reshape(x, (4, 3))),
    "squeeze": ("squeeze", {"shape": (3,)}, (M[:, :1],), lambda x: lax.squeeze(x, (1,))),
    "expand_dims": ("expand_dims", {"shape": (3, 1, 4)}, (M,), lambda x: lax.expand_dims(x, (1,))),
    "transpose": ("transpose", {"permutation": (2, 0, 1)}, (CUBE,), lambda x: lax.transpose(x, (2, 0, 1))),
    "rev": ("rev", {"dimensions": (0, 1)}, (M,), lambda x: lax.rev(x, (0, 1))),
    "concatenate": ("concatenate", {"dimension": 1}, (M, M + 1), lambda x, y: lax.concatenate([x, y], 1)),
    "stack": ("stack", {"axis": 1}, (M, M + 1), lambda x, y: jnp.stack([x, y], 1)),
    "slice": (
        "slice",
        {"start_indices": (0, 1), "limit_indices": (3, 4), "strides": (2, 2)},
        (M,),
        lambda x: lax.slice(x, (0, 1), (3, 4), (2, 2)),
    ),
    "slice without strides": (
        "slice",
        {"start_indices": (1,), "limit_indices": (3,), "strides": None},
        (X,),
        lambda x: lax.slice(x, (1,), (3,)),
    ),
    "pad around and between": (
        "pad",
        {"padding_config": ((1, 2, 0), (0, 1, 2))},
        (M, np.float32(9)),
        lambda x, v: lax.pad(x, v, ((1, 2, 0), (0, 1, 2))),
    ),
    "pad that cuts": (
        "pad",
        {"padding_config": ((-1, 2, 0), (1, -2, 1))},
        (M, np.float32(9)),
        lambda x, v: lax.pad(x, v, ((-1, 2, 0), (1, -2, 1))),
    ),
    "pad of one number": (
        "pad",
        {"padding_config": ((2, 1, 3),)},
        (X[:1], np.float32(0)),
        lambda x, v: lax.pad(x, v, ((2, 1, 3),)),
    ),
    "take": (
        "take",
        {"indices": (5, 0, 5, 11), "shape": (2, 2)},
        (M,),
        lambda x: x.ravel()[jnp.array([[5, 0], [5, 11]])],
    ),
    "put_add": (
        "put_add",
        {"indices": (5, 0, 5, 11)},
        (M, X[:4].reshape(2, 2)),
        lambda x, u: x.ravel().at[jnp.array([5, 0, 5, 11])].add(u.ravel()).reshape(3, 4),
    ),
}


def means_the_same(primitive, params, arrays, by_lax):
    """Both columns of `arrays`, the exact and the float32 one, give what jax.lax gives, in shape, kind and number."""
    wanted = np.asarray(by_lax(*map(jnp.asarray, arrays)))
    for xp in (Arrays(np, np.float64), Arrays(jnp, np.float32)):
        given = tuple(xp.asarray(a, xp.dtype(str(a.dtype))) for a in map(np.asarray, arrays))
        with np.errstate(all="ignore"):
            found = np.asarray(apply(xp, primitive, given, params))
        assert found.shape == wanted.shape
        assert found.dtype.kind == wanted.dtype.kind
        np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("primitive", ELEMENTWISE)
def test_an_elementwise_primitive_means_what_lax_means(primitive):
    by_lax, arrays = ELEMENTWISE_CASES[primitive]
    means_the_same(primitive, {}, arrays, by_lax)


@pytest.mark.parametrize("case", SPECIAL_CASES)
def test_the_corners_of_a_primitive_are_those_of_lax(case):
    primitive, by_lax, arrays = SPECIAL_CASES[case]
    means_the_same(primitive, {}, arrays, by_lax)


@pytest.mark.parametrize("case", STRUCTURAL_CASES)
def test_a_structural_primitive_means_what_lax_means(case):
    primitive, params, arrays, by_lax = STRUCTURAL_CASES[case]
    by_lax = by_lax or (lambda x, y: lax.dot_general(x, y, params["dimension_numbers"]))
    means_the_same(primitive, params, arrays, by_lax)


def test_every_primitive_has_a_case():
    assert set(ELEMENTWISE) == set(ELEMENTWISE_CASES)
    structural = set(RULES["arrays"]) - {"scan"}  # a loop holds a program of its own: tests/capture/test_loops.py
    assert structural == {primitive for primitive, *_ in STRUCTURAL_CASES.values()}
    assert set(PRIMITIVES) == {*ELEMENTWISE, *RULES["arrays"]}


EVERY_CASE = {name: (name, {}, arrays) for name, (_, arrays) in ELEMENTWISE_CASES.items()}
EVERY_CASE |= {name: case[:3] for name, case in STRUCTURAL_CASES.items()}
EXACT = Arrays(np, np.float64)


def exact(primitive, params, arrays):
    with np.errstate(all="ignore"):
        return np.asarray(apply(EXACT, primitive, tuple(arrays), params))


def exact_arrays(arrays):
    return [np.asarray(a, np.float64 if np.asarray(a).dtype == np.float32 else None) for a in arrays]


@pytest.mark.parametrize("case", EVERY_CASE)
def test_what_a_row_calls_linear_adds_up(case):
    """With the others held still, twice the numbers of a group plus others give twice the result plus theirs."""
    primitive, params, arrays = EVERY_CASE[case]
    row, arrays, random = PRIMITIVES[primitive], exact_arrays(arrays), np.random.default_rng(0)
    for k in range(len(arrays)):
        group = row.linear_in([other == k for other in range(len(arrays))], params)
        others = [random.normal(size=a.shape) if place in group else a for place, a in enumerate(arrays)]
        both = [
            2 * a + other if place in group else a for place, (a, other) in enumerate(zip(arrays, others, strict=True))
        ]
        if group:
            first, second, sum_ = (exact(primitive, params, given) for given in (arrays, others, both))
            np.testing.assert_allclose(sum_, 2 * first + second, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", EVERY_CASE)
def test_a_row_tells_the_degree_of_what_it_gives(case):
    """The numbers of a polynomial of degree d at d + 2 equal steps have a difference of order d + 1 that is 0."""
    primitive, params, arrays = EVERY_CASE[case]
    arrays = exact_arrays(arrays)
    moves = [a.dtype.kind == "f" for a in arrays]
    degree = PRIMITIVES[primitive].degree([1.0 if moved else 0.0 for moved in moves], params)
    if not 0 < degree < 9:
        return
    steps = [
        [a + t * (1 + a) if moved else a for a, moved in zip(arrays, moves, strict=True)]
        for t in range(int(degree) + 2)
    ]
    numbers = np.stack([exact(primitive, params, given) for given in steps])
    np.testing.assert_allclose(np.diff(numbers, int(degree) + 1, axis=0) / np.abs(numbers).max(initial=1), 0, atol=1e-9)


@pytest.mark.parametrize("primitive", [name for name, row in PRIMITIVES.items() if row.neutral])
def test_a_neutral_number_leaves_the_other_operand_as_it_is(primitive):
    for k, neutral in enumerate(PRIMITIVES[primitive].neutral):
        if neutral is not None:
            operands = [X, X]
            operands[k] = np.full_like(X, neutral)
            np.testing.assert_array_equal(exact(primitive, {}, operands), X)


@pytest.mark.parametrize("case", EVERY_CASE)
def test_what_keeps_its_operand_gives_it_back_where_shape_and_type_are_the_same(case):
    primitive, params, arrays = EVERY_CASE[case]
    out = exact(primitive, params, arrays)
    if PRIMITIVES[primitive].keeps and (out.shape, out.dtype) == (np.shape(arrays[0]), arrays[0].dtype):
        np.testing.assert_array_equal(out, arrays[0])


def test_float_arrays_are_exact_in_numpy_and_float32_in_jax():
    assert (
        apply(Arrays(np, np.float64), "convert_element_type", (np.int32([1]),), {"new_dtype": "float32"}).dtype == "f8"
    )
    assert (
        apply(Arrays(jnp, np.float32), "convert_element_type", (np.int32([1]),), {"new_dtype": "float32"}).dtype == "f4"
    )


def test_an_unknown_primitive_is_named_with_its_place():
    assert not known("eigh")
    with pytest.raises(UnsupportedPrimitive, match=r"'eigh' has no arrays rule \(at score\.py:3\)"):
        apply(Arrays(np, np.float64), "eigh", (X,), {}, "score.py:3")


def test_the_rules_can_be_traced_by_jax():
    traced = jax.jit(lambda x: apply(Arrays(jnp, np.float32), "take", (x,), {"indices": (1, 1), "shape": (2,)}))
    np.testing.assert_array_equal(traced(X), X[[1, 1]])
