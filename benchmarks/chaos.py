"""Is anything lost when a process is killed while it writes? `kill -9` at random moments, one writer or two.

python chaos.py [ROUNDS] [SEED]     500 rounds by default, kept in results/chaos.json

A round forks a writer (now and then two, to one place), which writes one version after another of a model, a workbook,
a workbook read back, a page, predictions, a checkpoint, or saves a model while it serves it; kills it at a random
moment; and then asks, in a process of its own: is what stands there whole, one version or another? Is it so after the
next write, and is nothing left over beside it? This process itself only imports, so that those it forks may answer
(see `rowwise.forks`).
"""

import asyncio
import json
import os
import pkgutil
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar
from zipfile import ZipFile

import httpx2
import numpy as np
import polars as pl
from starlette.applications import Starlette

import rowwise as rw
from rowwise.api.fitted import Fitted, load
from rowwise.cli import main
from rowwise.program.parameters import Parameters
from rowwise.serve.app import Service
from rowwise.serve.shelf import Shelf, Wanted
from rowwise.train import checkpoints
from rowwise.views.unsheet import unsheet

VERSIONS = (1, 2)


@dataclass
class Job:
    """One thing that is written again and again, one version after the other, at one place in `folder`."""

    folder: Path
    name: ClassVar[str]  # of what is written
    share: ClassVar[int]  # how often its turn comes, against the others
    fitted: dict[int, Fitted] = field(default_factory=dict)

    @property
    def place(self) -> Path:
        return self.folder / self.name

    def begin(self) -> None:
        """What a writer has ready before it begins: a model for each version, which tells its number in every row."""
        model = load(self.folder.parent / "model")
        for version in VERSIONS:
            tables = {name: np.full_like(table, version) for name, table in model.parameters.tables.items()}
            self.fitted[version] = Fitted(
                replace(model.trained, parameters=Parameters(tables, model.parameters.states))
            )

    def write(self, version: int) -> None:
        raise NotImplementedError

    def look(self) -> None:
        """Raise where what stands there is not whole."""
        raise NotImplementedError


class Save(Job):
    name, share = "model", 8

    def write(self, version: int) -> None:
        self.fitted[version].save(self.place)

    def look(self) -> None:
        values = {float(x) for table in load(self.place).parameters.tables.values() for x in np.unique(table)}
        assert len(values) == 1, f"a mix of the versions {values}"


class Predict(Job):
    name, share = "predicted.csv", 4

    def write(self, version: int) -> None:
        model, pairs = self.folder / f"{version}", self.folder.parent / "ratings.csv"
        if not model.exists():
            self.fitted[version].save(model)
        _command("predict", model, pairs, "-o", self.place)

    def look(self) -> None:
        predictions = pl.read_csv(self.place)["prediction"]
        assert predictions.n_unique() == 1, "a mix of versions"
        assert len(predictions) == len(pl.read_csv(self.folder.parent / "ratings.csv")), "cut short"


class Sheet(Job):
    name, share = "model.xlsx", 1

    def write(self, version: int) -> None:
        self.fitted[version].sheet(self.place, users=4, films=4, n_steps=3)

    def look(self) -> None:
        with ZipFile(self.place) as book:
            assert book.testzip() is None, "a damaged workbook"
            assert "[Content_Types].xml" in book.namelist()


class Unsheet(Save):
    share = 2

    def write(self, version: int) -> None:
        book, trained = self.folder / f"{version}.xlsx", self.fitted[version].trained
        if not book.exists():
            self.fitted[version].sheet(book, users=2, films=2, n_steps=1)
        parameters = Parameters(unsheet(book, trained), trained.parameters.states)
        Fitted(replace(trained, parameters=parameters)).save(self.place)


class Page(Job):
    name, share = "model.html", 2

    def write(self, version: int) -> None:
        self.fitted[version].page(self.place, data=self.folder.parent / "ratings.csv")

    def look(self) -> None:
        assert self.place.read_text(encoding="utf-8").endswith("</html>\n"), "cut short"


class Checkpoint(Job):
    name, share = "run.ckpt", 4

    def write(self, version: int) -> None:
        state = checkpoints.State([{"epoch": version}], None, float("inf"), 0)
        state.save(self.place, self.fitted[version].parameters, "digest")

    def look(self) -> None:
        parameters = self.fitted[1].parameters.copy()
        state = checkpoints.load(self.place, parameters, "digest")
        version = state.history[0]["epoch"]
        assert all((table == version).all() for table in parameters.tables.values()), "a mix of versions"


class Serve(Save):
    """Saves while it serves what it saved: each answer comes from a version that was saved whole."""

    share = 2

    def write(self, version: int) -> None:
        self.fitted[version].save(self.place)
        shelf = Shelf((Wanted("model", str(self.place)),))
        app = Service(shelf, log=False).app()
        self.fitted[VERSIONS[0]].save(self.place)
        shelf.follow()
        asyncio.run(_asked(app))

    def look(self) -> None:
        super().look()
        asyncio.run(_asked(Service(Shelf((Wanted("model", str(self.place)),)), log=False).app()))


async def _asked(app: Starlette) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://here") as client:
        answer = await client.post("/recommend", json={"users": [1], "n": 3})
        assert answer.status_code == 200, answer.text


class Update(Job):
    name, share = "model", 1

    def write(self, version: int) -> None:
        old = load(self.place) if self.place.exists() else self.fitted[1]
        old.fit(self.folder.parent / "ratings.csv", epochs=1, threads=1, progress=False).save(self.place)

    def look(self) -> None:
        load(self.place)


