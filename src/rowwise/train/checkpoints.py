"""The state of a training run on disk, replaced whole after each epoch, so that a killed run goes on where it was."""

import hashlib
import json
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]  # a PathLike, of what it does not say

from rowwise.errors import BadFolder, BadOption, CannotWrite, NotKeptWarning
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.storage.address import local_path
from rowwise.storage.locks import only_user
from rowwise.storage.refusals import refusals
from rowwise.storage.whole import is_stream, replaced_whole, try_place


@dataclass
class State:
    """Where a run stands: the history so far, the best epoch's error, and its tables where they are kept."""

    history: list[dict[str, Any]]
    best: Parameters | None
    best_error: float
    waited: int  # epochs since the best one
    lost: bool = False  # whether it was said that an epoch could not be written

    def judge(self, error: float, parameters: Parameters) -> None:
        """Keep the tables, if no epoch before had so low an error."""
        self.waited += 1
        if error < self.best_error:
            self.best_error, self.waited, self.best = error, 0, parameters.copy()

    def keep(self, path: Path, parameters: Parameters, digest: str) -> None:
        """`save`, where it can be done: a disk that has run full is said once, and ends no training."""
        try:
            self.save(path, parameters, digest)
        except CannotWrite as error:
            if not self.lost:
                told = f"epoch {len(self.history)} is not in the checkpoint, and training goes on without: {error}"
                warnings.warn(told, NotKeptWarning, stacklevel=2)
            self.lost = True

    def save(self, path: Path, parameters: Parameters, digest: str) -> None:
        """Write everything that `load` needs.

        Raises:
            CannotWrite: the disk is full, or may not be written; the state before stays.
        """
        arrays = dict(parameters.arrays())
        if self.best is not None:
            arrays |= {f"best/{name}": array for name, array in self.best.arrays().items()}
        arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        facts = {"history": self.history, "best_error": self.best_error, "waited": self.waited, "digest": digest}
        facts["checksum"] = _checksum(facts, arrays)
        with replaced_whole(path) as file:
            save_file(arrays, file.name, {"rowwise": json.dumps(facts)})


@contextmanager
def owned(path: Path | None, parameters: Parameters) -> Generator[None]:
    """Inside, `path` is this run's alone; None is no checkpoint.

    Raises:
        BadOption: another training has it, or it is no file of this machine.
        CannotWrite: it cannot be written, or there is too little room: two copies, as the next is written beside.
    """
    if path is None:
        yield
        return
    path = local_path(path, "a checkpoint")
    if is_stream(path):
        raise BadOption(
            f"a checkpoint in {path}", expected="a file, which can be read again", mend="checkpoint='training.ckpt'"
        )
    with refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try_place(path, 2 * sum(array.nbytes for array in parameters.arrays().values()))
    with only_user(path):
        yield


def load(path: Path, parameters: Parameters, digest: str) -> State:
    """The state a killed run left, with `parameters` filled; a fresh one where there is no file.

    Raises:
        BadFolder: the file is damaged, or belongs to another model, other data or other settings.
    """
    if not path.exists():
        return State([], None, float("inf"), 0)
    try:
        opened: Any = safe_open(path, "numpy")  # it has no types
        with opened as file:
            metadata: dict[str, str] = file.metadata() or {}
            facts = json.loads(metadata["rowwise"])
            state = State(facts["history"], None, facts["best_error"], facts["waited"])
            names: list[str] = file.keys()
            arrays: dict[str, np.ndarray] = {name: file.get_tensor(name) for name in names}
        if facts.pop("checksum") != _checksum(facts, arrays):
            raise ValueError("it is not as it was written")
    except (SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
        raise BadFolder(
            f"checkpoint {path.name} cannot be read ({error})",
            expected="a checkpoint written by fit",
            mend=f"delete {path.name} to start afresh",
        ) from None
    if facts.get("digest") != digest:
        raise BadFolder(
            f"checkpoint {path.name} belongs to another run",
            expected="the same model, data and settings as when it was written",
            mend=f"delete {path.name} to start afresh, or give another checkpoint=",
        )
    parameters.fill(arrays)
    if any(name.startswith("best/") for name in arrays):
        state.best = parameters.copy()
        state.best.fill({name.removeprefix("best/"): a for name, a in arrays.items() if name.startswith("best/")})
    return state


def digest_of(program: Program, data: str, settings: dict[str, Any], fresh: Parameters) -> str:
    """A fingerprint of everything that a run depends on; `data` is that of its examples, `fresh` its first tables."""
    facts = [program.to_json(), data, json.dumps(settings, sort_keys=True, default=str)]
    return _checksum(facts, fresh.arrays())


def _checksum(facts: object, arrays: Mapping[str, np.ndarray]) -> str:
    found = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.shape} {array.dtype}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()
