"""How training goes, told while it runs: a live line on a terminal, plain lines elsewhere, nothing when not asked."""

import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from rowwise import inert, screen


class Progress:
    """A context that is told of each epoch.

    `show=None` shows on a terminal only; `True` prints plain lines where there is no terminal.
    """

    def __init__(self, epochs: int, examples: int, *, show: bool | None, before: int = 0):
        """`before` epochs are of an earlier training, and not counted."""
        self.epochs, self.before = epochs - before, before
        self.examples = examples
        self.live = sys.stderr is not None and sys.stderr.isatty() and show is not False
        self.plain = show is True and not self.live
        self.began = time.monotonic()
        self.bar: Any = None

    def __enter__(self) -> "Progress":
        if self.live:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("epoch"),
                MofNCompleteColumn(),
                BarColumn(),
                TextColumn("{task.fields[said]}", markup=False),
            )
            self.bar = Bar(*columns, TimeRemainingColumn(), console=screen.console(err=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task("train", total=self.epochs, said="compiling")
        return self

    def epoch(self, row: Mapping[str, Any]) -> None:
        """One epoch done; `row` is its line of the history."""
        done = row["epoch"] - self.before
        speed = self.examples / max(row["seconds"], 1e-9)
        errors = ", ".join(f"{k.replace('_', ' ')} {v:.4f}" for k, v in row.items() if "loss" in k or "validation" in k)
        said = inert.line(f"{errors}, {speed:,.0f} examples/s")
        if self.bar is not None:
            with suppress(OSError):
                self.bar.update(self.task, completed=done, said=said)
        elif self.plain:
            left = (time.monotonic() - self.began) / done * (self.epochs - done)
            with suppress(OSError):  # whoever watched has gone, or the file is full: no reason to stop training
                screen.say(f"epoch {done}/{self.epochs}: {said}, {left:.0f} s left", err=True)

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.bar is not None:
            with suppress(OSError):
                self.bar.stop()
