"""How far a large workbook is: a bar of its sheets, on a terminal, where writing them takes long."""

import sys
from threading import Timer
from types import TracebackType
from typing import Any

from rowwise import inert, screen

PATIENCE = 2.0  # seconds without a bar


class Progress:
    """A context that is told of each sheet as it is begun."""

    def __init__(self, sheets: int):
        self.sheets = sheets
        self.bar: Any = None

    def __enter__(self) -> "Progress":
        if sys.stderr is not None and sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("sheet"),
                MofNCompleteColumn(),
                BarColumn(),
                TextColumn("{task.description}", markup=False),
            )
            self.bar = Bar(*columns, console=screen.console(err=True), transient=True)
            self.task = self.bar.add_task("", total=self.sheets)
            self.timer = Timer(PATIENCE, self.bar.start)
            self.timer.start()
        return self

    def begun(self, what: str) -> None:
        """The next sheet is being written, or the file."""
        if self.bar is not None:
            self.bar.update(self.task, advance=1 if self.bar.tasks[0].description else 0, description=inert.line(what))

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.bar is not None:
            self.timer.cancel()
            self.timer.join()
            self.bar.stop()
