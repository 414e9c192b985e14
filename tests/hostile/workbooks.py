"""Hostile workbooks, read back: each case is a number, which stands for a model's workbook and what is wrong with it.

Either it is refused in three lines, or the tables that come out are of the model's shapes and finite.
"""

import random
import re
import sys
import tempfile
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
from models import everything, ratings  # noqa: E402 (beside this file)
from rowwise.views.unsheet import unsheet  # noqa: E402

CELLS = [
    b"1e39", b"-1e39", b"1e400", b"nan", b"", b"TRUE", b"#REF!", b"1_0", b"0x1", b"9" * 400, b"-0", b"film 1", b"1",
    b"&lt;", b"&#0;", b"&x;", b"<v>", b"0.1", b"A1:XFD1048576", b"'grid'!$A$1", b"#REF!$A$1", b"$A:$A", b"grid!$1:$1",
    b"[1]grid!$A$1", b"OFFSET(A1,1,1)", b"=A1", b"\xff", b"\x00", b"99999999999", b"-1", b"xml:space",
]  # fmt: skip
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + k, b"&%c;" % (97 + k) * 10) for k in range(9)
) + b"]>"  # fmt: skip


@cache
def _books():
    found = []
    for model in (ratings(), everything()):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "book.xlsx"
            try:
                model.sheet(path)
            except ValueError:  # a model that no workbook shows
                continue
            found.append((model, _parts(path.read_bytes())))
    assert found
    return found


def _parts(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(raw)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in parts.items():
            packed.writestr(name, raw)
    return target.getvalue()


def warm_up() -> None:
    for model, parts in _books():
        _read(model, _packed(parts))


def attempt(case: int) -> str:
    rng = random.Random(case)
    model, parts = rng.choice(_books())
    parts = dict(parts)
    for _ in range(rng.randint(1, 3)):
        name = rng.choice([*parts, *(n for n in parts if "sheet" in n or "workbook.xml" in n)] * 2)
        parts[name] = _spoilt(parts[name], rng)
    if rng.random() < 0.1:
        del parts[rng.choice(list(parts))]
    raw = _packed(parts)
    if rng.random() < 0.1:
        place = rng.randrange(len(raw))
        raw = raw[:place] + bytes([rng.randrange(256)]) + raw[place + 1 :]
    _read(model, raw, rng.choice([None, None, None, "grid from random", "grid"]))
    return "answered"


def _spoilt(raw: bytes, rng: random.Random) -> bytes:
    match rng.randrange(6):
        case 0 | 1 | 2:  # what stands in a cell, a name, an attribute
            found = list(re.finditer(rb">[^<>]+<|\"[^\"<>]*\"", raw))
            if not found:
                return raw
            one = rng.choice(found)
            return raw[: one.start() + 1] + rng.choice(CELLS) + raw[one.end() - 1 :]
        case 3:  # two of its elements change places
            found = [m.group() for m in re.finditer(rb"<(c|row|definedName|sheet|si)\b[^>]*>.*?</\1>", raw)]
            return raw.replace(rng.choice(found), rng.choice(found), 1) if found else raw
        case 4:
            place = rng.randrange(len(raw) + 1)
            return raw[:place] + bytes([rng.randrange(256)]) + raw[place + rng.randrange(2) :]
        case _:
            if rng.random() < 0.7:
                return raw[: rng.randrange(len(raw) + 1)]
            return re.sub(rb"\?>\s*", b"?>" + ENTITIES, raw, count=1).replace(b"<v>", b"<v>&j;", 1)


def _read(model, raw: bytes, sheet: str | None = None) -> None:
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        path = Path(place) / "book.xlsx"
        path.write_bytes(raw)
        tables = unsheet(path, model, sheet=sheet)
    for name, table in model.parameters.tables.items():
        assert tables[name].shape == table.shape, name
        assert np.isfinite(tables[name]).all(), name
