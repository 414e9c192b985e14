"""What the first data fixed is looked at again when more come: followed, said, or refused."""

import polars as pl
import pytest

import rowwise as rw
from rowwise.errors import BadData

STARS = pl.DataFrame({"user": [1, 1, 2, 2], "film": [1, 2, 1, 2], "stars": [1.0, 5.0, 4.0, 2.0]})


def first():
    return rw.Recommender(factors=2, epochs=2).fit(STARS, progress=False)


def test_ratings_outside_the_range_widen_it():
    found = first().partial_fit({"user": [1] * 3, "film": [2] * 3, "stars": [9.0] * 3}, epochs=200, learning_rate=0.05)
    assert found.predict([(1, 2)])[0] > 5.5
    assert "the highest of stars is now 9; it was 5" in found.fitted_.report
    assert found.fitted_.means["target.lowest"] == 1


def test_mean_and_spread_stay_and_the_report_says_where_new_ratings_are_far_from_them():
    before = first().fitted_.means
    found = first().partial_fit({"user": [1, 2], "film": [1, 2], "stars": [9.0, 8.5]})
    assert {n: found.fitted_.means[f"target.{n}"] for n in ("mean", "spread")} == {
        n: before[f"target.{n}"] for n in ("mean", "spread")
    }
    assert "the mean of stars stays 3, beside which rows were learnt, though that of these examples is 8.75" in (
        found.fitted_.report
    )


def test_ratings_like_the_first_are_taken_without_a_word():
    assert "stars" not in first().partial_fit(STARS).fitted_.report.rpartition("trained further")[2].replace("film", "")


@rw.model(target="kind", loss=rw.categorical_cross_entropy)
def kinds(film=rw.Row("film", 3)):
    return film


@pytest.mark.parametrize("kind", [3, 7])
def test_a_class_that_the_model_has_no_score_for_is_refused_at_first_and_later(kind):
    data = {"film": [1, 2, 3], "kind": [0, 1, 2]}
    new = {"film": [1, 2], "kind": [0, kind]}
    with pytest.raises(BadData, match=rf"class {kind} in 1 examples[\s\S]*one of the 3 classes"):
        kinds.fit(new, progress=False)
    with pytest.raises(BadData, match=rf"class {kind} in 1 examples[\s\S]*one of the 3 classes"):
        kinds.fit(data, progress=False).fit(new, progress=False)
