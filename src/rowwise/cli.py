"""The command line: `rowwise train | evaluate | predict | recommend | similar | info | demo | steps | sheet | unsheet`.

Each command says what it did on the standard output and how it goes on the standard error. The exit status is 0 when
it is done, 2 when something that was given has to be mended, 1 when Rowwise itself has a fault.
"""

import difflib
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rowwise import __version__
from rowwise.errors import BadData, BadFolder, BadOption, RowwiseError, UnknownIdsWarning

if TYPE_CHECKING:  # what takes long to import is imported by the command that needs it
    import polars as pl

    from rowwise.fitted.fitted import Fitted
    from rowwise.fitted.metrics import Evaluation
    from rowwise.recommender import Recommender

MODELS = ("matrix_factorization", "biases_only", "dot_product", "neural_net")
ENGINES = ("auto", "llvm", "xla")


# Manners


class ToMend(click.ClickException):
    """What was given, what was expected and how to mend it: three lines, no traceback, exit status 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Commands(click.Group):
    """Commands in the order in which a person needs them, with errors told as a person wants them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.commands, n=1)
            mend = f"did you mean {near[0]!r}?" if near else "rowwise --help lists them"
            raise ToMend(str(BadOption(f"there is no command {args[0]!r}", mend=mend)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _warnings_as_lines():
                return super().invoke(ctx)
        except RowwiseError as error:
            raise ToMend(str(error)) from None
        except OSError as error:
            if error.filename is None or isinstance(error, BrokenPipeError):
                raise
            raise ToMend(f"{error.filename}: {error.strerror}") from None


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Each of our warnings is one line on the standard error; others stay as they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", UnknownIdsWarning)
        usual = warnings.showwarning

        def show(message: Any, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, UnknownIdsWarning):
                click.echo(f"note: {message}", err=True)
            else:
                usual(message, category, *rest, **more)

        warnings.showwarning = show
        yield


def _example(*lines: str) -> str:
    """The examples under a command's help, as they are typed."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")
how_many: Decorator = click.option("-n", "n", default=10, show_default=True, help="How many to list.")
items_file: Decorator = click.option("--items", metavar="FILE", help="Ids and titles: titles are shown, not bare ids.")

numbers_besides: Decorator = click.option(
    "--value", "values", metavar="NAME=NUMBER", multiple=True, help="A number that the model reads besides."
)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_example(
        "rowwise train ratings.csv --user userId --item movieId --target rating -o model/",
        "rowwise recommend model/ --user 15",
    ),
)
@click.version_option(__version__, message="rowwise %(version)s")
def main() -> None:
    """Embedding models you can see through: from a file of ratings to recommendations."""


# Train


@main.command(
    short_help="Train a recommender on a file of ratings.",
    epilog=_example(
        "rowwise train ratings.csv --user userId --item movieId --target rating -o model/",
        "rowwise train sqlite:///shop.db --sql 'SELECT customer, product, stars FROM reviews' -o model/",
    ),
)
@click.argument("ratings")
@click.option("--user", metavar="COLUMN", help="The column that says who. [default: the first]")
@click.option("--item", metavar="COLUMN", help="The column that says what. [default: the second]")
@click.option("--target", metavar="COLUMN", help="The column that says how much. [default: the third]")
@click.option("-o", "--output", metavar="FOLDER", default="model", show_default=True, help="Where the model goes.")
@click.option("--model", type=click.Choice(MODELS), default=MODELS[0], show_default=True, metavar="NAME",
              help=f"One of {', '.join(MODELS)}.")  # fmt: skip
@click.option("--text", metavar="COLUMN", help="Learn to tell the --target of the texts in this column, instead.")
@click.option("--factors", type=int, help="Numbers in a row of a user or an item. [default: 128]")
@click.option("--epochs", type=int, help="Passes over the ratings. [default: 20]")
@click.option("--learning-rate", type=float, help="Of the first epoch; it falls in a line to 0. [default: 0.022]")
@click.option("--reg", type=float, help="Weight of the squared rows in the loss. [default: 0.06]")
@click.option("--min-count", default=1, show_default=True, help="Rarer ids share one row.")
@click.option("--validation", metavar="SHARE|FILE", default="0.1", show_default=True,
              help="Ratings to measure the error on, not trained on; 0 trains on all.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same model, bit for bit.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
              help="Machine code on the CPU, or XLA.")  # fmt: skip
@click.option("--threads", type=int, help="Cores to use; the result is the same. [default: all]")
@click.option(
    "--checkpoint", metavar="FILE", help="Keep the state here after each epoch; go on from it if it is there."
)
@click.option("--sql", metavar="QUERY", help="RATINGS is the URL of a database, and this selects the ratings.")
def train(
    ratings: str,
    output: str,
    validation: str,
    sql: str | None,
    min_count: int,
    engine: str,
    threads: int | None,
    checkpoint: str | None,
    text: str | None,
    **settings: Any,
) -> None:
    """Train a recommender on RATINGS: a CSV, TSV, Parquet, NDJSON or Arrow file, or a database.

    With --text, train a classifier of texts. Ctrl-C keeps the best model so far.
    """
    _check_output(Path(output))
    held_back = _share_or_file(validation)
    if text is not None:
        source = ratings if sql is None else _rows_of_query(sql, ratings)
        options = {"engine": engine, "threads": threads, "checkpoint": checkpoint, "progress": True}
        _train_texts(source, output, text, held_back, settings, options)
        return
    recommender = _recommender(settings)

    source = ratings if sql is None else _rows_of_query(sql, ratings)
    recommender.fit(
        source,
        validation=held_back,
        min_count=min_count,
        engine=engine,
        threads=threads,
        checkpoint=checkpoint,
        progress=True,
    )
    click.echo(recommender.fitted_.report)
    if interrupted := recommender.fitted_.settings.get("interrupted"):
        click.echo(interrupted)
    elif held_back is not None:
        _show_errors(recommender, source, held_back)
    click.echo(f"\nsaved {_folder(recommender.fitted_.save(output))}, {_size(Path(output))}")
    _say_next(recommender.fitted_, output)


def _train_texts(
    source: Any, output: str, text: str, held_back: float | str | None, settings: Mapping[str, Any], options: Any
) -> None:
    """`rowwise train --text`: a classifier of texts, and how often it is right on those held back."""
    import shlex

    from rowwise.data import splits
    from rowwise.data.read import read
    from rowwise.text_classifier import TextClassifier

    target = settings["target"] or "label"
    strange = [name for name in ("user", "item", "factors", "reg") if settings[name] is not None]
    if strange:
        raise BadOption(f"--{strange[0]} with --text", expected="--target, --epochs, --learning-rate, --seed")
    given = {name: settings[name] for name in ("epochs", "learning_rate", "seed")}
    classifier = TextClassifier(column=text, target=target, **given)
    frame = read(source, columns=[text, target])
    held = read(held_back) if isinstance(held_back, str) else None
    if isinstance(held_back, float):
        frame, held = splits.random(frame, fraction=held_back, seed=classifier.seed)
    classifier.fit(frame[text], frame[target], **options)
    click.echo(classifier.fitted_.report)
    if held is not None:
        click.echo(f"\non {len(held):,} texts held back: {classifier.fitted_.evaluate(held)}")
    folder = shlex.quote(_folder(classifier.fitted_.save(output)))
    click.echo(f"\nsaved {folder}, {_size(Path(output))}")
    click.echo(f"\nnext:\n  rowwise predict {folder} texts.csv -o predicted.csv\n  rowwise info {folder}")


def _recommender(settings: Mapping[str, Any]) -> "Recommender":
    from rowwise.recommender import Recommender

    given = {name: value for name, value in settings.items() if value is not None}
    return Recommender(**given)


def _share_or_file(validation: str) -> float | str | None:
    """What --validation means: nothing held back, a share of the ratings, or a file."""
    try:
        share = float(validation)
    except ValueError:
        return validation
    if not 0 <= share < 1:
        raise BadOption(
            f"--validation {validation}",
            expected="a share between 0 and 1, or a file of ratings",
            mend="--validation 0.1 holds back a tenth, 0 nothing",
        )
    return share or None


def _rows_of_query(query: str, url: str) -> "pl.DataFrame":
    from rowwise.data.read import Sql, read

    return read(Sql(query, url))  # read once: a database may give its rows in another order the next time


def _check_output(folder: Path) -> None:
    """Refuse before an hour of training, not after it."""
    if folder.exists() and not (folder / "model.json").is_file():
        raise BadFolder(
            f"{folder} exists and is not a saved model",
            expected="a new folder, or the folder of an older model to replace",
            mend="give another name with -o",
        )


def _show_errors(recommender: "Recommender", source: Any, held_back: float | str) -> None:
    """The error of the model beside those of doing nothing clever, all on the same ratings held back."""
    from rowwise.baselines import baselines, compared
    from rowwise.data import splits
    from rowwise.data.examples import read_examples
    from rowwise.views.terminal import show

    layout = recommender.fitted_.layout
    learnt, _ = read_examples(source, layout, learn=True)
    if isinstance(held_back, float):
        learnt, held = splits.random(learnt, fraction=held_back, seed=recommender.seed)  # as `fit` did
    else:
        held, _ = read_examples(held_back, layout, learn=False)
    names = {"user": recommender.user_, "item": recommender.item_, "target": recommender.target_}
    errors = baselines(learnt, held, **names)
    errors[recommender.model.replace("_", " ")] = recommender.evaluate(held)

    click.echo(f"\nerror on the {len(held):,} ratings held back")
    show(compared(errors), indent=2)
    if isinstance(held_back, float):
        click.echo(f"the model has not seen those {len(held):,}; --validation 0 trains on all, and measures nothing")


def _say_next(fitted: "Fitted", output: str) -> None:
    import shlex

    user, item = (fitted.vocabularies[fitted.column_vocabulary[column]].ids[1] for column in fitted.two_keys)
    folder = shlex.quote(_folder(output))
    click.echo(
        "\nnext:\n"
        f"  rowwise recommend {folder} --user {shlex.quote(str(user))}\n"
        f"  rowwise similar {folder} --item {shlex.quote(str(item))}\n"
        f"  rowwise predict {folder} pairs.csv -o predicted.csv"
    )


def _folder(path: str | Path) -> str:
    return f"{str(path).rstrip('/')}/"


def _size(folder: Path) -> str:
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e5 else f"{n_bytes / 1e3:.1f} kB"


# Use


@main.command(
    short_help="The errors of a model on ratings held back.", epilog=_example("rowwise evaluate model/ test.csv")
)
@click.argument("model")
@click.argument("data")
@as_json
def evaluate(model: str, data: str, as_json: bool) -> None:
    """The errors of MODEL on DATA, ratings that it was not trained on."""
    evaluation = _load(model).evaluate(data)
    if as_json:
        _echo_json(_facts_of(evaluation))
    else:
        click.echo(str(evaluation))


def _facts_of(evaluation: "Evaluation") -> dict[str, Any]:
    return {**evaluation.metrics, "examples": evaluation.examples, "unknown": dict(evaluation.unknown)}


@main.command(
    short_help="A prediction for each line of a file.",
    epilog=_example("rowwise predict model/ pairs.csv -o predicted.csv"),
)
@click.argument("model")
@click.argument("data")
@click.option("-o", "--output", metavar="FILE", help="A .csv, .tsv, .parquet, .ndjson or .arrow file. [default: print]")
@click.option("--column", default="prediction", show_default=True, help="The name of the new column.")
@as_json
def predict(model: str, data: str, output: str | None, column: str, as_json: bool) -> None:
    """What MODEL predicts for each line of DATA, in their order: DATA with one column more.

    An id that training never saw is answered from the row for unknown ids, and counted.
    """
    import polars as pl

    from rowwise.data.read import name_of, read
    from rowwise.data.write import check_writable, write

    if output is not None:
        check_writable(output)
    predictions = _load(model).predict(data)
    frame = read(data)
    if column in frame.columns:
        raise BadData(
            f"{name_of(data)} has a column {column!r} already",
            expected="a new name for the predictions",
            mend=f"--column my_{column}",
        )
    many = predictions.ndim > 1
    fresh = {f"{column}_{k}": predictions[:, k] for k in range(predictions.shape[1])} if many else {column: predictions}
    frame = frame.with_columns(pl.Series(name, values) for name, values in fresh.items())
    if output is not None:
        write(frame, output)
        click.echo(f"wrote {output}: {len(frame):,} predictions")
    elif as_json:
        _echo_json(frame.to_dicts())
    else:
        click.echo(frame.write_csv(), nl=False)


@main.command(
    short_help="The best items for a user.",
    epilog=_example("rowwise recommend model/ --user 15 -n 10 --items movies.csv"),
)
@click.argument("model")
@click.option("--user", "users", metavar="ID", multiple=True, required=True, help="Who; may be given several times.")
@how_many
@items_file
@numbers_besides
@as_json
def recommend(
    model: str, users: tuple[str, ...], n: int, items: str | None, values: tuple[str, ...], as_json: bool
) -> None:
    """The items that MODEL predicts highest for a user, without those in the training data."""
    fitted = _load(model)
    user_column, item_column = fitted.two_keys
    titles = _titles(items, item_column)
    ids = [_id(fitted, user_column, user) for user in users]
    vocabulary = fitted.vocabularies[fitted.column_vocabulary[user_column]]
    for id in ids:
        if id not in vocabulary:
            click.echo(f"note: training never saw {user_column} {id}: answered from the unknown row", err=True)
    found = _with_titles(fitted.recommend(ids, n, values=_numbers(values)), item_column, titles)
    if as_json:
        _echo_json(found.to_dicts())
        return
    _show(found if len(ids) > 1 else found.drop(user_column), digits={"prediction": 2})


@main.command(
    short_help="The nearest neighbours of an item, a user or a word.",
    epilog=_example("rowwise similar model/ --item 32 --items movies.csv", "rowwise similar model/ --word good"),
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
    items: str | None,
    as_json: bool,
) -> None:
    """The items whose rows point most nearly the same way: cosine 1 is the same way, -1 the opposite."""
    if [item, user, word].count(None) != 2:
        raise click.UsageError("name one item with --item, one user with --user, or one word with --word")
    fitted = _load(model)
    column = _text_column(fitted) if word is not None else fitted.two_keys[1 if user is None else 0]
    titles = _titles(items, column) if item is not None else None
    id = word if word is not None else _id(fitted, column, str(item if user is None else user))
    found = _with_titles(fitted.similar(id, n, column=column, table=table), column, titles)
    if as_json:
        _echo_json(found.to_dicts())
        return
    if titles is not None:
        import polars as pl

        click.echo(f"like {titles.of(pl.Series([id]))[0] or id}:")
    _show(found, digits={"cosine": 3})


@main.command(short_help="What a model is, and how it was trained.", epilog=_example("rowwise info model/"))
@click.argument("model")
@as_json
def info(model: str, as_json: bool) -> None:
    """What MODEL is, how it was trained, and how large its tables are."""
    fitted = _load(model)
    if not as_json:
        click.echo(str(fitted))
        return
    _echo_json(
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


@main.command(short_help="Train on real ratings, and look at what was learnt.", epilog=_example("rowwise demo"))
@click.argument("data", type=click.Choice(["films", "text"]), default="films")
@click.option("-o", "--output", metavar="FOLDER", default="demo", show_default=True, help="Where the model goes.")
def demo(data: str, output: str) -> None:
    """Train on 100,000 ratings of films, or on 4,000 reviews of food (text), and look at what was learnt."""
    if data == "text":
        from rowwise.demo_text import run
    else:
        from rowwise.demo import run

    run(Path(output))


# Open


@main.command(
    short_help="Walk through one example, a line at a time.",
    epilog=_example(
        "rowwise steps model/ --user 15 --item 32 --target 4.5",
        "rowwise steps model/ ratings.csv --row 0 --html steps.html",
    ),
)
@click.argument("model")
@click.argument("data", required=False)
@click.option("--row", "rows", type=int, multiple=True, help="A row of DATA, from 0; several are shown side by side.")
@click.option("--user", metavar="ID", help="Who, instead of a row of DATA.")
@click.option("--item", metavar="ID", help="What, instead of a row of DATA.")
@click.option("--text", metavar="TEXT", help="A text, instead of a row of DATA.")
@click.option("--target", type=float, help="How much it was: shows the derivative and the update too.")
@numbers_besides
@click.option("--all", "every", is_flag=True, help="Every primitive, not just every line.")
@click.option("--full", is_flag=True, help="Every number of every row.")
@click.option("--shapes", is_flag=True, help="Shapes only: a summary with the weights counted.")
@click.option("--html", metavar="FILE", help="Write one page, which needs no network, instead of printing.")
@as_json
def steps(
    model: str,
    data: str | None,
    rows: tuple[int, ...],
    user: str | None,
    item: str | None,
    text: str | None,
    target: float | None,
    values: tuple[str, ...],
    every: bool,
    full: bool,
    shapes: bool,
    html: str | None,
    as_json: bool,
) -> None:
    """What MODEL does with one example: what it looks up, every line of its function with its numbers, the derivative
    of each, and the rows that move, before and after.
    """
    fitted = _load(model)
    if data is not None:
        examples = _rows_of(data, rows or (0,))
    elif text is not None:
        examples = {"text": {_text_column(fitted): text} | _rest_of(fitted, target, values)}
    elif user is not None and item is not None:
        examples = {f"{user}, {item}": _pair(fitted, user, item) | _rest_of(fitted, target, values)}
    else:
        raise click.UsageError("name an example: --user and --item, --text, or a file and --row")
    walks = {name: fitted.steps(example) for name, example in examples.items()}
    if html is not None:
        from rowwise.data.write import whole
        from rowwise.views.steps_html import page

        with whole(html) as file:
            file.write(page(walks).encode())
        click.echo(f"wrote {html}")
    elif as_json:
        _echo_json([walk.to_dict() for walk in walks.values()])
    else:
        _show_steps(walks, every=every, full=full, shapes=shapes)


def _pair(fitted: "Fitted", user: str, item: str) -> dict[str, Any]:
    user_column, item_column = fitted.two_keys
    return {user_column: _id(fitted, user_column, user), item_column: _id(fitted, item_column, item)}


def _text_column(fitted: "Fitted") -> str:
    columns = [name for name, column in fitted.layout.ids.items() if column.text is not None]
    if not columns:
        raise BadOption(
            f"{fitted.name} reads no text",
            expected=f"an example of {', '.join(fitted.layout.columns)}",
            mend="name --user and --item, or a file and --row",
        )
    return columns[0]


def _rest_of(fitted: "Fitted", target: float | None, values: tuple[str, ...]) -> dict[str, Any]:
    known = {} if target is None or fitted.layout.target is None else {fitted.layout.target: target}
    return known | _numbers(values)


def _rows_of(data: str, rows: tuple[int, ...]) -> dict[str, dict[str, Any]]:
    from rowwise.data.read import name_of, read

    frame = read(data)
    for row in rows:
        if not 0 <= row < len(frame):
            raise BadOption(f"--row {row}", expected=f"a row of {name_of(data)}, 0 to {len(frame) - 1}")
    return {f"row {row}": frame.row(row, named=True) for row in rows}


def _show_steps(walks: Mapping[str, Any], *, every: bool, full: bool, shapes: bool) -> None:
    from rowwise.views import steps_terminal

    if len(walks) > 1:
        steps_terminal.show_side_by_side(walks)
    elif shapes:
        steps_terminal.show_shapes(*walks.values())
    else:
        steps_terminal.show(*walks.values(), all=every, full=full)


@main.command(
    short_help="The model as a workbook with live formulas.",
    epilog=_example(
        "rowwise sheet model/ -o model.xlsx --data ratings.csv --items movies.csv",
        "rowwise sheet text_model/ -o words.xlsx --data reviews.csv",
    ),
)
@click.argument("model")
@click.option(
    "-o", "--output", metavar="FILE", default="model.xlsx", show_default=True, help="Where the workbook goes."
)
@click.option("--data", metavar="FILE", help="Ratings or texts to show beside the predictions.")
@items_file
@click.option("--users", default=15, show_default=True, help="The most active users, so many, are in the grid.")
@click.option("--films", default=15, show_default=True, help="The most rated items, so many, are in the grid.")
@click.option("--texts", default=10, show_default=True, help="So many texts are taken apart, of a model of texts.")
@click.option("--length", type=click.IntRange(1), help="Words of a text at most, of a model that reads so many.")
def sheet(
    model: str,
    output: str,
    data: str | None,
    items: str | None,
    users: int,
    films: int,
    texts: int,
    length: int | None,
) -> None:
    """MODEL as a spreadsheet: its tables, its predictions and its training as formulas, ready for Solver."""
    fitted = _load(model)
    titles = _titles(items, fitted.two_keys[1]) if items else None
    frame = titles and titles.frame.rename({"id": fitted.two_keys[1]})
    fitted.sheet(output, data=data, items=frame, users=users, films=films, texts=texts, length=length)
    click.echo(f"wrote {output}")


@main.command(
    short_help="A workbook back into a model, after Solver or by hand.",
    epilog=_example("rowwise unsheet model/ model.xlsx -o edited/"),
)
@click.argument("model")
@click.argument("workbook")
@click.option("-o", "--output", metavar="FOLDER", default="edited", show_default=True, help="Where the model goes.")
@click.option("--sheet", metavar="NAME", help='The grid to read instead: "grid from random", after Solver.')
def unsheet(model: str, workbook: str, output: str, sheet: str | None) -> None:
    """MODEL with the numbers that its WORKBOOK, written by `rowwise sheet`, holds now."""
    from dataclasses import replace

    from rowwise.program.parameters import Parameters
    from rowwise.views.unsheet import unsheet as read_tables

    _check_output(Path(output))
    fitted = _load(model)
    tables = read_tables(workbook, fitted, sheet=sheet)
    changed = sum(int((table != fitted.parameters.tables[name]).sum()) for name, table in tables.items())
    replace(fitted, parameters=Parameters(tables, fitted.parameters.states)).save(output)
    click.echo(f"saved {_folder(output)}: {changed:,} numbers are not those of {model}")


# Help of the commands that use a model


def _load(folder: str) -> "Fitted":
    from rowwise.fitted.folder import load

    return load(folder)


def _id(fitted: "Fitted", column: str, text: str) -> int | str:
    """An id as the training data had it: a whole number where its column holds whole numbers."""
    is_text = fitted.vocabularies[fitted.column_vocabulary[column]].ids.dtype.to_python() is str
    try:
        return text if is_text else int(text)
    except ValueError:
        raise BadOption(
            f"{text!r} is no {column}",
            expected="a whole number, as in the training data",
            mend="check the id",
        ) from None


def _numbers(values: tuple[str, ...]) -> dict[str, float]:
    numbers = {}
    for value in values:
        name, _, number = value.partition("=")
        try:
            numbers[name] = float(number)
        except ValueError:
            raise BadOption(f"--value {value}", expected="a name and a number", mend="--value hour=12") from None
    return numbers


def _titles(items: str | None, column: str) -> Any:
    if items is None:
        return None
    from rowwise.data.titles import Titles

    return Titles.read(items, column)


def _with_titles(found: "pl.DataFrame", column: str, titles: Any) -> "pl.DataFrame":
    if titles is None:
        return found
    names = titles.of(found[column]).alias("title")
    return found.insert_column(found.columns.index(column) + 1, names)


def _show(found: "pl.DataFrame", digits: Mapping[str, int]) -> None:
    from rowwise.views.terminal import show

    show(found, digits=digits)


def _echo_json(facts: Any) -> None:
    import json

    click.echo(json.dumps(facts, ensure_ascii=False, indent=1, default=str))
