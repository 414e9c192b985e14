"""A folder in, the fitted model that was saved there out; nothing of it is trusted before it is checked."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import load_file

from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.word_vocabulary import load_vocabulary
from rowwise.errors import BadFolder
from rowwise.fitted.fitted import Fitted
from rowwise.fitted.folder import checksum, checksum_of_facts, damaged, read_facts
from rowwise.forks import not_in_a_fork
from rowwise.program.check import check
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.program.trim import moving

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


@not_in_a_fork
def load(folder: str | Path) -> Fitted:
    """The model that `save` wrote.

    Raises:
        BadFolder: there is no model, a file is missing, damaged or changed, or a newer version wrote it.
    """
    folder = Path(folder)
    facts = read_facts(folder)
    _verify(folder, facts)
    try:
        return _read(folder, facts)
    except BadFolder:
        raise
    except Exception as error:  # the files may hold anything
        raise damaged(folder, f"its parts do not fit together ({type(error).__name__}: {error})") from None


def _verify(folder: Path, facts: Mapping[str, Any]) -> None:
    checksums = facts["checksums"]
    if facts.get("checksum") != checksum_of_facts(facts):
        raise damaged(folder, "model.json is not the file that was saved")
    for name in ("tables.safetensors", "program.json", *checksums):
        path = folder / name
        if name not in checksums:
            raise damaged(folder, f"model.json lists no checksum of {name}")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise damaged(folder, f"model.json names {name!r}, outside the folder")
        if not path.is_file():
            raise damaged(folder, f"{name} is missing")
        if checksum(path) != checksums[name]:
            raise damaged(folder, f"{name} is not the file that was saved")


def _read(folder: Path, facts: Mapping[str, Any]) -> Fitted:
    whole = check(Program.from_json((folder / "program.json").read_text(encoding="utf-8")))
    frozen = set(facts.get("frozen", ()))
    program = moving(whole, set(whole.updates) - frozen) if frozen else whole
    _check_facts(folder, facts, program)
    listed = facts["checksums"]
    vocabularies = {}
    for k, name in enumerate(facts["vocabularies"]):
        if f"vocabulary/{k}.parquet" not in listed:
            raise damaged(folder, f"model.json lists no checksum of vocabulary/{k}.parquet")
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
            raise damaged(folder, f"{name!r} in model.json is not a {kind.__name__}")
    if facts["targets"] not in TARGETS:
        raise damaged(folder, f"'targets' in model.json is none of {', '.join(TARGETS)}")
    for i in program.inputs:
        if i.kind == "mean" and not isinstance(facts["means"].get(i.value.name), float | int):
            raise damaged(folder, f"model.json has no mean for {i.value.name!r}")


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
            raise damaged(folder, f"table {name!r} is {_told(found.get(name))}, not {_told(wanted.get(name))}")
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
        raise damaged(folder, "seen.parquet names rows that no vocabulary has")
    return Ragged(starts_of(np.bincount(users, minlength=n_users)), items)
