"""What a saved model is on disk: the files of its folder, its facts, and the checksums that hold them together.

model.json           name, signature, settings, history, format version, a checksum of itself and of each other file
tables.safetensors   every table and every optimizer state
program.json         the steps of one example
vocabulary/0.parquet, 1.parquet, …     the ids of each vocabulary, in row order
seen.parquet         the pairs of the training data, by user (where they are remembered)

`rowwise.fitted.save` writes it and `rowwise.fitted.load` reads it. Nothing in it runs.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rowwise.errors import BadFolder

FORMAT = 1


def read_facts(folder: Path) -> dict[str, Any]:
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
        raise damaged(folder, f"model.json cannot be read ({type(error).__name__})") from None
    if version > FORMAT:
        raise BadFolder(
            f"{folder} was written in format {version} by a newer Rowwise",
            expected=f"format {FORMAT} or older",
            mend="pip install --upgrade rowwise",
        )
    return facts


def checksum_of_facts(facts: Mapping[str, Any]) -> str:
    told = json.dumps({name: fact for name, fact in facts.items() if name != "checksum"}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged(folder: Path, what: str) -> BadFolder:
    return BadFolder(
        f"{folder} is damaged: {what}",
        expected="the files as they were saved",
        mend="copy the folder again from where it came, or train again",
    )
