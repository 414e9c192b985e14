"""A program in, the same program without what nobody needs out."""

from dataclasses import replace
from typing import TypeVar

from rowwise.program.program import Literal, Program, Value

Named = TypeVar("Named", Value, Value | Literal, Value | Literal | None)


def renumber(program: Program) -> Program:
    """Values named %1, %2, … in the order of the steps; steps that no result needs are gone."""
    results = [program.prediction, program.loss, *program.gradients.values()]
    results += [o for update in program.updates.values() for o in update.outputs]
    steps = program.needed(results)
    names = {step.output.name: f"%{k + 1}" for k, step in enumerate(steps)}

    def new(o: Named) -> Named:
        return replace(o, name=names.get(o.name, o.name)) if isinstance(o, Value) else o

    used = {i.name for step in steps for i in step.inputs if isinstance(i, Value)}
    used |= {o.name for o in results if isinstance(o, Value)}
    return replace(
        program,
        inputs=tuple(i for i in program.inputs if not i.is_written or i.value.name in used),
        steps=tuple(replace(s, inputs=tuple(map(new, s.inputs)), output=new(s.output)) for s in steps),
        prediction=new(program.prediction),
        loss=new(program.loss),
        gradients={name: new(g) for name, g in program.gradients.items()},
        updates={
            name: replace(u, new_row=new(u.new_row), new_state=tuple(map(new, u.new_state)))
            for name, u in program.updates.items()
        },
    )
