"""What a cell means is decided once, by the data of the training, and never by the other lines of a file."""

import sqlite3
from collections import namedtuple
from contextlib import closing
from dataclasses import make_dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rowwise as rw
from camps import two_camps
from rowwise.data.files.database import Sql
from rowwise.data.layout import IdColumn, Layout
from rowwise.data.reader import Reader
from rowwise.data.source import open_source, read
from rowwise.data.targets import Binary, Number
from rowwise.errors import BadData

TEXT_FILES = ("csv", "tsv", "ndjson")
FORMATS = (*TEXT_FILES, "parquet", "sql", "frame", "columns", "rows", "dicts")
RATINGS = Layout({"user": IdColumn("user"), "item": IdColumn("item")}, {}, "stars", Number())

texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=5, unique=True)
integers = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=5, unique=True)
few = settings(max_examples=20)  # each writes files in several formats


def stored(format: str, frame: pl.DataFrame, folder: Path):
    """The same cells in one of the formats."""
    path = folder / f"ratings.{format}"
    match format:
        case "csv":
            frame.write_csv(path)
        case "tsv":
            frame.write_csv(path, separator="\t")
        case "ndjson":
            frame.write_ndjson(path)
        case "parquet":
            frame.write_parquet(path)
        case "sql":
            return query(frame, path)
        case "columns":
            return frame.to_dict(as_series=False)
        case "rows":
            return frame.rows()
        case "dicts":
            return frame.to_dicts()
        case _:
            return frame
    return path


def query(frame: pl.DataFrame, path: Path) -> Sql:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"create table ratings ({', '.join(frame.columns)})")
        connection.executemany("insert into ratings values (?, ?, ?)", frame.rows())
        connection.commit()
    return Sql("select * from ratings", f"sqlite:///{path}")


def ratings(ids: list) -> pl.DataFrame:
    """A rating for each id of an item."""
    return pl.DataFrame({"user": list(range(len(ids))), "item": ids, "stars": [float(k) for k in range(len(ids))]})


def learnt(source) -> Reader:
    return Reader(RATINGS).fit(source, None).reader


@pytest.mark.parametrize("format", FORMATS)
@few
@given(texts | integers)
def test_an_id_comes_back_as_it_went_in_whatever_it_is_and_whatever_it_comes_in(format, tmp_path_factory, ids):
    source = stored(format, ratings(ids), tmp_path_factory.mktemp("ids"))
    vocabulary = learnt(source).vocabularies["item"]
    back = vocabulary.ids[1:].to_list()
    assert sorted(map(str, back)) == sorted(map(str, ids))
    if format not in TEXT_FILES or not all(isinstance(id, str) for id in ids):
        assert back == sorted(ids)


@pytest.mark.parametrize("asked", FORMATS)
@few
@given(texts | integers)
def test_an_id_is_known_whatever_it_was_learnt_from_and_whatever_it_is_asked_in(asked, tmp_path_factory, ids):
    folder = tmp_path_factory.mktemp("ids")
    for format in ("csv", "frame"):
        reader = learnt(stored(format, ratings(ids), folder))
        examples, report = reader.transform(stored(asked, ratings(ids), folder))
        vocabulary = reader.vocabularies["item"]
        assert [str(vocabulary.ids[row]) for row in examples.rows["item"].tolist()] == [str(id) for id in ids]
        assert report.unknown["item"] == 0


@pytest.mark.parametrize("format", FORMATS)
@few
@given(texts | integers, st.data())
def test_the_other_lines_of_a_file_never_change_what_an_id_is(format, tmp_path_factory, ids, data):
    folder = tmp_path_factory.mktemp("ids")
    known = data.draw(st.sampled_from([["7", "12", "0"], ["007", "7", "12"], ids]))
    reader = learnt(stored("csv", ratings([str(id) for id in known]), folder))
    whole = reader.transform(stored(format, ratings(ids), folder))[0].rows["item"]
    for k, id in enumerate(ids):
        alone = reader.transform(stored(format, ratings([id]), folder))[0].rows["item"]
        assert alone.tolist() == [whole[k]]


@few
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 3), st.floats(-5, 5, width=32)), min_size=2, max_size=9))
def test_rows_columns_frames_and_files_are_one(tmp_path_factory, rows):
    frame = pl.DataFrame(rows, schema={"user": pl.Int64, "item": pl.Int64, "stars": pl.Float64}, orient="row")
    if frame["stars"].n_unique() == 1:
        frame = pl.concat([frame, frame.with_columns(pl.col("stars") + 1)])
    wanted = Reader(RATINGS).fit(frame, None)
    Rating = namedtuple("Rating", frame.columns)
    Record = make_dataclass("Record", frame.columns)
    kinds = [stored(format, frame, tmp_path_factory.mktemp("ids")) for format in FORMATS]
    kinds += [
        iter(frame.rows()),
        [Rating(*row) for row in frame.rows()],
        [Record(*row) for row in frame.rows()],
        (list(row) for row in frame.rows()),
        frame.to_numpy(),
        frame.to_numpy(structured=True),
        frame.to_pandas(),
        frame.to_arrow(),
        frame.to_arrow().to_reader(),
        frame.lazy(),
        zip(frame["user"], frame["item"], frame["stars"], strict=True),
    ]
    for source in kinds:
        found = Reader(RATINGS).fit(source, None)
        assert found.reader.vocabularies == wanted.reader.vocabularies
        for column in ("user", "item"):
            assert found.training.rows[column].tolist() == wanted.training.rows[column].tolist()
        assert found.training.target.tolist() == wanted.training.target.tolist()


