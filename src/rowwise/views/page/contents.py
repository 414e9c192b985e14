"""A trained model in, what its page holds out: the program, its story, its tables, its ids, and some examples, as JSON.

Numbers travel as base64 of little-endian arrays, so that the page holds the very float32 that the model does.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
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
from rowwise.program.inputs import ExampleValue, Lookup, SampledLookup, Target
from rowwise.program.passes.ordering import ordering
from rowwise.program.program import Operand, Program
from rowwise.train.whole_data import settings_of
from rowwise.trained.trained import Trained
from rowwise.views.cost import penalties
from rowwise.views.page.lines import derivatives, lines
from rowwise.views.page.smaller import smaller
from rowwise.views.page.terms import terms
from rowwise.views.page.texts import texts
from rowwise.views.story import tell
from rowwise.views.walk import optimizer_rules

USUAL_RATE = 0.05
MOST_EXAMPLES = 200_000  # a page of more is slow to open; the last ones, which are the newest, stay
LARGE = 20_000_000  # bytes of all tables from which they are written in half the room
HALF, LARGEST_HALF = "<f2", 65_504.0
MOST_READ = 2_000_000  # rows that all lists together read


def contents(trained: Trained, data: Source | None, items: Source | None) -> str:
    """The JSON of a page. `data` are the examples it can show, `items` the titles of what is predicted for."""
    opened = None if data is None else trained.reader.open(data, "if there")
    trained, kept = smaller(trained, opened)
    program = trained.program
    story = tell(program, learns=True)
    examples = None if opened is None else _newest(trained.reader.transform(opened, "if there")[0])
    tables = trained.parameters.tables
    frame = None if opened is None or examples is None else opened.frame.tail(examples.n)
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
        "texts": texts(trained, frame),
        "kept": kept,
        "halved": [name for name, table in tables.items() if _kind(table, tables) == HALF],
        "kernels": list(_kernels(trained)),
        "batch_size": _batch_size(trained),
        "seed": trained.settings.get("seed", 0),
        "lines": list(lines(story)),
        "derivatives": list(derivatives(story)),
        "penalties": penalties(program),
        "terms": [asdict(term) for term in terms(program, story)],
        "tables": {name: _numbers(table, _kind(table, tables)) for name, table in tables.items()},
        "states": {name: [_numbers(s) for s in states] for name, states in trained.parameters.states.items()},
        "means": dict(trained.means),
        "order": _operand(ordering(program).prediction),
        "seen": None if trained.seen is None else _rows(trained.seen),
        "vocabularies": _vocabularies(trained, items),
        "columns": dict(trained.column_vocabulary),
        "targets": trained.targets.name,
        "classes": list(trained.classes),
        "examples": None if examples is None else _examples(program, examples),
        "history": trained.history.select(pl.col(pl.Float64, pl.Int64)).to_dict(as_series=False),
    }
    return inert.json(json.dumps(_plain(told), allow_nan=False, ensure_ascii=True))


def _program(program: Program) -> dict[str, Any]:
    """The program as its file tells it, without the places in the source: the story has their text."""
    told = json.loads(program.to_json())
    for step in told["steps"]:
        del step["place"]
    return told


def _kernels(trained: Trained) -> Iterator[dict[str, Any]]:
    """What trains in the page, and predicts, as WebAssembly; nothing where the program has no such kernel."""
    program = trained.program
    # lists learn from all pairs at once, those that are not there included: no kernel of some examples does
    if settings_of(trained.settings) is not None or not program.updates or program.prediction is None:
        return
    if any(i.power or i.unseen for i in program.inputs_of(SampledLookup)):  # the page draws all ids alike
        return
    training = wasm.training_module(program, batch_size=_batch_size(trained))
    if training is None:
        return
    for module in (training, wasm.predict_module(program)):
        yield {**module.to_dict(), "base64": b64encode(module.code).decode()}


def _batch_size(trained: Trained) -> int:
    size = trained.settings.get("batch_size")
    return size if isinstance(size, int) else 1


# Numbers, ids and examples


def _operand(operand: Operand | None) -> dict[str, Any] | None:
    return None if operand is None else asdict(operand)


def _rates(trained: Trained) -> list[float]:
    """The learning rate of each epoch, or the one of all; a usual one where the engine had none."""
    rate = trained.settings.get("learning_rate", USUAL_RATE)
    return [float(each) for each in (rate if isinstance(rate, list) else [rate])]


def _kind(table: np.ndarray, tables: Mapping[str, np.ndarray]) -> str:
    """How the numbers of a table are written: where all tables together are large, in half the room if they fit."""
    fits = bool(np.all(np.abs(table) < LARGEST_HALF))  # which no number that is none does
    return HALF if fits and sum(each.nbytes for each in tables.values()) > LARGE else "<f4"


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
    """The last examples: as many as a page holds, of long lists fewer."""
    lists = sum(
        (rows.lengths for rows in examples.rows.values() if isinstance(rows, Ragged)), np.zeros(examples.n, int)
    )
    read = np.cumsum(lists[::-1])[::-1]  # by each example and those after it
    n = min(MOST_EXAMPLES, int((read <= MOST_READ).sum()), examples.n)
    return examples if n == examples.n else examples.take(np.arange(examples.n - n, examples.n))


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


def _plain(value: object) -> Any:
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
