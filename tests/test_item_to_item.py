"""Lists from what each user has: the default of the ranking task, and a model like any other."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from calculators import farthest, ironcalc, poisoned, remembered
from camps import two_camps
from rowwise.errors import BadFolder, BadOption, UnknownIdsWarning


def pairs(n=20):
    """Who likes what of `two_camps`: even users even films, odd users odd ones; two of each user's are not there."""
    return two_camps(n).filter(pl.col("stars") > 3).select("user", "film")


@pytest.fixture(scope="module")
def fitted():
    return rw.Recommender().fit(pairs()).fitted_


@pytest.fixture(scope="module")
def rated():
    return rw.Recommender(task="ranking").fit(two_camps()).fitted_


def by_hand(fitted, user, film):
    """trust · Σ worth · weight + (1 - trust) · popularity, from the tables."""
    who, what = (fitted.vocabularies[name].row(id) for name, id in (("user", user), ("film", film)))
    tables, seen = fitted.parameters.tables, fitted.seen
    worth = seen.weights["worth"][seen.starts[who] : seen.starts[who + 1]]
    trust = tables["trust"][who]
    return trust * (worth @ tables["weight"][seen[who], what]) + (1 - trust) * tables["popularity"][what]


def test_pairs_are_learnt_item_to_item_and_the_report_says_so(fitted):
    assert fitted.name == "item_to_item"
    assert "item to item, penalty=" in fitted.report
    best = fitted.recommend(list(range(20)), n=1)
    assert (best["user"] % 2 == best["film"] % 2).all()


@pytest.mark.parametrize("model", ["fitted", "rated"])
def test_a_prediction_is_the_sum_of_what_each_thing_says(model, request):
    fitted = request.getfixturevalue(model)
    for user, film in ((3, 3), (3, 4), (8, 8), (8, 1)):
        found = fitted.predict({"user": [user], "film": [film]})[0]
        assert found == pytest.approx(by_hand(fitted, user, film), abs=1e-6)
        assert fitted.steps({"user": user, "film": film}).values["score"] == pytest.approx(found, abs=1e-6)


def test_histories_longer_than_memory_holds_are_read_in_parts(rated, monkeypatch):
    asked = {"user": [k % 21 for k in range(100)], "film": [k % 20 for k in range(100)]}
    with pytest.warns(UnknownIdsWarning):  # user 20 has nothing
        whole = rated.predict(asked)
    for together in (1, 7, 40):
        monkeypatch.setattr("rowwise.program.passes.histories.TOGETHER", together)
        with pytest.warns(UnknownIdsWarning):
            assert np.array_equal(rated.predict(asked), whole)


def test_the_steps_name_what_the_user_has_and_what_says_most_first(rated):
    walk = rated.steps({"user": 4, "film": 4})
    history = next(argument for argument in walk.arguments if argument.name == "history")
    assert all(name.endswith(" → 4") for name in history.ids)
    having = [int(name.split(" → ")[0]) for name in history.ids]
    assert set(having) == set(two_camps().filter(pl.col("user") == 4)["film"])
    assert all(film % 2 == 0 for film in having[:8])  # of their own camp


def test_saved_and_loaded_it_answers_the_same(rated, tmp_path):
    loaded = rw.load(rated.save(tmp_path / "model"))
    assert loaded.recommend([1, 2, 3]).equals(rated.recommend([1, 2, 3]))
    assert loaded.steps({"user": 4, "film": 4}).to_json() == rated.steps({"user": 4, "film": 4}).to_json()


def test_a_folder_without_the_histories_is_damaged(fitted, tmp_path):
    folder = fitted.save(tmp_path / "model")
    (folder / "seen.parquet").unlink()
    with pytest.raises(BadFolder):
        rw.load(folder)