def test_the_isbn_of_the_bug_report(tmp_path):
    train = tmp_path / "train.csv"
    train.write_text("user,item,stars\n1,000000005X,2\n1,0000000001,4\n2,0000000002,5\n")
    reader = learnt(train)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text('user,item\n1,0000000001\n2,"0000000002"\n')
    wanted = [reader.vocabularies["item"].row(id) for id in ("0000000001", "0000000002")]
    assert reader.transform(pairs)[0].rows["item"].tolist() == wanted
    pairs.write_text("user,item\n1,0000000001\n2,0000000002\n4,000000005X\n")
    assert reader.transform(pairs)[0].rows["item"].tolist()[:2] == wanted


@pytest.mark.parametrize("cell", ["007", "3E2", "1.10", "true", "1.0", "+7", "12345678901234567890", "2020-01-01"])
def test_a_cell_that_only_looks_like_another_kind_is_text(tmp_path, cell):
    path = tmp_path / "train.csv"
    path.write_text(f"user,item,stars\n1,{cell},2\n1,7,4\n")
    assert set(learnt(path).vocabularies["item"].ids[1:]) == {cell, "7"}
    path.write_text(f"user,item,stars\n1,{cell},2\n1,{cell},4\n")
    assert list(learnt(path).vocabularies["item"].ids[1:]) == [cell]


def test_columns_that_share_a_table_have_ids_of_one_type(tmp_path):
    path = tmp_path / "friends.csv"
    path.write_text("user,friend,stars\n1,x,2\n2,1,4\n")
    layout = Layout({"user": IdColumn("user"), "friend": IdColumn("user")}, {}, "stars", Number())
    assert list(Reader(layout).fit(path, None).reader.vocabularies["user"].ids[1:]) == ["1", "2", "x"]


def test_only_the_columns_that_are_named_are_looked_at():
    frame = pd.DataFrame({"user": [1, 2], "item": ["a", "b"], "stars": [4, 5], "note": [1, "mixed"], "list": [[1], 2]})
    frame["empty"] = pd.arrays.SparseArray([0, 1])
    frame = pd.concat([frame, frame[["note"]]], axis=1)  # two columns of one name
    assert learnt(frame).vocabularies["item"].ids.to_list() == [None, "a", "b"]
    assert learnt({**frame[["user", "item", "stars"]], "short": [1]}).vocabularies["user"].ids.to_list() == [None, 1, 2]
    assert read(frame, columns=["empty"]).to_series().to_list() == [0, 1]
    with pytest.raises(BadData, match="the frame has 2 columns 'note'"):
        read(frame, columns=["note"])
    with pytest.raises(BadData, match="column 'list' cannot be read"):
        read(frame, columns=["list"])


def test_rows_that_are_none_are_told():
    with pytest.raises(BadData, match="row 1 has 2 cells\n  expected: 3 cells"):
        read([(1, 2, 3), (1, 2)])
    with pytest.raises(BadData, match="there are no rows"):
        read([])
    with pytest.raises(BadData, match="whose rows are int, cannot be read"):
        read([1, 2])
    assert read([(1, "a"), (2, "b")]).columns == ["column_0", "column_1"]


def test_a_cursor_gives_rows_with_names():
    with closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.execute("select 1 as user, 'a' as item, 4.5 as stars union select 2, 'b', 3.0")
        assert read(cursor).rows() == [(1, "a", 4.5), (2, "b", 3.0)]


def test_an_opened_source_is_not_read_again(tmp_path):
    path = tmp_path / "ratings.csv"
    ratings(["a", "b"]).write_csv(path)
    opened = open_source(path)
    path.unlink()
    reader = learnt(opened)
    assert reader.transform(opened)[0].rows["item"].tolist() == [1, 2]


def test_a_share_held_back_is_read_as_the_rest():
    layout = Layout({"item": IdColumn("item")}, {}, "mood", Binary())
    frame = pl.DataFrame({"item": ["a", "b"] * 10, "mood": ["good", "bad"] * 10})
    fitting = Reader(layout).fit(frame, 0.5)
    held, _ = fitting.held_back
    assert list(fitting.reader.layout.classes) == ["bad", "good"]
    assert held.target.tolist() == [
        float(row == fitting.reader.vocabularies["item"].row("a")) for row in held.rows["item"]
    ]


@pytest.mark.parametrize(
    ("cells", "classes"),
    [(["007", "8"], ["007", "8"]), (["0", "1"], []), (["1.0", "0.0"], []), (["true", "false"], ["false", "true"])],
)
def test_labels_are_numbers_where_all_are_spelt_as_numbers(tmp_path, cells, classes):
    path = tmp_path / "labels.csv"
    path.write_text("item,mood\n" + "".join(f"a,{cell}\n" for cell in cells))
    layout = Layout({"item": IdColumn("item")}, {}, "mood", Binary())
    fitting = Reader(layout).fit(path, None)
    assert list(fitting.reader.layout.classes) == classes
    assert sorted(fitting.training.target.tolist()) == [0, 1]
    assert fitting.reader.transform(path, "needed")[0].target.tolist() == fitting.training.target.tolist()
    assert np.isin(fitting.training.target, [0, 1]).all()


@pytest.mark.parametrize("cells", [[[1.0], []], [{"a": 1}, {"a": 2}], [b"1", b"2"]], ids=["lists", "structs", "bytes"])
def test_a_target_that_is_no_number_is_refused_where_it_is_only_compared_with_too(cells):
    fitted = rw.Recommender(factors=2, epochs=1).fit(two_camps(4)).fitted_
    with pytest.raises(BadData, match=r"column 'stars' holds .*\n  expected: numbers"):
        fitted.evaluate(pl.DataFrame({"user": [1, 2], "film": [1, 2], "stars": cells}))
