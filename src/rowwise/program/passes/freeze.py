"""A program in, the same program that moves fewer tables out."""

from collections.abc import Collection
from dataclasses import replace

from rowwise.program.passes.prune import renumber
from rowwise.program.program import Program


def moving(program: Program, names: Collection[str]) -> Program:
    """The program that moves no tables and dense weights but `names`: the others' derivatives and updates are gone."""
    parameter = {i.value.name: i.parameter for i in (*program.lookups, *program.weights)}
    return renumber(
        replace(
            program,
            gradients={n: g for n, g in program.gradients.items() if parameter[n] in names},
            updates={name: update for name, update in program.updates.items() if name in names},
        )
    )
