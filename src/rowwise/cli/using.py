"""Commands that use a saved model, `evaluate` to `info`, and the `demo` that makes one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rowwise.cli.manners import as_json, example, how_many, numbers_besides
from rowwise.cli.shared import (
    as_id,
    echo_json,
    loaded,
    say_written,
    show_table,
    text_column,
    titles_of,
    values_by_column,
    with_titles,
)
from rowwise.cli.sources import items_file, reads
from rowwise.errors import BadData
from rowwise.screen import pass_on, say

if TYPE_CHECKING:
    from rowwise.trained.metrics import Evaluation


@click.command(
    short_help="The errors of a model on ratings held back.", epilog=example("rowwise evaluate model/ test.csv")
)
@click.argument("model")
@click.argument("data")
@click.option("--metric", "metrics", metavar="NAME", multiple=True,
              help="Such as rmse, r2 or auc; may be given several times. [default: those that fit]")  # fmt: skip
@reads("data")
@as_json
def evaluate(model: str, data: object, metrics: tuple[str, ...], as_json: bool) -> None:
    """The errors of MODEL on DATA, ratings that it was not trained on."""
    evaluation = loaded(model).evaluate(data, metrics=metrics or None)
    if as_json:
        echo_json(_facts_of(evaluation))
    else:
        say(str(evaluation))


def _facts_of(evaluation: "Evaluation") -> dict[str, Any]:
    return {**evaluation.metrics, "examples": evaluation.examples, "unknown": dict(evaluation.unknown)}


@click.command(
    short_help="A prediction for each line of a file.",
    epilog=example("rowwise predict model/ pairs.csv -o predicted.csv"),
)
@click.argument("model")
@click.argument("data")
@click.option("-o", "--output", metavar="FILE", help="A file, an address or the URL of a database. [default: print]")
@click.option("--column", default="prediction", show_default=True, help="The name of the new column.")
@click.option("--table", metavar="NAME", help="-o is the URL of a database: the name of the new table.")
@reads("data")
@as_json
def predict(model: str, data: object, output: str | None, column: str, table: str | None, as_json: bool) -> None:
    """What MODEL predicts for each line of DATA, in their order: DATA with one column more.

    An id that training never saw is answered from the row for unknown ids, and counted.
    """
    import polars as pl

    from rowwise.data.files.write import check_writable, write
    from rowwise.data.source import open_source, with_whole_numbers

    if output is not None:
        check_writable(output, table=table)
    opened = open_source(data)
    predictions = loaded(model).predict(opened)
    frame = with_whole_numbers(opened.frame) if opened.is_text else opened.frame
    if column in frame.columns:
        raise BadData(
            f"{opened.name} has a column {column!r} already",
            expected="a new name for the predictions",
            mend=f"--column my_{column}",
        )
    many = predictions.ndim > 1
    fresh = {f"{column}_{k}": predictions[:, k] for k in range(predictions.shape[1])} if many else {column: predictions}
    frame = frame.with_columns(pl.Series(name, values) for name, values in fresh.items())
    if output is not None:
        write(frame, output, table=table)
        say_written(table or output, f": {len(frame):,} predictions")
    elif as_json:
        echo_json(frame.to_dicts())
    else:
        pass_on(frame.write_csv())


@click.command(
    short_help="The best items for a user.",
    epilog=example("rowwise recommend model/ --user 15 -n 10 --items movies.csv"),
)
@click.argument("model")
@click.option("--user", "users", metavar="ID", multiple=True, required=True, help="Who; may be given several times.")
@how_many
@items_file
@click.option("--seen", type=click.Choice(["drop", "keep"]), default="drop", show_default=True,
              help="Leave out what the user has seen, or keep it in.")  # fmt: skip
@numbers_besides
@as_json
def recommend(
    model: str,
    users: tuple[str, ...],
    n: int,
    items: object,
    seen: str,
    values: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """The items that MODEL predicts highest for a user, without those that the data say the user has seen."""
    from rowwise.data.named import named

    fitted = loaded(model)
    user_column, item_column = fitted.two_keys
    titles = titles_of(items, item_column)
    ids = [as_id(fitted, user_column, user) for user in users]
    found = fitted.recommend(ids, n, seen=seen, values=values_by_column(fitted, values))
    digits = {found.columns[-1]: 2}
    found = with_titles(found, item_column, titles)
    if as_json:
        echo_json(found.to_dicts())
        return
    show_table(found if len(ids) > 1 else found.drop(named(user_column)), digits=digits)


@click.command(
    short_help="The nearest neighbours of an item, a user or a word.",
    epilog=example("rowwise similar model/ --item 32 --items movies.csv", "rowwise similar model/ --word good"),
)
@click.argument("model")
@click.option("--item", metavar="ID", help="The item to find neighbours of.")
@click.option("--user", metavar="ID", help="The user to find neighbours of, instead.")
@click.option("--word", metavar="WORD", help="The word to find neighbours of, in a model of texts.")
@click.option("--table", metavar="NAME", help="Whose rows to compare; `rowwise info` lists them.")
@how_many
@items_file
@as_json
def similar(
    model: str,
    item: str | None,
    user: str | None,
    word: str | None,
    table: str | None,
    n: int,
    items: object,
    as_json: bool,
) -> None:
    """The items whose rows point most nearly the same way: cosine 1 is the same way, -1 the opposite."""
    if [item, user, word].count(None) != 2:
        raise click.UsageError("name one item with --item, one user with --user, or one word with --word")
    fitted = loaded(model)
    column = text_column(fitted) if word is not None else fitted.two_keys[1 if user is None else 0]
    titles = titles_of(items, column) if item is not None else None
    id = word if word is not None else as_id(fitted, column, str(item if user is None else user))
    found = fitted.similar(id, n, column=column, table=table)
    digits = {found.columns[-1]: 3}
    found = with_titles(found, column, titles)
    if as_json:
        echo_json(found.to_dicts())
        return
    if titles is not None:
        import polars as pl

        say(f"like {titles.of(pl.Series([id]))[0] or id}:")
    show_table(found, digits=digits)


@click.command(short_help="What a model is, and how it was trained.", epilog=example("rowwise info model/"))
@click.argument("model")
@as_json
def info(model: str, as_json: bool) -> None:
    """What MODEL is, how it was trained, and how large its tables are."""
    fitted = loaded(model)
    if not as_json:
        say(str(fitted))
        return
    echo_json(
        {
            "name": fitted.name,
            "signature": fitted.signature,
            "target": fitted.layout.target,
            "tables": {name: list(table.shape) for name, table in fitted.parameters.tables.items()},
            "ids": {column: len(fitted.vocabularies[name]) - 1 for column, name in fitted.column_vocabulary.items()},
            "settings": dict(fitted.settings),
            "report": fitted.report.splitlines(),
            "history": fitted.history.to_dicts(),
        }
    )


@click.command(short_help="Train on real ratings, and look at what was learnt.", epilog=example("rowwise demo"))
@click.argument("data", type=click.Choice(["films", "text"]), default="films")
@click.option("-o", "--output", metavar="FOLDER", default="demo", show_default=True, help="Where the model goes.")
def demo(data: str, output: str) -> None:
    """Train on 100,000 ratings of films, or on 4,000 reviews of food (text), and look at what was learnt."""
    if data == "text":
        from rowwise.demo.texts import run
    else:
        from rowwise.demo.films import run

    run(Path(output))
