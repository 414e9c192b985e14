"""A folder in, the trained model that was saved there out; nothing of it is trusted before it is proven.

    read every file once ──▶ facts ──▶ program ──▶ do they fit together ──▶ vocabularies ──▶ tables ──▶ seen pairs

Each step is checked before the next one reads: sizes before anything is decoded, shapes before anything is computed.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.targets import TARGETS
from rowwise.data.vocabulary import METADATA, Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary, saved_vocabulary
from rowwise.errors import BadFolder, RowwiseError
from rowwise.forks import not_in_a_fork
from rowwise.options import place
from rowwise.program.budget import Cost
from rowwise.program.inputs import HistoryLookup, Lookup, kind_of
from rowwise.program.parameters import Parameters
from rowwise.program.passes.freeze import moving
from rowwise.program.passes.histories import WORTH
from rowwise.program.program import Program
from rowwise.program.verify import verify
from rowwise.trained.arrays import read_arrays
from rowwise.trained.facts import Facts, check_facts, facts_of
from rowwise.trained.files import Files, Replaced, read_files
from rowwise.trained.folder import damaged, parse_json
from rowwise.trained.older import format_of
from rowwise.trained.parquet import read_parquet
from rowwise.trained.trained import Trained

LOOKS = 20  # at a folder that another process replaces again and again
PAUSE = 0.005  # seconds between two of them
IDS = {"id": (pl.Int64, pl.String)}
IDS_AND_COUNTS = IDS | {"count": (pl.Int64,)}
PAIRS = {"user": (pl.Int32,), "item": (pl.Int32,)}
HISTORIES = PAIRS | {WORTH: (pl.Float32,)}


@not_in_a_fork
def load(folder: str | Path) -> Trained:
    """The model that `save` wrote.

    Raises:
        BadFolder: there is no model, a file is missing, damaged or changed, or a newer version wrote it.
    """
    files = _files(Path(place("folder", folder)))
    try:
        return _trained(files)
    except (RowwiseError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise damaged(files.folder, _said(error)) from None
    except MemoryError:
        raise damaged(files.folder, "it is larger than the memory") from None


def _said(error: Exception) -> str:
    """What an error says, on one line and no longer than one reads."""
    if isinstance(error, RowwiseError):
        what = error.given
    else:
        what = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
    return " ".join(what.split())[:500]


def _files(folder: Path) -> Files:
    """The files of the model that is there, once it stays there for as long as they are read."""
    for look in range(LOOKS):
        try:
            return read_files(folder)
        except Replaced:
            time.sleep(PAUSE)
        except BadFolder:  # where a system cannot exchange two folders, for an instant there is none
            if look or not any(folder.absolute().parent.glob(f".{folder.name}*")):
                raise
            time.sleep(PAUSE)
    raise damaged(folder, "other processes replace it faster than it can be read")


def _trained(files: Files) -> Trained:
    facts = facts_of(files.facts)
    told = format_of(files.facts["format"]).renewed(parse_json(bytes(files.contents["program.json"])))
    Cost(steps=len(told["steps"])).affordable()  # before any of them is made
    whole = verify(Program.of(told))
    check_facts(facts, whole)
    program = moving(whole, set(whole.updates) - facts.frozen) if facts.frozen else whole
    vocabularies = {name: _vocabulary(files, k, name) for k, name in enumerate(facts.vocabularies)}
    _check_vocabularies(whole, facts, vocabularies)
    n_rows = {column: len(vocabularies[name]) for column, name in facts.column_vocabulary.items()}
    trained = Trained(
        program=program,
        parameters=_parameters(files, program, n_rows),
        vocabularies=vocabularies,
        column_vocabulary=facts.column_vocabulary,
        means=facts.means,
        targets=TARGETS[facts.targets],
        signature=facts.signature,
        settings=facts.settings,
        history=facts.history,
        report=facts.report,
        classes=facts.classes,
        whole=whole if facts.frozen else None,
    )
    if histories := whole.inputs_of(HistoryLookup):
        if "seen.parquet" not in files.contents or any((i.of, i.column) != trained.two_keys for i in histories):
            raise ValueError("the program reads histories that seen.parquet does not hold")
        return replace(trained, seen=_seen(files, trained, HISTORIES))
    return replace(trained, seen=_seen(files, trained, PAIRS)) if "seen.parquet" in files.contents else trained


def _vocabulary(files: Files, k: int, name: str) -> Vocabulary:
    file = f"vocabulary/{k}.parquet"
    if file not in files.contents:
        raise ValueError(f"model.json lists no checksum of {file}")
    frame, metadata = _frame(files, file, IDS, IDS_AND_COUNTS)
    try:
        return saved_vocabulary(frame, metadata.get(METADATA), name)
    except RowwiseError as error:
        raise ValueError(f"{file} is not a saved vocabulary: {error.given}") from None


def _frame(files: Files, file: str, *schemas: Mapping[str, Any]) -> tuple[pl.DataFrame, Mapping[str, str]]:
    try:
        return read_parquet(files.contents[file], schemas)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _check_vocabularies(program: Program, facts: Facts, vocabularies: Mapping[str, Vocabulary]) -> None:
    """Words are read in lists that nothing weighs; a row of what is read by histories has a place for each id."""
    for i in program.lookups:
        words = isinstance(vocabularies[facts.column_vocabulary[i.column]], WordVocabulary)
        if words and not i.may_read_words:
            raise ValueError(f"{i.value.name!r} reads words as {kind_of(i)}")
    for i in program.inputs_of(HistoryLookup):
        n = len(vocabularies[facts.column_vocabulary[i.column]])
        if i.width != n:
            raise ValueError(f"{i.value.name!r} reads rows of {i.width} places of {n} ids")


def _parameters(files: Files, program: Program, n_rows: Mapping[str, int]) -> Parameters:
    """The tables and states, each of the shape and type that the program reads: machine code trusts them."""
    keys = format_of(files.facts["format"])
    wanted: dict[str, tuple[tuple[int, ...], str]] = {}
    tables: dict[str, str] = {}  # what the file calls each
    for i in (*program.lookups, *program.weights):
        name = i.parameter
        lead = (n_rows[i.column],) if isinstance(i, Lookup) else ()
        tables[name] = keys.table_key(name)
        wanted[tables[name]] = ((*lead, *i.row_shape), "float32")
        for k, state in enumerate(program.updates[name].state if name in program.updates else ()):
            wanted[keys.state_key(name, k)] = ((*lead, *state.shape), state.dtype)
    arrays = read_arrays(files.contents["tables.safetensors"], wanted)
    states = {
        name: tuple(arrays[keys.state_key(name, k)] for k in range(len(update.state)))
        for name, update in program.updates.items()
    }
    return Parameters({name: arrays[key] for name, key in tables.items()}, states)


def _seen(files: Files, trained: Trained, schema: Mapping[str, Any]) -> Ragged:
    """The rows of the items of each row of a user, with what each is worth where the schema says so."""
    n_users, n_items = (len(trained.vocabularies[trained.column_vocabulary[column]]) for column in trained.two_keys)
    pairs, _ = _frame(files, "seen.parquet", schema)
    if pairs.null_count().sum_horizontal().item():
        raise ValueError("seen.parquet has empty cells")
    users, items = pairs["user"].to_numpy(), pairs["item"].to_numpy()
    inside = (users >= 0) & (users < n_users) & (items >= 0) & (items < n_items)
    if not inside.all() or (np.diff(users) < 0).any():
        raise ValueError("seen.parquet names rows that no vocabulary has")
    worth = {name: pairs[name].to_numpy() for name in schema if name not in PAIRS}
    if not all(np.isfinite(numbers).all() for numbers in worth.values()):
        raise ValueError("seen.parquet holds numbers that are not finite")
    return Ragged(starts_of(np.bincount(users, minlength=n_users)), items, worth)
