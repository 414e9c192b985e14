"""A number multiplies numbers before it multiplies vectors, where a sum is there for that product alone."""

import llvmlite.ir as ir
import numpy as np
import pytest

from rowwise.primitives.machine import instruction
from rowwise.primitives.machine_scaling import scale_numbers_first
from rowwise.targets.llvm_compile import Kernel, optimized
from rowwise.targets.llvm_example import function

N = 10
NUMBERS = {"a": 3.0, "b": -0.5, "s": 0.25}  # no product of these is rounded
U, V = np.arange(N, dtype=np.float32), np.full(N, 8, np.float32)


def written(*, kept, fast=True):
    """s · (a·u + b·v) by its instructions, and the sum too where it is `kept`."""
    names = dict.fromkeys(NUMBERS, "float") | dict.fromkeys(("u", "v", "sum", "out"), "pointer")
    machine, given = function(ir.Module(), "scaled", names)
    u, v = (machine.load(given[name], "float32", N) for name in "uv")
    a, b, s = (machine.splat(given[name], N) for name in NUMBERS)
    rules = {name: instruction(machine, name, "float32") for name in ("mul", "add")}
    multiply, add = rules.values() if fast else (machine.builder.fmul, machine.builder.fadd)
    total = add(multiply(a, u), multiply(v, b))
    machine.store(multiply(s, total), N, given["out"], "float32")
    if kept:
        machine.store(total, N, given["sum"], "float32")
    machine.builder.ret(machine.index(0))
    return machine.builder, names


@pytest.mark.parametrize(("kept", "n_products"), [(False, 2), (True, 3)])
def test_a_sum_read_once_is_never_scaled_itself(kept, n_products):
    builder, names = written(kept=kept)
    scale_numbers_first(builder.function)
    text, out = str(builder.module), np.empty(N, np.float32)
    Kernel(text, "scaled", names)({**NUMBERS, "u": U, "v": V, "sum": np.empty(N, np.float32), "out": out})
    np.testing.assert_array_equal(out, 0.25 * (3 * U - 0.5 * V))
    products = [line for line in str(optimized(text)).splitlines() if "fmul" in line and " x float>" in line]
    assert len(products) == n_products


def test_arithmetic_that_rounds_as_written_is_left_as_written():
    builder, _ = written(kept=False, fast=False)
    text = str(builder.module)
    scale_numbers_first(builder.function)
    assert str(builder.module) == text
