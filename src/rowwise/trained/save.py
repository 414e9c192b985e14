"""A trained model in, a folder out: written whole or not at all."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]  # a PathLike, of what it does not say

from rowwise.errors import BadFolder, CannotWrite
from rowwise.forks import not_in_a_fork
from rowwise.options import place
from rowwise.storage.address import local_path
from rowwise.storage.whole import folder_replaced_whole, try_place
from rowwise.trained.folder import FORMAT, checksum, checksum_of_facts, read_facts
from rowwise.trained.trained import Trained


@not_in_a_fork
def save(trained: Trained, folder: str | Path) -> Path:
    """Write `trained` as `folder`; an older model there is replaced once the new one is complete.

    Raises:
        BadFolder: something that is not a saved model stands there, or files of others beside one.
        CannotWrite: the disk is full, or may not be written; `error.fitted` is the model, to be saved elsewhere.
    """
    folder = Path(place("folder", folder))
    try:
        with folder_replaced_whole(folder, lambda at: _check_replaceable(at, folder)) as fresh:
            _write(trained, fresh)
    except CannotWrite as error:
        error.fitted = trained
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


def _write(trained: Trained, folder: Path) -> None:
    arrays = {name: np.asarray(array, order="C") for name, array in trained.parameters.arrays().items()}
    save_file(arrays, folder / "tables.safetensors")
    (folder / "program.json").write_text((trained.whole or trained.program).to_json(), encoding="utf-8")
    (folder / "vocabulary").mkdir()
    for k, vocabulary in enumerate(trained.vocabularies.values()):
        vocabulary.save(folder / "vocabulary" / f"{k}.parquet")
    if trained.seen is not None:
        pairs = {"user": trained.seen.owners.astype(np.int32), "item": trained.seen.rows, **trained.seen.weights}
        pl.DataFrame(pairs).write_parquet(folder / "seen.parquet")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    facts: dict[str, Any] = {
        "format": FORMAT,
        "name": trained.name,
        "signature": trained.signature,
        "targets": trained.targets.name,
        "vocabularies": list(trained.vocabularies),
        "column_vocabulary": dict(trained.column_vocabulary),
        "classes": list(trained.classes),
        "means": dict(trained.means),
        "frozen": sorted(set(trained.whole.updates) - set(trained.program.updates)) if trained.whole else [],
        "settings": dict(trained.settings),
        "history": trained.history.to_dicts(),
        "report": trained.report,
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
