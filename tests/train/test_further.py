"""Training goes on: more data, other tables frozen, from memory or from a folder."""

import polars as pl
import pytest

import rowwise as rw
from camps import two_camps
from rowwise.capture.capture import capture, capture_whole
from rowwise.errors import BadData, BadOption
from rowwise.program.passes.freeze import moving

CAMPS = two_camps(6)
OPTIONS = {"optimizer": "adagrad", "learning_rate": 0.1, "batch_size": 4}


def camps_with(trainable):
    @rw.model(target="stars", loss=rw.squared_error)
    def camps(
        user=rw.Row("user", 2, init=0.5),
        film=rw.Row("film", 2, init=0.5, l2=0.01, trainable=trainable),
        mean=rw.Mean("stars"),
    ):
        return mean + user @ film

    return camps


@pytest.fixture(scope="module")
def frozen():
    return camps_with(False).fit(CAMPS, epochs=2, **OPTIONS)


def rows(fitted, name):
    return fitted.parameters.tables[name][1:]  # row 0 is mended at the end of a first training


def test_two_epochs_and_three_more_are_five():
    five = camps_with(True).fit(CAMPS, epochs=5, **OPTIONS)
    two = camps_with(True).fit(CAMPS, epochs=2, **OPTIONS)
    further = two.fit(CAMPS, epochs=3)
    for name in ("user", "film"):
        assert rows(further, name).tobytes() == rows(five, name).tobytes()
        assert rows(two, name).tobytes() != rows(five, name).tobytes()  # it stays as it was
    assert further.history["epoch"].to_list() == [1, 2, 3, 4, 5]
    assert further.history["loss"].to_list() == five.history["loss"].to_list()
    assert "trained further, for 3 epochs:" in str(further)


def test_a_frozen_table_moves_once_it_is_unfrozen_from_a_folder_too(frozen, tmp_path):
    loaded = rw.load(frozen.save(tmp_path / "frozen"))
    options = {"trainable": {"film": True}, "learning_rate": 0.05, "epochs": 2}
    here, there = (model.fit(CAMPS, **options) for model in (frozen, loaded))
    start = camps_with(False).fit(CAMPS, epochs=1, optimizer="sgd", learning_rate=0.0).parameters.tables["film"][1:]
    assert rows(frozen, "film").tolist() == start.tolist()
    assert (rows(here, "film") != start).all()
    assert rows(here, "film").tobytes() == rows(there, "film").tobytes()
    assert here.settings["learning_rate"] == 0.05
    again = rw.load(here.save(tmp_path / "unfrozen")).fit(CAMPS, trainable={"film": False})
    assert rows(again, "film").tolist() == rows(here, "film").tolist()
    assert (rows(again, "user") != rows(here, "user")).any()


def test_unfrozen_is_as_if_it_had_never_been_frozen():
    whole = capture_whole(camps_with(False).recipe)
    assert str(moving(whole, ["user", "film"])) == str(capture(camps_with(True).recipe))
    assert str(moving(whole, ["user"])) == str(capture(camps_with(False).recipe))
    assert "d loss / d film" not in str(capture(camps_with(False).recipe))


def test_ids_that_training_never_saw_move_the_unknown_row_and_are_counted(frozen):
    new = pl.DataFrame({"user": [0, 99, 98], "film": [1, 1, 2], "stars": [5.0, 1.0, 1.0]})
    further = frozen.fit(new, validation=new)
    assert len(further.parameters.tables["user"]) == len(frozen.parameters.tables["user"])
    assert (further.parameters.tables["user"][0] != frozen.parameters.tables["user"][0]).any()
    assert "the user of 2 examples has no row of its own" in further.report
    assert "3 examples held back for validation (2 with an unknown user)" in further.report
    assert further.history["validation_mse"].null_count() == 2


def test_pairs_of_both_trainings_are_left_out_of_recommendations(frozen):
    first = frozen.recommend(0, n=1)["film"][0]
    further = frozen.fit(pl.DataFrame({"user": [0], "film": [first], "stars": [3.0]}))
    assert first not in further.recommend(0, n=6)["film"].to_list()
    assert set(further.recommend(0, n=6)["film"]) | {first} == set(frozen.recommend(0, n=6)["film"])


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"trainable": {"actor": True}}, BadOption, "knows nothing that would move 'actor'\n  expected: .*user, film"),
        ({"trainable": {"user": False}}, BadOption, "everything in camps is frozen"),
        ({"data": CAMPS.drop("stars")}, BadData, "no column 'stars'"),
        ({"epochs": 0}, BadOption, "epochs=0"),
    ],
)
def test_what_cannot_be_trained_further_is_refused(frozen, options, error, text):
    with pytest.raises(error, match=text):
        frozen.fit(**{"data": CAMPS} | options)
