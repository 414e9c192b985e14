"""Things are put in order by the score below what cuts or squashes it."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

import rowwise as rw
from rowwise.models.losses import Loss
from rowwise.program.passes.ordering import ordering
from rowwise.program.primitives import ELEMENTWISE

FILMS = [f"film {k}" for k in range(8)]
RATINGS = {"user": ["ann"] * 7 + ["bob"], "film": FILMS, "stars": [1.0, 5.0, 2.0, 4.0, 3.0, 5.0, 1.0, 5.0]}


def model_of(score, **options):
    @rw.model(target="stars", loss=options.pop("loss", rw.squared_error), **options)
    def model(generous=rw.Row("user"), worth=rw.Row("film")):
        return score(worth + 0 * generous)

    return model


def loss(squash):
    return Loss("own", lambda score, target: (score - target) ** 2, squash)


MODELS = {
    "clip": model_of(lambda x: x, clip=(1, 5)),
    "clip to the data": model_of(lambda x: x, clip="data", standardize=True),
    "range": model_of(lambda x: x, range=(1, 5)),
    "sigmoid": model_of(lambda x: x, loss=loss(lambda s: rw.binary_cross_entropy.output(s))),
    "tanh": model_of(lambda x: x, loss=loss(lambda s: 2 + 3 * jnp.tanh(s))),
    "poisson": model_of(lambda x: x, loss=rw.poisson),
}


@pytest.mark.parametrize("name", MODELS)
def test_what_saturates_is_recommended_in_the_order_of_its_score(name):
    fitted = MODELS[name].fit(RATINGS, epochs=1, progress=False, remember_seen=False)
    worth = fitted.parameters.tables["worth"]
    order = [5, 2, 8, 1, 4, 7, 3, 6]
    worth[order] = np.arange(80, 0, -10)  # all of them far in what is cut or squashed to one number
    found = fitted.recommend("bob", 8, seen="keep")
    assert found["film"].to_list() == [FILMS[k - 1] for k in order]
    pairs = {"user": ["bob"] * 8, "film": found["film"]}
    assert np.array_equal(found["prediction"].to_numpy(), fitted.predict(pairs))


def test_a_score_that_may_fall_with_what_it_is_made_of_is_left_alone():
    program = model_of(lambda x: x, loss=loss(lambda s: -2.0 * s)).program()
    assert ordering(program) == program


WHERE = dict.fromkeys(("asin", "atanh", "erf_inv", "log", "log1p", "sqrt"), (0.05, 0.95)) | {"acosh": (1, 5)}


@pytest.mark.parametrize("primitive", [name for name, row in ELEMENTWISE.items() if row.rises_with])
def test_a_primitive_never_falls_with_what_the_table_says_it_rises_with(primitive):
    row = ELEMENTWISE[primitive]
    low, high = WHERE.get(primitive, (-3, 3))
    rising = np.linspace(low, high, 41)
    n = 3 if primitive == "clamp" else 2 if primitive in ("add", "sub", "mul", "div", "max", "min") else 1
    for k in row.rises_with:
        operands = [np.float64(0.5 + j) for j in range(n)]
        operands[k] = rising
        found = (getattr(np, row.arrays) if isinstance(row.arrays, str) else lambda *o: row.arrays(Numpy, *o))(
            *operands
        )
        assert (np.diff(np.broadcast_to(found, rising.shape)) >= 0).all()


class Numpy:
    """NumPy, with the one function that the table takes from elsewhere."""

    exp, minimum, maximum, asarray = np.exp, np.minimum, np.maximum, np.asarray

    @staticmethod
    def special(name):
        return getattr(scipy.special, name)