class Train(Job):
    name, share = "model", 1

    def write(self, version: int) -> None:
        options = ("--factors", "2", "--epochs", "3", "--seed", "1", "--validation", "0", "--threads", "1")
        ratings, state = self.folder.parent / "ratings.csv", self.folder / "run.ckpt"
        _command("train", ratings, *options, "-o", self.place, "--checkpoint", state)

    def look(self) -> None:
        assert len(load(self.place).history) == 3


JOBS = (Save, Predict, Sheet, Unsheet, Page, Checkpoint, Serve, Update, Train)


def chaos(n_rounds: int, seed: int, jobs: tuple[type[Job], ...] = JOBS) -> dict[str, Any]:
    """So many rounds; how many of each job, what was lost, and what was left over."""
    dice = random.Random(seed)
    rounds, lost, seconds = Counter(), [], time.monotonic()
    for module in pkgutil.walk_packages(rw.__path__, "rowwise."):
        import_module(module.name)  # once, and not in each process that is forked
    with tempfile.TemporaryDirectory() as folder:
        _prepared(Path(folder))
        ready = {kind: kind(Path(folder, kind.__name__)) for kind in jobs}
        for job in ready.values():
            job.folder.mkdir()
        takes = {kind: _first(job) for kind, job in ready.items()}
        with suppress(KeyboardInterrupt):  # what was found until then is kept
            for turn in range(n_rounds):
                kind = dice.choices(jobs, [kind.share for kind in jobs])[0]
                two = kind in (Save, Predict, Sheet) and dice.random() < 0.25
                moments = [dice.uniform(0, 2 * takes[kind]) for _ in range(1 + two)]
                said = _round(ready[kind], moments)
                rounds[kind.__name__ + (", two writers" if two else "")] += 1
                if said:
                    lost.append({"round": turn, "job": kind.__name__, "seconds": moments, "what": said})
                    print(lost[-1], flush=True)
                if turn % 50 == 49:
                    print(f"{turn + 1} rounds, {len(lost)} losses, {time.monotonic() - seconds:.0f} s", flush=True)
    return {
        "rounds": dict(rounds),
        "losses": len(lost),
        "lost": lost,
        "seed": seed,
        "seconds": round(time.monotonic() - seconds),
        "seconds_a_write": {kind.__name__: taken for kind, taken in takes.items()},
    }


def _round(job: Job, moments: list[float]) -> str:
    """Kill a writer for each moment, and say what is wrong with what they leave: nothing is an empty text."""
    writers = [_forked(job, _write_on) for _ in moments]
    try:
        for (child, read), moment in zip(writers, moments, strict=True):
            _line(read)
            time.sleep(moment)
            os.kill(child, signal.SIGKILL)
    finally:
        for child, read in writers:
            os.kill(child, signal.SIGKILL)  # also where this process is stopped by hand
            os.waitpid(child, 0)
            os.close(read)
    child, read = _forked(job, _look)
    said = _line(read)
    os.waitpid(child, 0)
    os.close(read)
    return "" if said == "whole" else said


def _write_on(job: Job, tell: Callable[[str], None]) -> None:
    job.begin()
    tell("ready")
    while True:
        for version in VERSIONS:
            job.write(version)


def _look(job: Job, tell: Callable[[str], None]) -> None:
    """What stands there is whole; and after the next write too, and nothing is left over."""
    job.begin()
    job.look()
    job.write(VERSIONS[0])
    job.look()
    left = [path.name for path in job.folder.iterdir() if path.name.endswith(".unfinished")]
    tell(f"left over: {left}" if left else "whole")


def _time(job: Job, tell: Callable[[str], None]) -> None:
    job.begin()
    job.write(VERSIONS[0])
    began = time.monotonic()
    job.write(VERSIONS[1])
    tell(f"{time.monotonic() - began:.4f}")


def _first(job: Job) -> float:
    """How many seconds a write takes."""
    child, read = _forked(job, _time)
    said = _line(read)
    os.waitpid(child, 0)
    return float(said)


def _forked(job: Job, act: Callable[[Job, Callable[[str], None]], None]) -> tuple[int, int]:
    """A process that acts, and the pipe in which it tells a line; an error is a line too."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        act(job, lambda text: os.write(write, f"{text}\n".encode()))
    except BaseException:
        os.write(write, f"{traceback.format_exc()[-1500:]!r}\n".encode())
    os._exit(0)


def _line(read: int) -> str:
    text = b""
    while not text.endswith(b"\n"):
        more = os.read(read, 1 << 16)
        if not more:
            return "it died"
        text += more
    return text.decode().strip()


def _prepared(folder: Path) -> None:
    """Ratings and a model to begin with, made in a process of its own."""
    child = os.fork()
    if child == 0:
        dice = np.random.default_rng(0)
        pairs = {"user": dice.integers(0, 40, 3000), "film": dice.integers(0, 60, 3000)}
        ratings = pl.DataFrame({**pairs, "stars": dice.integers(1, 6, 3000).astype(float)})
        ratings.write_csv(folder / "ratings.csv")
        options = {"user": "user", "item": "film", "target": "stars", "factors": 16, "epochs": 1}
        fitted = rw.Recommender(**options).fit(ratings).fitted_
        fitted.save(folder / "model")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def _command(*words: Any) -> None:
    main([str(word) for word in words], standalone_mode=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    n_rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    found = chaos(n_rounds, seed)
    print(json.dumps({name: fact for name, fact in found.items() if name != "lost"}, indent=1))
    if n_rounds >= 500:
        from harness import keep

        keep("chaos", [found])
    sys.exit(bool(found["losses"]))
