"""What every error says to do is done, and works; no error is without."""

import importlib
import pkgutil
import re
import shutil
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import openpyxl
import optax
import polars as pl
import pytest

import mended
import mends
import rowwise as rw
from camps import two_camps
from mended import reasons
from rowwise.data.files.write import write

AREAS = [importlib.import_module(f"mended.{area.name}") for area in pkgutil.iter_modules(mended.__path__)]
OF_AREA = {area.__name__.rpartition(".")[2]: getattr(area, "CASES", ()) for area in AREAS}
CASES = [case for cases in OF_AREA.values() for case in cases]
NAMES = [f"{area}: {case.given[:60]}" for area, cases in OF_AREA.items() for case in cases]
COLUMNS = "--user user --item film --target stars"
# what a mend spells as it is to be written: an option and its value, an argument, a name that was meant
CODE = re.compile(
    r"--[\w-]+(?: '[^'…]*'| [^\s,;()']*[\d=/][^\s,;()']*)?"
    r"|\b\w+=(?:'[^'…]*'|\[[^]]*\]|[^\s,;()'…]+)|(?<=did you mean )[^?]+"
)
LEAVE = re.compile(r"leave \S+ out")
# a call, or an argument with its value, as Python has them: a person at a command line types neither
PYTHON = re.compile(r"\w\((?!s\))|(?<![\w-])[a-z_]+=(?=['\"\w\[{])|\bpl\.|\brw\.")
TYPED = re.compile(r"--(value|param) \S+")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder of what the cases are about: files of two camps and of texts, and a model of each."""
    folder = tmp_path_factory.mktemp("mends")
    two_camps(8).write_csv(folder / "ratings.csv")
    two_camps(8).select("user", "film").write_csv(folder / "pairs.csv")
    pl.DataFrame({"film": range(8), "title": [f"Film {k}" for k in range(8)]}).write_csv(folder / "films.csv")
    pl.DataFrame({"text": ["good film", "bad film"] * 4, "label": ["yes", "no"] * 4}).write_csv(folder / "texts.csv")
    camps(epochs=2).fitted_.save(folder / "model")
    texts = rw.TextClassifier(epochs=1).fit(["good film", "bad film"] * 4, ["yes", "no"] * 4)
    texts.fitted_.save(folder / "text_model")
    timed.fit(two_camps(8).with_columns(hour=pl.lit(12.0)), epochs=1).save(folder / "timed")
    return folder


@rw.model(target="stars", loss=rw.squared_error)
def timed(user=rw.Row("user", 2), film=rw.Row("film", 2), hour=rw.Value("hour")):
    return user @ film * hour


def camps(**settings):
    settings = {"user": "user", "item": "film", "target": "stars", "factors": 2, "epochs": 1, **settings}
    return rw.Recommender(**settings).fit(two_camps(8), progress=False)


@pytest.fixture
def here(kept, tmp_path, monkeypatch):
    """A function that goes into a new folder with the files of `kept`, and gives back what a case may name there."""

    def enter(name):
        shutil.copytree(kept, tmp_path / name)
        monkeypatch.chdir(tmp_path / name)
        return to_name()

    return enter


def to_name():
    ratings = two_camps(8)
    return {
        "rw": rw, "pl": pl, "np": np, "jnp": jnp, "optax": optax, "put": put, "shop": shop, "book": book,
        "ratings": ratings, "gaps": ratings.with_columns(pl.when(pl.col("film") != 3).then("stars")),
        "texts": ["good film", "bad film"] * 4, "labels": ["yes", "no"] * 4,
        "fitted": rw.load("model"), "timed": rw.load("timed"),
    }  # fmt: skip


def put(name, text):
    """Write a file, in a folder that may be new."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())


def shop(**tables):
    """Write tables into the database shop.db."""
    for name, frame in tables.items():
        write(frame, "sqlite:///shop.db", table=name)


def book(*rows):
    """Write rows into the workbook b.xlsx."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save("b.xlsx")


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_mend_mends(here, case):
    with mends.recorded() as seen:
        status, said, _ = mends.run(case.wrong, here("wrong"))
    assert status == 2, said
    given, mend = told(said)
    assert re.fullmatch(mends.pattern(case.given), given), given
    assert re.fullmatch(mends.pattern(case.mend), mend), mend
    built = {site.name for site in mends.sites() for mended, frames in seen if site.built(mended, frames)}
    assert mends.of_case(case) <= built, built
    if mends.is_typed(case.wrong):
        assert not PYTHON.search(without_quotes(said)), said
    codes = CODE.findall(LEAVE.sub("", mend))
    assert not codes or any(bare(code) in bare(case.right) for code in codes), (codes, case.right)
    status, said, value = mends.run(case.right, here("right"))
    assert status == 0, said
    assert value is not False


def told(said):
    """What was given, and the mend, of the lines that are printed."""
    lines = said.splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith("  to mend:  "))
    given = next(k for k, line in enumerate(lines) if line.startswith("  expected: ") or k == place)
    return "\n".join(lines[:given]), "\n".join(lines[place:]).removeprefix("  to mend:  ")


def bare(code):
    return re.sub(r"[\s'\"]", "", code)


def without_quotes(said):
    """The text without what a user's file or command says."""
    return TYPED.sub("", re.sub(r"'[^'\n]*'", "''", said))


def test_every_mend_is_done_by_a_test_or_has_a_reason_not_to_be():
    left = {site.name for site in mends.sites()} - covered()
    kept = set((mends.TESTS / "mends_left.txt").read_text(encoding="utf-8").splitlines()[1:])
    assert not left - kept, "a new mend comes with a case in tests/mended: provoke the error, do what it says"
    assert not kept - left, "these have a case now, or are gone: strike them from tests/mends_left.txt"


def covered():
    return {name for case in CASES for name in mends.of_case(case)} | mends.marked() | reasoned()


def reasoned():
    return {name for words in reasons.REASONS.values() for word in words for name in mends.named(word)}


def test_the_list_of_mends_without_a_test_says_how_many_they_are():
    first, *rest = (mends.TESTS / "mends_left.txt").read_text(encoding="utf-8").splitlines()
    assert first == f"{len(rest)} mends without a test; a line is struck when its mend has one"
    assert rest == sorted(set(rest))


def test_a_reason_is_given_only_where_no_test_mends():
    assert not reasoned() & (mends.marked() | {name for case in CASES for name in mends.of_case(case)})
