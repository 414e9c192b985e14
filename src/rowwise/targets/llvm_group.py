"""Columns of examples in, the same columns grouped by block out, where they lie: no copy is made.

define i64 @group(columns, keys, bands, filled, ends, …)
    for each block, until it is full: the bands of its next example's two keys say which block that belongs to;
        it stays, or changes places with the next example of that block
    for each block: its examples shuffled
"""

from collections.abc import Mapping, Sequence
from math import prod

import llvmlite.ir as ir
import numpy as np
from jaxtyping import Int32, Int64

from rowwise.primitives import machine_draws
from rowwise.primitives.emitter import INDEX, INT, LlvmValue
from rowwise.primitives.machine_values import Machine
from rowwise.targets.llvm_compile import Kernel
from rowwise.targets.llvm_example import Arguments, function

Bands = Sequence[Int32[np.ndarray, " rows"]]


def group(
    columns: Mapping[str, np.ndarray],
    keys: Sequence[str],
    bands: Bands,
    starts: Int64[np.ndarray, " blocks+1"],
    *,
    key: int,
) -> None:
    """The columns put in order, block after block; a block's examples come in an order drawn with `key`.

    `keys` names the two columns of rows, `bands` gives each row of either its band, `starts` the place where each
    block begins. Source of the exchange: McIlroy, Bostic and McIlroy 1993, "Engineering radix sort".
    """
    sizes = {name: prod(column.shape[1:]) for name, column in columns.items()}
    Kernel(_ir(sizes, keys), "group", _arguments(sizes))(
        dict(columns)
        | {"bands 0": bands[0], "bands 1": bands[1], "starts": starts, "filled": starts[:-1].copy()}
        | {"n_blocks": len(starts) - 1, "side": int(np.sqrt(len(starts))), "key": key}
    )


def _arguments(sizes: Mapping[str, int]) -> Arguments:
    named: Arguments = dict.fromkeys((*sizes, "bands 0", "bands 1", "starts", "filled"), "pointer")
    return named | {"n_blocks": "index", "side": "index", "key": "int"}


def _ir(sizes: Mapping[str, int], keys: Sequence[str]) -> str:
    """The module, for columns of so many four-byte numbers an example."""
    module = ir.Module(name="group")
    machine, given = function(module, "group", _arguments(sizes))
    b = machine.builder

    def block_of(example: LlvmValue) -> LlvmValue:
        band = []
        for k, name in enumerate(keys):
            row = b.zext(machine.load(given[name], "int32", offset=example), INDEX)
            band.append(b.zext(machine.load(given[f"bands {k}"], "int32", offset=row), INDEX))
        return b.add(b.mul(band[0], given["side"]), band[1])

    def end(block: LlvmValue) -> LlvmValue:
        return machine.load(given["starts"], "int64", offset=machine.plus(block, 1))

    def next_of(block: LlvmValue) -> LlvmValue:
        return machine.load(given["filled"], "int64", offset=block)

    with (
        machine.loop(given["n_blocks"], name="block") as block,
        machine.loop_while(lambda: b.icmp_signed("<", next_of(block), end(block))),
    ):
        here = next_of(block)
        home = block_of(here)
        there = next_of(home)  # `here` itself where the example is at home
        _exchange(machine, given, sizes, here, there)
        machine.store(machine.plus(there, 1), 1, given["filled"], "int64", offset=home)
    with machine.loop(given["n_blocks"], name="shuffled") as block:
        start = machine.load(given["starts"], "int64", offset=block)
        with machine.loop(b.sub(end(block), start), name="j") as j:
            here = b.add(start, j)
            drawn = machine_draws.bits(machine, given["key"], b.trunc(here, INT), ir.Constant(INT, 0))
            left = b.sub(end(block), here)
            step = b.lshr(b.mul(b.zext(drawn, INDEX), left), machine.index(32))  # from 0 to left - 1
            _exchange(machine, given, sizes, here, b.add(here, step))
    b.ret(machine.index(0))
    return str(module)


def _exchange(
    machine: Machine, given: Mapping[str, LlvmValue], sizes: Mapping[str, int], here: LlvmValue, there: LlvmValue
) -> None:
    """Two examples change places."""
    for name, size in sizes.items():
        places = machine.times(here, size), machine.times(there, size)
        numbers = [machine.load(given[name], "int32", size, offset=place) for place in places]
        for place, number in zip(reversed(places), numbers, strict=True):
            machine.store(number, size, given[name], "int32", offset=place)
