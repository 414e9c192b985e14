"""One table of primitives: a row for each, a column for each target.

A primitive that works number by number is a row of `ELEMENTWISE`. One that moves numbers about (a contraction, a
reduction, a slice) is a function a target, registered by `@rule` in `arrays.py`, `machine.py` or `cells.py`; its shape
is told by one in `shapes.py`.

Columns of `ELEMENTWISE`:
    takes     a letter for the type of each value, the same letter for the same type: f float32, n a number, l a truth
              value or whole number, a any; then what comes back, b being a truth value
    arrays    a function of `numpy` and `jax.numpy` by name, or (xp, *arrays) -> array
    machine   an LLVM instruction for floats ("fadd"), an intrinsic ("llvm.sqrt"), a comparison ("<"), or a function
              of `machine.py` (":exp")
    integer   the instruction for integers and truth values, where there is one
    cells     a formula; {0} and {1} are the operands, {0:2} in brackets unless they bind as tightly as a product:
              0 comparison, 1 sum, 2 product, 3 power, 4 number or cell. In a sheet -x^2 is (-x)^2, LOG is base 10
              and FALSE=0 is not true.
    rises_with   the operands that the result never falls with, the others held still; `of_positive`: if these are > 0
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rowwise.errors import UnsupportedPrimitive


@dataclass(frozen=True, slots=True)
class Elementwise:
    """What a number-by-number primitive is called in each target; an empty column means the target lacks it."""

    primitive: str
    takes: str
    arrays: str | Callable[..., Any]
    machine: str = ""
    integer: str = ""
    cells: str = ""
    rises_with: tuple[int, ...] = ()
    of_positive: bool = False


def _div(xp, x, y):
    """Of integers as in JAX: rounded towards 0, by 0 all bits are 1, and the least number by -1 is itself."""
    x, y = xp.asarray(x), xp.asarray(y)
    if x.dtype.kind == "f":
        return x / y
    by = _divisor(xp, x, y)
    quotient = x // by  # rounded down
    quotient = quotient + ((x % by != 0) & ((x < 0) != (by < 0))).astype(x.dtype)
    return xp.where(y == 0, ~xp.zeros_like(x), quotient)


def _rem(xp, x, y):
    """The sign is that of x. Of integers as in JAX: what is left by 0 is x."""
    x, y = xp.asarray(x), xp.asarray(y)
    if x.dtype.kind == "f":
        return xp.fmod(x, y)
    return xp.where(y == 0, x, xp.fmod(x, _divisor(xp, x, y)))


def _divisor(xp, x, y):
    """y, but 1 where a quotient of integers would have no meaning: x / 0, and the least number by -1."""
    has_none = y == 0
    if x.dtype.kind == "i":
        has_none = has_none | ((y == -1) & (x == np.iinfo(x.dtype).min))
    return xp.where(has_none, xp.ones_like(y), y)


def _logistic(xp, x):
    return 1 / (1 + xp.exp(-x))


def _clamp(xp, low, x, high):
    return xp.minimum(xp.maximum(x, low), high)


def _erf(xp, x):
    return xp.special("erf")(x)


def _erfc(xp, x):
    return xp.special("erfc")(x)


# JAX's `max` passes NaN on, and so does llvm.maximum; MAX of a sheet does not.
ELEMENTWISE = {
    row.primitive: row
    for row in (
        #           primitive, takes, arrays, machine, integer, cells
        Elementwise("add", "nn>n", "add", "fadd", "add", "{0:1}+{1:1}", rises_with=(0, 1)),
        Elementwise("sub", "nn>n", "subtract", "fsub", "sub", "{0:1}-{1:2}", rises_with=(0,)),
        Elementwise("mul", "nn>n", "multiply", "fmul", "mul", "{0:2}*{1:2}", rises_with=(0, 1), of_positive=True),
        Elementwise("div", "nn>n", _div, "fdiv", ":int_div", "{0:2}/{1:3}", rises_with=(0,), of_positive=True),
        Elementwise("rem", "nn>n", _rem, "frem", ":int_rem"),
        Elementwise("neg", "n>n", "negative", "fneg", "neg", "-{0:4}"),
        Elementwise("abs", "n>n", "abs", "llvm.fabs", ":int_abs", "ABS({0})"),
        Elementwise("sign", "n>n", "sign", ":sign", "", "IF({0:1}>0,1,IF({0:1}<0,-1,0))", rises_with=(0,)),
        Elementwise("max", "nn>n", "maximum", "llvm.maximum", "llvm.smax", "MAX({0},{1})", rises_with=(0, 1)),
        Elementwise("min", "nn>n", "minimum", "llvm.minimum", "llvm.smin", "MIN({0},{1})", rises_with=(0, 1)),
        Elementwise("exp", "f>f", "exp", ":exp", "", "EXP({0})", rises_with=(0,)),
        Elementwise("exp2", "f>f", "exp2", ":exp2", "", "2^{0:4}", rises_with=(0,)),
        Elementwise("log", "f>f", "log", ":log", "", "LN({0})", rises_with=(0,)),
        Elementwise("log1p", "f>f", "log1p", ":log1p", "", "LN(1+{0:1})", rises_with=(0,)),
        Elementwise("expm1", "f>f", "expm1", ":expm1", "", "EXP({0})-1", rises_with=(0,)),
        Elementwise("tanh", "f>f", "tanh", ":tanh", "", "TANH({0})", rises_with=(0,)),
        Elementwise("logistic", "f>f", _logistic, ":logistic", "", "1/(1+EXP(-{0:4}))", rises_with=(0,)),
        Elementwise("sqrt", "f>f", "sqrt", ":sqrt", "", "SQRT({0})", rises_with=(0,)),
        Elementwise("rsqrt", "f>f", lambda xp, x: 1 / xp.sqrt(x), ":rsqrt", "", "1/SQRT({0})"),
        Elementwise("cbrt", "f>f", "cbrt", rises_with=(0,)),
        Elementwise("sin", "f>f", "sin", "llvm.sin", "", "SIN({0})"),
        Elementwise("cos", "f>f", "cos", "llvm.cos", "", "COS({0})"),
        Elementwise("tan", "f>f", "tan", "", "", "TAN({0})"),
        Elementwise("asin", "f>f", "arcsin", "", "", "ASIN({0})", rises_with=(0,)),
        Elementwise("acos", "f>f", "arccos", "", "", "ACOS({0})"),
        Elementwise("atan", "f>f", "arctan", "", "", "ATAN({0})", rises_with=(0,)),
        Elementwise("sinh", "f>f", "sinh", "", "", "SINH({0})", rises_with=(0,)),
        Elementwise("cosh", "f>f", "cosh", "", "", "COSH({0})"),
        Elementwise("erf", "f>f", _erf, ":erf", rises_with=(0,)),
        Elementwise("erfc", "f>f", _erfc, ":erfc"),
        Elementwise("pow", "fn>f", "power", ":pow", "", "{0:4}^{1:4}"),
        Elementwise("square", "n>n", "square", ":square", "", "{0:4}^2"),
        Elementwise("floor", "f>f", "floor", "llvm.floor", rises_with=(0,)),
        Elementwise("ceil", "f>f", "ceil", "llvm.ceil", rises_with=(0,)),
        Elementwise("round", "f>f", "round", "llvm.rint", rises_with=(0,)),
        Elementwise("is_finite", "f>b", "isfinite", ":is_finite"),
        Elementwise("eq", "aa>b", "equal", "==", "==", "{0:1}={1:1}"),
        Elementwise("ne", "aa>b", "not_equal", "!=", "!=", "{0:1}<>{1:1}"),
        Elementwise("lt", "nn>b", "less", "<", "<", "{0:1}<{1:1}"),
        Elementwise("le", "nn>b", "less_equal", "<=", "<=", "{0:1}<={1:1}"),
        Elementwise("gt", "nn>b", "greater", ">", ">", "{0:1}>{1:1}"),
        Elementwise("ge", "nn>b", "greater_equal", ">=", ">=", "{0:1}>={1:1}"),
        Elementwise("and", "ll>l", lambda xp, x, y: x & y, "", "and_", "{0:2}*{1:2}>0"),
        Elementwise("or", "ll>l", lambda xp, x, y: x | y, "", "or_", "{0:2}+{1:2}>0"),
        Elementwise("not", "l>l", lambda xp, x: ~x, "", "not_", "1-{0:2}>0"),
        Elementwise("clamp", "nnn>n", _clamp, ":clamp", "", "MIN(MAX({1},{0}),{2})", rises_with=(1,)),
    )
}

Rule = Callable[..., Any]
RULES: dict[str, dict[str, Rule]] = {"shapes": {}, "arrays": {}, "machine": {}, "cells": {}}


def rule(*primitives: str, target: str) -> Callable[[Rule], Rule]:
    """Register a function as the meaning of structural primitives in one target."""

    def register(function: Rule) -> Rule:
        for primitive in primitives:
            RULES[target][primitive] = function
        return function

    return register


def known(primitive: str) -> bool:
    """Whether the primitive has a meaning at all."""
    return primitive in ELEMENTWISE or primitive in RULES["arrays"]


def unsupported(primitive: str, target: str, place: Any) -> UnsupportedPrimitive:
    """The error that names a primitive without a rule in a target, and the source line that used it."""
    where = f" (at {place})" if place else ""
    other = {"machine": "use engine='xla'", "cells": "fitted.steps(example) shows such a model line by line"}
    return UnsupportedPrimitive(
        f"{primitive!r} has no {target} rule{where}",
        expected="one of the primitives in docs/primitives.md that has one",
        mend=other.get(target, "write the line with other operations"),
    )
