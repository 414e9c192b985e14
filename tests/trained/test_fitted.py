"""What a fitted model answers: predictions, errors, recommendations, neighbours, tables; numbers worked out by hand."""

import warnings
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.api.fitted import Fitted
from rowwise.data.ragged import Ragged
from rowwise.data.targets import TARGETS
from rowwise.errors import BadData, BadOption, UnknownId, UnknownIdsWarning
from rowwise.trained import recommend as recommending
from rowwise.trained.metrics import Evaluation, measure
from untrained import fitted_of, two_keys

USERS, FILMS = list(range(1, 10)), [f"film {k}" for k in range(8)]


@pytest.fixture(scope="module")
def fitted():
    """9 users, 8 films, random rows, a mean of 3.25; nothing seen."""
    return two_keys()


def by_hand(fitted, user, film):
    """The prediction for one pair of rows."""
    t = fitted.parameters.tables
    return t["user"][user] @ t["film"][film] + t["user_bias"][user] + t["film_bias"][film] + 3.25


def with_seen(fitted, pairs):
    """The model with pairs of rows that training has seen."""
    counts = np.bincount([user for user, _ in pairs], minlength=10)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Fitted(replace(fitted.trained, seen=Ragged(starts, np.int32([film for _, film in sorted(pairs)]))))


# predict


def test_a_prediction_is_the_function_of_the_rows(fitted):
    found = fitted.predict({"userId": [3, 1, 3], "filmId": ["film 0", "film 7", "film 2"]})
    np.testing.assert_allclose(found, [by_hand(fitted, *pair) for pair in [(3, 1), (1, 8), (3, 3)]], rtol=1e-5)
    assert found.dtype == np.float32


def test_unknown_ids_are_answered_from_the_unknown_row_and_counted(fitted):
    pairs = {"userId": [3, 99, 98], "filmId": ["film 0", "film 0", "film 1000"]}
    with pytest.warns(UnknownIdsWarning) as told:
        found = fitted.predict(pairs)
    np.testing.assert_allclose(found, [by_hand(fitted, *pair) for pair in [(3, 1), (0, 1), (0, 0)]], rtol=1e-5)
    assert [str(one.message) for one in told] == [
        "training never saw the userId of 2 of 3 examples: answered from the unknown row",
        "training never saw the filmId of 1 of 3 examples: answered from the unknown row",
    ]
    assert told[0].filename == __file__  # the warning points at the caller


