"""What the command line reads and writes besides plain files; its mends are typed as they are told."""

import shlex
import sqlite3
from contextlib import closing

import polars as pl
import pytest
from click.testing import CliRunner

from rowwise import cli
from rowwise.data.files.formats import WRITTEN
from rowwise.data.files.write import write
from rowwise.data.source import open_source

PAIRS = pl.DataFrame(
    [(u, f, 5 if (u + f) % 2 == 0 else 1) for u in range(6) for f in range(6)], schema=["u", "f", "s"], orient="row"
)


def run(*args, status=0, given=None):
    done = CliRunner().invoke(cli.main, [str(arg) for arg in args], prog_name="rowwise", input=given)
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    PAIRS.write_csv(folder / "pairs.csv")
    run("train", folder / "pairs.csv", "-o", folder / "m", "--epochs", 1, "--factors", 2, "--validation", 0)
    return folder / "m"


@pytest.fixture
def shop(tmp_path):
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    write(PAIRS, url, table="pairs")
    write(pl.DataFrame({"f": range(6), "title": [f"Film {k}" for k in range(6)]}), url, table="films")
    return url


def test_train_says_which_columns_it_took_where_nobody_named_them(tmp_path):
    (tmp_path / "ratings.dat").write_text("".join(f"{u}::{f}::{s}::9783\n" for u, f, s in PAIRS.rows()))
    options = ("-o", tmp_path / "m", "--epochs", 1, "--factors", 2)
    said = run("train", tmp_path / "ratings.dat", *options)
    assert "took the columns --user userId, --item movieId, --target rating" in said
    assert "36 examples from ratings.dat: 6 different userId, 6 different movieId" in said
    assert "took" not in run(
        "train", tmp_path / "ratings.dat", *options, "--user", "userId", "--item", "movieId", "--target", "rating"
    )


def test_the_mend_of_a_file_without_a_header_works_as_it_is_told(tmp_path):
    PAIRS.write_csv(tmp_path / "no.csv", include_header=False)
    told = run("train", tmp_path / "no.csv", "-o", tmp_path / "m", status=2)
    mend = told.rpartition("to mend:  name them: ")[2]
    assert "6 different user, 6 different item" in run(
        "train", tmp_path / "no.csv", "-o", tmp_path / "m", "--epochs", 1, *shlex.split(mend)
    )


def test_one_column_is_not_the_user_and_the_item(tmp_path):
    PAIRS.write_csv(tmp_path / "a.csv")
    told = run("train", tmp_path / "a.csv", "-o", tmp_path / "m", "--user", "u", "--item", "u", status=2)
    assert "column 'u' is named as the user and as the item" in told
    assert "--item 'f'" in told


@pytest.mark.parametrize("ending", WRITTEN)
def test_predictions_are_written_and_read_in_every_format(model, tmp_path, ending):
    write(PAIRS.select("u", "f"), tmp_path / f"pairs{ending}")
    run("predict", model, tmp_path / f"pairs{ending}", "-o", tmp_path / f"out{ending}")
    assert open_source(tmp_path / f"out{ending}").frame.columns == ["u", "f", "prediction"]


def test_a_query_is_predicted_from_the_database_into_it(model, shop):
    query = ("--sql", "select u, f from pairs where u >= :since", "--param", "since=4")
    assert "wrote answers: 12 predictions" in run("predict", model, shop, *query, "-o", shop, "--table", "answers")
    with closing(sqlite3.connect(shop.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("select count(*), min(u) from answers").fetchone() == (12, 4)
    assert "there is a table 'answers' already" in run(
        "predict", model, shop, *query, "-o", shop, "--table", "answers", status=2
    )


def test_evaluate_validation_and_items_come_out_of_a_database(model, shop, tmp_path):
    assert "on 36 examples" in run("evaluate", model, shop, "--sql", "select * from pairs")
    options = (
        "-o",
        tmp_path / "m",
        "--epochs",
        1,
        "--sql",
        "select * from pairs",
        "--validation-sql",
        "select * from pairs where u = 1",
    )
    assert "error on the 6 ratings held back" in run("train", shop, *options)
    said = run("similar", model, "--item", 1, "--items", shop, "--items-sql", "select * from films")
    assert "like Film 1:" in said


def test_a_database_without_a_query_is_told_and_a_query_without_one(model, shop):
    assert "is a database\n  expected: a query that selects the rows" in run("predict", model, shop, status=2)
    assert "--sql with pairs.csv" in run("predict", model, "pairs.csv", "--sql", "select 1", status=2)
    assert "--param since" in run("evaluate", model, shop, "--sql", "select :x", "--param", "since", status=2)


def test_the_standard_input_is_predicted(model):
    assert run("predict", model, "-", given="u\tf\n1\t2\n").splitlines()[0] == "u,f,prediction"


@pytest.mark.parametrize("address", ["s3://shop/m", "gs://shop/m", "hdfs://shop/m"])
def test_a_model_is_not_trained_for_a_place_it_cannot_be_saved_at(tmp_path, address, monkeypatch):
    monkeypatch.chdir(tmp_path)
    PAIRS.write_csv("a.csv")
    assert f"cannot be written to {address}" in run("train", "a.csv", "-o", address, status=2)
    assert f"cannot be written to {address}" in run("train", "a.csv", "--checkpoint", address, status=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv"]
