"""Bags whose rows count for what the data say."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.errors import BadData, BadOption


@rw.model(target="taste", loss=rw.squared_error)
def taste(films=rw.Bag("films", weights="stars")):
    return films


def histories(n: int = 200) -> pl.DataFrame:
    """Films 1 and 2 are worth 1, films 3 and 4 nothing; the taste is what a history is worth, by its stars."""
    random = np.random.default_rng(0)
    films = [random.integers(1, 5, random.integers(1, 5)) for _ in range(n)]
    stars = [random.uniform(0.5, 5, len(each)).astype(np.float32) for each in films]
    worth = [float((w * (f <= 2)).sum() / w.sum()) for f, w in zip(films, stars, strict=True)]
    return pl.DataFrame({"films": [f.tolist() for f in films], "stars": [w.tolist() for w in stars], "taste": worth})


@pytest.fixture(scope="module")
def fitted():
    return taste.fit(histories(), learning_rate=0.5, epochs=20, batch_size=8, engine="llvm")


def test_rows_find_what_they_are_worth_where_their_weights_say_how_much_they_count(fitted):
    assert fitted.table("films")["films_row"].to_list()[1:] == pytest.approx([1, 1, 0, 0], abs=1e-3)
    new = {"films": [[1, 3], [1, 3], [], [2, 4]], "stars": [[1.0, 3.0], [3.0, 1.0], [], [0.0, 0.0]]}
    assert fitted.predict(new) == pytest.approx([0.25, 0.75, 0, 0], abs=1e-3)


def test_a_saved_model_asks_for_its_weights(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    loaded = rw.load(tmp_path / "model")
    assert loaded.program == fitted.program
    assert (loaded.predict(histories()) == fitted.predict(histories())).all()
    with pytest.raises(BadData, match="has no column 'stars'"):
        loaded.predict({"films": [[1]]})


def test_histories_in_a_file_larger_than_memory_are_read_in_parts(fitted, tmp_path):
    histories().write_parquet(tmp_path / "histories.parquet")
    options = {"learning_rate": 0.5, "epochs": 6, "batch_size": 8, "engine": "llvm"}
    parts = taste.fit(tmp_path / "histories.parquet", chunk_rows=100, **options)
    assert parts.vocabularies == fitted.vocabularies
    assert parts.table("films")["films_row"].to_list()[1:] == pytest.approx([1, 1, 0, 0], abs=0.05)


def test_the_steps_say_what_each_row_counts_for(fitted):
    walk = fitted.steps({"films": [1, 3, 3], "stars": [2, 1, 1], "taste": 0.0})
    assert walk.arguments[0].shares == (0.5, 0.25, 0.25)
    assert "the mean, weighted by stars, of 3 rows" in str(walk)
    assert "in it count 1 for 0.5, 3 for 0.25, 3 for 0.25" in " ".join(str(walk).split())
    assert [float(move.gradient) for move in walk.moves] == pytest.approx([0.5, 0.5], abs=1e-3)
    with pytest.raises(BadData, match=r"'stars' is \[2\]\n  expected: 3 finite numbers of 0 or more, one for each of"):
        fitted.steps({"films": [1, 3, 3], "stars": [2]})


def test_the_words_of_a_text_have_no_weights():
    with pytest.raises(BadOption, match=r"weights='tfidf'.*\n.*\n.*a column of lists of words, without text="):
        rw.Bag("text", text=rw.Text(), weights="tfidf")
    with pytest.raises(BadOption, match="expected: the name of a column"):
        rw.Bag("films", weights=[1.0])
