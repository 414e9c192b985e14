"""Fitted models that no training made: random numbers are as good for a workbook."""

import numpy as np
import polars as pl

from rowwise.api.fitted import Fitted
from rowwise.api.model import model
from rowwise.capture.capture import capture
from rowwise.data.ragged import Ragged
from rowwise.data.vocabulary import Vocabulary
from rowwise.models.losses import squared_error
from rowwise.models.start import start
from rowwise.models.words import Mean, Row
from rowwise.program.inputs import Statistic
from rowwise.trained.trained import Trained

HISTORY = pl.DataFrame({"epoch": [1, 2, 3], "loss": [1.5, 1.1, 0.9], "validation_rmse": [1.2, 1.1, 1.15]})


def fitted_of(model, ids, *, optimizer="sgd", seed=0):
    """A model with random numbers; `ids` are those of each vocabulary, or the vocabulary itself."""
    recipe = model.recipe
    program = capture(recipe, optimizer=optimizer)
    vocabularies = {n: known if isinstance(known, Vocabulary) else Vocabulary(n, known) for n, known in ids.items()}
    parameters = start(recipe, program, {name: len(v) for name, v in vocabularies.items()}, seed=seed)
    random = np.random.default_rng(seed)
    for table in parameters.tables.values():
        table[...] = random.normal(0, 0.5, table.shape)
    trained = Trained(
        program=program,
        parameters=parameters,
        vocabularies=vocabularies,
        column_vocabulary=recipe.vocabularies,
        means={i.value.name: 3.25 for i in program.inputs if isinstance(i, Statistic)},
        targets=recipe.targets,
        signature=str(recipe),
        settings={"engine": "none", "learning_rate": 0.05, "batch_size": 1, "seed": seed},
        history=HISTORY,
        report="",
        seen=_nothing_seen(vocabularies, recipe),
    )
    return Fitted(trained)


def _nothing_seen(vocabularies, recipe):
    """That no user has seen anything, which is more than not to know it."""
    users = next(iter(recipe.lookups.values())).column
    return Ragged(np.zeros(len(vocabularies[recipe.vocabularies[users]]) + 1, np.int64), np.zeros(0, np.int32))


def two_keys(factors=3, **options):
    """Matrix factorization of 9 users and 8 films."""

    @model(target="rating", loss=squared_error)
    def factorization(
        user=Row("userId", factors, l2=0.01),
        film=Row("filmId", factors, l2=0.01),
        user_bias=Row("userId"),
        film_bias=Row("filmId"),
        mean=Mean("rating"),
    ):
        return user @ film + user_bias + film_bias + mean

    return fitted_of(
        factorization, {"userId": list(range(1, 10)), "filmId": [f"film {k}" for k in range(8)]}, **options
    )
