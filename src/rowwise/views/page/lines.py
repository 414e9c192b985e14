"""A story in, its lines and derivatives as the page shows them out, and what rows pay."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rowwise.program.program import DERIVATIVE, Program
from rowwise.views.formula import Formulas
from rowwise.views.story import Story

PENALTY = re.compile(
    r"(?P<l2>[-+.e0-9]+) · sum\((?P<of>\w+)²\)"
)  # as `capture` calls the part of the cost of an argument


def penalties(program: Program) -> dict[str, float]:
    """The l2 of each argument whose gradient holds it. The loss does not: a derivative alone shows it."""
    texts = {step.place.text for step in program.phase(DERIVATIVE) if step.place}
    found = {match["of"]: float(match["l2"]) for text in texts if (match := PENALTY.fullmatch(text))}
    return {of: found[of] for of in program.gradients if of in found}


# The story

OPEN, CLOSE = "\ue000", "\ue001"  # around a value's name in a formula that the page fills in


def _marked(story: Story) -> Formulas:
    """The formulas with each value marked, so that its number can stand there."""
    return Formulas(story.forward.steps.values(), {name: f"{OPEN}{name}{CLOSE}" for name in story.forward.names})


def lines(story: Story) -> Iterator[dict[str, Any]]:
    name = story.forward.name
    marked = _marked(story)
    for line in story.lines:
        yield {
            "number": line.number,
            "code": line.code,
            "where": line.place.function if line.place else "",
            "reads": [{"value": value.name, "name": name(value)} for value in line.reads],
            "gives": [
                {"value": v.name, "name": name(v), "formula": story.forward.of(v), "filled": marked.of(v)}
                for v in line.gives
            ],
            "steps": [
                {"value": step.output.name, "name": name(step.output), "formula": story.forward.step(step.output),
                 "primitive": step.primitive} for step in line.steps
            ],
        }  # fmt: skip


def derivatives(story: Story) -> Iterator[dict[str, Any]]:
    for told in story.derivatives:
        yield {
            "of": told.of.name,
            "name": story.forward.name(told.of),
            "line": told.line,
            "value": asdict(told.value),
            "formula": story.backward.of(told.value),
        }
