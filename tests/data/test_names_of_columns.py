"""A column may have any name: what Polars takes as a pattern, what we call our own columns, a sentence, nothing."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rowwise as rw
from rowwise.cli import main
from rowwise.data.files.write import write
from rowwise.data.opened import chosen, distinct
from rowwise.data.source import open_source
from rowwise.errors import BadData, BadOption

EXAMPLES = [(u, i, float((u + i) % 5 + 1)) for u in range(6) for i in range(8) if (u * i) % 3 != 1]
OURS = ["sample weight", "id", "ids", "row", "count", "len", "n", "prediction", "cosine", "user", "User", "said"]
PATTERNS = ["*", "^a.*$", "^.*$", "^$", "it's", 'say "x"', "{a}", "a\nb", " ", "=1+1", "a,b", "a/b", "..", "nan"]
ANY = st.text(max_size=8).map(lambda text: text.replace("\0", "") or "o")
NAMES = st.lists(st.sampled_from(OURS + PATTERNS) | ANY, min_size=3, max_size=3, unique=True)


def frame_of(names):
    return pl.DataFrame({name: [row[k] for row in EXAMPLES] for k, name in enumerate(names)})


def trained(names, source, **options):
    user, item, target = names
    recommender = rw.Recommender(user=user, item=item, target=target, factors=2, epochs=2)
    return recommender.fit(source, progress=False, **options).fitted_


PLAIN = frame_of(("who", "what", "much"))


@pytest.fixture(scope="module")
def plain():
    """What a model with tame names answers: names change nothing."""
    return trained(PLAIN.columns, PLAIN)


@settings(max_examples=6)
@given(NAMES)
def test_any_name_is_a_column_of_a_model(plain, tmp_path_factory, names):
    frame, folder = frame_of(names), tmp_path_factory.mktemp("names")
    fitted = trained(names, frame)
    expected = plain.predict(PLAIN)
    assert np.array_equal(fitted.predict(frame), expected)
    assert np.array_equal(fitted.predict(frame.lazy()), expected)
    assert fitted.evaluate(frame).metrics == plain.evaluate(PLAIN).metrics
    assert fitted.recommend([1, 2], 3).rows() == plain.recommend([1, 2], 3).rows()
    assert fitted.similar(1, 3).rows() == plain.similar(1, 3).rows()
    walk, wanted = fitted.steps(frame.row(0, named=True)), plain.steps(PLAIN.row(0, named=True))
    assert walk.values[walk.prediction] == wanted.values[wanted.prediction]  # a column may be called prediction
    assert np.array_equal(fitted.fit(frame, epochs=1, progress=False).predict(frame),
                          plain.fit(PLAIN, epochs=1, progress=False).predict(PLAIN))  # fmt: skip
    fitted.save(folder / "model")
    assert np.array_equal(rw.load(folder / "model").predict(frame), expected)


@pytest.mark.parametrize("name", ["*", "^a.*$", " ", "len", "id", "a\nb"])
def test_any_name_is_read_in_parts_and_from_any_file(plain, tmp_path, name):
    names = (name, "and what", "how much")
    frame = frame_of(names)
    in_parts = trained(names, frame.lazy(), chunk_rows=len(frame))
    assert in_parts.vocabularies[name].ids.equals(plain.vocabularies["who"].ids)
    for ending in ("csv", "parquet", "xlsx"):
        path = tmp_path / f"pairs.{ending}"
        write(frame, str(path))
        assert np.array_equal(trained(names, path).predict(path), plain.predict(PLAIN))


@pytest.mark.parametrize("name", ["^a.*$", "*", "it's", "=1+1"])
def test_any_name_is_typed(plain, tmp_path, capsys, name):
    names = (name, "ab", "how much")
    write(frame_of(names), str(tmp_path / "ratings.csv"))
    fitted = trained(names, frame_of(names))
    fitted.save(tmp_path / "model")
    fitted.sheet(tmp_path / "model.xlsx", data=frame_of(names))
    for command in (["predict", "ratings.csv"], ["recommend", "--user", "1", "-n", "3"]):
        verb, *rest = command
        rest = [str(tmp_path / "ratings.csv") if each == "ratings.csv" else each for each in rest]
        with pytest.raises(SystemExit) as end:
            main([verb, str(tmp_path / "model"), *rest, "--json"])
        assert end.value.code in (0, None)
        answer = json.loads(capsys.readouterr().out)
        assert list(answer[0])[:2] == [name, "ab"]
    assert [row["ab"] for row in answer] == plain.recommend(1, 3)["what"].to_list()


@pytest.mark.parametrize("name", ["^a.*$", "*", "len", "id"])
def test_examples_are_split_by_a_column_of_any_name(name):
    frame = pl.DataFrame({name: [1, 1, 2, 2], "ab": [4, 3, 2, 1], "len_": [0, 0, 0, 0]})
    assert rw.splits.last_out(frame, name).test["ab"].to_list() == [3, 1]
    assert rw.splits.by_value(frame, name, 2).test["ab"].to_list() == [2, 1]
    assert rw.splits.by_time(frame, name, fraction=0.25).test["ab"].to_list() == [1]


@given(st.lists(st.sampled_from(["a", "b", "a_2", "a_2_2", ""]) | st.text(max_size=2), max_size=8))
def test_names_are_made_distinct_and_those_that_were_so_stay(names):
    found = distinct(names)
    assert len(set(found)) == len(names)
    assert all(new == name for new, name in zip(found, names, strict=True) if names.count(name) == 1)


def test_a_name_that_is_there_twice_is_refused_in_every_format(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["u", "r", "r"], [1, 2, 3]):
        book.active.append(row)
    book.save(tmp_path / "twice.xlsx")
    (tmp_path / "twice.csv").write_text("u,r,r\n1,2,3\n")
    (tmp_path / "twice.json").write_text('[{"u": 1, "r": 2, "r": 3}]')
    sqlite = rw.sql("select 1 as u, 2 as r, 3 as r", f"sqlite:///{tmp_path}/twice.db")
    import sqlite3

    sqlite3.connect(tmp_path / "twice.db").close()
    (tmp_path / "twice.db").write_bytes(b"")
    for source in (tmp_path / "twice.xlsx", tmp_path / "twice.csv", sqlite):
        assert open_source(source).frame.rows() in [[("1", "2", "3")], [(1, 2, 3)]]
        with pytest.raises(BadData, match="has 2 columns 'r'"):
            open_source(source, columns=["u", "r"])
    with pytest.raises(BadData, match="two values for 'r'"):
        open_source(tmp_path / "twice.json")


def test_a_source_with_a_name_twice_is_read_where_nobody_asks_for_it():
    assert chosen(["u"], ["u", "r", "r"], name="it") == ["u"]
    assert chosen(None, ["u", "r", "r"], name="it") == ["u", "r", "r_3"]


@pytest.mark.parametrize("weights", [np.ones(len(EXAMPLES)), "sample weight"], ids=["an array", "a column"])
def test_a_column_called_as_our_weights_is_refused_beside_weights_and_renamed_does(weights):
    frame = frame_of(("sample weight", "item", "rating"))
    with pytest.raises(BadOption, match="a column called 'sample weight', and weights") as error:
        trained(frame.columns, frame, sample_weight=weights)
    assert error.value.mend == "frame.rename({'sample weight': 'weight'})"
    renamed = frame.rename({"sample weight": "user"})
    trained(renamed.columns, renamed, sample_weight="user" if isinstance(weights, str) else weights)
