"""The default never loses to "biases only" without saying so, on stars, on chance, on counts, on next to nothing."""

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

import rowwise as rw
from rowwise.api import recommender
from rowwise.api.baselines import baselines
from rowwise.cli import main
from rowwise.data import splits
from rowwise.data.tails import tail, tamed

NAMES = {"user": "user", "item": "film", "target": "stars"}


def ratings(stars, n_users=40, n_films=25, n=1500, seed=0):
    random = np.random.default_rng(seed)
    user, film = random.integers(0, n_users, n), random.integers(0, n_films, n)
    return pl.DataFrame({"user": user, "film": film, "stars": stars(random, user, film)})


CHANCE = ratings(lambda random, user, film: random.integers(1, 6, len(user)), 100, 50, 2000)


def plays(random, user, film):
    """How often each user hears each film: some hear much, some films are heard much, and each likes some kind."""
    worth, generous = random.lognormal(0, 1, 25)[film], random.lognormal(0, 1, 40)[user]
    return random.poisson(3 * worth * generous * np.where((user + film) % 2, 2.0, 0.5))


def test_where_there_is_nothing_but_chance_biases_are_kept_and_the_report_says_why():
    found = rw.Recommender(**NAMES).fit(CHANCE, validation=0.1, progress=False)
    assert found.model_ == found.fitted_.name == "biases_only"
    assert "biases only is kept: its MSE on the examples held back is" in found.fitted_.report
    assert found.not_kept_["mse"] > found.history_["validation_mse"][-1]


@pytest.mark.parametrize("model", recommender.MODELS)
def test_a_model_that_was_asked_for_is_kept(model):
    asked = clone(rw.Recommender(**NAMES, epochs=2, model=model))
    assert asked.get_params()["model"] == model
    assert repr(asked).startswith(f"Recommender(model={model!r}")
    found = asked.fit(CHANCE, validation=0.2, progress=False)
    assert found.model_ == found.fitted_.name == model
    assert found.not_kept_ == {}


def test_the_default_model_is_none_which_leaves_the_choice_open_also_in_a_clone():
    default = rw.Recommender(**NAMES)
    assert default.get_params()["model"] is clone(default).get_params()["model"] is None
    assert repr(rw.Recommender()) == "Recommender(model=None, epochs=20, seed=0)"
    assert default.fit(CHANCE, progress=False).model_ == "matrix_factorization"


def test_a_model_that_the_command_line_asks_for_is_saved(tmp_path):
    CHANCE.write_csv(tmp_path / "r.csv")
    asked = ["train", str(tmp_path / "r.csv"), "-o", str(tmp_path / "m"), "--model", "matrix_factorization"]
    said = CliRunner().invoke(main, [*asked, "--epochs", "2"])
    assert said.exit_code == 0, said.output
    assert rw.load(tmp_path / "m").name == "matrix_factorization"


NOTHING = "no ratings were held back: validation=0.1 (--validation 0.1) compares with biases only"


def test_without_ratings_held_back_the_report_says_that_nothing_was_compared(tmp_path):
    assert NOTHING in rw.Recommender(**NAMES, epochs=1).fit(CHANCE, progress=False).fitted_.report.splitlines()
    for told in ({"validation": 0.1}, {}):
        asked = rw.Recommender(**NAMES, epochs=1, model=None if told else "dot_product")
        assert "held back:" not in asked.fit(CHANCE, progress=False, **told).fitted_.report
    CHANCE.write_csv(tmp_path / "r.csv")
    asked = ["train", str(tmp_path / "r.csv"), "-o", str(tmp_path / "m"), "--epochs", "1", "--validation", "0"]
    assert NOTHING in CliRunner().invoke(main, asked).output.splitlines()


def test_the_table_of_the_command_line_shows_both_and_says_which_is_saved(tmp_path):
    CHANCE.write_csv(tmp_path / "r.csv")
    said = CliRunner().invoke(main, ["train", str(tmp_path / "r.csv"), "-o", str(tmp_path / "m")])
    assert said.exit_code == 0, said.output
    assert "biases only  " in said.output
    assert "matrix factorization  " in said.output
    assert "the model that is saved is biases only" in said.output
    assert "rowwise similar" not in said.output  # there are no rows to compare
    assert rw.load(tmp_path / "m").name == "biases_only"


@pytest.mark.parametrize("seed", [0, 1])
def test_on_counts_the_default_beats_both_baselines(seed):
    data = ratings(plays, n=4000, seed=seed)
    train, test = splits.random(data, fraction=0.2, seed=seed)
    found = rw.Recommender(**NAMES).fit(train, progress=False)
    for name, baseline in baselines(train, test, **NAMES).items():
        assert found.evaluate(test).mse < baseline.mse, name
    assert "stars has a long tail" in found.fitted_.report
    assert "rw.poisson" in found.fitted_.report


def test_one_rating_of_a_million_leaves_the_predictions_of_the_others_as_they_were():
    stars = ratings(lambda random, user, film: 1.0 + (user + film) % 5)
    wrong = stars.with_columns(stars=pl.when(pl.int_range(pl.len()) == 700).then(1e6).otherwise("stars"))
    plain, found = (rw.Recommender(**NAMES, epochs=3).fit(data, progress=False) for data in (stars, wrong))
    assert np.abs(found.predict(stars) - plain.predict(stars)).max() < 0.5
    assert "1 of 1,500 numbers in stars is far from the rest, which is 1 to 5" in found.fitted_.report


TINY = {
    "ten": {
        "user": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4],
        "film": [1, 2, 3, 1, 2, 3, 1, 2, 3, 1],
        "stars": [1, 2, 3, 4, 5] * 2,
    },
    "one user": {"user": [1] * 20, "film": list(range(20)), "stars": [1, 2, 3, 4] * 5},
    "one film": {"user": list(range(20)), "film": [1] * 20, "stars": [1, 2, 3, 4] * 5},
    "all different": {"user": list(range(20)), "film": list(range(20)), "stars": [1, 2, 3, 4] * 5},
    "zeros and a one": {"user": [1] * 20, "film": list(range(20)), "stars": [0] * 19 + [1]},
}


@pytest.mark.filterwarnings("ignore::rowwise.errors.UnknownIdsWarning")
@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("validation", [None, 0.2])
def test_next_to_nothing_is_answered_inside_its_range(name, validation):
    stars = TINY[name]["stars"]
    trained = rw.Recommender(**NAMES).fit(TINY[name], validation=validation, progress=False)
    predictions = trained.predict(pl.DataFrame(TINY[name]))
    assert "trained again" not in trained.fitted_.report
    assert (predictions >= min(stars)).all()
    assert (predictions <= max(stars)).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0.01, 100), st.floats(-100, 100))
def test_what_is_far_from_the_rest_does_not_depend_on_the_unit(numbers, a, b):
    plain = pl.Series("y", numbers)
    nearer, said = tamed(plain, "stars")
    mapped, said_too = tamed(plain * a + b, "stars")
    assert nearer.min() >= plain.min()
    assert nearer.max() <= plain.max()
    if said and said_too:
        np.testing.assert_allclose(mapped.to_numpy(), (nearer * a + b).to_numpy(), rtol=1e-6, atol=1e-3)


def test_stars_have_no_tail_and_nothing_far():
    stars = pl.Series("stars", [1.0, 3.0, 4.0, 4.0, 5.0, 5.0, 5.0] * 20)
    assert tamed(stars, "stars")[1] == ""
    assert tail(stars, "stars") == ""
