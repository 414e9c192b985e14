import gzip
import sqlite3
import sys
from contextlib import closing

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rowwise.data.files.database import Sql
from rowwise.data.source import open_source, read
from rowwise.errors import BadData, RowwiseError

RATINGS = pl.DataFrame({"userId": [1, 1, 2], "title": ["Heat", "Été", 'The "Thing"'], "rating": [4.5, 3.0, 5.0]})


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file of this name, and give its path."""

    def write(name, contents):
        path = tmp_path / name
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        return path

    return write


def database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table ratings (userId integer, title text, rating real)")
        connection.executemany("insert into ratings values (?, ?, ?)", RATINGS.rows())
        connection.commit()
    return f"sqlite:///{path}"


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("ratings.csv", RATINGS.write_csv),
        ("RATINGS.CSV", RATINGS.write_csv),
        ("ratings.tsv", lambda path: RATINGS.write_csv(path, separator="\t")),
        ("ratings.csv.gz", lambda path: path.write_bytes(gzip.compress(RATINGS.write_csv().encode()))),
        ("ratings.tsv.gz", lambda path: path.write_bytes(gzip.compress(RATINGS.write_csv(separator="\t").encode()))),
        ("ratings.parquet", RATINGS.write_parquet),
        ("ratings.ndjson", RATINGS.write_ndjson),
        ("ratings.jsonl", RATINGS.write_ndjson),
        ("ratings.arrow", RATINGS.write_ipc),
        ("ratings.feather", RATINGS.write_ipc),
        ("ratings.ipc", RATINGS.write_ipc),
    ],
)
def test_every_kind_of_file_gives_the_same_frame(tmp_path, name, write):
    write(tmp_path / name)
    assert_frame_equal(read(tmp_path / name), RATINGS)
    assert_frame_equal(read(str(tmp_path / name), columns=["rating", "userId"]), RATINGS.select("rating", "userId"))


@pytest.mark.parametrize(
    "source",
    [
        RATINGS,
        RATINGS.lazy(),
        RATINGS.to_dict(as_series=False),
        {name: RATINGS[name].to_numpy() for name in RATINGS.columns},
        pd.DataFrame(RATINGS.to_dict(as_series=False)),
        RATINGS.to_arrow(),
    ],
    ids=["polars", "lazy", "dict", "numpy", "pandas", "arrow"],
)
def test_every_kind_of_frame_gives_the_same_frame(source):
    assert_frame_equal(read(source), RATINGS)
    assert_frame_equal(read(source, columns=["rating", "rating"]), RATINGS.select("rating"))


def test_a_database_gives_the_same_frame(tmp_path):
    url = database(tmp_path / "ratings.db")
    assert_frame_equal(read(Sql("select * from ratings", url)), RATINGS)
    assert_frame_equal(read(Sql("select * from ratings", url), columns=["title"]), RATINGS.select("title"))


def test_a_query_does_not_show_its_password():
    assert "secret" not in repr(Sql("select 1", "postgresql://me:secret@host/films"))


def test_a_query_that_fails_says_so(tmp_path):
    url = database(tmp_path / "ratings.db")
    with pytest.raises(BadData, match=r"the query 'select \* from films' failed \(no such table: films\)"):
        read(Sql("select * from films", url))
    with pytest.raises(BadData, match=r"there is no file '.*rating\.db'\n.*\n.*did you mean 'ratings\.db'\?"):
        read(Sql("select * from ratings", url.replace("ratings", "rating")))


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(RowwiseError, match=r"pip install 'rowwise\[sql\]'"):
        read(Sql("select 1", "postgresql://me@localhost/films"))


def test_a_late_cell_decides_the_type_of_its_column(write):
    path = write("ratings.csv", "userId,rating\n" + "1,5\n" * 20_000 + "tt1,4.5\n")
    assert read(path).schema == {"userId": pl.String, "rating": pl.Float64}


def test_a_late_line_of_json_decides_the_type_of_its_column(write):
    path = write("ratings.ndjson", '{"userId": 1, "rating": 5}\n' * 2_000 + '{"userId": 2, "rating": 4.5}\n')
    assert read(path)["rating"][-1] == 4.5


def test_ids_beyond_64_bits_are_text(write):
    path = write("ratings.csv", "userId,rating\n12345678901234567890,5\n1,4\n")
    assert list(read(path)["userId"]) == ["12345678901234567890", "1"]


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(write):
    assert read(write("ratings.csv", b"\xef\xbb\xbfuserId,rating\r\n1,5\r\n")).rows() == [(1, 5)]


def test_a_row_has_the_line_an_editor_shows(write):
    path = write("films.csv", 'movieId,title\n1,"two\nlines"\n2,"say ""hi"""\n\n3,Heat\n')
    assert [open_source(path).place(row) for row in range(3)] == [f"films.csv, line {line}" for line in (2, 4, 6)]
    assert read(path)["movieId"].to_list() == [1, 2, 3]  # an empty line is no row


