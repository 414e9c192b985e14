"""Who may be asked about: one door for `recommend`, `similar` and `steps`; what is no id is refused."""

import ast
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rowwise as rw
from rowwise.api.fitted import Fitted
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadData, BadOption, UnknownIdsWarning
from rowwise.trained.asked import asked_id, asked_ids
from untrained import fitted_of, two_keys

NUMBERS, WORDS = Vocabulary("user", [1, 2, 3]), Vocabulary("user", ["1", "two", "007"])
NONSENSE = [
    {"user": 1}, {1, 2}, b"1", None, True, 1.5, float("nan"), float("inf"), [1, float("nan")], [1, None], [[1], [2]],
    [True], np.array([[1, 2]]), object(), "", 1e300, (1, b"2"), np.datetime64("2020-01-01"), 1j,
]  # fmt: skip


def kind_of(value):
    """The name of a case: of an object without one, the same in every process."""
    return type(value).__name__


@pytest.fixture(scope="module")
def fitted():
    return Fitted(replace(two_keys().trained, settings={"engine": "none", "learning_rate": 0.1}))


@pytest.mark.parametrize(
    "form",
    [
        [1, 3], (1, 3), range(1, 4, 2), np.array([1, 3]), np.array([1.0, 3.0]), pl.Series([1, 3]), pd.Series([1, 3]),
        pd.Index([1, 3]), pa.array([1, 3]), iter((1, 3)), ["1", 3], pl.DataFrame({"user": [1, 3], "x": [0, 0]}),
        pd.DataFrame({"user": [1, 3]}), pa.table({"user": [1, 3]}), pl.LazyFrame({"user": [1, 3]}),
    ],
    ids=lambda form: type(form).__module__ + "." + type(form).__name__,
)  # fmt: skip
def test_ids_come_in_any_form_that_keeps_their_order(form):
    assert asked_ids(form, "user", NUMBERS).to_list() == [1, 3]


@pytest.mark.parametrize("one", [1, 1.0, "1", np.int8(1), np.array(1), np.str_("1"), pa.scalar(1)], ids=kind_of)
def test_one_id_is_given_bare(one):
    assert asked_ids(one, "user", NUMBERS).to_list() == [1]
    assert asked_id(one, "user", WORDS) == "1"


@pytest.mark.parametrize("vocabulary", [NUMBERS, WORDS], ids=["numbers", "words"])
@pytest.mark.parametrize("nonsense", NONSENSE, ids=kind_of)
def test_what_is_no_id_is_refused(nonsense, vocabulary):
    with pytest.raises(BadData, match=r"(?s)is no user.*expected: an id.*such as ['1]"):
        asked_ids(nonsense, "user", vocabulary)
    with pytest.raises(BadData, match="is no"):
        asked_id(nonsense, "user", vocabulary)


@pytest.mark.parametrize("id", ["two", "007", "1.0", 2**63, "9" * 30])
def test_what_a_vocabulary_of_numbers_can_never_hold_is_refused(id):
    with pytest.raises(BadData, match=r"(?s)can be no user.*a whole number of up to 64 bits"):
        asked_ids(id, "user", NUMBERS)


def test_a_frame_without_the_column_is_refused_with_those_it_has():
    with pytest.raises(BadData, match=r"(?s)no column 'user'.*it has reader, x"):
        asked_ids(pl.DataFrame({"reader": [1], "x": [2]}), "user", NUMBERS)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)), st.lists(st.text(min_size=1)))
def test_an_id_comes_back_as_it_was_asked_for(numbers, words):
    assert asked_ids(numbers, "user", NUMBERS).to_list() == numbers
    assert asked_ids(words, "user", WORDS).to_list() == words


@pytest.mark.parametrize("nonsense", NONSENSE, ids=kind_of)
def test_recommend_similar_and_steps_have_one_door(fitted, nonsense):
    for ask in (
        lambda: fitted.recommend(nonsense),
        lambda: fitted.similar(nonsense),
        lambda: fitted.steps({"userId": nonsense, "filmId": "film 1"}),
    ):
        with pytest.raises(BadData, match=r"is no (single )?(userId|filmId)"):
            ask()


@pytest.mark.parametrize("n", [0, -1, 2.0, True, "3", None, float("nan"), 2**40, np.float64(2)], ids=kind_of)
def test_how_many_is_a_whole_number(fitted, n):
    for ask in (lambda: fitted.recommend(1, n), lambda: fitted.similar("film 1", n)):
        with pytest.raises(BadOption, match=r"(?s)n=.*whole number of 1 or more.*n=10 is usual"):
            ask()
    assert len(fitted.recommend(1, np.int64(2))) == 2


