"""What each epoch gave, as rows of a frame; and what a learning rate or a schedule says for an epoch."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from rowwise.errors import BadOption
from rowwise.options import number, whole

Rate = float | Callable[[float], Any]


def rate_at(rate: Rate, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0: a number, or a schedule called with the epoch.

    Optax's schedules fit: `optax.cosine_decay_schedule(0.1, decay_steps=20)` decays over 20 epochs.
    """
    number = _asked(rate, epoch) if callable(rate) else float(rate)
    if not 0 <= number < np.inf:
        raise BadOption(
            f"learning_rate is {number:g} in epoch {epoch + 1}",
            expected="a number of 0 or more",
            mend="0.05 is usual for adagrad, 0.01 for sgd, 0.001 for adam",
        )
    return number


def _asked(schedule: Callable[[float], Any], epoch: int) -> float:
    """What a schedule says for an epoch; NaN where it says no number."""
    try:
        return float(np.asarray(schedule(epoch)))
    except TypeError as error:
        raise BadOption(
            f"the schedule of learning_rate cannot be called with an epoch ({error})",
            expected="a function of the epoch (0, 1, …) that gives a number",
            mend="rw.linear_decay(0.05, 20) makes one",
        ) from None
    except ValueError:
        return np.nan


def rates_of(rate: Rate, epochs: int) -> list[float]:
    """The learning rate of every epoch; a schedule that leaves the range is refused before training."""
    return [rate_at(rate, epoch) for epoch in range(epochs)]


def as_setting(rates: Sequence[float], rate: Rate | None) -> dict[str, Any]:
    """The rates as settings tell them: a list where a schedule was asked for, nothing where there are none."""
    return {"learning_rate": list(rates) if callable(rate) else rates[0]} if rates else {}


def linear_decay(start: float, epochs: int, end: float = 0.0) -> Callable[[float], float]:
    """A learning rate that falls in a straight line from `start` in the first epoch towards `end` after the last."""
    start, end = number("start", start, mend="rw.linear_decay(0.05, 20)"), number("end", end)
    epochs = whole("epochs", epochs, least=1, mend="as many epochs as fit is given")
    return lambda epoch: start + (end - start) * epoch / epochs


def as_frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """The history: `epoch` from 1, `learning_rate`, `loss`, validation errors as "validation_…", `seconds`."""
    return (
        pl.DataFrame(list(rows), infer_schema_length=None)
        if rows
        else pl.DataFrame(schema={"epoch": pl.Int64, "loss": pl.Float64})
    )
