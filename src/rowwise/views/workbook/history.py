"""How training went: the loss and the errors of every epoch, and their chart."""

import polars as pl

from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import Page

HEAD = 3


def write_history(page: Page, fitted: Trained) -> None:
    """The history as a table, and every measure of it as a line of one chart."""
    history: pl.DataFrame = fitted.history
    page.say(0, 0, "How training went", "title")
    page.say(
        1,
        0,
        f"One line an epoch: once through all the training examples. Optimizer {fitted.program.optimizer}.",
        "note",
    )
    for column, name in enumerate(history.columns):
        page.say(HEAD, column, name, "head", "right")
        for line, value in enumerate(history[name].to_list()):
            if isinstance(value, int):
                page.say(HEAD + 1 + line, column, value)
            elif isinstance(value, float):
                page.put(HEAD + 1 + line, column, value, 0, "number")
    page.sheet.set_column(0, len(history.columns), 16)
    page.sheet.freeze_panes(HEAD + 1, 1)
    measures = [c for c in history.columns if history[c].dtype.is_float() and c not in ("seconds", "learning_rate")]
    if not measures or not len(history):
        return
    chart = page.book.file.add_chart({"type": "line"})
    last = HEAD + len(history)
    for name in measures:
        column = history.columns.index(name)
        chart.add_series(
            {
                "name": [page.name, HEAD, column],
                "categories": [page.name, HEAD + 1, 0, last, 0],
                "values": [page.name, HEAD + 1, column, last, column],
            }
        )
    chart.set_x_axis({"name": "epoch"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 640, "height": 360})
    page.sheet.insert_chart(HEAD + 1, len(history.columns) + 1, chart)
