"""Commands that open a saved model: `steps`, `sheet` and back, `unsheet`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from rowwise.cli.manners import as_json, example, numbers_besides
from rowwise.cli.options import LARGEST, Number, Whole
from rowwise.cli.saving import check_output, saved
from rowwise.cli.shared import (
    as_id,
    echo_json,
    folder_name,
    loaded,
    say_written,
    text_column,
    titles_of,
    values_by_column,
)
from rowwise.cli.sources import items_file, reads
from rowwise.errors import BadOption
from rowwise.screen import say

if TYPE_CHECKING:
    from rowwise.api.fitted import Fitted


@click.command(
    short_help="Walk through one example, a line at a time.",
    epilog=example(
        "rowwise steps model/ --user 15 --item 32 --target 4.5",
        "rowwise steps model/ ratings.csv --row 0 --html steps.html",
    ),
)
@click.argument("model")
@click.argument("data", required=False)
@reads("data")
@click.option(
    "--row", "rows", type=Whole(0, 0), multiple=True, help="A row of DATA, from 0; several are shown side by side."
)
@click.option("--user", metavar="ID", help="Who, instead of a row of DATA.")
@click.option("--item", metavar="ID", help="What, instead of a row of DATA.")
@click.option("--text", metavar="TEXT", help="A text, instead of a row of DATA.")
@click.option("--target", type=Number(-LARGEST, 4.5), help="How much it was: shows the derivative and the update too.")
@numbers_besides
@click.option("--all", "every", is_flag=True, help="Every primitive, not just every line.")
@click.option("--full", is_flag=True, help="Every number of every row.")
@click.option("--shapes", is_flag=True, help="Shapes only: a summary with the weights counted.")
@click.option("--html", metavar="FILE", help="Write one page, which needs no network, instead of printing.")
@as_json
def steps(
    model: str,
    data: object,
    rows: tuple[int, ...],
    user: str | None,
    item: str | None,
    text: str | None,
    target: float | None,
    values: tuple[tuple[str, str], ...],
    every: bool,
    full: bool,
    shapes: bool,
    html: str | None,
    as_json: bool,
) -> None:
    """What MODEL does with one example: what it looks up, every line of its function with its the derivative
    of each, and the rows that move, before and after.
    """
    fitted = loaded(model)
    if data is not None:
        examples = _rows_of(fitted, data, rows or (0,))
    elif text is not None:
        examples = {"text": {text_column(fitted): text} | _rest_of(fitted, target, values)}
    elif user is not None and item is not None:
        examples = {f"{user}, {item}": _pair(fitted, user, item) | _rest_of(fitted, target, values)}
    else:
        raise click.UsageError("name an example: --user and --item, --text, or a file and --row")
    walks = {name: fitted.steps(example) for name, example in examples.items()}
    if html is not None:
        from rowwise.storage.whole import replaced_whole
        from rowwise.views.steps_html import page

        with replaced_whole(html) as file:
            file.write(page(walks).encode())
        say_written(html)
    elif as_json:
        echo_json([walk.to_dict() for walk in walks.values()])
    else:
        _show_steps(walks, every=every, full=full, shapes=shapes)


def _pair(fitted: "Fitted", user: str, item: str) -> dict[str, Any]:
    user_column, item_column = fitted.two_keys
    return {user_column: as_id(fitted, user_column, user), item_column: as_id(fitted, item_column, item)}


def _rest_of(fitted: "Fitted", target: float | None, values: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    known = {} if target is None or fitted.layout.target is None else {fitted.layout.target: target}
    return known | values_by_column(fitted, values)


def _rows_of(fitted: "Fitted", data: object, rows: tuple[int, ...]) -> dict[str, dict[str, Any]]:
    opened = fitted.reader.open(data, "if there")
    n = len(opened.frame)
    for row in rows:
        if not 0 <= row < n:
            raise BadOption(
                f"--row {row}", expected=f"a row of {opened.name}, 0 to {n - 1}", mend=f"--row {n - 1} is the last"
            )
    checked = {row: fitted.reader.check(opened.row(row), "if there").frame for row in rows}
    return {f"row {row}": frame.row(0, named=True) for row, frame in checked.items()}


def _show_steps(walks: Mapping[str, Any], *, every: bool, full: bool, shapes: bool) -> None:
    from rowwise.views import steps_terminal

    if len(walks) > 1:
        steps_terminal.show_side_by_side(walks)
    elif shapes:
        steps_terminal.show_shapes(*walks.values())
    else:
        steps_terminal.show(*walks.values(), all=every, full=full)


@click.command(
    short_help="The model as a workbook with live formulas.",
    epilog=example(
        "rowwise sheet model/ -o model.xlsx --data ratings.csv --items movies.csv",
        "rowwise sheet text_model/ -o words.xlsx --data reviews.csv",
    ),
)
@click.argument("model")
@click.option(
    "-o", "--output", metavar="FILE", default="model.xlsx", show_default=True, help="Where the workbook goes."
)
@click.option("--data", metavar="FILE", help="Ratings or texts to show beside the predictions.")
@reads("data")
@items_file
@click.option(
    "--users", type=Whole(1, 15), default=15, show_default=True, help="The most active users, so many, are in the grid."
)
@click.option(
    "--films", type=Whole(1, 15), default=15, show_default=True, help="The most rated items, so many, are in the grid."
)
@click.option(
    "--texts",
    type=Whole(1, 10),
    default=10,
    show_default=True,
    help="So many texts are taken apart, of a model of texts.",
)
@click.option("--length", type=Whole(1, 60), help="Words of a text at most, of a model that reads so many.")
def sheet(
    model: str,
    output: str,
    data: object,
    items: object,
    users: int,
    films: int,
    texts: int,
    length: int | None,
) -> None:
    """MODEL as a spreadsheet: its tables, its predictions and its training as formulas, ready for Solver."""
    fitted = loaded(model)
    titles = titles_of(items, fitted.two_keys[1]) if items else None
    frame = titles and titles.frame.rename({"id": fitted.two_keys[1]})
    fitted.sheet(output, data=data, items=frame, users=users, films=films, texts=texts, length=length)
    say_written(output)


@click.command(
    short_help="A workbook back into a model, after Solver or by hand.",
    epilog=example("rowwise unsheet model/ model.xlsx -o edited/"),
)
@click.argument("model")
@click.argument("workbook")
@click.option("-o", "--output", metavar="FOLDER", default="edited", show_default=True, help="Where the model goes.")
@click.option("--sheet", metavar="NAME", help='The grid to read instead: "grid from random", after Solver.')
def unsheet(model: str, workbook: str, output: str, sheet: str | None) -> None:
    """MODEL with the numbers that its WORKBOOK, written by `rowwise sheet`, holds now."""
    from dataclasses import replace

    from rowwise.api.fitted import Fitted
    from rowwise.program.parameters import Parameters
    from rowwise.views.unsheet import unsheet as read_tables

    check_output(output)
    fitted = loaded(model)
    tables = read_tables(workbook, fitted.trained, sheet=sheet)
    changed = sum(int((table != fitted.parameters.tables[name]).sum()) for name, table in tables.items())
    parameters = Parameters(tables, fitted.parameters.states)
    saved(Fitted(replace(fitted.trained, parameters=parameters)), output)
    say(f"saved {folder_name(output)}: {changed:,} numbers are not those of {model}")
