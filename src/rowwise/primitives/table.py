"""One table of primitives: a row for each, a column for each target.

A primitive that works number by number is a row of `ELEMENTWISE`. One that moves numbers about (a contraction, a
reduction, a slice) is a function a target, registered by `@rule` in `arrays.py`, `machine.py` or `cells.py`.

Columns of `ELEMENTWISE`:
    arrays    a function of `numpy` and `jax.numpy` by name, or (xp, *arrays) -> array
    machine   an LLVM instruction for floats ("fadd"), an intrinsic ("llvm.sqrt"), a comparison ("<"), or a function
              of `machine.py` (":exp")
    integer   the instruction for integers and truth values, where there is one
    cells     a formula; {0} and {1} are the operands, {0:2} in brackets unless they bind as tightly as a product:
              0 comparison, 1 sum, 2 product, 3 power, 4 number or cell. In a sheet -x^2 is (-x)^2, LOG is base 10
              and FALSE=0 is not true.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rowwise.errors import UnsupportedPrimitive


@dataclass(frozen=True, slots=True)
class Elementwise:
    """What a number-by-number primitive is called in each target; an empty column means the target lacks it."""

    primitive: str
    arrays: str | Callable[..., Any]
    machine: str = ""
    integer: str = ""
    cells: str = ""


def _div(xp, x, y):
    if xp.asarray(x).dtype.kind == "f":
        return x / y
    quotient = x // y  # of integers, rounded down; JAX rounds towards 0
    return quotient + ((x % y != 0) & ((x < 0) != (y < 0)))


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
        #           primitive      arrays                        machine          integer   cells
        Elementwise("add", "add", "fadd", "add", "{0:1}+{1:1}"),
        Elementwise("sub", "subtract", "fsub", "sub", "{0:1}-{1:2}"),
        Elementwise("mul", "multiply", "fmul", "mul", "{0:2}*{1:2}"),
        Elementwise("div", _div, "fdiv", "sdiv", "{0:2}/{1:3}"),
        Elementwise("rem", "fmod", "frem", "srem"),
        Elementwise("neg", "negative", "fneg", "neg", "-{0:4}"),
        Elementwise("abs", "abs", "llvm.fabs", ":int_abs", "ABS({0})"),
        Elementwise("sign", "sign", ":sign", "", "IF({0:1}>0,1,IF({0:1}<0,-1,0))"),
        Elementwise("max", "maximum", "llvm.maximum", "llvm.smax", "MAX({0},{1})"),
        Elementwise("min", "minimum", "llvm.minimum", "llvm.smin", "MIN({0},{1})"),
        Elementwise("exp", "exp", ":exp", "", "EXP({0})"),
        Elementwise("exp2", "exp2", ":exp2", "", "2^{0:4}"),
        Elementwise("log", "log", ":log", "", "LN({0})"),
        Elementwise("log1p", "log1p", ":log1p", "", "LN(1+{0:1})"),
        Elementwise("expm1", "expm1", ":expm1", "", "EXP({0})-1"),
        Elementwise("tanh", "tanh", ":tanh", "", "TANH({0})"),
        Elementwise("logistic", _logistic, ":logistic", "", "1/(1+EXP(-{0:4}))"),
        Elementwise("sqrt", "sqrt", ":sqrt", "", "SQRT({0})"),
        Elementwise("rsqrt", lambda xp, x: 1 / xp.sqrt(x), ":rsqrt", "", "1/SQRT({0})"),
        Elementwise("cbrt", "cbrt"),
        Elementwise("sin", "sin", "llvm.sin", "", "SIN({0})"),
        Elementwise("cos", "cos", "llvm.cos", "", "COS({0})"),
        Elementwise("tan", "tan", "", "", "TAN({0})"),
        Elementwise("asin", "arcsin", "", "", "ASIN({0})"),
        Elementwise("acos", "arccos", "", "", "ACOS({0})"),
        Elementwise("atan", "arctan", "", "", "ATAN({0})"),
        Elementwise("sinh", "sinh", "", "", "SINH({0})"),
        Elementwise("cosh", "cosh", "", "", "COSH({0})"),
        Elementwise("erf", _erf, ":erf"),
        Elementwise("erfc", _erfc, ":erfc"),
        Elementwise("pow", "power", ":pow", "", "{0:4}^{1:4}"),
        Elementwise("square", "square", ":square", "", "{0:4}^2"),
        Elementwise("floor", "floor", "llvm.floor"),
        Elementwise("ceil", "ceil", "llvm.ceil"),
        Elementwise("round", "round", "llvm.rint"),
        Elementwise("is_finite", "isfinite", ":is_finite"),
        Elementwise("eq", "equal", "==", "==", "{0:1}={1:1}"),
        Elementwise("ne", "not_equal", "!=", "!=", "{0:1}<>{1:1}"),
        Elementwise("lt", "less", "<", "<", "{0:1}<{1:1}"),
        Elementwise("le", "less_equal", "<=", "<=", "{0:1}<={1:1}"),
        Elementwise("gt", "greater", ">", ">", "{0:1}>{1:1}"),
        Elementwise("ge", "greater_equal", ">=", ">=", "{0:1}>={1:1}"),
        Elementwise("and", lambda xp, x, y: x & y, "", "and_", "{0:2}*{1:2}>0"),
        Elementwise("or", lambda xp, x, y: x | y, "", "or_", "{0:2}+{1:2}>0"),
        Elementwise("not", lambda xp, x: ~x, "", "not_", "1-{0:2}>0"),
        Elementwise("clamp", _clamp, ":clamp", "", "MIN(MAX({1},{0}),{2})"),
    )
}

Rule = Callable[..., Any]
RULES: dict[str, dict[str, Rule]] = {"arrays": {}, "machine": {}, "cells": {}}


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
