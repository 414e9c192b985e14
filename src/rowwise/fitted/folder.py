"""A fitted model as a folder and back: nothing in it runs, and it is written whole or not at all.

model.json           name, signature, settings, history, format version, a checksum of itself and of each other file
tables.safetensors   every table and every optimizer state
program.json         the steps of one example
vocabulary/0.parquet, 1.parquet, …     the ids of each vocabulary, in row order
seen.parquet         the pairs of the training data, by user (where they are remembered)
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import load_file, save_file

from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.word_vocabulary import load_vocabulary
from rowwise.errors import BadFolder
from rowwise.fitted.fitted import Fitted
from rowwise.fitted.swap import put
from rowwise.program.check import check
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.program.trim import moving

FORMAT = 1
TARGETS = ("number", "binary", "margin", "class", "labels", "count")
FACTS = {  # what model.json holds, besides checksums
    "signature": str,
    "targets": str,
    "vocabularies": list,
    "column_vocabulary": dict,
    "means": dict,
    "settings": dict,
    "history": list,
    "report": str,
}


def save(fitted: Fitted, folder: str | Path) -> Path:
    """Write `fitted` as `folder`; an older model there is replaced once the new one is complete.

    Raises:
        BadFolder: something that is not a saved model stands there, or files of others beside one.
    """
    folder = Path(folder)
    _check_replaceable(folder)
    place = folder.resolve()  # where a link leads, the link stays
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        _write(fitted, fresh)
        fresh.chmod(0o755)
        put(fresh, place)
        _fsync(place.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def load(folder: str | Path) -> Fitted:
    """The model that `save` wrote.

    Raises:
        BadFolder: there is no model, a file is missing, damaged or changed, or a newer version wrote it.
    """
    folder = Path(folder)
    facts = _facts(folder)
    _verify(folder, facts)
    try:
        return _read(folder, facts)
    except BadFolder:
        raise
    except Exception as error:  # the files may hold anything
        raise _damaged(folder, f"its parts do not fit together ({type(error).__name__}: {error})") from None


def _write(fitted: Fitted, folder: Path) -> None:
    arrays = {name: np.asarray(array, order="C") for name, array in fitted.parameters.arrays().items()}
    save_file(arrays, folder / "tables.safetensors")
    (folder / "program.json").write_text((fitted.whole or fitted.program).to_json(), encoding="utf-8")
    (folder / "vocabulary").mkdir()
    for k, vocabulary in enumerate(fitted.vocabularies.values()):
        vocabulary.save(folder / "vocabulary" / f"{k}.parquet")
    if fitted.seen is not None:
        users = np.repeat(np.arange(len(fitted.seen), dtype=np.int32), np.diff(fitted.seen.starts))
        pl.DataFrame({"user": users, "item": fitted.seen.rows}).write_parquet(folder / "seen.parquet")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    facts: dict[str, Any] = {
        "format": FORMAT,
        "name": fitted.name,
        "signature": fitted.signature,
        "targets": fitted.targets,
        "vocabularies": list(fitted.vocabularies),
        "column_vocabulary": dict(fitted.column_vocabulary),
        "classes": list(fitted.classes),
        "means": dict(fitted.means),
        "frozen": sorted(set(fitted.whole.updates) - set(fitted.program.updates)) if fitted.whole else [],
        "settings": dict(fitted.settings),
        "history": fitted.history.to_dicts(),
        "report": fitted.report,
        "checksums": {path.relative_to(folder).as_posix(): _checksum(path) for path in files},
    }
    facts["checksum"] = _checksum_of_facts(facts)
    (folder / "model.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file():
            _fsync(path)


def _check_replaceable(folder: Path) -> None:
    """Refuse to replace anything but a saved model: an empty folder, or none, is no loss."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        ours = {"model.json", *_facts(folder)["checksums"]}
    except BadFolder:
        raise BadFolder(
            f"{folder} exists and is not a saved model",
            expected="a new folder, or the folder of an older model to replace",
            mend="give another name",
        ) from None
    others = sorted({path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - ours)
    if others:
        raise BadFolder(
            f"{folder} holds {others[0]}, which is not part of the model there",
            expected="the folder of an older model and nothing else, because it is replaced as a whole",
            mend=f"move {others[0]} away, or give another name",
        )


def _facts(folder: Path) -> dict[str, Any]:
    if not (folder / "model.json").is_file():
        raise BadFolder(
            f"{folder} holds no saved model",
            expected="a folder written by `fitted.save` or `rowwise train`, with a model.json",
            mend="check the path" if folder.exists() else "there is no such folder: check the path",
        )
    try:
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        version, checksums = facts["format"], facts["checksums"]
        if not isinstance(version, int) or not isinstance(checksums, dict):
            raise TypeError("format and checksums")
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        raise _damaged(folder, f"model.json cannot be read ({type(error).__name__})") from None
    if version > FORMAT:
        raise BadFolder(
            f"{folder} was written in format {version} by a newer Rowwise",
            expected=f"format {FORMAT} or older",
            mend="pip install --upgrade rowwise",
        )
    return facts


def _verify(folder: Path, facts: Mapping[str, Any]) -> None:
    checksums = facts["checksums"]
    if facts.get("checksum") != _checksum_of_facts(facts):
        raise _damaged(folder, "model.json is not the file that was saved")
    for name in ("tables.safetensors", "program.json", *checksums):
        path = folder / name
        if name not in checksums:
            raise _damaged(folder, f"model.json lists no checksum of {name}")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise _damaged(folder, f"model.json names {name!r}, outside the folder")
        if not path.is_file():
            raise _damaged(folder, f"{name} is missing")
        if _checksum(path) != checksums[name]:
            raise _damaged(folder, f"{name} is not the file that was saved")


def _read(folder: Path, facts: Mapping[str, Any]) -> Fitted:
    whole = check(Program.from_json((folder / "program.json").read_text(encoding="utf-8")))
    frozen = set(facts.get("frozen", ()))
    program = moving(whole, set(whole.updates) - frozen) if frozen else whole
    _check_facts(folder, facts, program)
    listed = facts["checksums"]
    vocabularies = {}
    for k, name in enumerate(facts["vocabularies"]):
        if f"vocabulary/{k}.parquet" not in listed:
            raise _damaged(folder, f"model.json lists no checksum of vocabulary/{k}.parquet")
        vocabularies[name] = load_vocabulary(folder / "vocabulary" / f"{k}.parquet", name)
    n_rows = {column: len(vocabularies[name]) for column, name in facts["column_vocabulary"].items()}
    fitted = Fitted(
        program=program,
        parameters=_parameters(folder, program, n_rows),
        vocabularies=vocabularies,
        column_vocabulary=facts["column_vocabulary"],
        means=facts["means"],
        targets=facts["targets"],
        signature=facts["signature"],
        settings=facts["settings"],
        history=pl.DataFrame(facts["history"]),
        report=facts["report"],
        classes=tuple(facts.get("classes", ())),
        whole=whole if frozen else None,
    )
    return replace(fitted, seen=_seen(folder, fitted)) if "seen.parquet" in listed else fitted


def _check_facts(folder: Path, facts: Mapping[str, Any], program: Program) -> None:
    for name, kind in FACTS.items():
        if not isinstance(facts.get(name), kind):
            raise _damaged(folder, f"{name!r} in model.json is not a {kind.__name__}")
    if facts["targets"] not in TARGETS:
        raise _damaged(folder, f"'targets' in model.json is none of {', '.join(TARGETS)}")
    for i in program.inputs:
        if i.kind == "mean" and not isinstance(facts["means"].get(i.value.name), float | int):
            raise _damaged(folder, f"model.json has no mean for {i.value.name!r}")


def _parameters(folder: Path, program: Program, n_rows: Mapping[str, int]) -> Parameters:
    """The tables and states, each of the shape and type that the program reads: machine code trusts them."""
    arrays = {name: np.array(array) for name, array in load_file(folder / "tables.safetensors").items()}
    wanted: dict[str, tuple[tuple[int, ...], str]] = {}
    for i in (*program.lookups, *program.weights):
        name, row = i.table or i.value.name, i.value.shape[i.kind == "rows" :]
        lead = (n_rows[str(i.column)],) if i.is_lookup else ()
        wanted[name] = ((*lead, *row), "float32")
        for k, state in enumerate(program.updates[name].state if name in program.updates else ()):
            wanted[f"{name}/{k + 1}"] = ((*lead, *state.shape), state.dtype)
    found = {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}
    for name in {*wanted, *found}:
        if wanted.get(name) != found.get(name):
            raise _damaged(folder, f"table {name!r} is {_told(found.get(name))}, not {_told(wanted.get(name))}")
    tables = {name: arrays[name] for name in wanted if name.rpartition("/")[0] not in program.updates}
    states = {
        name: tuple(arrays[f"{name}/{k + 1}"] for k in range(len(update.state)))
        for name, update in program.updates.items()
    }
    return Parameters(tables, states)


def _told(array: tuple[tuple[int, ...], str] | None) -> str:
    return "missing" if array is None else f"{array[1]} of shape {array[0]}"


def _seen(folder: Path, fitted: Fitted) -> Ragged:
    """The rows of the items of each row of a user."""
    n_users, n_items = (len(fitted.vocabularies[fitted.column_vocabulary[column]]) for column in fitted.two_keys)
    pairs = pl.read_parquet(folder / "seen.parquet")
    users, items = (pairs[name].cast(pl.Int32).to_numpy() for name in ("user", "item"))
    inside = (users >= 0) & (users < n_users) & (items >= 0) & (items < n_items)
    if not inside.all() or (np.diff(users) < 0).any():
        raise _damaged(folder, "seen.parquet names rows that no vocabulary has")
    return Ragged(starts_of(np.bincount(users, minlength=n_users)), items)


def _checksum_of_facts(facts: Mapping[str, Any]) -> str:
    told = json.dumps({name: fact for name, fact in facts.items() if name != "checksum"}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(folder: Path, what: str) -> BadFolder:
    return BadFolder(
        f"{folder} is damaged: {what}",
        expected="the files as they were saved",
        mend="copy the folder again from where it came, or train again",
    )
