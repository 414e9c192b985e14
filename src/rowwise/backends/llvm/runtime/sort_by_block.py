"""Columns of examples in, the same columns grouped by block out, where they lie: no copy is made.

define i64 @group(columns, bands, blocks, filled, …)
    for each block, until it is full: the bands of its next example's two keys say which block that belongs to;
        it stays, or changes places with the next example of that block
    for each block: its examples shuffled
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod

import llvmlite.ir as ir
import numpy as np
from jaxtyping import Int32, Int64

from rowwise.backends.llvm.codegen.example import function
from rowwise.backends.llvm.codegen.signature import Argument, Role, Signature, signature
from rowwise.backends.llvm.emit import random_bits
from rowwise.backends.llvm.emit.builder import INDEX, INT, LlvmValue
from rowwise.backends.llvm.emit.values import Machine
from rowwise.backends.llvm.runtime.compile import Code, Kernel

Bands = Sequence[Int32[np.ndarray, " rows"]]


def group(
    columns: Mapping[Argument, np.ndarray],
    keys: tuple[Argument, Argument],
    bands: Bands,
    starts: Int64[np.ndarray, " blocks+1"],
    *,
    key: int,
) -> None:
    """The columns put in order, block after block; a block's examples come in an order drawn with `key`.

    `keys` are the two columns of rows, `bands` gives each row of either its band, `starts` the place where each
    block begins. Source of the exchange: McIlroy, Bostic and McIlroy 1993, "Engineering radix sort".
    """
    sizes = tuple((column, prod(array.shape[1:])) for column, array in columns.items())
    _kernel(sizes, keys)(
        dict(columns)
        | {Role.BANDS(part=k): of_key for k, of_key in enumerate(bands)}
        | {Role.BLOCKS(): starts, Role.FILLED(): starts[:-1].copy(), Role.N_BLOCKS(): len(starts) - 1}
        | {Role.SIDE(): int(np.sqrt(len(starts))), Role.KEY(): key}
    )


Sizes = tuple[tuple[Argument, int], ...]  # columns, and their four-byte numbers an example


@lru_cache(maxsize=4)
def _kernel(sizes: Sizes, keys: tuple[Argument, Argument]) -> Kernel:
    return Code(_ir(sizes, keys)).function("group", _signature(sizes))


def _signature(sizes: Sizes) -> Signature:
    grid = Role.BANDS(part=0), Role.BANDS(part=1), Role.BLOCKS(), Role.FILLED(), Role.N_BLOCKS(), Role.SIDE()
    return signature((column for column, _ in sizes), grid, Role.KEY())


def _ir(sizes: Sizes, keys: tuple[Argument, Argument]) -> str:
    module = ir.Module()
    machine, given = function(module, "group", _signature(sizes))
    b = machine.builder

    def block_of(example: LlvmValue) -> LlvmValue:
        band = []
        for k, column in enumerate(keys):
            row = b.zext(machine.load(given[column], "int32", offset=example), INDEX)
            band.append(b.zext(machine.load(given[Role.BANDS(part=k)], "int32", offset=row), INDEX))
        return b.add(b.mul(band[0], given[Role.SIDE()]), band[1])

    def end(block: LlvmValue) -> LlvmValue:
        return machine.load(given[Role.BLOCKS()], "int64", offset=machine.plus(block, 1))

    def next_of(block: LlvmValue) -> LlvmValue:
        return machine.load(given[Role.FILLED()], "int64", offset=block)

    with (
        machine.loop(given[Role.N_BLOCKS()], name="block") as block,
        machine.loop_while(lambda: b.icmp_signed("<", next_of(block), end(block))),
    ):
        here = next_of(block)
        home = block_of(here)
        there = next_of(home)  # `here` itself where the example is at home
        _exchange(machine, given, sizes, here, there)
        machine.store(machine.plus(there, 1), 1, given[Role.FILLED()], "int64", offset=home)
    with machine.loop(given[Role.N_BLOCKS()], name="shuffled") as block:
        start = machine.load(given[Role.BLOCKS()], "int64", offset=block)
        with machine.loop(b.sub(end(block), start), name="j") as j:
            here = b.add(start, j)
            drawn = random_bits.bits(machine, given[Role.KEY()], b.trunc(here, INT), ir.Constant(INT, 0))
            left = b.sub(end(block), here)
            step = b.lshr(b.mul(b.zext(drawn, INDEX), left), machine.index(32))  # from 0 to left - 1
            _exchange(machine, given, sizes, here, b.add(here, step))
    b.ret(machine.index(0))
    return str(module)


def _exchange(
    machine: Machine, given: Mapping[Argument, LlvmValue], sizes: Sizes, here: LlvmValue, there: LlvmValue
) -> None:
    """Two examples change places."""
    for column, size in sizes:
        places = machine.times(here, size), machine.times(there, size)
        numbers = [machine.load(given[column], "int32", size, offset=place) for place in places]
        for place, number in zip(reversed(places), numbers, strict=True):
            machine.store(number, size, given[column], "int32", offset=place)
