"""What a saved model is on disk: the files of its folder, its facts, and the checksums that hold them together.

model.json           name, signature, settings, history, format version, a checksum of itself and of each other file
tables.safetensors   every table and every optimizer state
program.json         the steps of one example
vocabulary/0.parquet, 1.parquet, …     the ids of each vocabulary, in row order
seen.parquet         the pairs of the training data, by user (where they are remembered)

`rowwise.trained.save` writes it and `rowwise.trained.load` reads it. Nothing in it runs.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rowwise.errors import BadFolder

FORMAT = 3  # what older ones say otherwise is in `rowwise.trained.older`
NEEDED = ("tables.safetensors", "program.json")
MOST_TEXT = 1 << 25  # bytes of a file of JSON
MOST_PARTS = 1 << 21  # numbers, texts, lists and objects in it: each takes a hundred bytes of memory or so


def is_of_a_model(name: str) -> bool:
    """Whether a file of this name can be part of a model; none of them lies outside the folder."""
    return name in (*NEEDED, "seen.parquet") or re.fullmatch(r"vocabulary/[0-9]{1,4}\.parquet", name) is not None


def read_facts(folder: Path) -> dict[str, Any]:
    """What the model.json of a folder says."""
    if not (folder / "model.json").is_file():
        raise missing(folder)
    try:
        contents = (folder / "model.json").read_bytes()
    except OSError as error:
        raise damaged(folder, f"model.json cannot be read ({type(error).__name__})") from None
    return parse_facts(folder, contents)


def parse_facts(folder: Path, contents: bytes) -> dict[str, Any]:
    """What a model.json says, of which the format and the checksums are there."""
    try:
        facts = parse_json(contents)
        version, checksums = facts["format"], facts["checksums"]
        if type(version) is not int or not isinstance(checksums, dict):
            raise TypeError("format and checksums")
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(folder, f"model.json cannot be read ({type(error).__name__})") from None
    if version > FORMAT:
        raise BadFolder(
            f"{folder} was written in format {version} by a newer Rowwise",
            expected=f"format {FORMAT} or older",
            mend="pip install --upgrade rowwise",
        )
    return facts


def parse_json(contents: bytes) -> Any:
    """What JSON says, if it is not so much that it would fill the memory.

    Raises:
        ValueError: it is too long, nested too deeply, no JSON, or no UTF-8.
    """
    if len(contents) > MOST_TEXT or sum(map(contents.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise ValueError(f"{len(contents):,} bytes of JSON are too many")
    try:
        return json.loads(contents.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def checksum_of_facts(facts: Mapping[str, Any]) -> str:
    told = json.dumps({name: fact for name, fact in facts.items() if name != "checksum"}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing(folder: Path) -> BadFolder:
    return BadFolder(
        f"{folder} holds no saved model",
        expected="a folder written by `fitted.save` or `rowwise train`, with a model.json",
        mend="check the path" if _is_there(folder) else "there is no such folder: check the path",
    )


def damaged(folder: Path, what: str) -> BadFolder:
    return BadFolder(
        f"{folder} is damaged: {what}",
        expected="the files as they were saved",
        mend="copy the folder again from where it came, or train again",
    )


def _is_there(folder: Path) -> bool:
    try:
        return folder.exists()
    except (OSError, ValueError):  # a loop of links, a name that no system takes
        return False
