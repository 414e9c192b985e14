"""The state of a training run on disk, replaced whole after each epoch, so that a killed run goes on where it was."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from rowwise.errors import BadFolder
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program


@dataclass
class State:
    """Where a run stands: the history so far, the best epoch's error, and its tables where they are kept."""

    history: list[dict[str, Any]]
    best: Parameters | None
    best_error: float
    waited: int  # epochs since the best one

    def save(self, path: Path, parameters: Parameters, digest: str) -> None:
        """Write everything that `load` needs, under a temporary name first."""
        arrays = dict(parameters.arrays())
        if self.best is not None:
            arrays |= {f"best/{name}": array for name, array in self.best.arrays().items()}
        facts = {"history": self.history, "best_error": self.best_error, "waited": self.waited, "digest": digest}
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".writing")
        save_file({name: np.asarray(a, order="C") for name, a in arrays.items()}, fresh, {"rowwise": json.dumps(facts)})
        with open(fresh, "rb") as file:
            os.fsync(file.fileno())
        os.replace(fresh, path)


def load(path: Path, parameters: Parameters, digest: str) -> State:
    """The state a killed run left, with `parameters` filled; a fresh one where there is no file.

    Raises:
        BadFolder: the file is damaged, or belongs to another model, other data or other settings.
    """
    if not path.exists():
        return State([], None, float("inf"), 0)
    try:
        with safe_open(path, "numpy") as file:
            facts = json.loads((file.metadata() or {})["rowwise"])
            state = State(facts["history"], None, facts["best_error"], facts["waited"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a file, not a mapping)
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
    found = hashlib.sha256("\n".join(facts).encode())
    for name, array in fresh.arrays().items():
        found.update(f"{name} {array.shape} {array.dtype}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()
