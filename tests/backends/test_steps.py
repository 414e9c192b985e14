"""The slow clear meaning: every value of one example, in float64."""

import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from rowwise.backends import reference
from rowwise.errors import BadModel


@rw.model(target="rating", loss=rw.squared_error)
def score(user=rw.Row("userId", 2), movie=rw.Row("movieId", 2)):
    return user @ movie


PROGRAM = score.program(optimizer="sgd")
INPUTS = {"user": [1, 2], "movie": [3, 4], "target": 10}


def test_every_value_of_an_example_is_there_by_name():
    values = reference.run(PROGRAM, INPUTS)
    assert set(values) == {"user", "movie", "target"} | {
        step.output.name for step in PROGRAM.steps if step.phase != "update"
    }
    assert reference.number(values, PROGRAM.prediction) == 11
    assert reference.number(values, PROGRAM.loss) == 1
    assert reference.number(values, PROGRAM.gradients["user"]).tolist() == [6, 8]
    assert reference.number(values, PROGRAM.gradients["movie"]).tolist() == [2, 4]


def test_numbers_are_exact():
    values = reference.run(PROGRAM, {"user": [1e-9, 1], "movie": [1, 1], "target": 1})
    assert values["user"].dtype == np.float64
    assert reference.number(values, PROGRAM.loss) == pytest.approx(1e-18, rel=1e-6)  # float32 would say 0


def test_an_update_moves_the_row():
    update = PROGRAM.updates["user"]
    values = reference.run_update(PROGRAM, update, [1, 2], [6, 8], 0.5, ())
    assert reference.number(values, update.new_row).tolist() == [-2, -2]


def test_what_is_infinite_or_none_is_a_number_and_no_warning():
    @rw.model(target="rating", loss=rw.squared_error)
    def risky(user=rw.Row("userId")):
        return jnp.log(user) / user

    program = risky.program(optimizer="sgd")
    values = reference.run(program, {"user": 0.0, "target": 1.0})
    assert reference.number(values, program.prediction) == -np.inf
    assert np.isnan(reference.number(reference.run(program, {"user": -1.0, "target": 1.0}), program.prediction))


def test_a_batch_is_refused_where_one_example_belongs():
    with pytest.raises(
        BadModel, match=r"(?s)user was given numbers of shape \(5, 2\).*shape \(2,\).*without a batch axis"
    ):
        reference.run(PROGRAM, INPUTS | {"user": np.zeros((5, 2))})


def test_an_input_that_is_missing_is_named():
    with pytest.raises(KeyError, match="movie"):
        reference.run(PROGRAM, {"user": [1, 2], "target": 1})


@pytest.mark.parametrize(
    ("combine", "weights", "shares"),
    [
        ("mean", [1, 1, 2], [0.25, 0.25, 0.5]),
        ("sum", [1, -2], [1, -2]),
        ("sqrtn", [3, -4], [0.6, -0.8]),
        ("mean", [0, 0], [0, 0]),
        ("sqrtn", [], []),
    ],
)
def test_the_rows_of_a_bag_share_it_by_their_weights(combine, weights, shares):
    assert reference.shares(combine, np.array(weights)).tolist() == shares