def test_known_ids_warn_of_nothing(fitted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.predict({"userId": [1], "filmId": ["film 0"]})


def test_an_id_is_found_as_a_number_and_as_text(fitted):
    text, number = ({"userId": [user], "filmId": ["film 3"]} for user in ("5", 5))
    np.testing.assert_array_equal(fitted.predict(text), fitted.predict(number))


def test_a_missing_column_is_named(fitted):
    with pytest.raises(BadData, match="no column 'filmId'"):
        fitted.predict({"userId": [1]})


def test_a_model_without_a_prediction_says_so():
    @rw.model()
    def alone(user=rw.Row("userId", 2)):
        return (user**2).sum()

    with pytest.raises(BadOption, match=r"(?s)alone returns its own loss and no prediction.*return the score beside"):
        fitted_of(alone, {"userId": [1, 2]}).predict({"userId": [1]})


def test_a_clip_cuts_what_is_predicted():
    @rw.model(target="stars", loss=rw.squared_error, clip=(1, 5))
    def clipped(user=rw.Row("userId")):
        return user

    fitted = fitted_of(clipped, {"userId": [1, 2, 3]})
    fitted.parameters.tables["user"][1:] = [-7, 3, 70]
    assert fitted.predict({"userId": [1, 2, 3]}).tolist() == [1, 3, 5]


# evaluate


def test_errors_are_those_worked_out_by_hand():
    @rw.model(target="stars", loss=rw.squared_error)
    def bias(user=rw.Row("userId")):
        return user

    fitted = fitted_of(bias, {"userId": [1, 2]})
    fitted.parameters.tables["user"][...] = [3, 1, 2]
    found = fitted.evaluate({"userId": [1, 1, 2, 9], "stars": [1.0, 3.0, 5.0, 4.0]})  # errors 0, -2, -3, -1
    assert found.metrics == pytest.approx({"mse": 14 / 4, "rmse": (14 / 4) ** 0.5, "mae": 6 / 4})
    assert (found.examples, found.unknown) == (4, {"userId": 1})
    assert found.rmse == found.metrics["rmse"]
    assert str(found) == "MSE 3.5000, RMSE 1.8708, MAE 1.5000 on 4 examples (1 with an unknown userId)"


def test_evaluating_one_rating_or_equal_ratings_is_fine(fitted):
    pairs = {"userId": [1, 1], "filmId": ["film 0", "film 1"], "rating": [3.0, 3.0]}
    assert fitted.evaluate(pairs).examples == 2


def test_evaluating_without_a_target_is_refused(fitted):
    with pytest.raises(BadData, match=r"(?s)the frame has no column 'rating'.*add the column"):
        fitted.evaluate({"userId": [1], "filmId": ["film 0"]})


@pytest.mark.parametrize(
    ("targets", "predictions", "target", "wanted"),
    [
        ("binary", [0.5, 0.25], [1, 0], {"log_loss": -(np.log(0.5) + np.log(0.75)) / 2, "accuracy": 0.5}),
        ("margin", [0.5, 0.25], [1, 0], {"hinge": (0.5 + 1.25) / 2, "accuracy": 0.5}),
        ("margin", [3.0, -0.25], [1, 0], {"hinge": 0.75 / 2, "accuracy": 1.0}),
        ("class", [[0.5, 0.5, 0], [0.1, 0.1, 0.8]], [1, 2], {"log_loss": -np.log([0.5, 0.8]).mean(), "accuracy": 0.5}),
        ("count", [2.0, 1.0], [2, 0], {"deviance": 1.0, "mse": 0.5, "rmse": 0.5**0.5, "mae": 0.5}),
        ("number", [2.0, 1.0], [2, 0], {"mse": 0.5, "rmse": 0.5**0.5, "mae": 0.5}),
    ],
)
def test_each_kind_of_target_has_its_errors(targets, predictions, target, wanted):
    found = measure(np.float32(predictions), np.float32(target), targets=TARGETS[targets])
    assert found == pytest.approx(wanted)
    assert list(found) == list(wanted)  # the first is what training watches


def test_a_certain_and_wrong_prediction_costs_much_and_not_everything():
    assert measure(np.float32([0.0]), np.float32([1.0]), targets=TARGETS["binary"])["log_loss"] == pytest.approx(
        34.5, abs=0.1
    )


def test_an_evaluation_has_no_other_numbers():
    with pytest.raises(AttributeError, match="auc"):
        _ = Evaluation({"mse": 1.0}, 1).auc


# recommend


@pytest.mark.parametrize("chunk", [1, 3, 1 << 18])
def test_recommendations_are_the_best_of_all_unseen_items(fitted, chunk, monkeypatch):
    monkeypatch.setattr(recommending, "CHUNK", chunk)
    seen = [(2, 1), (2, 8), (2, 4), (5, 3)]
    model = with_seen(fitted, seen)
    found = model.recommend([5, 2, 1], 4)
    assert found.columns == ["userId", "filmId", "prediction"]
    for user in (5, 2, 1):
        scores = {f"film {k - 1}": by_hand(fitted, user, k) for k in range(1, 9) if (user, k) not in seen}
        best = sorted(scores, key=scores.get, reverse=True)[:4]
        mine = found.filter(pl.col("userId") == user)
        assert mine["filmId"].to_list() == best
        np.testing.assert_allclose(mine["prediction"], [scores[film] for film in best], rtol=1e-5)
    assert found["userId"].to_list() == [5] * 4 + [2] * 4 + [1] * 4


def test_fewer_items_than_asked_for_are_all_there_are(fitted):
    model = with_seen(fitted, [(2, film) for film in range(1, 8)])
    assert model.recommend(2, 100)["filmId"].to_list() == ["film 7"]
    assert len(model.recommend(1, 100)) == 8
    everything = with_seen(fitted, [(2, film) for film in range(1, 9)])
    assert len(everything.recommend(2)) == 0


def test_one_user_is_given_bare(fitted):
    assert fitted.recommend(3, 2).equals(fitted.recommend([3], 2))
    assert fitted.recommend(np.int64(3), 2)["userId"].to_list() == [3, 3]


def test_a_user_never_seen_gets_what_suits_the_unknown_row(fitted):
    model = with_seen(fitted, [(0, film) for film in range(1, 9)])  # what rare users have seen is not what this one has
    scores = [by_hand(fitted, 0, film) for film in range(1, 9)]
    with pytest.warns(UnknownIdsWarning, match="training never saw userId 12345: answered from the unknown row"):
        found = model.recommend(12345, 1)
    assert found.row(0)[:2] == (12345, FILMS[int(np.argmax(scores))])


def test_equal_scores_come_in_the_order_of_the_rows(fitted):
    flat = two_keys()
    for table in flat.parameters.tables.values():
        table[...] = 0
    assert flat.recommend(1, 3)["filmId"].to_list() == ["film 0", "film 1", "film 2"]


def test_no_users_have_no_recommendations(fitted):
    found = fitted.recommend([], 3)
    assert found.shape == (0, 3)


def test_what_a_model_reads_besides_must_be_given():
    @rw.model(target="stars", loss=rw.squared_error)
    def aged(user=rw.Row("userId"), film=rw.Row("filmId", init="normal"), age=rw.Value("age")):
        return user + film * age

    fitted = fitted_of(aged, {"userId": [1, 2], "filmId": [1, 2, 3]})
    with pytest.raises(BadOption, match=r"(?s)aged also reads age.*values=\{'age': 1.0\}"):
        fitted.recommend(1, 1)
    highest = fitted.recommend(1, 1, values={"age": 1.0})["filmId"].item()
    assert fitted.recommend(1, 3, values={"age": -1.0})["filmId"].to_list()[-1] == highest


@pytest.mark.parametrize("n", [0, -1])
def test_no_recommendations_and_no_neighbours_cannot_be_asked_for(fitted, n):
    with pytest.raises(BadOption, match=f"n={n}"):
        fitted.recommend(1, n)
    with pytest.raises(BadOption, match=f"n={n}"):
        fitted.similar("film 1", n)


def test_a_model_of_one_key_recommends_nothing():
    @rw.model(target="stars", loss=rw.squared_error)
    def bias(user=rw.Row("userId")):
        return user

    with pytest.raises(BadOption, match=r"(?s)bias reads the ids of userId.*two columns of ids"):
        fitted_of(bias, {"userId": [1]}).recommend(1)


def test_a_model_of_classes_recommends_nothing():
    @rw.model(target="kind", loss=rw.categorical_cross_entropy)
    def kinds(user=rw.Row("userId", 3), film=rw.Row("filmId", 3)):
        return user * film

    fitted = fitted_of(kinds, {"userId": [1], "filmId": [1, 2]})
    assert fitted.predict({"userId": [1], "filmId": [2]}).sum() == pytest.approx(1)
    with pytest.raises(BadOption, match=r"(?s)kinds predicts \(3,\) numbers for each pair.*use predict"):
        fitted.recommend(1)


# similar


def test_neighbours_are_those_with_the_highest_cosine(fitted):
    rows = fitted.parameters.tables["film"]
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosine = unit @ unit[4]  # film 3
    cosine[[0, 4]] = -2
    best = np.argsort(-cosine)[:3]
    found = fitted.similar("film 3", 3)
    assert found["filmId"].to_list() == [FILMS[row - 1] for row in best]
    np.testing.assert_allclose(found["cosine"], cosine[best], rtol=1e-5)


def test_an_id_is_not_its_own_neighbour_and_nor_is_the_unknown_row(fitted):
    found = fitted.similar("film 3", 100)
    assert set(found["filmId"]) == set(FILMS) - {"film 3"}
    assert found["cosine"].is_sorted(descending=True)


def test_neighbours_of_a_user_are_asked_for_by_column(fitted):
    assert set(fitted.similar(4, 100, column="userId")["userId"]) == set(USERS) - {4}


def test_a_row_of_zeros_is_like_nothing(fitted):
    model = two_keys()
    model.parameters.tables["film"][4] = 0
    assert model.similar("film 3", 8)["cosine"].to_list() == [0.0] * 7


@pytest.mark.parametrize("power", [-140, -40, 0, 63, 120])
def test_neighbours_are_the_same_however_long_the_rows_are(fitted, power):
    model = two_keys()
    model.parameters.tables["film"][5:] *= np.float32(2.0**power)
    found, wanted = (dict(m.similar("film 3", 8).iter_rows()) for m in (model, fitted))
    assert found == pytest.approx(wanted, abs=1e-2 if power == -140 else 1e-6)  # such small numbers have few digits


def test_rows_that_are_no_numbers_are_nobodys_neighbours():
    model = two_keys()
    model.parameters.tables["film"][2] = np.inf
    model.parameters.tables["film"][3, 0] = np.nan
    assert set(model.similar("film 3", 8)["filmId"]) == set(FILMS) - {"film 1", "film 2", "film 3"}


def test_an_unknown_id_has_no_neighbours(fitted):
    with pytest.raises(UnknownId, match=r"(?s)'film 33' is not in the 'filmId' vocabulary.*did you mean 'film 3'"):
        fitted.similar("film 33")


def test_a_table_of_single_numbers_has_no_neighbours(fitted):
    with pytest.raises(BadOption, match=r"(?s)table 'film_bias'.*'user' by 'userId', 'film' by 'filmId'"):
        fitted.similar("film 3", table="film_bias")


# table


def test_a_table_is_a_frame_of_ids_and_numbers(fitted):
    frame = fitted.table("film")
    assert frame.columns == ["filmId", "film_1", "film_2", "film_3"]
    assert frame["filmId"].to_list() == [None, *FILMS]
    np.testing.assert_array_equal(frame.drop("filmId").to_numpy(), fitted.parameters.tables["film"])
    assert fitted.table("user_bias").columns == ["userId", "user_bias"]


def test_a_table_named_as_its_column_is_a_frame_too():
    @rw.model(target="stars", loss=rw.squared_error)
    def bias(user=rw.Row("user")):
        return user

    assert fitted_of(bias, {"user": [1, 2]}).table("user").width == 2


def test_a_dense_weight_is_a_frame_of_its_numbers():
    @rw.model(target="stars", loss=rw.squared_error)
    def layered(user=rw.Row("user", 2), layer=rw.Weight((3, 2))):
        return (layer @ user).sum()

    assert fitted_of(layered, {"user": [1, 2]}).table("layer").shape == (6, 1)


def test_an_unknown_table_is_refused_with_those_there_are(fitted):
    with pytest.raises(BadOption, match=r"(?s)has no table 'movie'.*user, film, user_bias, film_bias"):
        fitted.table("movie")


def test_a_fitted_model_prints_what_it_is(fitted):
    text = str(fitted)
    assert text.startswith("factorization(user, film, user_bias, film_bias, mean) = user @ film")
    assert "76 numbers trained by none" in text
    assert "film         9 × 3" in text
    assert "last epoch: loss 0.9, validation_rmse 1.15" in text
