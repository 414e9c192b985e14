"""A training that diverged in, a learning rate at which it does not out: found by trying, so that the advice works.

A rate that the user chose is never changed: `mended` says what to write. A default is lowered by itself: `restarted`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from rowwise.backends.backend import Trainer
from rowwise.errors import BadFolder, Diverged
from rowwise.models.recipe import Recipe
from rowwise.program.parameters import Parameters
from rowwise.train.run import Run
from rowwise.trained.trained import Trained

LOWER = 0.25  # each try is at this share of the rate before
TRIES = 64  # down to a share of 1e-38, at which nothing moves
MOST_EXAMPLES = 20_000_000  # of one try, all epochs together: seconds
RESTARTS = 4  # how often a default is lowered

Kept = TypeVar("Kept")  # what a training gives
Make = Callable[[Parameters], Trainer]
Fresh = Callable[[], Parameters]


def restarted(
    fit: Callable[[float, Path | None], Kept],
    rate: float,
    checkpoint: Path | None,
    *,
    is_worse: Callable[[Kept], bool],
) -> tuple[Kept, list[str]]:
    """What `fit` gives at the rate, or at the first lower one that trains; and a line for each rate given up.

    Each try has a checkpoint of its own, so that the same call after a kill comes to the same try and goes on there.

    Raises:
        Diverged: at every rate, or none that stays finite was found.
    """
    said: list[str] = []
    for k in range(RESTARTS + 1):
        try:
            kept = _tried(fit, rate, checkpoint, k)
            if not is_worse(kept):
                return kept, said
            share, what = LOWER, "ended worse than predicting the mean"
            if k == RESTARTS:
                return kept, [*said, f"learning_rate={rate:g} {what} too"]
        except Diverged as error:
            if error.share is None or k == RESTARTS:
                raise
            share, what = error.share, "diverged"
        said.append(f"learning_rate={rate:g} {what}: trained again, at {rate * share:g}")
        rate *= share
    raise AssertionError("the last try returns or raises")


def _tried(fit: Callable[[float, Path | None], Kept], rate: float, checkpoint: Path | None, k: int) -> Kept:
    """One try; the state beside the checkpoint is ours: where another run left it, it is written anew."""
    if checkpoint is None or k == 0:
        return fit(rate, checkpoint)
    own = checkpoint.with_name(f"{checkpoint.name}.restart{k}")
    try:
        return fit(rate, own)
    except BadFolder:
        own.unlink(missing_ok=True)
        return fit(rate, own)


def carried_out(
    run: Run, make: Make, fresh: Fresh, *, epochs: int, progress: bool | None, recipe: Recipe | None = None
) -> Trained:
    """What a run gives; of one that diverges, the error says at which rate it was tried and does not.

    `make` gives what trains some parameters, `fresh` such as the run began with; a model that is trained further has
    no `recipe` to rewrite.
    """
    try:
        return run.epochs(make(run.parameters), epochs, progress=progress)
    except Diverged as error:
        mended(error, recipe, lower_share(run, make, fresh), run.rates)
        error.say_how_to_look()
        raise


def lower_share(run: Run, make: Make, fresh: Fresh) -> tuple[float, int] | None:
    """The share of the rates at which training stays finite and its loss falls, tried for how many epochs; or None.

    The first rate is then a number of two digits, so that what is printed is what was tried.
    """
    rates, first = run.rates, len(run.before)
    if not rates:
        return None
    epochs = max(1, min(len(rates), MOST_EXAMPLES // max(1, run.n)))
    for k in range(1, TRIES):
        share = float(f"{rates[0] * LOWER**k:.1e}") / rates[0] if rates[0] else LOWER**k
        parameters = fresh()
        if _trains(make(parameters), parameters, [rate * share for rate in rates[:epochs]], first):
            return share, epochs
    return None


def mended(error: Diverged, recipe: Recipe | None, found: tuple[float, int] | None, rates: Sequence[float]) -> None:
    """Say in the error what works, beside what may."""
    if not rates:
        return
    if found is None:
        error.mend = "look at the numbers of the examples: no lower learning_rate was found at which they train"
        return
    share, epochs = found
    tried = f"tried for {epochs} of {len(rates)} epochs" if epochs < len(rates) else "tried for all epochs"
    if len(set(rates)) == 1:
        error.mend += f"; learning_rate={rates[0] * share:g} stays finite ({tried})"
    else:
        error.mend += f"; {share:g} times the learning rate of each epoch stays finite ({tried})"
    if recipe is not None and _may_have_units(recipe):
        error.mend += "; or write standardize=True beside loss=, to learn in units of the target's spread"
    error.share = share


def _may_have_units(recipe: Recipe) -> bool:
    has_unit = recipe.loss is not None and recipe.loss.kind.has_unit
    return has_unit and not recipe.standardize and recipe.range is None


def _trains(trainer: Trainer, parameters: Parameters, rates: list[float], first: int) -> bool:
    losses: list[float] = []
    try:
        for epoch, rate in enumerate(rates, start=first):
            losses.append(trainer.epoch(epoch, rate))
    except Diverged:
        return False
    finite = all(np.isfinite(table).all() for table in parameters.tables.values())
    return bool(finite and np.isfinite(losses).all() and losses[-1] <= losses[0])
