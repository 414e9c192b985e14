"""The first sheet: what the model is, what the other sheets show, what the colours mean."""

from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import LEGEND, Page

LESSON = (
    "1. On “grid”, change a yellow factor of one user: all the predictions of that user follow, and the error.",
    "2. On “grid from random”, open Solver (Excel: Data ▸ Solver, an add-in; LibreOffice: Tools ▸ Solver). It is "
    "filled in: press Solve and watch the error fall. This is training.",
    "3. On “learn”, see the same thing done by gradients, step after step. On “learn online sgd”, multiply the "
    "learning rate by 10: it diverges.",
)


def write_notes(page: Page, fitted: Trained, sheets: dict[str, str], left_out: list[str], *, lesson: bool) -> None:
    """`sheets` says what each sheet shows, in their order; `left_out` what none does, and why."""
    page.sheet.set_column(0, 0, 22)
    page.sheet.set_column(1, 1, 105)
    page.say(0, 0, f"{fitted.name}: a model of rows, as a spreadsheet", "title")
    page.say(
        1,
        0,
        "Nothing is hidden: every number below is either data, a number of the model, or a formula of these.",
        "note",
    )
    line = 3
    page.say(line, 0, "the model", "head")
    for text in str(fitted.signature).splitlines():
        page.say(line, 1, text.strip(), "code")
        line += 1
    line += 1
    page.say(line, 0, "the sheets", "head")
    line += 1
    for name, says in sheets.items():
        page.sheet.write_url(line, 0, f"internal:'{name}'!A1", string=name)
        page.say(line, 1, says)
        line += 1
    for says in left_out:
        page.say(line, 0, "not here", "note")
        page.say(line, 1, says, "note")
        line += 1
    line += 1
    page.say(line, 0, "the colours", "head")
    line += 1
    for name, says in LEGEND.items():
        page.say(line, 1, says, name)
        line += 1
    if lesson:
        line += 1
        page.say(line, 0, "five minutes", "head")
        line += 1
        for says in LESSON:
            page.say(line, 1, says, "wrap")
            page.sheet.set_row(line, 32)
            line += 1
