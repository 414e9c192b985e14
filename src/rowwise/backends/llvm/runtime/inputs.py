"""Examples, tables and means in, what a kernel is called with out: arrays and numbers by argument."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from rowwise.backends.llvm.codegen.signature import Argument, Role
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program

Values = dict[Argument, Any]


def columns(program: Program, examples: Examples) -> Values:
    """The columns that the program reads, as the kernels expect them: without gaps, int32, int64 or float32."""
    found: Values = {}
    for i in program.inputs:
        column = str(i.column)
        if i.is_lookup and i.kind != "sampled":
            rows = examples.rows[column]
            if isinstance(rows, Ragged):
                found[Role.STARTS(column)] = np.ascontiguousarray(rows.starts, np.int64)
                if i.weights:
                    found[Role.ID_WEIGHTS(i.weights)] = np.ascontiguousarray(rows.weights[i.weights], np.float32)
                rows = rows.rows
            found[Role.IDS(column)] = np.ascontiguousarray(rows, np.int32)
        elif i.kind == "value":
            found[Role.VALUES(column)] = np.ascontiguousarray(examples.values[column], np.float32)
        elif i.kind == "target" and examples.target is not None:
            found[Role.TARGET()] = np.ascontiguousarray(examples.target, i.value.dtype)
    return found


def tables(arrays: Mapping[str, np.ndarray]) -> Values:
    return {Role.TABLE(name): table for name, table in arrays.items()}


def moving(program: Program, parameters: Parameters) -> Values:
    """The arrays that a kernel moves."""
    states = {Role.STATE(name, k): state for name, of in parameters.states.items() for k, state in enumerate(of)}
    return tables({name: parameters.tables[name] for name in program.updates}) | states


def constants(program: Program, tables: Mapping[str, np.ndarray], means: Mapping[str, float]) -> Values:
    """The numbers that are the same for every example of every epoch."""
    found: Values = {Role.MEAN(name): float(mean) for name, mean in means.items()}
    return found | {Role.N_ROWS(str(i.table)): len(tables[str(i.table)]) for i in program.lookups}


def in_parallel(run: Callable[[Any], int], jobs: Iterable[Any], *, threads: int) -> list[int]:
    """What `run` gives for each job, in their order."""
    if threads == 1:
        return [run(job) for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))
