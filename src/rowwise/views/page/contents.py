"""A trained model in, what its page holds out: the program, its story, its tables, its ids, and some examples, as JSON.

Numbers travel as base64 of little-endian arrays, so that the page holds the very float32 that the model does.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite, isnan
from typing import Any

import numpy as np
import polars as pl

from rowwise import inert
from rowwise.backends.llvm import wasm
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.data.source import Source
from rowwise.data.titles import Titles
from rowwise.program.inputs import ExampleValue, Lookup, Target
from rowwise.program.passes.ordering import ordering
from rowwise.program.program import DERIVATIVE, FORWARD, Operand, Program, Step, Value
from rowwise.trained.trained import Trained
from rowwise.views.formula import Formulas
from rowwise.views.story import Story, tell
from rowwise.views.walk import optimizer_rules

MOST_EXAMPLES = 200_000  # a page of more is slow to open; the last ones, which are the newest, stay


def contents(trained: Trained, data: Source | None, items: Source | None) -> str:
    """The JSON of a page. `data` are the examples it can show, `items` the titles of what is predicted for."""
    program = trained.program
    story = tell(program, learns=True)
    examples = None if data is None else _newest(trained.reader.transform(data, "if there")[0])
    told = {
        "model": program.name,
        "signature": trained.signature,
        "target": None if program.target is None else program.target.column,
        "keys": trained.keys,
        "rates": _rates(trained),
        "epochs": len(trained.history),
        "optimizer": program.optimizer,
        "dense": program.dense,
        "rules": optimizer_rules(program),
        "program": _program(program),
        "texts": [],
        "kernels": list(_kernels(program)),
        "seed": trained.settings.get("seed", 0),
        "lines": list(_lines(story)),
        "derivatives": list(_derivatives(story)),
        "penalties": penalties(program),
        "terms": [asdict(term) for term in terms(program, story)],
        "tables": {name: _numbers(table) for name, table in trained.parameters.tables.items()},
        "states": {name: [_numbers(s) for s in states] for name, states in trained.parameters.states.items()},
        "means": dict(trained.means),
        "order": _operand(ordering(program).prediction),
        "seen": None if trained.seen is None else _rows(trained.seen),
        "vocabularies": _vocabularies(trained, items),
        "columns": dict(trained.column_vocabulary),
        "classes": list(trained.classes),
        "examples": None if examples is None else _examples(program, examples),
        "history": trained.history.select(pl.col(pl.Float64, pl.Int64)).to_dict(as_series=False),
    }
    return inert.json(json.dumps(_plain(told), allow_nan=False, ensure_ascii=True))


# The prediction as a sum


@dataclass(frozen=True, slots=True)
class Term:
    """One number that the prediction adds up: the value of `value`, times and by others, in the names of the code."""

    sign: int
    value: Any  # an operand, as JSON has it
    formula: str
    times: tuple[Any, ...] = ()
    by: tuple[Any, ...] = ()


def terms(program: Program, story: Story) -> list[Term]:
    """What the prediction is the sum of, before it is clipped; one term where it is no sum, none without a number."""
    prediction = program.prediction
    if prediction is None or prediction.shape:
        return []
    makers = {step.output.name: step for step in program.phase(FORWARD)}
    shared = {i.value.name for i in program.inputs if i.is_shared}
    return list(_terms(prediction, Term(1, None, ""), makers, shared, story))


def _terms(value: Operand, term: Term, makers: Mapping[str, Step], shared: set[str], story: Story) -> Iterator[Term]:
    step = makers.get(value.name) if isinstance(value, Value) else None
    for operand, part in _parts(step, term, shared):
        yield from _terms(operand, part, makers, shared, story)
    if not _parts(step, term, shared):
        yield Term(term.sign, asdict(value), story.forward.of(value), term.times, term.by)


def _parts(step: Step | None, term: Term, shared: set[str]) -> list[tuple[Operand, Term]]:
    """The operands whose sum a step is, each with what it counts for; none where it is no sum."""
    if step is None or step.output.shape:
        return []

    def is_shared(operand: Operand) -> bool:
        return not isinstance(operand, Value) or operand.name in shared

    def scaled(**more: Any) -> Term:
        return Term(more.get("sign", term.sign), None, "", more.get("times", term.times), more.get("by", term.by))

    match step.primitive, step.inputs:
        case "add", (x, y):
            return [(x, term), (y, term)]
        case "sub", (x, y):
            return [(x, term), (y, scaled(sign=-term.sign))]
        case "neg", (x,):
            return [(x, scaled(sign=-term.sign))]
        case "mul", (x, y) if is_shared(x) != is_shared(y):
            factor, rest = (x, y) if is_shared(x) else (y, x)
            return [(rest, scaled(times=(*term.times, asdict(factor))))]
        case "div", (x, y) if is_shared(y) and not is_shared(x):
            return [(x, scaled(by=(*term.by, asdict(y))))]
        case (("max" | "min"), (x, y)) if is_shared(x) != is_shared(y):
            return [(y if is_shared(x) else x, term)]
        case (("convert_element_type" | "reshape" | "squeeze" | "broadcast_in_dim"), (x,)):
            return [(x, term)]
    return []


# What rows pay

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


def _lines(story: Story) -> Iterator[dict[str, Any]]:
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


def _derivatives(story: Story) -> Iterator[dict[str, Any]]:
    for told in story.derivatives:
        yield {
            "of": told.of.name,
            "name": story.forward.name(told.of),
            "line": told.line,
            "value": asdict(told.value),
            "formula": story.backward.of(told.value),
        }


def _program(program: Program) -> dict[str, Any]:
    """The program as its file tells it, without the places in the source: the story has their text."""
    told = json.loads(program.to_json())
    for step in told["steps"]:
        del step["place"]
    return told


def _kernels(program: Program) -> Iterator[dict[str, Any]]:
    """What trains in the page, and predicts, as WebAssembly; nothing where the program has no such kernel."""
    online = wasm.online_module(program)
    if online is None or program.prediction is None:
        return
    for module in (online, wasm.predict_module(program)):
        yield {**module.to_dict(), "base64": b64encode(module.code).decode()}


# Numbers, ids and examples


def _operand(operand: Operand | None) -> dict[str, Any] | None:
    return None if operand is None else asdict(operand)


def _rates(trained: Trained) -> list[float]:
    """The learning rate of each epoch, or the one of all."""
    rate = trained.settings["learning_rate"]
    return [float(each) for each in (rate if isinstance(rate, list) else [rate])]


def _numbers(array: np.ndarray, dtype: str = "<f4") -> dict[str, Any]:
    given = np.ascontiguousarray(array, dtype)
    return {"shape": list(given.shape), "dtype": dtype, "base64": b64encode(given.tobytes()).decode()}


def _vocabularies(trained: Trained, items: Source | None) -> dict[str, Any]:
    """The ids of each vocabulary by row, null where none is, and what people call them."""
    item = trained.keys[-1] if trained.keys and items is not None else None
    titles = None if item is None or items is None else Titles.read(items, item)
    found = {}
    for name, vocabulary in trained.vocabularies.items():
        is_titled = item is not None and trained.column_vocabulary[item] == name
        found[name] = {
            "ids": [None if id is None else str(id) for id in vocabulary.ids],
            "first": vocabulary.first,
            "titles": titles.of(vocabulary.ids).to_list() if titles is not None and is_titled else None,
        }
    return found


def _newest(examples: Examples) -> Examples:
    if examples.n <= MOST_EXAMPLES:
        return examples
    return examples.take(np.arange(examples.n - MOST_EXAMPLES, examples.n))


def _examples(program: Program, examples: Examples) -> dict[str, Any]:
    lookups = dict.fromkeys(i.column for i in program.inputs_of(Lookup))
    values = dict.fromkeys(i.column for i in program.inputs_of(ExampleValue))
    target = program.inputs_of(Target)
    return {
        "n": examples.n,
        "rows": {column: _rows(examples.rows[column]) for column in lookups if column in examples.rows},
        "values": {column: _numbers(examples.values[column]) for column in values},
        "target": _numbers(examples.target) if target and examples.target is not None else None,
    }


def _rows(rows: np.ndarray | Ragged) -> dict[str, Any]:
    if isinstance(rows, Ragged):
        weights = {of: _numbers(numbers) for of, numbers in rows.weights.items()}
        return {"starts": _numbers(rows.starts, "<i4"), "rows": _numbers(rows.rows, "<i4"), "weights": weights}
    return {"rows": _numbers(rows, "<i4")}


def _plain(value: Any) -> Any:
    """What JSON has; numbers that are none as the text that JavaScript's `Number` reads."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    return value
