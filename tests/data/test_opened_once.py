"""Whatever the door, a source is opened once: a query runs once, a stream is read once, a file may be a pipe."""

import sqlite3

import polars as pl
import pytest

import rowwise as rw
from rowwise.cli import main
from rowwise.errors import BadOption, UnknownIdsWarning

ROWS = [(u, i, float((u + i) % 5 + 1)) for u in range(9) for i in range(8) if (u * i) % 3 != 1]
FRAME = pl.DataFrame(ROWS, schema=["user", "item", "rating"], orient="row")
QUERY = "select user, item, rating from ratings"


@pytest.fixture
def queries(tmp_path, monkeypatch):
    """A database, and the queries that have run in it since."""
    path, seen = tmp_path / "shop.db", []
    with sqlite3.connect(path) as made:
        made.execute("create table ratings (user integer, item integer, rating real)")
        made.executemany("insert into ratings values (?, ?, ?)", ROWS)
    connect = sqlite3.connect

    def watched(*given, **options):
        connection = connect(*given, **options)
        connection.set_trace_callback(lambda text: seen.append(text) if "from ratings" in text else None)
        return connection

    monkeypatch.setattr(sqlite3, "connect", watched)
    return f"sqlite:///{path}", seen


def fit_of_recommender(source, **options):
    return rw.Recommender(factors=2, epochs=2).fit(source, progress=False, validation=0.2, **options)


def fit_of_model(source):
    words = {"user_bias": rw.Row("user"), "item_bias": rw.Row("item")}
    return rw.zoo.biases_only.replace(target="rating", **words).fit(source, epochs=2, validation=0.2, progress=False)


DOORS = (fit_of_recommender, fit_of_model)


@pytest.mark.parametrize("door", DOORS)
def test_a_query_runs_once(queries, door):
    url, seen = queries
    door(rw.sql(QUERY, url))
    assert seen == [QUERY]


def test_a_query_runs_once_for_each_command(queries, tmp_path, monkeypatch, capsys):
    url, seen = queries
    monkeypatch.chdir(tmp_path)
    for command in (["train", url, "--sql", QUERY, "-o", "model", "--epochs", "2", "--factors", "2"],
                    ["evaluate", "model", url, "--sql", QUERY], ["predict", "model", url, "--sql", QUERY],
                    ["steps", "model", url, "--sql", QUERY, "--row", "1"]):  # fmt: skip
        seen.clear()
        with pytest.raises(SystemExit) as end:
            main(command)
        assert end.value.code in (0, None), capsys.readouterr().err
        assert seen == [QUERY], command[0]


@pytest.mark.parametrize("door", DOORS)
def test_a_stream_is_read_to_its_end_once(door):
    drawn = []

    def rows():
        for row in ROWS:
            drawn.append(row)
            yield row

    door(rows())
    assert drawn == ROWS
    door(FRAME.to_arrow().to_reader(7))  # a second reading would find no rows


@pytest.mark.parametrize("options", [{}, {"validation": FRAME, "chunk_rows": 20}])
def test_a_lazy_frame_is_computed_once(options):
    computed = []

    def count(frame):
        computed.append(len(frame))
        return frame

    lazy = FRAME.lazy().map_batches(count, schema=FRAME.schema, streamable=False)
    rw.Recommender(factors=2, epochs=2).fit(lazy, progress=False, **options)
    assert computed == [len(FRAME)]


def test_what_cannot_be_read_in_parts_is_refused_unread():
    drawn = []
    with pytest.raises(BadOption, match="chunk_rows=10"):
        rw.Recommender().fit((drawn.append(row) or row for row in ROWS), chunk_rows=10)
    assert drawn == []


@pytest.mark.parametrize("setting", ["user", "item", "target"])
def test_a_column_without_a_name_is_asked_for_by_none(setting):
    with pytest.raises(BadOption, match=f"{setting}=''"):
        rw.Recommender(**{setting: ""}).fit(FRAME)


@pytest.mark.parametrize(
    "ask", [lambda m: m.predict([("u1", " i1")]), lambda m: m.recommend(" u1")], ids=["predict", "recommend"]
)
def test_a_blank_that_makes_an_id_unknown_is_said(ask):
    rows = [(f"u{u}", f"i{i}", rating) for u, i, rating in ROWS]
    model = rw.Recommender(factors=2, epochs=1).fit(rows, progress=False)
    with pytest.warns(UnknownIdsWarning, match=r"a blank is part of an id: the \w+ ' [iu]1' is another one than"):
        ask(model)
