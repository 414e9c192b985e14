"""A training that diverged in, a learning rate at which it does not out: found by trying, so that the advice works."""

from collections.abc import Callable

import numpy as np

from rowwise.errors import Diverged
from rowwise.models.recipe import Recipe
from rowwise.program.parameters import Parameters
from rowwise.train.engines import Engine

LOWER = 0.25  # each try is at this share of the rate before
TRIES = 64  # down to a share of 1e-38, at which nothing moves
MOST_EXAMPLES = 20_000_000  # of one try, all epochs together: seconds

Start = Callable[[], tuple[Engine, Parameters]]


def lower_share(begin: Start, rates: list[float], n_examples: int) -> tuple[float, int] | None:
    """The share of the rates at which training stays finite and its loss falls, tried for how many epochs; or None.

    The first rate is then a number of two digits, so that what is printed is what was tried.
    """
    epochs = max(1, min(len(rates), MOST_EXAMPLES // max(1, n_examples)))
    for k in range(1, TRIES):
        share = float(f"{rates[0] * LOWER**k:.1e}") / rates[0] if rates[0] else LOWER**k
        if _trains(begin, [rate * share for rate in rates[:epochs]]):
            return share, epochs
    return None


def mended(error: Diverged, recipe: Recipe, found: tuple[float, int], rates: list[float]) -> None:
    """Say in the error what works, beside what may."""
    share, epochs = found
    tried = f"tried for {epochs} of {len(rates)} epochs" if epochs < len(rates) else "tried for all epochs"
    if len(set(rates)) == 1:
        error.mend += f"; learning_rate={rates[0] * share:g} stays finite ({tried})"
    else:
        error.mend += f"; {share:g} times the learning rate of each epoch stays finite ({tried})"
    if recipe.loss is not None and recipe.loss.kind.has_unit and not recipe.standardize and recipe.range is None:
        error.mend += "; or write standardize=True beside loss=, to learn in units of the target's spread"
    error.share = share


def _trains(begin: Start, rates: list[float]) -> bool:
    engine, parameters = begin()
    losses = []
    try:
        for epoch, rate in enumerate(rates):
            losses.append(engine.epoch(epoch, rate))
    except Diverged:
        return False
    finite = all(np.isfinite(table).all() for table in parameters.tables.values())
    return bool(finite and np.isfinite(losses).all() and losses[-1] <= losses[0])
