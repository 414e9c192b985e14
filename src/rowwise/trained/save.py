"""A fitted model in, a folder out: written whole or not at all."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import save_file

from rowwise.errors import BadFolder, CannotWrite
from rowwise.forks import not_in_a_fork
from rowwise.storage.address import local_path
from rowwise.storage.whole import folder_replaced_whole, try_place
from rowwise.trained.fitted import Fitted
from rowwise.trained.folder import FORMAT, checksum, checksum_of_facts, read_facts


@not_in_a_fork
def save(fitted: Fitted, folder: str | Path) -> Path:
    """Write `fitted` as `folder`; an older model there is replaced once the new one is complete.

    Raises:
        BadFolder: something that is not a saved model stands there, or files of others beside one.
        CannotWrite: the disk is full, or may not be written; `error.fitted` is the model, to be saved elsewhere.
    """
    folder = Path(folder)
    try:
        with folder_replaced_whole(folder, lambda at: _check_replaceable(at, folder)) as fresh:
            _write(fitted, fresh)
    except CannotWrite as error:
        error.fitted = fitted
        raise
    return folder


def check_folder(folder: str | Path) -> None:
    """Refuse a place that `save` would refuse, before a model is trained for it.

    Raises:
        BadFolder, BadOption, CannotWrite: as `save`.
    """
    folder = local_path(folder, "a folder")
    _check_replaceable(folder, folder)
    try_place(folder)


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
        "checksums": {path.relative_to(folder).as_posix(): checksum(path) for path in files},
    }
    facts["checksum"] = checksum_of_facts(facts)
    (folder / "model.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")


def _check_replaceable(at: Path, folder: Path) -> None:
    """Refuse to replace anything but a saved model: an empty folder, or none, is no loss. `at` is where it is now."""
    if not at.exists() or (at.is_dir() and not any(at.iterdir())):
        return
    try:
        ours = {"model.json", *read_facts(at)["checksums"]}
    except BadFolder:
        raise BadFolder(
            f"{folder} exists and is not a saved model",
            expected="a new folder, or the folder of an older model to replace",
            mend="give another name",
        ) from None
    others = sorted(
        {path.relative_to(at).as_posix() for path in at.rglob("*") if path.is_symlink() or not path.is_dir()} - ours
    )
    if others:
        raise BadFolder(
            f"{folder} holds {others[0]}, which is not part of the model there",
            expected="the folder of an older model and nothing else, because it is replaced as a whole",
            mend=f"move {others[0]} away, or give another name",
        )
