"""An engine and its settings in, a trained model out: epoch after epoch, judged, kept and shown."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rowwise.backends.backend import Trainer
from rowwise.data.examples import Examples
from rowwise.errors import Diverged
from rowwise.program.parameters import Parameters
from rowwise.train import checkpoints
from rowwise.train.interrupts import Interrupts
from rowwise.train.progress import Progress
from rowwise.trained.trained import Trained

Look = Callable[[Trained, Mapping[str, Any]], Any]  # a model and an example in, its steps out
Finished = Callable[[Parameters, list[dict[str, Any]]], Trained]  # tables and the history that led to them
FRAMES = 24  # the most epochs whose steps of a watched example are kept


@dataclass(slots=True)
class Watched:
    """The steps of one example before training and after evenly spaced epochs, by "start", "epoch 1", …"""

    example: Mapping[str, Any]
    now: Callable[[], Trained]
    walk: Look
    epochs: int
    walks: dict[str, Any] = field(default_factory=dict[str, Any])

    def look(self, epoch: int) -> None:
        """Keep the steps as they are after `epoch` epochs."""
        every = max(1, self.epochs // FRAMES)
        if epoch % every == 0 or epoch == self.epochs:
            self.walks[f"epoch {epoch}" if epoch else "start"] = self.walk(self.now(), self.example)


@dataclass(slots=True, kw_only=True)
class Run:
    """One training: what moves, how an epoch is judged, and what is kept from epoch to epoch.

    `told` gives an example as its columns; `finished` makes a model of tables and the history that led to them. When an
    epoch is dropped, `parameters` are again those of the last finished one.
    """

    parameters: Parameters
    n: int  # examples of an epoch
    rates: Sequence[float]  # of the epochs to come; none where the engine has none
    settings: dict[str, Any]
    finished: Finished
    told: Callable[[Examples | None], Mapping[str, Any] | None]
    errors: Callable[[], Mapping[str, float]] = dict  # of the examples held back, the first of them the judge
    patience: int | None = None
    checkpoint: Path | None = None
    digest: str = ""  # of all that the checkpoint depends on
    before: Sequence[dict[str, Any]] = ()  # the history of a training that this one goes on from
    watched: Watched | None = None

    def epochs(self, trainer: Trainer, epochs: int, *, progress: bool | None) -> Trained:
        """Train for so many epochs more, and give what came of it; Ctrl-C gives the best that came so far.

        Raises:
            Diverged: a loss or a table is not finite; `error.fitted` is the model of the last good epoch.
        """
        with checkpoints.owned(self.checkpoint, self.parameters):
            state = checkpoints.State(list(self.before), None, float("inf"), 0)
            if self.checkpoint:
                state = checkpoints.load(self.checkpoint, self.parameters, self.digest)
            return self._epochs(trainer, state, len(self.before) + epochs, progress)

    def _epochs(self, trainer: Trainer, state: checkpoints.State, epochs: int, progress: bool | None) -> Trained:
        good = self.parameters.copy()  # after the last finished epoch
        self._look(len(state.history))
        with Interrupts() as interrupts, Progress(epochs, self.n, show=progress, before=len(self.before)) as shown:
            try:
                while len(state.history) < epochs and not self._is_patience_lost(state):
                    row = self._epoch(trainer, len(state.history))
                    good = self.parameters.copy()
                    self._keep(state, row)
                    shown.epoch(state.history[-1])
                    interrupts.check()
            except KeyboardInterrupt:
                self.parameters.fill(good.arrays())
                if not state.history:
                    raise
                self.settings["interrupted"] = f"stopped by hand after epoch {len(state.history)}"
            except Diverged as error:
                self.parameters.fill(good.arrays())
                error.fitted = self.finished(state.best or good, state.history) if state.history else None
                self._tell(error)
                raise
        best = state.best if self.patience is not None or "interrupted" in self.settings else None
        return self.finished(best or good, state.history)

    def _is_patience_lost(self, state: checkpoints.State) -> bool:
        return self.patience is not None and state.waited >= max(1, self.patience)

    def _epoch(self, trainer: Trainer, epoch: int) -> dict[str, Any]:
        rate = self.rates[epoch - len(self.before)] if self.rates else 0.0
        began = time.perf_counter()
        loss = trainer.epoch(epoch, rate)
        _check_finite(self.parameters, epoch, rate)
        row: dict[str, Any] = {"epoch": epoch + 1} | ({"learning_rate": rate} if self.rates else {})
        return row | {"loss": loss, "seconds": time.perf_counter() - began}

    def _keep(self, state: checkpoints.State, row: dict[str, Any]) -> None:
        """An epoch judged, and written down."""
        errors = self.errors()
        state.history.append(row | dict(errors))
        if errors:
            state.judge(next(iter(errors.values())), self.parameters)
        self._look(len(state.history))
        if self.checkpoint:
            state.keep(self.checkpoint, self.parameters, self.digest)

    def _look(self, epoch: int) -> None:
        if self.watched is not None:
            self.watched.look(epoch)

    def _tell(self, error: Diverged) -> None:
        """Say which example it was."""
        error.example = self.told(error.example)
        if error.example is not None:
            error.given += ": " + ", ".join(f"{name} {value}" for name, value in error.example.items())


def _check_finite(parameters: Parameters, epoch: int, rate: float) -> None:
    """A loss is worked out before its update: the last update of an epoch may have gone too far."""
    for name, table in parameters.tables.items():
        if not np.isfinite(table).all():
            raise Diverged(
                f"table {name!r} holds numbers that are not finite after epoch {epoch + 1}",
                expected="finite numbers",
                mend=f"lower learning_rate (it was {rate:g}), or raise l2",
            )
