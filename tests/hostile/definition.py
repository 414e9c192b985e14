"""What a loaded model must answer, slowly, in NumPy: rows found one by one, steps run one by one."""

from typing import Any

import numpy as np

from rowwise.api.fitted import Fitted
from rowwise.backends.reference import shares
from rowwise.data.layout import WEIGHT
from rowwise.data.row_numbers import RowNumbers
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.program import array_rules
from rowwise.program.array_rules import Arrays
from rowwise.program.inputs import (
    BagLookup,
    Constant,
    DenseWeight,
    Dropout,
    ExampleValue,
    Lookup,
    PaddingMask,
    RowLookup,
    Statistic,
)

TEXTS = ["the good film", "bad", "", "nothing known here"]
N = len(TEXTS)


def examples(fitted: Fitted) -> dict[str, list[Any]]:
    """Four examples for the columns that a model reads: known ids, unknown ones, short lists and long ones.

    A column that is two things at once, an id and a number or the target, holds 1, which is all of them.
    """
    frame: dict[str, list[Any]] = {}
    sizes = {
        str(i.column): i.value.size if i.value.shape else None
        for i in fitted.program.inputs
        if isinstance(i, ExampleValue) and not isinstance(i, PaddingMask) and i.value.name != WEIGHT
    }
    for i in fitted.program.inputs_of(Lookup):
        column, weights = str(i.column), i.names.get("weights")
        vocabulary = fitted.vocabularies[fitted.column_vocabulary[column]]
        known = vocabulary.ids.to_list()[vocabulary.first :] or [1]
        unknown = [] if isinstance(vocabulary, RowNumbers) else [10**6 if isinstance(known[0], int) else "nowhere"]
        ids = [1] * N if column in {*sizes, weights, fitted.layout.target} else [*known[:3], *unknown, *known[-2:]]
        if isinstance(vocabulary, WordVocabulary):
            frame[column] = TEXTS
        elif i.is_list:
            size = sizes.get(column) or (weights and sizes.get(weights))
            lengths = [size] * N if size else [1 + k for k in range(N)]
            frame[column] = [(ids * lengths[k])[: lengths[k]] for k in range(N)]
            if weights:
                counted = [1.0] if weights in {*sizes, column} else [0.5 + j for j in range(N)]
                frame[weights] = [(counted * lengths[k])[: lengths[k]] for k in range(N)]
        else:
            frame.setdefault(column, [ids[k % len(ids)] for k in range(N)])
    for column, n in sizes.items():
        numbers = [1.0] * N if column == fitted.layout.target else [10.0 * k - 5.0 for k in range(N)]
        frame.setdefault(column, numbers if n is None else [[x / (j + 1) for j in range(n)] for x in numbers])
    return frame


def predictions(fitted: Fitted, frame: dict[str, list[Any]], precision: type) -> list[np.ndarray]:
    """The prediction of each example, in float64 or in float32."""
    program, xp = fitted.program, Arrays(np, precision)
    steps = program.needed([program.prediction])
    found = []
    for k in range(N):
        values = {i.value.name: _given(fitted, i, frame, k, xp) for i in program.inputs}
        with np.errstate(all="ignore"):
            array_rules.run(xp, steps, values)
            number = array_rules.number(xp, values, program.prediction)
        found.append(np.broadcast_to(np.asarray(number), program.prediction.shape))
    return found


def _given(fitted: Fitted, i: Any, frame: dict[str, list[Any]], k: int, xp: Arrays) -> np.ndarray:
    tables, dtype = fitted.parameters.tables, xp.dtype(i.value.dtype)
    if isinstance(i, Constant):
        return np.asarray(i.numbers, dtype).reshape(i.value.shape)
    if isinstance(i, DenseWeight):
        return tables[i.value.name].astype(dtype)
    if isinstance(i, Statistic):
        return np.asarray(fitted.means[i.value.name], dtype)
    if isinstance(i, Dropout):
        return np.ones(i.value.shape, dtype)
    if not i.is_known or i.value.name == WEIGHT:
        return np.ones(i.value.shape, dtype)
    if isinstance(i, ExampleValue) and not isinstance(i, PaddingMask):
        return np.asarray(frame[i.column][k], dtype)
    column = i.names.get("mask_of", i.column)
    vocabulary = fitted.vocabularies[fitted.column_vocabulary[column]]
    rows = _rows(vocabulary, frame[column][k])
    if isinstance(i, RowLookup):
        return tables[i.table][rows[0]].astype(dtype)
    if isinstance(i, BagLookup):
        weights = np.ones(len(rows)) if i.weights is None else np.asarray(frame[i.weights][k])
        numbers = tables[i.table][rows].astype(np.float64)
        return np.tensordot(shares(i.combine, weights), numbers, axes=1).astype(dtype)
    filled, padded = _padded(vocabulary, rows, i.value.shape[0])
    return np.asarray(filled, dtype) if isinstance(i, PaddingMask) else tables[i.table][padded].astype(dtype)


def _rows(vocabulary: Any, cell: Any) -> list[int]:
    if isinstance(vocabulary, WordVocabulary):
        return vocabulary.encode([cell]).rows.tolist()
    row_of = {id: row for row, id in enumerate(vocabulary.ids.to_list())}
    return [row_of.get(id, 0) for id in (cell if isinstance(cell, list) else [cell])]


def _padded(vocabulary: Any, rows: list[int], length: int) -> tuple[list[float], list[int]]:
    words = isinstance(vocabulary, WordVocabulary)
    pad, cut = (vocabulary.text.pad, vocabulary.text.cut) if words else ("front", "front")
    kept = rows[-length:] if cut == "front" else rows[:length]
    empty = length - len(kept)
    if pad == "front":
        return [0.0] * empty + [1.0] * len(kept), [0] * empty + kept
    return [1.0] * len(kept) + [0.0] * empty, kept + [0] * empty


def agree(found: np.ndarray, exact: np.ndarray, rounded: np.ndarray) -> bool:
    """Whether an answer is the definition's, as nearly as float32 can say: the definition in float32 tells how near."""
    found, exact, rounded = (np.asarray(a, np.float64) for a in (found, exact, rounded))
    if found.shape != exact.shape:
        return False
    with np.errstate(all="ignore"):
        near = np.abs(found - exact) <= 1e-4 + 2e-3 * np.abs(exact) + 50 * np.abs(exact - rounded)
    same = (np.isnan(found) & np.isnan(rounded)) | (found == rounded)
    certain = (np.isnan(exact) & np.isnan(rounded)) | (
        exact == rounded
    )  # infinite, or no number, however it is rounded
    delicate = ~certain & (~np.isfinite(exact) | ~np.isfinite(rounded))  # beyond float32 in some order of its sums
    return bool((near | same | (delicate & ~np.isfinite(found))).all())
