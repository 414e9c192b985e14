"""The curve of a loss beside its numbers."""

from rowwise.views.workbook.book import Page


def loss_chart(page: Page, head: int, n: int, column: int, *, numbers: int = 1, first: int | None = None) -> None:
    """A line chart at (head, column) of the n losses below `head`, in the column `numbers`."""
    first = head + 1 if first is None else first
    chart = page.book.file.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": "loss",
            "categories": [page.name, first, 0, first + n - 1, 0],
            "values": [page.name, first, numbers, first + n - 1, numbers],
            "line": {"color": "#C55A11", "width": 2},
        }
    )
    chart.set_title({"name": "loss", "name_font": {"size": 11}})
    chart.set_x_axis({"name": "step"})
    chart.set_y_axis({"min": 0})
    chart.set_legend({"none": True})
    chart.set_size({"width": 560, "height": 300})
    page.sheet.insert_chart(head, column, chart)