def test_a_text_among_lists_of_json_is_a_list_of_one(write):
    path = write("films.ndjson", '{"tags": ["war", "love"]}\n{"tags": "war"}\n{"tags": []}\n{"tags": null}\n')
    assert read(path)["tags"].to_list() == [["war", "love"], ["war"], [], None]


def test_a_line_of_json_has_no_header_before_it(write):
    path = write("films.ndjson", '{"movieId": 1}\n\n{"movieId": 2}\n')
    assert read(path)["movieId"].to_list() == [1, 2]
    assert [open_source(path).place(row) for row in (0, 1)] == ["films.ndjson, line 1", "films.ndjson, line 3"]


def test_a_source_without_lines_has_rows(tmp_path):
    RATINGS.write_parquet(tmp_path / "ratings.parquet")
    assert open_source(tmp_path / "ratings.parquet").place(5) == "ratings.parquet, row 5"
    assert open_source(RATINGS).place(5) == "the frame, row 5"
    query = Sql("select * from ratings", database(tmp_path / "ratings.db"))
    assert open_source(query).place(5) == "the query, row 5"


@pytest.mark.parametrize("source", [RATINGS, "ratings.csv", "ratings.parquet"])
def test_a_missing_column_is_told_with_those_there_are(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    RATINGS.write_csv("ratings.csv")
    RATINGS.write_parquet("ratings.parquet")
    with pytest.raises(BadData, match="has no column 'userid'") as raised:
        read(source, columns=["userid"])
    assert raised.value.expected == "one of its columns: userId, title, rating"
    assert raised.value.mend == "did you mean 'userId'?"


@pytest.mark.parametrize(
    ("name", "contents", "message"),
    [
        ("ratings.xls", "1", r"ratings\.xls is in no format known here"),
        ("ratings.csv", "", r"ratings\.csv is empty"),
        ("ratings.parquet", "", r"ratings\.parquet is empty"),
        (
            "ratings.csv",
            "a,b\n1,2\n1,2,3\n",
            r"ratings\.csv, line 3 has 3 cells \(UTF-8, separator ','\)\n.*2 cells, as in the header: a, b",
        ),
        (
            "ratings.csv",
            b"a,b\n1,\xc3\x89t\xc3\xa9\n2,\xc9t\xe9\n",
            r"ratings\.csv, line 3 is not UTF-8, and other lines",
        ),
        ("ratings.csv", 'a,b\n1,"open\n', r"ratings\.csv cannot be read"),
        ("ratings.ndjson", '{"a": 1}\n{"a": \n', r"ratings\.ndjson cannot be read"),
        ("ratings.parquet", "no parquet at all", r"ratings\.parquet cannot be read"),
        ("ratings.arrow", "no arrow at all", r"ratings\.arrow cannot be read"),
        ("ratings.csv.gz", "no gzip at all", r"ratings\.csv\.gz cannot be read"),
        ("ratings.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], r"ratings\.csv\.gz cannot be read"),
        ("ratings.csv.gz", gzip.compress(b"", mtime=0), r"ratings\.csv\.gz is empty"),
        ("ratings.csv", "\ufeff", r"ratings\.csv is empty"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(write, name, contents, message):
    with pytest.raises(BadData, match=message):
        read(write(name, contents))


def test_a_file_that_is_not_there_is_told_with_one_named_like_it(write):
    path = write("ratings.csv", "a\n1\n")
    with pytest.raises(BadData, match=r"there is no file '.*rating\.csv'") as raised:
        read(path.with_name("rating.csv"))
    assert raised.value.mend == "did you mean 'ratings.csv'?"


@pytest.mark.parametrize(
    "source",
    [
        {"rating": [5, 4.5], "userId": [1, "Ann"]},
        pd.DataFrame({"title": pd.Series(["Heat", np.nan], dtype=object), "userId": [1, "Ann"]}),
    ],
    ids=["dict", "pandas"],
)
def test_a_column_of_mixed_types_is_told(source):
    with pytest.raises(BadData, match="column 'userId' mixes types: 1 is int, 'Ann' is str"):
        read(source)


@pytest.mark.parametrize("source", [{"a": [1, 2], "b": [1]}, 5, np.zeros((2, 2, 2))])
def test_what_is_no_frame_is_told(source):
    with pytest.raises(BadData, match="cannot be read"):
        read(source)
