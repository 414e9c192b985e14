"""Examples, tables and means in, what a kernel is called with out: arrays and numbers by argument."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import singledispatch
from typing import Any

import numpy as np

from rowwise.backends.llvm.codegen.signature import Argument, Role
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.program.inputs import BagLookup, ExampleValue, Input, RowLookup, RowsLookup, SampledLookup, Target
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program

Values = dict[Argument, Any]


def columns(program: Program, examples: Examples) -> Values:
    """The columns that the program reads, as the kernels expect them: without gaps, int32, int64 or float32."""
    found: Values = {}
    for i in program.inputs:
        found |= columns_of(i, examples)
    return found


@singledispatch
def columns_of(i: Input, examples: Examples) -> Values:
    """The columns of the examples that one input reads."""
    return {}


@columns_of.register
def _(i: RowLookup | RowsLookup, examples: Examples) -> Values:
    return {Role.IDS(i.column): np.ascontiguousarray(examples.rows[i.column], np.int32)}


@columns_of.register
def _(i: SampledLookup, examples: Examples) -> Values:
    """As they are: they are drawn anew where they stand."""
    return {Role.DRAWN(i.column): examples.drawn[i.column]} if examples.drawn else {}


@columns_of.register
def _(i: BagLookup, examples: Examples) -> Values:
    lists = examples.rows[i.column]
    assert isinstance(lists, Ragged)
    found: Values = {
        Role.STARTS(i.column): np.ascontiguousarray(lists.starts, np.int64),
        Role.IDS(i.column): np.ascontiguousarray(lists.rows, np.int32),
    }
    if i.weights:
        found[Role.ID_WEIGHTS(i.weights)] = np.ascontiguousarray(lists.weights[i.weights], np.float32)
    return found


@columns_of.register
def _(i: ExampleValue, examples: Examples) -> Values:
    return {Role.VALUES(i.column): np.ascontiguousarray(examples.values[i.column], np.float32)}


@columns_of.register
def _(i: Target, examples: Examples) -> Values:
    return {} if examples.target is None else {Role.TARGET(): np.ascontiguousarray(examples.target, i.value.dtype)}


def tables(arrays: Mapping[str, np.ndarray]) -> Values:
    return {Role.TABLE(name): table for name, table in arrays.items()}


def moving(program: Program, parameters: Parameters) -> Values:
    """The arrays that a kernel moves."""
    states = {Role.STATE(name, k): state for name, of in parameters.states.items() for k, state in enumerate(of)}
    return tables({name: parameters.tables[name] for name in program.updates}) | states


def constants(program: Program, tables: Mapping[str, np.ndarray], means: Mapping[str, float]) -> Values:
    """The numbers that are the same for every example of every epoch."""
    return {Role.MEAN(name): float(mean) for name, mean in means.items()}


def in_parallel(run: Callable[[Any], int], jobs: Iterable[Any], *, threads: int) -> list[int]:
    """What `run` gives for each job, in their order."""
    if threads == 1:
        return [run(job) for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))