@pytest.mark.parametrize("users", [[], np.array([]), pl.Series([]), pd.DataFrame({"userId": []})], ids=kind_of)
def test_no_users_have_an_answer_of_the_same_columns_and_types(fitted, users):
    assert fitted.recommend(users).schema == fitted.recommend([1, 2]).schema


def test_users_that_training_never_saw_are_named(fitted):
    with pytest.warns(UnknownIdsWarning, match="never saw userId 99, 98: answered") as told:
        found = fitted.recommend([99, 1, 98], 2)
    assert len(told) == 1
    assert found["userId"].to_list() == [99, 99, 1, 1, 98, 98]


@pytest.mark.parametrize("names", [("prediction", "cosine"), ("prediction_", "prediction"), ("cosine", "cosine_")])
def test_columns_of_the_data_may_be_called_as_ours_are(names):
    user, film = names

    @rw.model(target="stars", loss=rw.squared_error)
    def model(u=rw.Row(user, 2), f=rw.Row(film, 2)):
        return u @ f

    fitted = fitted_of(model, {user: [1, 2], film: [7, 8, 9]})
    found, near = fitted.recommend(1), fitted.similar(7)
    assert found.columns[:2] == [user, film]
    assert found.dtypes == [pl.Int64, pl.Int64, pl.Float32]
    assert found[film].sort().to_list() == [7, 8, 9]
    assert (near.columns[0], near.dtypes, near[film].sort().to_list()) == (film, [pl.Int64, pl.Float32], [8, 9])


def test_similar_takes_the_rows_of_the_item_not_of_the_last_table():
    @rw.model(target="stars", loss=rw.squared_error)
    def model(user=rw.Row("user", 2), film=rw.Row("film", 2), place=rw.Row("place", 2)):
        return user @ film + user @ place

    fitted = fitted_of(model, {"user": [1], "film": [1, 2, 3], "place": [1, 2]})
    assert fitted.similar(3).columns == ["film", "cosine"]
    assert fitted.similar(2, table="place").columns == ["place", "cosine"]
    assert fitted.similar(1, column="place")["place"].to_list() == [2]


def test_a_model_without_rows_of_several_numbers_has_no_neighbours():
    @rw.model(target="stars", loss=rw.squared_error)
    def model(user=rw.Row("user"), film=rw.Row("film")):
        return user + film

    with pytest.raises(BadOption, match=r"(?s)no table of several numbers a row.*such as matrix_factorization"):
        fitted_of(model, {"user": [1], "film": [1]}).similar(1)


BESIDES = {"place": "b", "tags": [3, 1], "hour": 0.5, "spot": [1.0, 2.0], "weights": [1.0, 2.0], "again": ["x"]}


@pytest.fixture(scope="module")
def reader():
    """A model that reads an id, lists of ids, a weighted list and numbers besides user and film."""

    @rw.model(target="stars", loss=rw.squared_error)
    def model(
        user=rw.Row("user", 2), film=rw.Row("film", 2), place=rw.Row("place", 2), hour=rw.Value("hour"),
        tags=rw.Bag("tags", 2, weights="weights"), again=rw.Rows("again", 2, length=3), spot=rw.Value("spot", 2),
    ):  # fmt: skip
        return user @ film + (place + tags) @ film * hour + (again @ film).sum() + spot @ user

    ids = {"user": [1, 2], "film": [1, 2, 3], "place": ["a", "b"], "tags": [1, 2, 3], "again": ["x", "y"]}
    return fitted_of(model, ids)


def test_what_a_model_reads_besides_may_be_ids_lists_and_bags(reader):
    found = reader.recommend(2, values=BESIDES).sort("film")
    pairs = pl.DataFrame({"user": [2] * 3, "film": [1, 2, 3], **{name: [value] * 3 for name, value in BESIDES.items()}})
    np.testing.assert_allclose(found["prediction"], reader.predict(pairs), rtol=1e-5)


def test_what_is_missing_besides_is_named_with_a_value_of_its_kind_that_works(reader):
    with pytest.raises(BadOption, match=r"(?s)also reads place, tags, again, weights, hour, spot") as refused:
        reader.recommend(2)
    values = ast.literal_eval(refused.value.mend.partition("values=")[2].partition(") with")[0])
    assert len(reader.recommend(2, values=values)) == 3


def test_a_name_that_the_model_does_not_read_is_refused(reader):
    with pytest.raises(BadOption, match=r"(?s)does not read 'hours'.*did you mean 'hour'"):
        reader.recommend(2, values={**BESIDES, "hours": 3.0})
