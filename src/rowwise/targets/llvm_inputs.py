"""Examples, tables and means in, what a kernel is called with out: arrays and numbers by the names of its arguments."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.program.program import Program

Values = dict[str, Any]


def columns(program: Program, examples: Examples) -> Values:
    """The columns that the program reads, as the kernels expect them: without gaps, int32, int64 or float32."""
    found: Values = {}
    for i in program.inputs:
        if i.is_lookup and i.kind != "sampled":
            rows = examples.rows[str(i.column)]
            if isinstance(rows, Ragged):
                found[f"starts {i.column}"] = np.ascontiguousarray(rows.starts, np.int64)
                if i.weights:
                    found[f"weights {i.weights}"] = np.ascontiguousarray(rows.weights[i.weights], np.float32)
                rows = rows.rows
            found[f"ids {i.column}"] = np.ascontiguousarray(rows, np.int32)
        elif i.kind == "value":
            found[f"values {i.column}"] = np.ascontiguousarray(examples.values[str(i.column)], np.float32)
        elif i.kind == "target" and examples.target is not None:
            found["the target"] = np.ascontiguousarray(examples.target, i.value.dtype)
    return found


def constants(program: Program, tables: Mapping[str, np.ndarray], means: Mapping[str, float]) -> Values:
    """The numbers that are the same for every example of every epoch."""
    found: Values = {f"mean {name}": float(mean) for name, mean in means.items()}
    return found | {f"rows {i.table}": len(tables[str(i.table)]) for i in program.lookups}


def in_parallel(run: Callable[[Any], int], jobs: Iterable[Any], *, threads: int) -> list[int]:
    """What `run` gives for each job, in their order."""
    if threads == 1:
        return [run(job) for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))
