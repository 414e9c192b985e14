"""Which number of a program is affine in the rows of one column, told from the program alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rowwise.api.model import model
from rowwise.backends import reference
from rowwise.models.losses import binary_cross_entropy, squared_error
from rowwise.models.words import Bag, Mean, Row, Weight
from rowwise.program.inputs import Constant
from rowwise.program.passes.affine import affine_score, degrees

rated = {"target": "rating", "loss": squared_error}


@model(**rated)
def biased(user=Row("user", 4), item=Row("item", 4), ub=Row("user"), ib=Row("item"), mean=Mean("rating")):
    return mean + ub + ib + user @ item


@model(**rated)
def implicit_feedback(
    user=Row("user", 4), item=Row("item", 4), ub=Row("user"), seen=Bag("seen", 4), seen_by=Bag("seen_by", 4)
):
    """SVD++ both ways: a user is also what they have seen, an item also who has seen it."""
    return ub + (user + seen) @ (item + seen_by)


@model(**rated)
def pairs(user=Row("user", 4), item=Row("item", 4), age=Row("age", 4), genres=Bag("genres", 4), ub=Row("user")):
    """A factorization machine as it is written to be fast. Source: Rendle 2010, "Factorization machines"."""
    rows = jnp.stack([user, item, age, genres])
    total = rows.sum(0)
    return ub + 0.5 * (total @ total - (rows * rows).sum())


@model(**rated)
def scaled(user=Row("user", 4), item=Row("item", 4)):
    return jnp.where(jnp.sum(item) > 0, 2.0, 3.0) * (user @ item) / (1 + item @ item)


AFFINE = [
    (biased, "user"), (biased, "item"),
    *((implicit_feedback, column) for column in ("user", "item", "seen", "seen_by")),
    *((pairs, column) for column in ("user", "item", "age", "genres")),
    (scaled, "user"),
]  # fmt: skip


def named(case):
    return getattr(case, "name", case)


@pytest.mark.parametrize(("model", "column"), AFFINE, ids=named)
def test_the_score_is_affine_in_the_rows_of_a_column(model, column):
    """With the rows on a line, the score runs on a line and the loss on a parabola."""
    program = model.program()
    score = affine_score(program, column)
    assert score is not None
    random = np.random.default_rng(1)
    at = {i.value.name: random.normal(size=i.value.shape) for i in program.inputs if not isinstance(i, Constant)}
    way = {i.value.name: random.normal(size=i.value.shape) for i in program.lookups if i.column == column}
    along = [
        reference.run(program, at | {name: at[name] + t * step for name, step in way.items()})
        for t in (0.0, 1.0, 2.0, 3.0)
    ]
    scores = [float(values[score.name]) for values in along]
    losses = [float(reference.number(values, program.loss)) for values in along]
    np.testing.assert_allclose(np.diff(scores, 2), 0, atol=1e-9 * np.abs(scores).max())
    np.testing.assert_allclose(np.diff(losses, 3), 0, atol=1e-9 * np.abs(losses).max())
    assert abs(np.diff(losses, 2)).min() > 1e-3 * np.abs(losses).max()


@pytest.mark.parametrize("column", ["user", "item"])
def test_of_matrix_factorization_it_is_the_whole_prediction(column):
    program = biased.program()
    assert affine_score(program, column) == program.prediction


def test_it_is_no_wider_than_it_has_to_be():
    """An item is read by the product alone; the bias of the user, which is added to it, is held still."""
    program = implicit_feedback.program()
    score = affine_score(program, "item")
    assert next(step for step in program.steps if step.output == score).primitive == "dot_general"
    assert affine_score(program, "user") == program.prediction


def test_a_factorization_machine_is_of_degree_2_by_its_steps_and_of_degree_1_in_truth():
    program = pairs.program()
    bound = degrees(program.needed([program.prediction]), {"user": 1, "ub": 1})
    assert bound[program.prediction.name] == 2
    assert affine_score(program, "user") == program.prediction


@model(**rated)
def square(user=Row("user", 4), item=Row("item", 4)):
    return user @ item + 0.001 * (user @ user)


@model(**rated)
def net(user=Row("user", 4), item=Row("item", 4), hidden=Weight((8, 8)), out=Weight(8)):
    return out @ jax.nn.relu(hidden @ jnp.concatenate([user, item]))


@model(**rated)
def clipped(user=Row("user", 4), item=Row("item", 4)):
    return jnp.clip(user @ item, 1, 5)


@model(target="rating", loss=binary_cross_entropy)
def clicks(user=Row("user", 4), item=Row("item", 4)):
    return user @ item


@model()
def watched(user=Row("user", 4), item=Row("item", 4)):
    """Its loss sees the rows past the score too."""
    score = user @ item
    return score, (score - 3) ** 2 + jnp.sum(user**2) + jnp.sum(item**2)


@model(**rated)
def friends(user=Row("user", 4, table="people"), friend=Row("friend", 4, table="people")):
    """Who is their own friend is looked up twice."""
    return user @ friend


@pytest.mark.parametrize("model", [square, net, clipped, clicks, watched, friends], ids=named)
def test_what_is_not_affine_is_refused(model):
    assert affine_score(model.program(), "user") is None


def test_where_only_one_side_is_affine_the_other_is_refused():
    program = scaled.program()
    assert affine_score(program, "user") is not None
    assert affine_score(program, "item") is None
    assert affine_score(square.program(), "item") is not None


def test_a_column_that_is_not_looked_up_has_no_score():
    assert affine_score(biased.program(), "rating") is None
