"""Folders that ask for a year of work, or for all of the memory, or wait for ever: each case is one of `BOMBS`."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
from folders import MODELS, Files, warm_up, write

import rowwise as rw

__all__ = ["BOMBS", "attempt", "warm_up"]


def attempt(case: int) -> str:
    name, bomb = list(BOMBS.items())[case]
    base = MODELS / bomb.__defaults__[0] if bomb.__defaults__ else MODELS / "ratings"
    files = {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
    facts = json.loads(files.pop("model.json"))
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        folder = Path(place) / "model"
        later = bomb(files, facts)
        write(folder, files, facts)
        if callable(later):
            later(folder)
        with measured(name):
            rw.load(folder)
    return f"{name} was loaded"


@contextmanager
def measured(name: str) -> Iterator[None]:
    """Add the seconds of a processor and the megabytes that a load took to the file HOSTILE_FIGURES, if it is set."""
    before = _megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the highest so far is forgotten
    began = time.process_time()
    try:
        yield
    finally:
        took = {"seconds": time.process_time() - began, "megabytes": _megabytes("VmHWM") - before}
        if "HOSTILE_FIGURES" in os.environ:
            with open(os.environ["HOSTILE_FIGURES"], "a", encoding="utf-8") as file:
                file.write(json.dumps({"case": name} | {unit: round(n, 3) for unit, n in took.items()}) + "\n")


def _megabytes(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(field))


def _program(change):
    """A bomb in program.json."""

    def bomb(files: Files, facts: Any) -> None:
        program = json.loads(files["program.json"])
        change(program)
        files["program.json"] = json.dumps(program).encode()

    return bomb


def _step(name: str, primitive: str, inputs: list, shape: list, **params: Any) -> dict[str, Any]:
    output = {"name": name, "shape": shape, "dtype": "float32"}
    step = {"primitive": primitive, "inputs": inputs, "output": output, "params": params}
    return step | {"phase": "forward", "place": None}


def _number(*shape: int) -> dict[str, Any]:
    return {"value": 1.0, "dtype": "float32", "shape": [*shape]}


def _first(*steps: dict[str, Any]):
    return _program(lambda program: program.update(steps=[*steps, *program["steps"]]))


def _scan(length: int, deep: int = 1) -> dict[str, Any]:
    """Loops inside loops."""
    inner = (
        _scan(length, deep - 1) if deep > 1 else _step("x", "neg", [{"name": "c", "shape": [], "dtype": "float32"}], [])
    )
    carried = {"name": "c", "shape": [], "dtype": "float32"}
    body = {"name": "f", "shared": [], "carried": [carried], "parts": [], "steps": [inner]}
    body |= {"new": [carried], "gives": []}
    return _step(f"loop{deep}", "scan", [_number()], [length, 1], body=body, length=length, reverse=False)


def _text(change):
    """A bomb in the recipe of a vocabulary of words."""

    def bomb(files: Files, facts: Any, base: str = "classes") -> None:
        frame = pl.read_parquet(BytesIO(files["vocabulary/0.parquet"]))
        told = json.loads(pl.read_parquet_metadata(BytesIO(files["vocabulary/0.parquet"]))["rowwise"])
        change(told["text"])
        _put(files, "vocabulary/0.parquet", frame, {"rowwise": json.dumps(told)})

    return bomb


def _put(files: Files, name: str, frame: pl.DataFrame, metadata: Any = None) -> None:
    target = BytesIO()
    frame.write_parquet(target, metadata=metadata)
    files[name] = target.getvalue()


def _rows(name: str, column: str):
    """Parquet of a few bytes that stands for very many rows."""

    def bomb(files: Files, facts: Any) -> None:
        one = pl.select(pl.repeat(1, 5 * 10**7, dtype=pl.Int64).alias(column)).lazy()
        with tempfile.TemporaryDirectory() as place:
            one.sink_parquet(Path(place) / "x", row_group_size=5 * 10**6)
            files[name] = (Path(place) / "x").read_bytes()

    return bomb


def _lying(files: Files, facts: Any) -> None:
    """A page that says that it unpacks to two gigabytes, in a file whose end says that it is small."""
    raw = files["vocabulary/0.parquet"]
    footer = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
    page = raw[4:footer]
    huge = b"\x15\x00\x15" + b"\xfe\xff\xff\xff\x0f" + page[page.index(b"\x15", 3) :]
    files["vocabulary/0.parquet"] = raw[:4] + huge[: len(page)] + raw[footer:]


def _after(change):
    def bomb(files: Files, facts: Any):
        return change

    return bomb


def _in_place_of(name: str, make):
    def later(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return _after(later)


def _hole(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 42)


def _folder_loop(folder: Path) -> None:
    for path in (folder / "vocabulary").iterdir():
        path.unlink()
    (folder / "vocabulary").rmdir()
    (folder / "vocabulary").symlink_to(folder / "vocabulary")


def _deep_json(files: Files, facts: Any) -> None:
    files["program.json"] = b"[" * 10**6 + b"]" * 10**6


def _long_json(files: Files, facts: Any) -> None:
    files["program.json"] = b"[" + b"[]," * 10**7 + b"[]]"


def _big_header(files: Files, facts: Any) -> None:
    files["tables.safetensors"] = (2**62).to_bytes(8, "little") + files["tables.safetensors"][8:]


PRODUCT = {"dimension_numbers": [[[1], [0]], [[], []]]}
BOMBS = {
    "a product of 16,000 × 16,000": _first(
        _step("p", "dot_general", [_number(16_000, 16_000), _number(16_000, 16_000)], [16_000, 16_000], **PRODUCT)
    ),
    "a long product of two thin matrices": _first(
        _step("p", "dot_general", [_number(8_000, 8_000), _number(8_000, 8_000)], [8_000, 8_000], **PRODUCT)
    ),
    "a loop of 2²⁸ rounds": _first(_scan(2**28)),
    "loops inside loops": _first(_scan(1_000, 3)),
    "loops nested ten deep": _first(_scan(2, 10)),
    "30,000 steps": _first(*(_step(f"s{k}", "neg", [_number()], []) for k in range(30_000))),
    "many large values": _first(*(_step(f"s{k}", "neg", [_number(1 << 22)], [1 << 22]) for k in range(100))),
    "a power of 10¹⁸": _first(_step("p", "integer_pow", [_number()], [], y=10**18)),
    "padding of 10¹⁸": _first(_step("p", "pad", [_number(2), _number()], [10**18], padding_config=[[0, 10**18, 0]])),
    "n-grams of 10⁶": _text(lambda text: text.update(ngrams=10**6)),
    "10³⁰ buckets": _text(lambda text: text.update(buckets=10**30)),
    "10⁷ buckets": _text(lambda text: text.update(buckets=10**7)),
    "a pattern that is none": _text(lambda text: text.update(pattern="(")),
    "a pattern of gigabytes": _text(lambda text: text.update(pattern=r"(\w{1000}){1000}")),
    "a mean of 10⁴⁰⁰": lambda files, facts: facts["means"].update(mean=float("inf")),
    "5 · 10⁷ rows of seen pairs": _rows("seen.parquet", "user"),
    "5 · 10⁷ rows of ids": _rows("vocabulary/0.parquet", "id"),
    "a page that says it is large": _lying,
    "a header of 2⁶² bytes": _big_header,
    "JSON nested a million deep": _deep_json,
    "JSON of ten million lists": _long_json,
    "a pipe": _in_place_of("seen.parquet", os.mkfifo),
    "a device": _in_place_of("program.json", lambda path: path.symlink_to("/dev/zero")),
    "a file that is a hole": _in_place_of("tables.safetensors", _hole),
    "JSON that is a hole": _in_place_of("model.json", _hole),
    "a loop of links": _after(_folder_loop),
}
