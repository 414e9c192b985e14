"""Columns of examples in, the same columns grouped by block out: a counting sort in machine code.

define i64 @group(keys, bands, filled, …)
    for each example, in a shuffled order: the bands of its two keys say which block is its own,
    and its numbers are copied to the block's next free place
"""

from collections.abc import Mapping, Sequence
from math import prod

import llvmlite.ir as ir
import numpy as np
from jaxtyping import Int32, Int64

from rowwise.primitives import machine_draws
from rowwise.primitives.emitter import INDEX, INT
from rowwise.targets.llvm_compile import Kernel
from rowwise.targets.llvm_example import Arguments, function

RUN = 4096  # examples whose order is made at once
AHEAD = 16  # examples between asking for their numbers and using them

Bands = Sequence[Int32[np.ndarray, " rows"]]


def grouped(
    columns: Mapping[str, np.ndarray],
    keys: Sequence[Int32[np.ndarray, " n"]],
    bands: Bands,
    starts: Int64[np.ndarray, " blocks+1"],
    *,
    key: int,
) -> dict[str, np.ndarray]:
    """The columns, block after block; a block's examples come in an order drawn with `key`.

    `bands` gives each row of either key its band, `starts` the place where each block begins.
    """
    sizes = {name: prod(column.shape[1:]) for name, column in columns.items()}
    out = {name: np.empty_like(column) for name, column in columns.items()}
    kernel = Kernel(_ir(sizes), "group", _arguments(sizes))
    kernel(
        {f"from {name}": column for name, column in columns.items()}
        | {f"to {name}": column for name, column in out.items()}
        | {"keys 0": keys[0], "keys 1": keys[1], "bands 0": bands[0], "bands 1": bands[1]}
        | {"filled": starts[:-1].copy(), "side": int(np.sqrt(len(starts))), "n": len(keys[0]), "key": key}
    )
    return out


def _arguments(sizes: Mapping[str, int]) -> Arguments:
    named: Arguments = {name: "pointer" for word in ("from", "to") for name in (f"{word} {column}" for column in sizes)}
    named |= dict.fromkeys(("keys 0", "keys 1", "bands 0", "bands 1", "filled"), "pointer")
    return named | {"side": "index", "n": "index", "key": "int"}


def _ir(sizes: Mapping[str, int]) -> str:
    """The module, for columns of so many four-byte numbers an example."""
    module = ir.Module(name="group")
    machine, given = function(module, "group", _arguments(sizes))
    b = machine.builder
    shuffle = machine_draws.shuffle(module)
    order = machine.room(ir.ArrayType(INT, RUN + AHEAD + 16))
    n_runs = b.udiv(b.add(given["n"], machine.index(RUN - 1)), machine.index(RUN))
    with machine.loop(n_runs, name="run") as run:
        first = b.mul(run, machine.index(RUN))
        count = machine.least(b.sub(given["n"], first), machine.index(RUN))
        b.call(shuffle, [order, machine.index(0), first, b.add(count, machine.index(AHEAD)), given["n"], given["key"]])
        with machine.loop(count, name="j") as j:
            ahead = b.zext(machine.load(order, "int32", offset=machine.plus(j, AHEAD)), INDEX)
            for name, size in sizes.items():
                machine.prefetch(machine.at(given[f"from {name}"], "int32", machine.times(ahead, size)), size)
            example = b.zext(machine.load(order, "int32", offset=j), INDEX)
            band = []
            for k in range(2):
                row = b.zext(machine.load(given[f"keys {k}"], "int32", offset=example), INDEX)
                band.append(b.zext(machine.load(given[f"bands {k}"], "int32", offset=row), INDEX))
            block = b.add(b.mul(band[0], given["side"]), band[1])
            place = machine.load(given["filled"], "int64", offset=block)
            machine.store(b.add(place, machine.index(1)), 1, given["filled"], "int64", offset=block)
            for name, size in sizes.items():
                numbers = machine.load(given[f"from {name}"], "int32", size, offset=machine.times(example, size))
                machine.store(numbers, size, given[f"to {name}"], "int32", offset=machine.times(place, size))
    b.ret(machine.index(0))
    return str(module)
