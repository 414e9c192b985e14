"""What training makes small: the loss, and what the l2 of a signature adds to it as a last line forward."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from rowwise.program.program import DERIVATIVE, Place, Program
from rowwise.views.filled import spelled
from rowwise.views.record import LineSeen

PENALTY = re.compile(
    r"(?P<l2>[-+.e0-9]+) · sum\((?P<of>\w+)²\)"
)  # as `capture` calls the part of the cost of an argument


def penalties(program: Program) -> dict[str, float]:
    """The l2 of each argument whose gradient holds it. The loss does not: a derivative alone shows it."""
    return {of: l2 for of, (l2, _) in _found(program).items()}


def _found(program: Program) -> dict[str, tuple[float, Place]]:
    places = [step.place for step in program.phase(DERIVATIVE) if step.place]
    found = {m["of"]: (float(m["l2"]), place) for place in places if (m := PENALTY.fullmatch(place.text))}
    return {of: found[of] for of in program.gradients if of in found}


def add_penalty(
    program: Program, lines: tuple[LineSeen, ...], values: dict[str, Any], loss: str
) -> tuple[LineSeen, ...]:
    """The lines, and where rows pay for their size one more, of which `values` gets the numbers."""
    found = _found(program)
    if not found:
        return lines
    texts = {of: f"{l2:g} · sum({of}²)" for of, (l2, _) in found.items()}
    parts = {f"penalty of {of}": text for of, text in texts.items()}
    for (of, (l2, _)), name in zip(found.items(), parts, strict=True):
        values[name] = np.asarray(l2 * np.sum(np.asarray(values[of], np.float64) ** 2))
    values["the cost"] = np.asarray(values[loss] + sum(values[name] for name in parts))
    place = next(iter(found.values()))[1]
    line = LineSeen(
        number=len(lines) + 1,
        place=f"{place.file}:{place.line}",
        function="l2",
        code=f"{loss} + {' + '.join(texts.values())}",
        reads=(loss, *found),
        gives=(*parts.items(), ("the cost", " + ".join([loss, *parts]))),
        notes=(),
        steps=(),
        filled={"the cost": " + ".join(spelled(values[name]) for name in (loss, *parts))},
    )
    return (*lines, line)


def slope_of(of: str, paying: Mapping[str, float]) -> str:
    """`d loss / d hidden`; of a row that pays for its size `d cost / d user`."""
    return f"d {'cost' if of in paying else 'loss'} / d {of}"
