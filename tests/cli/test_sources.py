"""What the command line does with the cells of a file: it reads them once, and gives them back as they stood."""

import pytest
from click.testing import CliRunner

from rowwise import cli
from rowwise.api.recommender import Recommender
from rowwise.data import source

RATINGS = [
    (user, item, 5 if user % 2 == k % 2 else 1) for user in range(6) for k, item in enumerate(("007", "7", "1.10"))
]


def run(*args):
    done = CliRunner().invoke(cli.main, [str(arg) for arg in args], prog_name="rowwise")
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def here(tmp_path):
    lines = "".join(f"{user},{item},{stars}\n" for user, item, stars in RATINGS)
    (tmp_path / "ratings.csv").write_text("user,item,stars\n" + lines)
    Recommender(epochs=1, factors=2).fit(tmp_path / "ratings.csv").fitted_.save(tmp_path / "model")
    return tmp_path


def test_columns_come_back_as_they_stood(here):
    cells = 'user,item,note,price,when\n1,007,true,1.10,007\n2,7,,3E2,1.0\n0,1.10," x",-0,2020-01-01\n'
    (here / "pairs.csv").write_text(cells)
    run("predict", here / "model", here / "pairs.csv", "-o", here / "out.csv")
    lines = (here / "out.csv").read_text().splitlines()
    assert [line.rpartition(",")[0] for line in lines] == cells.replace('"', "").splitlines()


@pytest.fixture
def opened(monkeypatch):
    """The files that were opened, in order."""
    names, usual = [], source.open_files

    def counting(files, columns):
        names.append(str(files).rpartition("/")[2])
        return usual(files, columns)

    monkeypatch.setattr(source, "open_files", counting)
    return names


def test_a_file_is_read_once(here, opened):
    run("train", here / "ratings.csv", "-o", here / "m", "--factors", 2, "--epochs", 1)
    run("predict", here / "model", here / "ratings.csv")
    run("evaluate", here / "model", here / "ratings.csv")
    Recommender(epochs=1, factors=2).fit(here / "ratings.csv").predict(here / "ratings.csv")
    assert opened == ["ratings.csv"] * 5


def test_a_file_to_validate_by_is_read_once_too(here, opened):
    (here / "test.csv").write_text((here / "ratings.csv").read_text())
    run(
        "train",
        here / "ratings.csv",
        "-o",
        here / "m",
        "--factors",
        2,
        "--epochs",
        1,
        "--validation",
        here / "test.csv",
    )
    assert sorted(opened) == ["ratings.csv", "test.csv"]


def test_a_row_is_walked_through_by_its_ids_as_they_stand(here):
    said = run("steps", here / "model", here / "ratings.csv", "--row", 0)
    assert "007" in said
    assert "unknown" not in said
