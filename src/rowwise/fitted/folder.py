"""A fitted model as a folder and back: nothing in it runs, and it is written whole or not at all.

model.json           name, signature, settings, history, format version, a checksum of each other file
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
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from rowwise.data.examples import Ragged
from rowwise.data.word_vocabulary import load_vocabulary
from rowwise.errors import BadFolder, RowwiseError
from rowwise.fitted.fitted import Fitted
from rowwise.program.check import check
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program

FORMAT = 1


def save(fitted: Fitted, folder: str | Path) -> Path:
    """Write `fitted` as `folder`; an older model there is replaced once the new one is complete.

    Raises:
        BadFolder: something that is not a saved model stands there.
    """
    folder = Path(folder)
    if folder.exists() and not (folder / "model.json").is_file():
        raise BadFolder(
            f"{folder} exists and is not a saved model",
            expected="a new folder, or the folder of an older model to replace",
            mend="give another name",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(fitted, fresh)
        _swap(fresh, folder)
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
    _verify(folder, facts["checksums"])
    try:
        return _read(folder, facts)
    except BadFolder:
        raise
    except (
        KeyError,
        TypeError,
        ValueError,
        OSError,
        SafetensorError,
        pl.exceptions.PolarsError,
        RowwiseError,
    ) as error:
        raise _damaged(folder, f"its parts do not fit together ({type(error).__name__}: {error})") from None


def _write(fitted: Fitted, folder: Path) -> None:
    arrays = {name: np.ascontiguousarray(array) for name, array in fitted.parameters.arrays().items()}
    save_file(arrays, folder / "tables.safetensors")
    (folder / "program.json").write_text(fitted.program.to_json(), encoding="utf-8")
    (folder / "vocabulary").mkdir()
    for k, vocabulary in enumerate(fitted.vocabularies.values()):
        vocabulary.save(folder / "vocabulary" / f"{k}.parquet")
    if fitted.seen is not None:
        users = np.repeat(np.arange(len(fitted.seen), dtype=np.int32), np.diff(fitted.seen.starts))
        pl.DataFrame({"user": users, "item": fitted.seen.rows}).write_parquet(folder / "seen.parquet")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    facts = {
        "format": FORMAT,
        "name": fitted.name,
        "signature": fitted.signature,
        "targets": fitted.targets,
        "vocabularies": list(fitted.vocabularies),
        "column_vocabulary": dict(fitted.column_vocabulary),
        "classes": list(fitted.classes),
        "means": dict(fitted.means),
        "settings": dict(fitted.settings),
        "history": fitted.history.to_dicts(),
        "report": fitted.report,
        "checksums": {path.relative_to(folder).as_posix(): _checksum(path) for path in files},
    }
    (folder / "model.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file():
            _fsync(path)


def _swap(fresh: Path, folder: Path) -> None:
    """Put `fresh` where `folder` is; the old one is out of the way only for the instant between two renames."""
    fresh.chmod(0o755)
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        folder.rename(old / folder.name)
        try:
            fresh.rename(folder)
        except OSError:
            (old / folder.name).rename(folder)
            raise
        shutil.rmtree(old)
    else:
        fresh.rename(folder)
    _fsync(folder.parent)


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
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise _damaged(folder, f"model.json cannot be read ({type(error).__name__})") from None
    if version > FORMAT:
        raise BadFolder(
            f"{folder} was written in format {version} by a newer Rowwise",
            expected=f"format {FORMAT} or older",
            mend="pip install --upgrade rowwise",
        )
    return facts


def _verify(folder: Path, checksums: Mapping[str, str]) -> None:
    for name in ("tables.safetensors", "program.json", *checksums):
        path = folder / name
        if name not in checksums or not path.resolve().is_relative_to(folder.resolve()):
            raise _damaged(folder, f"model.json lists no checksum of {name}, or a file outside the folder")
        if not path.is_file():
            raise _damaged(folder, f"{name} is missing")
        if _checksum(path) != checksums[name]:
            raise _damaged(folder, f"{name} is not the file that was saved")


def _read(folder: Path, facts: Mapping[str, Any]) -> Fitted:
    program = check(Program.from_json((folder / "program.json").read_text(encoding="utf-8")))
    vocabularies = {}
    for k, name in enumerate(facts["vocabularies"]):
        vocabularies[name] = load_vocabulary(folder / "vocabulary" / f"{k}.parquet", name)
    arrays = load_file(folder / "tables.safetensors")
    states: dict[str, tuple[np.ndarray, ...]] = {
        name: tuple(arrays.pop(f"{name}/{k + 1}") for k in range(len(update.state)))
        for name, update in program.updates.items()
    }
    for i in program.lookups:
        rows = len(vocabularies[facts["column_vocabulary"][i.column]])
        if len(arrays[str(i.table)]) != rows:
            raise _damaged(folder, f"table {i.table!r} has {len(arrays[str(i.table)])} rows for {rows} ids")
    seen = None
    if (folder / "seen.parquet").is_file():
        pairs = pl.read_parquet(folder / "seen.parquet")
        n_users = max((len(v) for v in vocabularies.values()), default=0)
        counts = np.bincount(pairs["user"].to_numpy(), minlength=n_users)
        seen = Ragged(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), pairs["item"].to_numpy())
    return Fitted(
        program=program,
        parameters=Parameters(arrays, states),
        vocabularies=vocabularies,
        column_vocabulary=facts["column_vocabulary"],
        means=facts["means"],
        targets=facts["targets"],
        signature=facts["signature"],
        settings=facts["settings"],
        history=pl.DataFrame(facts["history"]),
        report=facts["report"],
        classes=tuple(facts.get("classes", ())),
        seen=seen,
    )


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
