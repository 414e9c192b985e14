"""How training goes, told while it runs: a live line on a terminal, plain lines elsewhere, nothing when not asked."""

import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from rowwise import inert, screen


class Progress:
    """A context that is told of each epoch.

    `show=None` shows on a terminal only; `True` prints plain lines where there is no terminal.
    """

    def __init__(self, epochs: int, examples: int, *, show: bool | None, before: int = 0):
        """`before` epochs are of an earlier training, and not counted."""
        self.epochs, self.before = epochs - before, before
        self.examples = examples
        self.bar = screen.Bar("epoch", self.epochs, show=show is not False, time_left=True)
        self.plain = show is True and not self.bar.is_live
        self.began = time.monotonic()

    def __enter__(self) -> Self:
        self.bar.__enter__()
        self.bar.show(0, "compiling")
        return self

    def epoch(self, row: Mapping[str, Any]) -> None:
        """One epoch done; `row` is its line of the history."""
        done = row["epoch"] - self.before
        speed = self.examples / max(row["seconds"], 1e-9)
        errors = ", ".join(f"{k.replace('_', ' ')} {v:.4f}" for k, v in row.items() if "loss" in k or "validation" in k)
        said = f"{errors}, {speed:,.0f} examples/s"
        self.bar.show(done, said)
        if self.plain:
            left = (time.monotonic() - self.began) / done * (self.epochs - done)
            with suppress(OSError):  # whoever watched has gone, or the file is full: no reason to stop training
                screen.say(inert.line(f"epoch {done}/{self.epochs}: {said}, {left:.0f} s left"), err=True)

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bar.__exit__(kind, error, trace)
