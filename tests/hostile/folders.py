"""Hostile folders: each case is a number, which stands for a model and what is wrong with its folder.

Checksums are made anew, as an attacker would. Either `load` refuses it, or it answers as the definition does.
"""

import json
import os
import random
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))
from definition import N, agree, examples, predictions
from mutations import TEXTS, mutated

import rowwise as rw
from rowwise.api.fitted import Fitted
from rowwise.errors import BadFolder, BadOption, RowwiseError
from rowwise.program.inputs import SampledLookup
from rowwise.trained.folder import checksum_of_facts

MODELS = Path(os.environ["HOSTILE_MODELS"])
Files = dict[str, bytes]


def warm_up() -> None:
    """Everything imported and done once, so that the limits count what the cases need."""
    for folder in sorted(MODELS.iterdir()):
        _answer(rw.load(folder))


def attempt(case: int) -> str:
    rng = random.Random(case)
    base = rng.choice(sorted(MODELS.iterdir()))
    files = {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
    facts = json.loads(files.pop("model.json"))
    attack = rng.choices(list(ATTACKS), list(ATTACKS.values()))[0]
    facts = attack(files, facts, rng) or facts
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        folder = Path(place) / "model"
        write(folder, files, facts)
        if rng.random() < 0.03:
            _odd_file(folder, rng)
        try:
            fitted = rw.load(folder)
        except BadFolder:
            raise
        except RowwiseError as error:
            raise RuntimeError(f"refused, but not as a folder: {error}") from error
    try:
        _answer(fitted, steps=rng.random() < 0.2)
    except RowwiseError as error:
        raise RuntimeError(f"it loads and does not answer: {error}") from error
    return "answered"


def _answer(fitted: Fitted, *, steps: bool = True) -> None:
    """Everything that people ask of a model, held to the definition."""
    str(fitted)
    frame = examples(fitted)
    if fitted.program.prediction is None:
        return
    found = fitted.predict(frame)
    exact, rounded = (predictions(fitted, frame, precision) for precision in (np.float64, np.float32))
    for k in range(N):
        assert agree(found[k], exact[k], rounded[k]), (
            f"predict {found[k]}, definition {exact[k]}, {rounded[k]} in float32"
        )
    example = {name: cells[0] for name, cells in frame.items()}
    target = fitted.layout.target
    if target is not None and target not in example:
        labels = fitted.layout.labels
        example[target] = 1 if labels is None else [1.0] * labels
    if steps:
        seen = fitted.steps(example)
        assert seen.prediction in seen.values or not hasattr(fitted.program.prediction, "name")
    _recommend(fitted, frame)
    _similar(fitted)


def _recommend(fitted: Fitted, frame: dict[str, list[Any]]) -> None:
    numbers = {name: 1.0 for name, size in fitted.layout.values.items() if size is None}
    try:
        user, item = fitted.two_keys
        answer = fitted.recommend([frame[user][0]], 3, values=numbers)
    except BadOption:  # it has no two keys, several numbers, lists
        return
    scores = answer["prediction"].to_numpy()
    assert (np.diff(scores[np.isfinite(scores)]) <= 0).all(), f"not the best first: {scores}"
    row = fitted.vocabularies[fitted.column_vocabulary[user]].rows([frame[user][0]])[0]
    seen = set() if fitted.seen is None or row == 0 else set(fitted.seen[int(row)].tolist())
    rows = fitted.vocabularies[fitted.column_vocabulary[item]].rows(answer[item])
    assert not seen & set(rows.tolist()), "a pair of the training data is recommended"


def _similar(fitted: Fitted) -> None:
    lookups = [
        i
        for i in fitted.program.lookups
        if not isinstance(i, SampledLookup) and len(i.value.shape) == 1 + (i.length is not None)
    ]
    for i in lookups:
        vocabulary = fitted.vocabularies[fitted.column_vocabulary[str(i.column)]]
        ids, table = vocabulary.ids, fitted.parameters.tables[str(i.table)].astype(np.float64)
        if len(ids) <= vocabulary.first:
            continue
        answer = fitted.similar(ids[vocabulary.first], 3, column=i.column, table=i.table)
        mine = table[vocabulary.first]
        with np.errstate(all="ignore"):
            cosines = table @ mine / (np.linalg.norm(table, axis=1) * np.linalg.norm(mine))
        cosines[~(table.any(axis=1) & mine.any())] = 0.0
        rows = {id: row for row, id in enumerate(ids.to_list())}
        for id, cosine in answer.iter_rows():
            assert abs(cosines[rows[id]] - cosine) < 1e-6, f"cosine {cosine}, definition {cosines[rows[id]]}"


# What is wrong with it


def _facts(files: Files, facts: Any, rng: random.Random) -> Any:
    return mutated(facts, rng, rng.randint(1, 2))


def _program(files: Files, facts: Any, rng: random.Random) -> None:
    files["program.json"] = _json(mutated(json.loads(files["program.json"]), rng, rng.randint(1, 3)))


def _renamed(files: Files, facts: Any, rng: random.Random) -> Any:
    """One name, everywhere: what is only another name must answer, what meets another name must not."""
    names = sorted({*facts["vocabularies"], *facts["column_vocabulary"], *_names(json.loads(files["program.json"]))})
    one, other = rng.choice(names), rng.choice([*names, *TEXTS, "target", "mean stars", "%1", "constant1"])
    told = json.dumps(other)[1:-1]
    files["program.json"] = files["program.json"].replace(
        json.dumps(one)[1:-1].join('""').encode(), f'"{told}"'.encode()
    )
    return json.loads(json.dumps(facts).replace(f'"{json.dumps(one)[1:-1]}"', f'"{told}"'))


def _names(program: Any) -> set[str]:
    names = {i.get(key) for i in program["inputs"] for key in ("column", "table", "weights")}
    return {name for name in names | {i["value"]["name"] for i in program["inputs"]} if name}


def _two_vocabularies(files: Files, facts: Any, rng: random.Random) -> None:
    """Two lookups of one table, or of one column, by changing which table and column an input names."""
    program = json.loads(files["program.json"])
    lookups = [i for i in program["inputs"] if "table" in i]
    one, other = rng.choice(lookups), rng.choice(lookups)
    key = rng.choice(["table", "column", "kind"])
    one[key] = other[key]
    files["program.json"] = _json(program)


def _tables(files: Files, facts: Any, rng: random.Random) -> None:
    raw = files["tables.safetensors"]
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    numbers = bytearray(raw[8 + size :])
    match rng.randrange(4):
        case 0:
            header = mutated(header, rng, rng.randint(1, 2))
        case 1:
            place = rng.randrange(len(numbers) // 4) * 4
            odd = rng.choice([np.nan, np.inf, -np.inf, 1e38, 1e-40, -0.0])
            numbers[place : place + 4] = np.float32(odd).tobytes()
        case 2:
            del numbers[rng.randrange(len(numbers)) :]
        case 3:
            size = rng.choice([0, 1, 2**20, 2**40, 2**63, 2**64 - 1])
            files["tables.safetensors"] = size.to_bytes(8, "little") + raw[8:]
            return
    told = _json(header)
    files["tables.safetensors"] = len(told).to_bytes(8, "little") + told + bytes(numbers)


def _parquet(files: Files, facts: Any, rng: random.Random) -> None:
    name = rng.choice([name for name in files if name.endswith(".parquet")])
    frame = pl.read_parquet(BytesIO(files[name]))
    metadata = {k: v for k, v in pl.read_parquet_metadata(BytesIO(files[name])).items() if k != "ARROW:schema"}
    column = rng.choice(frame.columns)
    n = rng.randrange(len(frame)) if len(frame) else 0
    match rng.randrange(8):
        case 0:
            frame = frame.with_columns(
                frame[column].cast(rng.choice([pl.Int32, pl.Int64, pl.String, pl.Float64]), strict=False)
            )
        case 1:
            frame = frame[:n] if rng.random() < 0.5 else frame[n:]
        case 2:
            frame = pl.concat([frame, frame[n:]])
        case 3:
            frame = frame.rename({column: rng.choice(["ids", "row", "counts", "users", "items", "x"])})
        case 4:
            frame = frame.reverse()
        case 5:
            cells = frame[column].to_list()
            cells[n : n + 1] = [
                rng.choice([None, cells[0], cells[-1], 10**9 if isinstance(cells[-1], int) else "x\x00"])
            ]
            frame = frame.with_columns(pl.Series(column, cells, frame[column].dtype, strict=False))
        case 6:
            metadata = {k: json.dumps(mutated(json.loads(v), rng, rng.randint(1, 2))) for k, v in metadata.items()}
        case 7:
            frame = frame.with_columns(more=pl.lit(1))
    target = BytesIO()
    frame.write_parquet(target, metadata=metadata or None)
    files[name] = target.getvalue()


def _bytes(files: Files, facts: Any, rng: random.Random) -> None:
    """A few bytes of a file that is no JSON: what a checksum would find, were it not made anew."""
    name = rng.choice(sorted(files))
    raw = bytearray(files[name])
    for _ in range(rng.randint(1, 4)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    files[name] = bytes(raw[: rng.randrange(len(raw))] if rng.random() < 0.2 else raw)


def _files(files: Files, facts: Any, rng: random.Random) -> None:
    """A file that is another's, that is gone, or that is empty."""
    one, other = rng.choice(sorted(files)), rng.choice(sorted(files))
    match rng.randrange(3):
        case 0:
            files[one], files[other] = files[other], files[one]
        case 1:
            del files[one]
        case 2:
            files[one] = b""


ATTACKS = {_program: 10, _facts: 5, _two_vocabularies: 1, _renamed: 2, _tables: 2, _parquet: 3, _bytes: 2, _files: 1}


def _odd_file(folder: Path, rng: random.Random) -> None:
    path = rng.choice(sorted(p for p in folder.rglob("*") if p.is_file()))
    content = path.read_bytes()
    path.unlink()
    match rng.randrange(5):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to("/dev/zero")
        case 2:
            path.mkdir()
        case 3:
            path.symlink_to(path)
        case 4:
            path.write_bytes(content)
            os.truncate(path, 1 << 40)


def write(folder: Path, files: Files, facts: Any) -> None:
    import hashlib

    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    folder.mkdir(exist_ok=True)
    if isinstance(facts, dict):
        if isinstance(facts.get("checksums"), dict):
            facts["checksums"] = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
        facts["checksum"] = checksum_of_facts(facts)
    (folder / "model.json").write_bytes(_json(facts))


def _json(tree: Any) -> bytes:
    return json.dumps(tree).encode()