def test_a_new_user_is_folded_in_exactly_and_nobody_else_is_moved(fitted):
    old = {"user": list(range(20)), "film": list(range(20))}
    new = {"user": ["a"] * 9, "film": [0, 2, 4, 6, 8, 10, 12, 14, 16]}
    with pytest.raises(rw.RowwiseError):
        fitted.fold_in(new)  # users are whole numbers here
    new["user"] = [99] * 9
    found = fitted.fold_in(new)
    assert np.array_equal(found.predict(old), fitted.predict(old))
    assert found.recommend(99, n=1)["film"][0] == 18
    assert found.predict({"user": [99], "film": [18]})[0] == pytest.approx(by_hand(found, 99, 18), abs=1e-6)
    more = {"user": [3, 99], "film": [4, 18]}
    assert np.array_equal(found.fold_in(more).predict(old), fitted.predict(old))  # no user is new
    assert not np.array_equal(found.update(more).predict(old), fitted.predict(old))


def test_a_new_user_is_worth_what_was_given(rated):
    alike = two_camps().filter(pl.col("user") == 4).with_columns(user=pl.lit(99))
    found = rated.fold_in(alike)
    asked = {"user": [4] * 20 + [99] * 20, "film": list(range(20)) * 2}
    predicted = found.predict(asked)
    assert np.array_equal(predicted[:20], predicted[20:])


def test_who_is_unknown_gets_what_is_popular_and_a_short_history_speaks_more_softly():
    one = pl.DataFrame({"user": [50], "film": [0]})
    many = pl.DataFrame({"user": [51, 52, 53], "film": [19, 19, 19]})
    fitted = rw.Recommender().fit(pl.concat([pairs(), one, many])).fitted_
    with pytest.warns(UnknownIdsWarning):
        best = fitted.recommend(999, n=20)
    popularity = dict(zip(*fitted.table("popularity").drop_nulls().get_columns(), strict=True))
    assert best["film"][0] == 19
    assert best["prediction"].to_list() == pytest.approx([popularity[film] for film in best["film"]])
    trust = dict(zip(*fitted.table("trust").drop_nulls().get_columns(), strict=True))
    assert trust[50] < trust[0] < 1


@pytest.mark.parametrize(("of", "most"), [("LARGEST", 1000), ("SMALLER", 19)])
def test_past_a_size_it_is_factors_and_the_report_says_so(of, most, monkeypatch):
    monkeypatch.setattr(f"rowwise.train.item_to_item.{of}", most)
    found = rw.Recommender().fit(pairs())
    assert found.model_ == "implicit_factorization"
    assert "64 factors: of 20 items, a number for each pair would be too many" in found.fitted_.report


def test_no_epoch_trains_it(fitted):
    with pytest.raises(BadOption, match="no epoch of examples trains it"):
        fitted.fit(pairs())


def test_everything_rated_is_kept_off_the_list_and_the_better_liked_says_more():
    ratings = two_camps()
    found = rw.Recommender(task="ranking").fit(ratings)
    seen = ratings.filter(pl.col("user") == 3)["film"]
    assert not found.recommend(3, n=20)["film"].is_in(seen.implode()).any()
    said = found.fitted_.predict({"user": [3, 3], "film": [3, 4]})  # of their camp, and of the other
    assert said[0] > said[1] + 0.3


@pytest.mark.parametrize("data", [None, {"user": [1, 2, 3], "film": [1, 2, 4]}])
def test_the_workbook_comes_to_the_same_numbers(rated, data, tmp_path):
    path = rated.sheet(tmp_path / "model.xlsx", data=data, examples=5)
    found = ironcalc(poisoned(path, tmp_path / "poisoned.xlsx"))
    apart, where = farthest(found, remembered(path))
    assert apart < 1e-9, where


@pytest.mark.parametrize("ids", [["a", "b → c"], ["a → b", "c"]])
def test_ids_that_hold_an_arrow_are_told_apart(ids):
    data = pl.DataFrame({"user": [0, 0, 1, 1], "film": ["a", "b → c", "a → b", "c"]})
    walk = rw.Recommender().fit(data).fitted_.steps({"user": ids.index(ids[0]), "film": ids[1]})
    history = next(argument for argument in walk.arguments if argument.name == "history")
    assert all(name.startswith('"') for name in history.ids)


def test_its_export_is_one_module(fitted, tmp_path):
    assert fitted.export(tmp_path / "model.wasm").read_bytes()[:4] == b"\0asm"
