"""Hostile command lines: each case is a number, which stands for a command and what is typed after it.

It ends with status 0, or with 2 and at most three lines on the standard error.
"""

import os
import random
import sys
import tempfile
from functools import cache
from pathlib import Path

import click
import polars as pl
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))
from mutations import NUMBERS, ODD, TEXTS

import rowwise as rw
from rowwise.cli import main
from rowwise.errors import BadOption

RATINGS = pl.DataFrame({"user": [1, 2, 3, 1] * 5, "film": list("abcde") * 4, "stars": [4.0, 3.5, 5.0, 1.0, 2.0] * 4})
WORDS = [
    "ratings.csv", "model", "user", "film", "stars", "a", "1", "0.1", "nothing.csv", "nothing/at/all", ".", "/",
    "/dev/null", "/dev/full", "/proc/self/mem", "~", "-", "--", "s3://x/y", "http://", "file:///etc/passwd", "*.csv",
    "model.json", "[", "%s", "a" * 300, "x=1", "=", "1=", "=1", "age=nan", "stars=1", "sqlite:///x.db", "select 1",
    "new.xlsx", "new.csv", "new", "none",
]  # fmt: skip
SLOW = {"epochs", "threads"}  # what is right and large takes long, as it was asked for
LEFT_OUT = {"demo", "serve"}  # the one fetches its data, the other answers until it is told to end


@cache
def _place() -> Path:
    place = Path(tempfile.mkdtemp(prefix="hostile-"))
    os.chdir(place)
    os.environ["HOME"] = str(place)
    _renew()
    return place


def _renew() -> None:
    RATINGS.write_csv("ratings.csv")
    rw.Recommender(user="user", item="film", target="stars", factors=2, epochs=1).fit(RATINGS).fitted_.save("model")


def warm_up() -> None:
    _place()


def attempt(case: int) -> str:
    _place()
    rng = random.Random(case)
    name, command = rng.choice([(n, c) for n, c in main.commands.items() if n not in LEFT_OUT])
    typed = [name]
    for param in command.params:
        if isinstance(param, click.Argument):
            usual = {"model": "model"}.get(str(param.name), "ratings.csv")
            typed += [usual] if rng.random() < 0.8 else [_word(rng, param)] * rng.randint(0, 2)
        elif rng.random() < 0.12:
            typed.append(rng.choice(param.opts))
            if not getattr(param, "is_flag", False):
                typed.append(_word(rng, param))
    if name == "train" and "--epochs" not in typed:
        typed += ["--epochs", "1"]
    if name == "open" and "--save" not in typed:
        typed += ["--save", "new"]  # or else it waits for Ctrl-C, as it was asked to
    found = CliRunner().invoke(main, typed, input="", prog_name="rowwise")
    if not Path("model/model.json").is_file() or not Path("ratings.csv").is_file():
        _renew()
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise RuntimeError(f"{typed}") from found.exception
    assert found.exit_code in (0, 2), (typed, found.exit_code, found.output[-500:])
    if found.exit_code == 2:
        lines = [line for line in found.stderr.splitlines() if not line.startswith("note:")]
        assert len(lines) <= 3, (typed, lines)
        raise BadOption(lines[0] if lines else "nothing", expected="to mend")
    return "answered"


def _word(rng: random.Random, param: click.Parameter) -> str:
    if isinstance(param.type, click.Choice) and rng.random() < 0.5:
        return rng.choice([str(choice) for choice in param.type.choices])
    if param.name in SLOW:
        return rng.choice(["1", "2", "0", "-1", "x", "1e3", "", "99999999999"])
    return str(rng.choice([*WORDS, *WORDS, *NUMBERS, *ODD, *TEXTS, 1, 2, 3]))
