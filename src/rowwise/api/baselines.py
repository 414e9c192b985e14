"""Ratings in, the errors of doing nothing clever out: what a model has to beat."""

import numpy as np
import polars as pl

from rowwise.api.recommender import Recommender
from rowwise.data.targets import Number
from rowwise.trained.metrics import Evaluation, measure


def baselines(train: pl.DataFrame, test: pl.DataFrame, *, user: str, item: str, target: str) -> dict[str, Evaluation]:
    """The errors on `test` of the mean of `train`, and of what users and items tell each for themselves.

    "predict the mean" answers with one number, always. "biases only" adds how generous the user is and how good the
    item, and knows nothing of who likes what.
    """
    answers = np.full(len(test), train[target].cast(pl.Float64).mean())
    biases = Recommender(user=user, item=item, target=target, model="biases_only")
    return {
        "predict the mean": Evaluation(measure(answers, test[target].to_numpy(), targets=Number()), len(test)),
        "biases only": biases.fit(train, progress=False, remember_seen=False).evaluate(test),
    }


def compared(evaluations: dict[str, Evaluation]) -> pl.DataFrame:
    """A line for each model: its name and its errors, the columns in capitals as people write them."""
    rows = [{"model": name, **evaluation.metrics} for name, evaluation in evaluations.items()]
    return pl.DataFrame(rows).rename({name: name.upper() for name in rows[0] if name != "model"})
