"""A story in, its lines and derivatives as the page shows them out."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rowwise.views.formula import Formulas
from rowwise.views.story import Story

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
