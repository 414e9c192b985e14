"""The numbers that every example shares, on a sheet of their own: dense weights, and facts of the training data."""

from rowwise.backends.sheet.rules import Cells, area
from rowwise.program.inputs import DenseWeight, Statistic
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import Page, block
from rowwise.views.workbook.names import cell_names


def write_weights(page: Page, fitted: Trained) -> dict[str, Cells]:
    """The cells of each weight and statistic, by the name of the input."""
    page.say(0, 0, "Numbers that every example shares", "title")
    page.sheet.set_column(0, 0, 30)
    found, line = {}, 2
    for i in fitted.program.inputs:
        name = i.value.name
        if isinstance(i, Statistic):
            page.say(line, 0, f"{name}: {i.says}")
            page.put(line, 1, float(fitted.means[name]), 0, "number", "free")
            found[name] = block(line, 1, (), "both", page.name)
            line += 2
        if isinstance(i, DenseWeight):
            values = fitted.parameters.tables[name].astype(float)
            lines = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values.reshape(1, -1)
            page.say(line, 0, f"{name}: {' × '.join(map(str, values.shape)) or 'one number'}")
            for k, row in enumerate(lines):
                page.put(line + k, 1, row, 0, "number", "free")
            cells = block(line, 1, lines.shape, "both", page.name)
            page.book.name(f"table_{cell_names(fitted)[0][name]}", area(cells[0, 0], cells[-1, -1]))
            found[name] = cells.reshape(values.shape)
            line += len(lines) + 1
    return found
