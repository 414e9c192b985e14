"""Queries and tables, on a real PostgreSQL and on SQLite alike."""

import sqlite3
import sys
from contextlib import closing
from itertools import count

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import rowwise as rw
from postgresql import PASSWORD, postgresql
from rowwise.data.files.write import check_writable, write
from rowwise.data.source import open_source
from rowwise.errors import BadData, BadOption, RowwiseError

ROWS = pl.DataFrame(
    {
        "user id": [1, 2, 3],
        'it\'s "title"': ["Été", "'); drop table films; --", None],
        "stars": [4.5, 3.0, 5.0],
        "seen": [True, False, None],
    }
)

NUMBERS = count()


@pytest.fixture(scope="module")
def server():
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    return request.getfixturevalue("server")


@pytest.fixture
def table(url):
    """A table of ROWS, written by us, whose name has to be quoted."""
    name = f'table {next(NUMBERS)} "x"'
    write(ROWS, url, table=name)
    return '"' + name.replace('"', '""') + '"'


def test_a_frame_becomes_a_table_and_comes_back(url, table):
    back = rw.read(rw.sql(f'select * from {table} order by "user id"', url))
    assert_frame_equal(back.with_columns(pl.col("seen").cast(pl.Boolean)), ROWS)


def test_a_value_is_bound_and_never_pasted(url, table):
    query = f'select "user id" from {table} where "it\'s ""title""" = :title'
    assert rw.read(rw.sql(query, url, params={"title": "'); drop table films; --"})).rows() == [(2,)]
    since = rw.sql(f'select stars from {table} where "user id" >= :since order by 1', url, {"since": 2})
    assert rw.read(since)["stars"].to_list() == [3.0, 5.0]


def test_a_value_that_is_missing_is_told(url, table):
    with pytest.raises(BadData, match=r"the query .* failed"):
        open_source(rw.sql(f"select * from {table} where stars = :nix", url))


@pytest.mark.parametrize("query", ["select", "select * from nix", "this is no sql", "create table made (a integer)"])
def test_a_query_that_selects_nothing_is_told_in_three_lines(url, table, query):
    with pytest.raises(BadData, match="the query") as raised:
        open_source(rw.sql(query, url))
    assert len(str(raised.value).splitlines()) == 3
    assert PASSWORD not in str(raised.value)


def test_reading_changes_nothing(url, table):
    with pytest.raises(BadData):
        open_source(rw.sql(f"delete from {table}", url))
    assert len(rw.read(rw.sql(f"select * from {table}", url))) == 3


def test_a_table_that_is_there_is_not_replaced_and_the_mend_is_free(url, table):
    name = table[1:-1].replace('""', '"')
    with pytest.raises(BadOption, match="there is a table") as raised:
        check_writable(url, table=name)
    check_writable(url, table=raised.value.mend.removeprefix("--table "))
    with pytest.raises(BadOption, match="is a database"):
        check_writable(url)


def test_a_column_that_is_missing_is_told_with_those_there_are(url, table):
    with pytest.raises(BadData, match="the query has no column 'star'") as raised:
        open_source(rw.sql(f"select * from {table}", url), columns=["star"])
    assert raised.value.mend == "did you mean 'stars'?"


def test_types_of_a_server_that_a_frame_has_not_are_text(server):
    row = rw.read(
        rw.sql(
            "select gen_random_uuid() as u, 12345678901234567890::numeric as n, null as z, '1.2.3.4'::inet as i", server
        )
    )
    assert row.schema["u"] == row.schema["i"] == pl.String
    assert str(row["n"][0]) == "12345678901234567890"


def test_a_model_learns_from_a_server_and_answers_into_a_table(server):
    pairs = pl.DataFrame(
        [(u, f, 5.0 if (u + f) % 2 else 1.0) for u in range(8) for f in range(8)], schema=["u", "f", "s"], orient="row"
    )
    write(pairs, server, table="pairs")
    recommender = rw.Recommender(epochs=2, factors=4).fit(rw.sql("select u, f, s from pairs", server), progress=False)
    assert (recommender.user_, recommender.item_, recommender.target_) == ("u", "f", "s")
    assert recommender.fitted_.predict(rw.sql("select u, f from pairs where u = :u", server, {"u": 3})).shape == (8,)


@pytest.mark.parametrize("query", [None, "select 1"])
def test_a_refused_connection_is_told_without_the_password_or_a_log(query, capfd):
    url = f"postgresql://me:{PASSWORD}@127.0.0.1:1/films"
    with pytest.raises(RowwiseError) as raised:
        open_source(url if query is None else rw.sql(query, url))
    assert PASSWORD not in str(raised.value)
    assert ("refused" in str(raised.value)) is (query is not None)
    assert capfd.readouterr() == ("", "")


def test_a_database_without_a_query_is_told_with_the_way_to_give_one():
    with pytest.raises(BadOption, match=r"sqlite:///shop\.db is a database\n.*\n.*rw\.sql\('SELECT"):
        open_source("sqlite:///shop.db")


def test_what_is_no_database_is_told():
    with pytest.raises(BadData, match="is the URL of no database"):
        open_source(rw.sql("select 1", "ratings.csv"))
    with pytest.raises(BadData, match="there is no file"):
        open_source(rw.sql("select 1", "sqlite:///nix.db"))


def test_what_a_server_needs_is_named_where_it_is_not_installed(monkeypatch):
    with pytest.raises(RowwiseError, match="is read by the driver MySQLdb, which is not installed"):
        open_source(rw.sql("select 1", "mysql://me:secret@127.0.0.1/films"))
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(RowwiseError, match=r"pip install 'rowwise\[sql\]'"):
        open_source(rw.sql("select 1", "postgresql://me@127.0.0.1/films"))


def test_a_table_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "shop.db"
    with pytest.raises(BadData, match="cannot be written"):
        write(pl.DataFrame({"a": [2**64 - 1]}, schema={"a": pl.UInt64}), f"sqlite:///{path}", table="t")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select name from sqlite_master").fetchall() == []
