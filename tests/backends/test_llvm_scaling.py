"""A number multiplies numbers before it multiplies vectors, where a sum is there for that product alone."""

import llvmlite.ir as ir
import numpy as np
import pytest

from rowwise.backends.llvm.emit.scaling import scale_numbers_first
from rowwise.backends.llvm.rules.primitives import instruction
from written import write

NUMBERS = {"a": 3.0, "b": -0.5, "s": 0.25}  # no product of these is rounded


def written(n, *, known=False, kept=False, fast=True):
    """s · (a·u + b·v) of n numbers each, by its instructions: `a` may be a constant, the sum kept too."""
    names = dict.fromkeys(NUMBERS, "float") | dict.fromkeys(("u", "v", "sum", "out"), "pointer")
    machine, given, run = write(names)
    u, v = (machine.load(given[name], "float32", n) for name in "uv")
    a = ir.Constant(ir.FloatType(), 3.0) if known else given["a"]
    a, b, s = (machine.splat(number, n) for number in (a, given["b"], given["s"]))
    rules = {name: instruction(machine, name, "float32") for name in ("mul", "add")}
    multiply, add = rules.values() if fast else (machine.builder.fmul, machine.builder.fadd)
    total = add(multiply(a, u), multiply(v, b))
    machine.store(multiply(s, total), n, given["out"], "float32")
    if kept:
        machine.store(total, n, given["sum"], "float32")
    machine.builder.ret(machine.index(0))
    return machine.builder, run


@pytest.mark.parametrize(
    ("n", "how", "stored"),
    [
        (8, {}, "fadd"),
        (8, {"known": True}, "fadd"),
        (8, {"kept": True}, "fmul"),
        (8, {"fast": False}, "fmul"),  # arithmetic that rounds as written
        (1, {}, "fmul"),
        (1, {"known": True}, "fadd"),
    ],
)
def test_a_sum_that_nothing_else_reads_is_not_scaled_itself(n, how, stored):
    builder, run = written(n, **how)
    scale_numbers_first(builder.function)
    product = next(each for each in builder.block.instructions if each.opname == "store").operands[0]
    assert product.opname == stored
    u, v, kept, out = np.arange(n, dtype=np.float32), np.full(n, 8, np.float32), *np.empty((2, n), np.float32)
    run(**NUMBERS, u=u, v=v, sum=kept, out=out)
    np.testing.assert_array_equal(out, 0.25 * (3 * u - 0.5 * v))
