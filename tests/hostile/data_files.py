"""Hostile files of data: each case is a number, which stands for a format, what is wrong with it, and what is asked.

Either it is refused in three lines, or what comes out is numbers: one a line for predictions.
"""

import gzip
import json
import random
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
from mutations import ANYTHING, TEXTS, mutated

import rowwise as rw
from rowwise.errors import Diverged

USERS, FILMS, STARS = [1, 2, 3, 1, 2, 3, 1, 2], list("abcabcaa"), [4.0, 3.5, 5.0, 1.0, 2.0, 3.0, 4.5, 0.5]
FRAME = pl.DataFrame({"user": USERS, "film": FILMS, "stars": STARS})
TOKENS = [
    b'"', b"'", b",", b";", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"#",
    b"\\", b"1e39", b"-1e400", b"nan", b"inf", b"9" * 30, b"0x10", b"1,5", b"\xe2\x80\xae", b"\x1b[2J", b"", b" ", b"-",
    b"=1+1", b"{", b"}", b"[", b"]", b":", b"null", b"<!DOCTYPE x>", b'"' * 1001, b"," * 3000, b"\n" * 3000,
    b"a" * 100_000,
]  # fmt: skip


def _binary(write: str):
    def make(rng: random.Random) -> bytes:
        while True:
            target = BytesIO()
            try:
                getattr(_frame(rng), write)(target)
            except (pl.exceptions.PolarsError, TypeError):  # cells that the format has no place for
                continue
            return target.getvalue()

    return make


def _frame(rng: random.Random) -> pl.DataFrame:
    """Columns of odd types, lengths and names too."""
    frame = FRAME
    if rng.random() < 0.6:
        column = rng.choice(frame.columns)
        cells = frame[column].to_list()
        for _ in range(rng.randint(1, 3)):
            cells[rng.randrange(len(cells))] = rng.choice([cell for cell in ANYTHING if cell != "\ud800"])
        odd = [pl.Series(column, cells, strict=False), frame[column].cast(pl.String).cast(pl.Binary),
               pl.Series(column, [[1], []] * 4), pl.Series(column, [{"a": 1}] * 8), frame[column].cast(pl.Categorical)
               if column == "film" else frame[column].cast(pl.Float32), pl.Series(column, [None] * 8),
               pl.Series(column, [True] * 8), pl.Series(column, range(8)).cast(pl.Datetime)]  # fmt: skip
        frame = frame.with_columns(rng.choice(odd))
    if rng.random() < 0.3:
        frame = frame.rename({rng.choice(frame.columns): rng.choice([text for text in TEXTS if text != "\ud800"])})
    return frame[: rng.randrange(9)] if rng.random() < 0.3 else frame


def _json(rng: random.Random) -> bytes:
    return json.dumps(mutated(FRAME.to_dicts(), rng, rng.randint(0, 3))).encode()


def _lines(rng: random.Random) -> bytes:
    return "\n".join(json.dumps(line) for line in mutated(FRAME.to_dicts(), rng, rng.randint(0, 3)) or [0]).encode()


def _delimited(separator: str):
    return lambda rng: FRAME.write_csv(separator=separator).encode()


FORMATS = {
    "csv": _delimited(","), "tsv": _delimited("\t"), "txt": _delimited(";"), "json": _json, "jsonl": _lines,
    "parquet": _binary("write_parquet"), "xlsx": _binary("write_excel"), "arrow": _binary("write_ipc"),
    "csv.gz": lambda rng: gzip.compress(FRAME.write_csv().encode(), mtime=0),
}  # fmt: skip


def _spoilt(raw: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice([0, 1, 1, 1, 2, 4])):
        place = rng.randrange(len(raw) + 1)
        match rng.randrange(5):
            case 0:
                raw = raw[:place] + rng.choice(TOKENS) + raw[place:]
            case 1:
                raw = raw[:place] + bytes([rng.randrange(256)]) + raw[place + 1 :]
            case 2:
                raw = raw[:place]
            case 3:
                end = rng.randrange(place, len(raw) + 1)
                raw = raw[:place] + rng.choice([b"", raw[place:end] * 2]) + raw[end:]
            case 4:
                text = rng.choice(["utf-16", "utf-32", "cp1252", "utf-7"])
                raw = raw.decode("latin-1").encode(text, "replace")
    return raw


FITTED = None


def _fitted():
    global FITTED  # made once, before the limits
    if FITTED is None:
        FITTED = rw.Recommender(user="user", item="film", target="stars", factors=2, epochs=1).fit(FRAME).fitted_
    return FITTED


def warm_up() -> None:
    fitted = _fitted()
    with tempfile.TemporaryDirectory() as place:
        for ending, make in FORMATS.items():
            path = Path(place) / f"data.{ending}"
            path.write_bytes(make(random.Random(3)))
            try:
                fitted.predict(path)
            except rw.RowwiseError:
                continue


def attempt(case: int) -> str:
    rng = random.Random(case)
    ending = rng.choice(list(FORMATS))
    raw = _spoilt(FORMATS[ending](rng), rng)
    named = rng.choice(list(FORMATS)) if rng.random() < 0.1 else ending
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        path = Path(place) / f"data.{named}"
        path.write_bytes(raw)
        ask = rng.choice([_predict, _predict, _evaluate, _train])
        ask(path)
    return "answered"


def _predict(path: Path) -> None:
    found = _fitted().predict(path)
    assert found.ndim == 1, found.shape
    assert np.isfinite(found).all(), found


def _evaluate(path: Path) -> None:
    str(_fitted().evaluate(path))


def _train(path: Path) -> None:
    try:
        fitted = rw.Recommender(factors=2, epochs=1).fit(path).fitted_
    except Diverged:
        return
    assert all(np.isfinite(table).all() for table in fitted.parameters.tables.values())
    str(fitted)
