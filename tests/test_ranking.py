"""Pairs in, lists out: what comes first is what suits, what was chosen is said, and popularity stands beside."""

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import rowwise as rw
from camps import two_camps
from rowwise import cli
from rowwise.errors import UnknownIdsWarning


def pairs(n=20):
    """Who likes what of `two_camps`: even users even films, odd users odd ones; two of each user's are not there."""
    return two_camps(n).filter(pl.col("stars") > 3).select("user", "film")


@pytest.fixture(scope="module")
def recommender():
    return rw.Recommender(factors=4, seed=0).fit(pairs(), validation=0.2)


def test_two_columns_are_pairs_and_become_lists(recommender):
    assert recommender.task_ == "ranking"
    assert (recommender.user_, recommender.item_, recommender.target_) == ("user", "film", None)
    best = recommender.recommend(list(range(20)), n=1)
    assert (best["user"] % 2 == best["film"] % 2).all()


@pytest.mark.parametrize("form", ["rows", "array", "file", "csv without a header"])
def test_pairs_are_the_same_in_whatever_form_they_come(form, recommender, tmp_path):
    frame, settings = pairs(), {}
    if form == "rows":
        given = [tuple(row) for row in frame.iter_rows()]
    elif form == "array":
        given = frame.to_numpy()
    else:
        given = tmp_path / "pairs.csv"
        frame.write_csv(given, include_header=form == "file")
        settings = {} if form == "file" else {"user": "user", "item": "film"}
        given = given if form == "file" else rw.File(given, header=False, columns=["user", "film"])
    found = rw.Recommender(factors=4, seed=0, **settings).fit(given, validation=0.2)
    assert found.lists_ == recommender.lists_
    tables = found.fitted_.parameters.tables
    assert all(np.array_equal(tables[name], table) for name, table in recommender.fitted_.parameters.tables.items())


def test_its_lists_are_measured_beside_those_of_popularity(recommender):
    assert recommender.lists_["the model"]["ndcg@10"] > 1.5 * recommender.lists_["popularity"]["ndcg@10"]
    assert "reg=" in recommender.fitted_.report


def test_ratings_are_ranked_where_that_is_asked_for_and_the_disliked_is_not_recommended_again():
    ratings = two_camps()
    found = rw.Recommender(task="ranking", likes=4, factors=4).fit(ratings)
    assert "'stars' from 4 on (as asked) is a like" in found.fitted_.report
    best = found.recommend(3, n=20)
    seen = ratings.filter(pl.col("user") == 3)["film"]
    assert not best["film"].is_in(seen.implode()).any()
    assert found.fitted_.predict(pl.DataFrame({"user": [3, 3], "film": [3, 2]}))[0] > 0.5


def test_a_constant_factor_of_ratings_changes_no_list():
    ratings = two_camps()
    lists = [
        rw.Recommender(task="ranking", factors=4).fit(ratings.with_columns(pl.col("stars") * a + b)).recommend(3, n=5)
        for a, b in ((1, 0), (20, -7))
    ]
    assert lists[0].equals(lists[1])


def test_who_is_unknown_is_answered_as_everybody_together(recommender):
    with pytest.warns(UnknownIdsWarning, match="999"):
        assert recommender.recommend(999, n=3)["film"].len() == 3


def test_a_model_of_lists_is_saved_stepped_and_measured_like_any_other(recommender, tmp_path):
    loaded = rw.load(recommender.fitted_.save(tmp_path / "model"))
    assert loaded.recommend(3).equals(recommender.recommend(3))
    walk = loaded.steps({"user": 3, "film": 3})
    assert float(walk.values["loss"]) == pytest.approx(
        (1 - loaded.predict({"user": [3], "film": [3]})[0]) ** 2, abs=1e-5
    )
    missing = pl.DataFrame({"user": list(range(20)), "film": list(range(20))})  # of their camp, and held back by all
    assert recommender.evaluate(missing).metrics["hit_rate@10"] == 1.0
    assert recommender.score(missing) == recommender.evaluate(missing).metrics["ndcg@10"]


def test_the_command_line_takes_pairs_and_says_how_good_both_kinds_of_lists_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pairs().write_csv("pairs.csv")
    two_camps().write_csv("ratings.csv")
    run = CliRunner()
    done = run.invoke(cli.main, ["train", "pairs.csv", "--user", "user", "--item", "film", "--factors", "4"])
    assert done.exit_code == 0, done.output
    assert "popularity" in done.stdout
    assert "NDCG@10" in done.stdout
    assert run.invoke(cli.main, ["recommend", "model", "--user", "3"]).exit_code == 0
    done = run.invoke(cli.main, ["train", "ratings.csv", "-o", "rated", "--epochs", "1"])
    assert done.exit_code == 0, done.output
    assert "error on the" in done.stdout
    assert "popularity" in done.stdout
