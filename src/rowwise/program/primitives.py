"""One table of primitives: a row for each, with all that is known of it whatever the backend.

A primitive that works number by number is a row of `Elementwise`, with a column for each backend. One that moves
numbers about or adds them up (a slice, a contraction) is a row too; its meaning is a function a backend, registered by
`@rule` in `array_rules.py` or in the backend's own folder, and its shape is told by one in `shape_rules.py`.

Columns of every row:
    params    the parameters that mean something in every backend, by name
    linear    groups of operands: the result is linear in those of a group taken together, the others held still.
              TOGETHER: in all of them; EACH: in each of two, as a product is; FIRST: in the first alone
    times     the parameter that says how often a number is multiplied by itself
    neutral   for each operand the number that leaves the other as it is, or None
    keeps     whether a result of the shape and type of the first operand is that operand
    silent    whether people read the operand in place of the result: it has the same numbers
    sign, called   what people write between the operands, or in front of them
    shapes    what it does to shapes, in words; {} is how many numbers become one

Columns of `Elementwise`:
    takes     a letter for the type of each value, the same letter for the same type: f float32, i int32, n either, l a
              truth value or int32, a any; then what comes back, b being a truth value
    arrays    a function of `numpy` and `jax.numpy` by name, or (xp, *arrays) -> array
    llvm      an LLVM instruction for floats ("fadd"), an intrinsic ("llvm.sqrt"), a comparison ("<"), or a function
              of `backends/llvm/emit/math.py` (":exp")
    integer   the instruction for integers and truth values, where there is one
    sheet     a formula; {0} and {1} are the operands, {0:2} in brackets unless they bind as tightly as a product:
              0 comparison, 1 sum, 2 product, 3 power, 4 number or cell. In a sheet -x^2 is (-x)^2, LOG is base 10
              and FALSE=0 is not true.
    rises_with   the operands that the result never falls with, the others held still; `of_positive`: if these are > 0
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np

from rowwise.errors import UnsupportedPrimitive
from rowwise.program.arrays import Array, Arrays

Group = tuple[int, ...] | None  # operands by their place; None is all of them, however many there are
TOGETHER: tuple[Group, ...] = (None,)
EACH: tuple[Group, ...] = ((0,), (1,))
FIRST: tuple[Group, ...] = ((0,),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """What is known of a primitive in every backend; its meaning is a rule of each."""

    name: str = field(kw_only=False)
    params: tuple[str, ...] = ()
    linear: tuple[Group, ...] = ()
    times: str = ""
    neutral: tuple[float | None, ...] = ()
    keeps: bool = False
    silent: bool = False
    sign: str = ""
    called: str = ""
    shapes: str = ""

    def groups(self, n: int, params: Mapping[str, Any]) -> list[tuple[int, ...]]:
        """`linear` for `n` operands: the result is a product of as many factors as there are groups, each linear in
        the operands of its own."""
        repeated = self.linear * max(0, params[self.times]) if self.times else self.linear
        return [tuple(range(n)) if group is None else group for group in repeated]

    def degree(self, degrees: Sequence[float], params: Mapping[str, Any]) -> float:
        """The degree of the result as a polynomial, told from those of the operands; inf where it is none."""
        if not any(degrees):
            return 0
        groups = self.groups(len(degrees), params)
        in_one = {k for group in groups for k in group}
        if any(d and k not in in_one for k, d in enumerate(degrees)):
            return inf
        return sum(max(degrees[k] for k in group) for group in groups)

    def linear_in(self, varying: Sequence[bool], params: Mapping[str, Any]) -> tuple[int, ...]:
        """The operands that the result is linear in together, of which some vary and none outside; else ()."""
        moved = [group for group in self.groups(len(varying), params) if any(varying[k] for k in group)]
        alone = len(moved) == 1 and all(k in moved[0] for k, v in enumerate(varying) if v)
        return moved[0] if alone else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByNumber(Primitive):
    """Each number of the result is made of the numbers at its own place."""


@dataclass(frozen=True, slots=True)
class Elementwise(ByNumber):
    """What a number-by-number primitive is called in each backend; an empty column means the backend lacks it."""

    takes: str
    arrays: str | Callable[..., Any]
    llvm: str = ""
    integer: str = ""
    sheet: str = ""
    rises_with: tuple[int, ...] = ()
    of_positive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Primitive):
    """The numbers of the operands, in other places: all are linear, and cost no cell of a sheet."""

    linear: tuple[Group, ...] = TOGETHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrices(Primitive):
    """Of the matrices on the last two axes; the work grows with the cube of their side."""


@dataclass(frozen=True, slots=True)
class Reduction(Primitive):
    """The numbers along some axes as one; `arrays` is the function of the array module."""

    arrays: str
    params: tuple[str, ...] = field(default=("axes",), kw_only=True)
    keeps: bool = field(default=True, kw_only=True)  # over no axes


def _div(xp: Arrays, x: Array, y: Array) -> Array:
    """Of integers as in JAX: rounded towards 0, by 0 all bits are 1, and the least number by -1 is itself."""
    x, y = xp.asarray(x), xp.asarray(y)
    if x.dtype.kind == "f":
        return x / y
    by = _divisor(xp, x, y)
    quotient = x // by  # rounded down
    quotient = quotient + ((x % by != 0) & ((x < 0) != (by < 0))).astype(x.dtype)
    return xp.where(y == 0, ~xp.zeros_like(x), quotient)


def _rem(xp: Arrays, x: Array, y: Array) -> Array:
    """The sign is that of x. Of integers as in JAX: what is left by 0 is x."""
    x, y = xp.asarray(x), xp.asarray(y)
    if x.dtype.kind == "f":
        return xp.fmod(x, y)
    return xp.where(y == 0, x, xp.fmod(x, _divisor(xp, x, y)))


def _divisor(xp: Arrays, x: Array, y: Array) -> Array:
    """y, but 1 where a quotient of integers would have no meaning: x / 0, and the least number by -1."""
    has_none = y == 0
    if x.dtype.kind == "i":
        has_none = has_none | ((y == -1) & (x == np.iinfo(x.dtype).min))
    return xp.where(has_none, xp.ones_like(y), y)


def _logistic(xp: Arrays, x: Array) -> Array:
    return 1 / (1 + xp.exp(-x))


def _rsqrt(xp: Arrays, x: Array) -> Array:
    return 1 / xp.sqrt(x)


def _clamp(xp: Arrays, low: Array, x: Array, high: Array) -> Array:
    return xp.minimum(xp.maximum(x, low), high)


def _special(name: str) -> Callable[..., Array]:
    """A function that NumPy lacks and SciPy has."""

    def special(xp: Arrays, *arrays: Array) -> Array:
        return xp.special(name)(*arrays)

    return special


def _polygamma(xp: Arrays, n: Array, x: Array) -> Array:
    """`jax.scipy.special` takes whole numbers n, and `jax.lax` what it differentiates itself to."""
    return _special("polygamma")(xp, n, x) if xp.is_numpy else xp.lax.polygamma(n, x)


def _bits(xp: Arrays, x: Array) -> Array:
    return xp.asarray(x).astype(np.uint32)


def _shift_left(xp: Arrays, x: Array, y: Array) -> Array:
    return xp.where((y < 0) | (y > 31), 0, x << (y & 31))


def _shift_right(xp: Arrays, x: Array, y: Array) -> Array:
    """Bits go, zeros come."""
    return xp.where((y < 0) | (y > 31), 0, (_bits(xp, x) >> _bits(xp, y & 31)).astype(np.int32))


def _halve(xp: Arrays, x: Array, y: Array) -> Array:
    """Bits go, the sign stays."""
    return x >> xp.where((y < 0) | (y > 31), 31, y)


def _population_count(xp: Arrays, x: Array) -> Array:
    return xp.bitwise_count(_bits(xp, x)).astype(np.int32)


# JAX's `max` passes NaN on, and so does llvm.maximum; MAX of a sheet does not.
_ELEMENTWISE = (
    #           name, takes, arrays, llvm, integer, sheet
    Elementwise(
        "add", "nn>n", "add", "fadd", "add", "{0:1}+{1:1}", rises_with=(0, 1), linear=TOGETHER, neutral=(0, 0), sign="+"
    ),
    Elementwise(
        "sub",
        "nn>n",
        "subtract",
        "fsub",
        "sub",
        "{0:1}-{1:2}",
        rises_with=(0,),
        linear=TOGETHER,
        neutral=(None, 0),
        sign="-",
    ),
    Elementwise(
        "mul",
        "nn>n",
        "multiply",
        "fmul",
        "mul",
        "{0:2}*{1:2}",
        rises_with=(0, 1),
        of_positive=True,
        linear=EACH,
        neutral=(1, 1),
        sign="·",
    ),
    Elementwise(
        "div",
        "nn>n",
        _div,
        "fdiv",
        ":int_div",
        "{0:2}/{1:3}",
        rises_with=(0,),
        of_positive=True,
        linear=FIRST,
        neutral=(None, 1),
        sign="/",
    ),
    Elementwise("rem", "nn>n", _rem, "frem", ":int_rem"),
    Elementwise("neg", "n>n", "negative", "fneg", "neg", "-{0:4}", linear=TOGETHER),
    Elementwise("abs", "n>n", "abs", "llvm.fabs", ":int_abs", "ABS({0})"),
    Elementwise("sign", "n>n", "sign", ":sign", "", "IF({0:1}>0,1,IF({0:1}<0,-1,0))", rises_with=(0,)),
    Elementwise(
        "max", "nn>n", "maximum", "llvm.maximum", "llvm.smax", "MAX({0},{1})", rises_with=(0, 1), neutral=(-inf, -inf)
    ),
    Elementwise(
        "min", "nn>n", "minimum", "llvm.minimum", "llvm.smin", "MIN({0},{1})", rises_with=(0, 1), neutral=(inf, inf)
    ),
    Elementwise("exp", "f>f", "exp", ":exp", "", "EXP({0})", rises_with=(0,)),
    Elementwise("exp2", "f>f", "exp2", ":exp2", "", "2^{0:4}", rises_with=(0,)),
    Elementwise("log", "f>f", "log", ":log", "", "LN({0})", rises_with=(0,)),
    Elementwise("log1p", "f>f", "log1p", ":log1p", "", "LN(1+{0:1})", rises_with=(0,)),
    Elementwise("expm1", "f>f", "expm1", ":expm1", "", "EXP({0})-1", rises_with=(0,)),
    Elementwise("tanh", "f>f", "tanh", ":tanh", "", "TANH({0})", rises_with=(0,)),
    Elementwise("logistic", "f>f", _logistic, ":logistic", "", "1/(1+EXP(-{0:4}))", rises_with=(0,), called="sigmoid"),
    Elementwise("sqrt", "f>f", "sqrt", ":sqrt", "", "SQRT({0})", rises_with=(0,)),
    Elementwise("rsqrt", "f>f", _rsqrt, ":rsqrt", "", "1/SQRT({0})"),
    Elementwise("cbrt", "f>f", "cbrt", rises_with=(0,)),
    Elementwise("sin", "f>f", "sin", "llvm.sin", "", "SIN({0})"),
    Elementwise("cos", "f>f", "cos", "llvm.cos", "", "COS({0})"),
    Elementwise("tan", "f>f", "tan", ":tan", "", "TAN({0})"),
    Elementwise("asin", "f>f", "arcsin", ":asin", "", "ASIN({0})", rises_with=(0,)),
    Elementwise("acos", "f>f", "arccos", ":acos", "", "ACOS({0})"),
    Elementwise("atan", "f>f", "arctan", ":atan", "", "ATAN({0})", rises_with=(0,)),
    Elementwise("sinh", "f>f", "sinh", ":sinh", "", "SINH({0})", rises_with=(0,)),
    Elementwise("cosh", "f>f", "cosh", ":cosh", "", "COSH({0})"),
    Elementwise("erf", "f>f", _special("erf"), ":erf", rises_with=(0,)),
    Elementwise("erfc", "f>f", _special("erfc"), ":erfc"),
    Elementwise("asinh", "f>f", "arcsinh", ":asinh", "", "ASINH({0})", rises_with=(0,)),
    Elementwise("acosh", "f>f", "arccosh", ":acosh", "", "ACOSH({0})", rises_with=(0,)),
    Elementwise("atanh", "f>f", "arctanh", ":atanh", "", "ATANH({0})", rises_with=(0,)),
    Elementwise("atan2", "ff>f", "arctan2", ":atan2", "", "ATAN2({1},{0})"),
    Elementwise("erf_inv", "f>f", _special("erfinv"), ":erf_inv", rises_with=(0,)),
    Elementwise("lgamma", "f>f", _special("gammaln"), "", "", "GAMMALN({0})"),
    Elementwise("digamma", "f>f", _special("digamma")),
    Elementwise("polygamma", "ff>f", _polygamma),
    Elementwise("igamma", "ff>f", _special("gammainc")),
    Elementwise("igammac", "ff>f", _special("gammaincc")),
    Elementwise("regularized_incomplete_beta", "fff>f", _special("betainc")),
    Elementwise("bessel_i0e", "f>f", _special("i0e")),
    Elementwise("bessel_i1e", "f>f", _special("i1e")),
    Elementwise("pow", "fn>f", "power", ":pow", "", "{0:4}^{1:4}"),
    Elementwise("square", "n>n", "square", ":square", "", "{0:4}^2", linear=((0,), (0,))),
    Elementwise("floor", "f>f", "floor", "llvm.floor", rises_with=(0,)),
    Elementwise("ceil", "f>f", "ceil", "llvm.ceil", rises_with=(0,)),
    Elementwise("round", "f>f", "round", "llvm.rint", rises_with=(0,)),
    Elementwise("is_finite", "f>b", "isfinite", ":is_finite"),
    Elementwise("eq", "aa>b", "equal", "==", "==", "{0:1}={1:1}", sign="="),
    Elementwise("ne", "aa>b", "not_equal", "!=", "!=", "{0:1}<>{1:1}", sign="≠"),
    Elementwise("lt", "nn>b", "less", "<", "<", "{0:1}<{1:1}", sign="<"),
    Elementwise("le", "nn>b", "less_equal", "<=", "<=", "{0:1}<={1:1}", sign="≤"),
    Elementwise("gt", "nn>b", "greater", ">", ">", "{0:1}>{1:1}", sign=">"),
    Elementwise("ge", "nn>b", "greater_equal", ">=", ">=", "{0:1}>={1:1}", sign="≥"),
    Elementwise("and", "ll>l", "bitwise_and", "", "and_", "{0:2}*{1:2}>0"),
    Elementwise("or", "ll>l", "bitwise_or", "", "or_", "{0:2}+{1:2}>0"),
    Elementwise("xor", "ll>l", "bitwise_xor", "", "xor", "{0:1}<>{1:1}"),
    Elementwise("shift_left", "ii>i", _shift_left, "", ":shift_left"),
    Elementwise("shift_right_logical", "ii>i", _shift_right, "", ":shift_right"),
    Elementwise("shift_right_arithmetic", "ii>i", _halve, "", ":halve"),
    Elementwise("population_count", "i>i", _population_count, "", "llvm.ctpop"),
    Elementwise("not", "l>l", "invert", "", "not_", "1-{0:2}>0"),
    Elementwise("clamp", "nnn>n", _clamp, ":clamp", ":int_clamp", "MIN(MAX({1},{0}),{2})", rises_with=(1,)),
)
_STRUCTURAL = (
    ByNumber("integer_pow", params=("y",), linear=FIRST, times="y"),
    ByNumber("convert_element_type", params=("new_dtype",), keeps=True, silent=True, called="number"),
    ByNumber("select_n", linear=((1, 2),), called="where"),
    Primitive("dot_general", params=("dimension_numbers",), linear=EACH, sign="·"),
    Reduction("reduce_sum", "sum", linear=TOGETHER, called="sum", shapes="{} numbers added up into one"),
    Reduction("reduce_prod", "prod", called="product"),
    Reduction("reduce_max", "max", called="max", shapes="the largest of {}"),
    Reduction("reduce_min", "min", called="min", shapes="the smallest of {}"),
    Reduction("reduce_and", "all"),
    Reduction("reduce_or", "any"),
    Primitive("argmax", params=("axes",)),
    Primitive("argmin", params=("axes",)),
    Primitive("cumsum", params=("axis", "reverse"), linear=TOGETHER),
    Primitive("cumprod", params=("axis", "reverse")),
    Primitive("cummax", params=("axis", "reverse")),
    Primitive("cummin", params=("axis", "reverse")),
    Primitive("cumlogsumexp", params=("axis", "reverse")),
    Primitive("sort", params=("axis",)),
    Primitive("argsort", params=("axis",)),
    Primitive("take_at", linear=FIRST),
    Primitive("put_add_at", linear=((0, 2),)),
    Matrices("cholesky"),
    Matrices("triangular_solve", params=("left_side", "lower", "transpose_a", "unit_diagonal"), linear=((1,),)),
    Matrices("lu", params=("result",)),
    Move("broadcast_in_dim", params=("shape", "broadcast_dimensions"), keeps=True, silent=True),
    Move("reshape", params=("shape",), keeps=True, silent=True),
    Move("squeeze", params=("shape",), keeps=True, silent=True),
    Move("expand_dims", params=("shape",), keeps=True, silent=True),
    Move("transpose", params=("permutation",), shapes="rows become columns"),
    Move("rev", params=("dimensions",)),
    Move("concatenate", params=("dimension",), keeps=True, shapes="laid end to end, nothing is added up"),
    Move("stack", params=("axis",), shapes="stacked, nothing is added up"),
    Move("slice", params=("start_indices", "limit_indices", "strides"), keeps=True),
    Move("pad", params=("padding_config",)),
    Move("take", params=("indices", "shape")),
    Primitive("put_add", params=("indices",), linear=TOGETHER),
    Primitive("scan", params=("body", "length", "reverse")),
)
PRIMITIVES: dict[str, Primitive] = {row.name: row for row in (*_ELEMENTWISE, *_STRUCTURAL)}
ELEMENTWISE = {row.name: row for row in _ELEMENTWISE}
MOVES = tuple(row.name for row in _STRUCTURAL if isinstance(row, Move))
REDUCTIONS = {row.name: row for row in _STRUCTURAL if isinstance(row, Reduction)}

Rule = Callable[..., Any]
RULES: dict[str, dict[str, Rule]] = {"shapes": {}, "arrays": {}, "llvm": {}, "sheet": {}}


def rule(*primitives: str, backend: str) -> Callable[[Rule], Rule]:
    """Register a function as the meaning of structural primitives in one backend."""

    def register(function: Rule) -> Rule:
        for primitive in primitives:
            RULES[backend][PRIMITIVES[primitive].name] = function
        return function

    return register


def known(primitive: str) -> bool:
    """Whether the primitive has a meaning at all."""
    return primitive in PRIMITIVES


def unsupported(primitive: str, backend: str, place: object) -> UnsupportedPrimitive:
    """The error that names a primitive without a rule in a backend, and the source line that used it."""
    where = f" (at {place})" if place else ""
    other = {"llvm": "use engine='xla'", "sheet": "fitted.steps(example) shows such a model line by line"}
    return UnsupportedPrimitive(
        f"{primitive!r} has no {backend} rule{where}",
        expected="one of the primitives in docs/primitives.md that has one",
        mend=other.get(backend, "write the line with other operations"),
    )
