"""What model.json says besides checksums, each fact of its type: a folder that loads answers, prints and trains on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeGuard

import polars as pl

from rowwise.data.targets import TARGETS
from rowwise.narrow import is_list, is_names
from rowwise.program.program import Program
from rowwise.program.values import holds, is_text

MOST_VOCABULARIES = 10_000
WHOLE = range(-(2**63), 2**63)
NO_EPOCHS = {"epoch": pl.Int64, "loss": pl.Float64}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a model as its folder tells them."""

    name: str
    signature: str
    targets: str
    vocabularies: list[str]
    column_vocabulary: dict[str, str]
    means: dict[str, float]
    settings: dict[str, Any]
    history: pl.DataFrame
    report: str
    classes: tuple[int | str, ...]
    frozen: frozenset[str]


def facts_of(told: Mapping[str, Any]) -> Facts:
    """The facts, if each is of its type.

    Raises:
        ValueError: one is missing or is something else; the message names it.
    """
    told = {"classes": [], "frozen": [], **told}
    for name, (is_right, expected) in EXPECTED.items():
        if name not in told or not is_right(told[name]):
            raise ValueError(f"{name!r} in model.json is not {expected}")
    return Facts(
        name=told["name"],
        signature=told["signature"],
        targets=told["targets"],
        vocabularies=told["vocabularies"],
        column_vocabulary=told["column_vocabulary"],
        means={name: float(mean) for name, mean in told["means"].items()},
        settings=told["settings"],
        history=_history(told["history"]),
        report=told["report"],
        classes=tuple(told["classes"]),
        frozen=frozenset(told["frozen"]),
    )


def check_facts(facts: Facts, whole: Program) -> None:
    """Refuse facts that are not of this program: of other columns, other means, another kind of target.

    Raises:
        ValueError: the message names what does not fit.
    """
    columns = {i.column for i in whole.lookups}
    named = set(facts.column_vocabulary.values())
    if set(facts.column_vocabulary) != columns or set(facts.vocabularies) != named:
        raise ValueError("'vocabularies' and 'column_vocabulary' in model.json are not those of the program's columns")
    owner: dict[str, str] = {}
    for i in whole.lookups:
        vocabulary = facts.column_vocabulary[i.column]
        if owner.setdefault(i.table, vocabulary) != vocabulary:
            raise ValueError(f"table {i.table!r} is read through {owner[i.table]!r} and through {vocabulary!r}")
    for i in whole.statistics:
        if i.value.name not in facts.means:
            raise ValueError(f"model.json has no {i.statistic} for {i.value.name!r}")
        if i.statistic == "spread" and not facts.means[i.value.name] > 0:
            raise ValueError(f"{i.value.name!r} in model.json is {facts.means[i.value.name]}, and a spread is above 0")
    if facts.name != whole.name or not facts.frozen <= set(whole.updates):
        raise ValueError("'name' and 'frozen' in model.json are not those of the program")
    _check_target(facts, whole)


def _check_target(facts: Facts, whole: Program) -> None:
    """The kind of target goes with the shapes of the target and of the prediction, and so do the classes."""
    if whole.target is None:
        return
    target = whole.target.value
    prediction = whole.prediction.shape if whole.prediction is not None else None
    if not TARGETS[facts.targets].fits(target.dtype, target.shape, prediction, len(facts.classes)):
        raise ValueError(f"'targets' in model.json is {facts.targets!r}, which the program's prediction is not")


# What each fact has to be


def _texts(value: object) -> bool:
    return is_list(value) and all(map(is_text, value)) and len(set(value)) == len(value)


def _of_texts(is_right: Callable[[object], bool]) -> Callable[[object], bool]:
    """Whether a value is an object whose names are texts and whose values are right."""

    def are_right(value: object) -> bool:
        return is_names(value) and all(is_text(name) and is_right(each) for name, each in value.items())

    return are_right


def _is_whole(value: object) -> TypeGuard[int]:
    return type(value) is int and value in WHOLE


def _is_number(value: object) -> TypeGuard[float]:
    return _is_whole(value) or type(value) is float


def _is_rate(value: object) -> bool:
    return _is_finite(value) and value >= 0


def _is_finite(value: object) -> TypeGuard[float]:
    return holds("float32", value) and _is_number(value) and isfinite(value)


def _is_plain(value: object) -> bool:
    """A text, a number, a truth value, nothing, or a list of them."""
    plain = value is None or type(value) is bool or is_text(value) or _is_number(value)
    return plain or (is_list(value) and all(not is_list(v) and _is_plain(v) for v in value))


def _settings(value: object) -> bool:
    if not is_names(value) or not _of_texts(_is_plain)(value):
        return False
    rate, size, seed = value.get("learning_rate", 0.0), value.get("batch_size"), value.get("seed")
    rates = rate if is_list(rate) and rate else [rate]
    return (
        all(map(_is_rate, rates))
        and is_text(value.get("engine"))
        and (_is_whole(size) and size >= 1)
        and (_is_whole(seed) and seed >= 0)
    )


def _classes(value: object) -> bool:
    if not is_list(value) or len(set(map(type, value))) > 1:
        return False
    return all(is_text(v) or _is_whole(v) for v in value) and len(set(value)) == len(value)


def _is_history(value: object) -> bool:
    """Epochs, each with the same names: `epoch` is a whole number, the others are numbers or missing."""
    rows = [row for row in value if _is_epoch(row) and is_names(row)] if is_list(value) else []
    if not is_list(value) or len(rows) != len(value):
        return False
    return all(
        list(row) == list(rows[0]) and _is_whole(row.get("epoch")) and _is_number(row.get("loss")) for row in rows
    )


_is_epoch = _of_texts(lambda each: each is None or _is_number(each))


def _history(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema=NO_EPOCHS)


EXPECTED: dict[str, tuple[Callable[[object], bool], str]] = {
    "name": (is_text, "a text"),
    "signature": (is_text, "a text"),
    "report": (is_text, "a text"),
    "targets": (lambda value: is_text(value) and value in TARGETS, f"one of {', '.join(TARGETS)}"),
    "vocabularies": (
        lambda value: is_list(value) and _texts(value) and len(value) <= MOST_VOCABULARIES,
        "a list of names, each once",
    ),
    "column_vocabulary": (_of_texts(is_text), "the name of a vocabulary for each column"),
    "means": (_of_texts(_is_finite), "a finite number for each mean"),
    "classes": (_classes, "a list of ids, each once"),
    "frozen": (_texts, "a list of names, each once"),
    "settings": (_settings, "a batch_size, a seed, an engine, a learning_rate if it has one, and what else is plain"),
    "history": (_is_history, "a list of epochs with numbers under the same names, among them epoch and loss"),
}
