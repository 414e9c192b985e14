"""Ratings in, recommendations out: two camps of people, and the manners of scikit-learn."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from camps import two_camps
from rowwise.api import zoo
from rowwise.api.recommender import MODELS
from rowwise.errors import BadData, BadOption


@pytest.fixture(scope="module", params=["auto", "xla"])
def camps(request):
    """A recommender that has seen two camps: machine code an example at a time, XLA eight at a time."""
    batch_size = 8 if request.param == "xla" else None
    recommender = rw.Recommender(factors=4, epochs=200, seed=0)
    return recommender.fit(two_camps(), engine=request.param, batch_size=batch_size)


def test_the_film_of_my_camp_comes_first(camps):
    assert all(camps.recommend(user, 1)["film"][0] == user for user in range(20))


def test_films_that_a_user_has_rated_are_not_recommended(camps):
    assert sorted(camps.recommend(7)["film"]) == [7, 8]


def test_films_of_one_camp_are_neighbours(camps):
    near = camps.similar(0, 9)["film"]
    assert all(film % 2 == 0 for film in near)


def test_what_a_camp_loves_is_predicted_high_and_what_it_hates_low(camps):
    loved, hated = camps.predict([(3, 3), (3, 4)])
    assert loved > 4.5
    assert hated < 1.5


def test_a_prediction_is_never_outside_the_ratings_of_the_training_data(camps):
    everything = [(user, film) for user in range(20) for film in range(20)]
    predictions = camps.predict(everything)
    assert predictions.min() >= 1
    assert predictions.max() <= 5


def test_the_error_on_ratings_held_back_is_small_and_score_is_minus_its_square(camps):
    held_back = pl.DataFrame({"user": [0, 1, 2], "film": [0, 2, 3], "stars": [5.0, 1.0, 1.0]})
    assert camps.evaluate(held_back).rmse < 0.5
    assert camps.score(held_back) == -camps.evaluate(held_back).mse


def test_the_same_seed_gives_the_same_model_bit_for_bit():
    def fitted(seed):
        return rw.Recommender(factors=4, epochs=2, seed=seed).fit(two_camps()).fitted_.parameters.tables["user"]

    assert np.array_equal(fitted(1), fitted(1))
    assert not np.array_equal(fitted(1), fitted(2))


@pytest.mark.parametrize("model", MODELS)
def test_every_model_fits_and_predicts(model):
    factors = 4 if "factors" in MODELS[model] else None
    recommender = rw.Recommender(model=model, factors=factors, epochs=2).fit(two_camps())
    assert recommender.fitted_.name == getattr(zoo, model).name
    assert np.isfinite(recommender.predict([(0, 0), (1, 0)])).all()


def test_the_first_three_columns_are_who_what_and_how_much():
    recommender = rw.Recommender(factors=2, epochs=1).fit(two_camps())
    assert (recommender.user_, recommender.item_, recommender.target_) == ("user", "film", "stars")


def test_pairs_and_ratings_apart_are_taken_as_scikit_learn_gives_them():
    ratings = two_camps()
    recommender = rw.Recommender(factors=2, epochs=1)
    recommender.fit(ratings.select("user", "film").to_numpy(), ratings["stars"].to_numpy())
    assert recommender.predict(np.array([[0, 1]])).shape == (1,)


def test_scikit_learn_clones_a_recommender_with_its_settings():
    base = pytest.importorskip("sklearn.base")
    recommender = rw.Recommender(factors=7, seed=3)
    assert base.clone(recommender).get_params() == recommender.get_params()


def test_settings_change_by_name():
    assert rw.Recommender().set_params(factors=3).factors == 3
    with pytest.raises(BadOption, match="'factor' is no setting"):
        rw.Recommender().set_params(factor=3)


@pytest.mark.parametrize(
    ("columns", "task"), [(["user"], "auto"), (["user"], "ranking"), (["user", "film"], "ratings")]
)
def test_a_frame_with_too_few_columns_is_refused(columns, task):
    with pytest.raises(
        BadData, match=rf"the ratings have the columns {', '.join(columns)}[\s\S]*who, what, and mostly how much"
    ):
        rw.Recommender(task=task).fit(two_camps().select(columns))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"model": "forest"}, "model='forest'[\\s\\S]*one of matrix_factorization, biases_only"),
        ({"factors": 0}, "factors=0[\\s\\S]*1 or more"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
def test_a_setting_outside_its_range_is_refused(settings, told):
    with pytest.raises(BadOption, match=told):
        rw.Recommender(**settings).fit(two_camps())


def test_training_goes_on_with_more_ratings():
    recommender = rw.Recommender(factors=2, epochs=3).partial_fit(two_camps())
    before = recommender.predict([(0, 0)])[0]
    recommender.partial_fit(np.array([[0, 0]]), [1.0], epochs=20)
    assert recommender.predict([(0, 0)])[0] < before - 0.5
    assert len(recommender.history_) == 23
