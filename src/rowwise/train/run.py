"""An engine and its settings in, a trained model out: epoch after epoch, judged, kept and shown."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rowwise.backends.backend import Trainer
from rowwise.errors import Diverged
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.train import checkpoints
from rowwise.train.interrupts import Interrupts
from rowwise.train.prepare import Prepared
from rowwise.train.progress import Progress
from rowwise.trained.answer import answer
from rowwise.trained.metrics import measure
from rowwise.trained.trained import Trained

Look = Callable[[Trained, Mapping[str, Any]], Any]  # a model and an example in, its steps out
Finished = Callable[[Parameters, list[dict[str, Any]]], Trained]  # tables and the history that led to them
FRAMES = 24  # the most epochs whose steps of a watched example are kept


@dataclass(slots=True)
class Watched:
    """The steps of one example before training and after evenly spaced epochs, by "start", "epoch 1", …"""

    example: Mapping[str, Any] | None
    now: Callable[[], Trained]
    walk: Look
    epochs: int
    walks: dict[str, Any] = field(default_factory=dict)

    def look(self, epoch: int) -> None:
        """Keep the steps as they are after `epoch` epochs."""
        every = max(1, self.epochs // FRAMES)
        if self.example is not None and (epoch % every == 0 or epoch == self.epochs):
            self.walks[f"epoch {epoch}" if epoch else "start"] = self.walk(self.now(), self.example)


@dataclass(slots=True)
class Run:
    """One training run: what it reads, and what it keeps from epoch to epoch."""

    program: Program
    prepared: Prepared
    parameters: Parameters
    rates: list[float]  # none where the engine has none
    patience: int | None
    settings: dict[str, Any]
    checkpoint: Path | None
    before: list[dict[str, Any]] = field(default_factory=list)  # the history of a training that this one goes on from

    def epochs(
        self, trainer: Trainer, epochs: int, progress: bool | None, watched: Watched, finished: Finished
    ) -> Trained:
        with checkpoints.owned(self.checkpoint, self.parameters):
            return self._epochs(trainer, epochs, progress, watched, finished)

    def _epochs(
        self, trainer: Trainer, epochs: int, progress: bool | None, watched: Watched, finished: Finished
    ) -> Trained:
        digest, state = "", checkpoints.State(list(self.before), None, float("inf"), 0)
        if self.checkpoint:
            digest = checkpoints.digest_of(self.program, self.prepared.digest(), self.settings, self.parameters)
            state = checkpoints.load(self.checkpoint, self.parameters, digest)
        good = self.parameters.copy()  # the tables after the last finished epoch
        watched.look(len(state.history))
        with Interrupts() as interrupts, Progress(epochs, self.prepared.training.n, show=progress) as shown:
            try:
                for epoch in range(len(state.history), epochs):
                    if self.patience is not None and state.waited >= max(1, self.patience):
                        break
                    row = self._epoch(trainer, epoch)
                    good = self.parameters.copy()
                    state.history.append(row)
                    self._judge(state)
                    watched.look(epoch + 1)
                    shown.epoch(row)
                    if self.checkpoint:
                        state.keep(self.checkpoint, self.parameters, digest)
                    interrupts.check()
            except KeyboardInterrupt:
                if not state.history:
                    raise
                self.settings["interrupted"] = f"stopped by hand after epoch {len(state.history)}"
            except Diverged as error:
                error.fitted = finished(state.best or good, state.history) if state.history else None
                error.example = self.prepared.example(error.example)
                if error.example is not None:
                    error.given += ": " + ", ".join(f"{name} {value}" for name, value in error.example.items())
                raise
        best = state.best if self.patience is not None or "interrupted" in self.settings else None
        return finished(best or good, state.history)

    def _epoch(self, trainer: Trainer, epoch: int) -> dict[str, Any]:
        rate = self.rates[epoch] if self.rates else 0.0
        began = time.perf_counter()
        loss = trainer.epoch(epoch, rate)
        _check_finite(self.parameters, epoch, rate)
        row: dict[str, Any] = {"epoch": epoch + 1} | ({"learning_rate": rate} if self.rates else {})
        row |= {"loss": loss, "seconds": time.perf_counter() - began}
        held = self.prepared.validation
        if held is not None and held.target is not None:
            predictions = answer(self.program, self.parameters.tables, held, means=self.prepared.means)
            errors = measure(predictions, held.target, targets=self.prepared.layout.targets)
            row |= {f"validation_{name}": value for name, value in errors.items()}
        return row

    def _judge(self, state: checkpoints.State) -> None:
        """Keep the tables of the best epoch, by the first validation error."""
        error = next((v for name, v in state.history[-1].items() if name.startswith("validation_")), None)
        if error is None:
            return
        state.waited += 1
        if error < state.best_error:
            state.best_error, state.waited = error, 0
            state.best = self.parameters.copy()


def _check_finite(parameters: Parameters, epoch: int, rate: float) -> None:
    """A loss is worked out before its update: the last update of an epoch may have gone too far."""
    for name, table in parameters.tables.items():
        if not np.isfinite(table).all():
            raise Diverged(
                f"table {name!r} holds numbers that are not finite after epoch {epoch + 1}",
                expected="finite numbers",
                mend=f"lower learning_rate (it was {rate:g}), or raise l2",
            )
