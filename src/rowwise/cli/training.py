"""`rowwise train`: a file of ratings or texts in, a saved model out."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rowwise.backends import registry
from rowwise.cli.manners import example
from rowwise.cli.options import LARGEST, Number, Whole
from rowwise.cli.saving import check_output, saved
from rowwise.cli.shared import folder_name
from rowwise.cli.sources import opened, reads
from rowwise.errors import BadOption
from rowwise.screen import say

if TYPE_CHECKING:
    from rowwise.api.fitted import Fitted
    from rowwise.api.recommender import Recommender
    from rowwise.data.source import Opened

SHOWN = ("ndcg@10", "recall@10", "hit_rate@10", "coverage@10")  # of the metrics of lists
MODELS = ("matrix_factorization", "biases_only", "dot_product", "neural_net")


@click.command(
    short_help="Train a recommender on a file of ratings.",
    epilog=example(
        "rowwise train ratings.csv --user userId --item movieId --target rating -o model/",
        "rowwise train sqlite:///shop.db --sql 'SELECT customer, product, stars FROM reviews' -o model/",
    ),
)
@click.argument("ratings")
@click.option("--user", metavar="COLUMN", help="The column that says who. [default: the first]")
@click.option("--item", metavar="COLUMN", help="The column that says what. [default: the second]")
@click.option("--target", metavar="COLUMN", help="The column that says how much. [default: the third, if there is one]")
@click.option("--task", type=click.Choice(("auto", "ratings", "ranking")), default="auto", show_default=True,
              help="Predict how much, or what comes first in a list; without a --target it is a list.")  # fmt: skip
@click.option(
    "--likes", type=Number(-LARGEST, 4), help="In a ranking, from which number on one is a like. [default: their mean]"
)
@click.option("-o", "--output", metavar="FOLDER", default="model", show_default=True, help="Where the model goes.")
@click.option("--model", type=click.Choice(MODELS), metavar="NAME",
              help=f"One of {', '.join(MODELS)}. [default: the first, or the second where it is better on the ratings "
              "held back]")  # fmt: skip
@click.option("--text", metavar="COLUMN", help="Learn to tell the --target of the texts in this column, instead.")
@click.option("--factors", type=Whole(1, 128, 65_536), help="Numbers in a row of a user or an item. [default: 128]")
@click.option("--epochs", type=Whole(1, 20), help="Passes over the ratings. [default: 20]")
@click.option(
    "--learning-rate", type=Number(0, 0.022), help="Of the first epoch; it falls in a line to 0. [default: 0.022]"
)
@click.option("--reg", type=Number(0, 0.055), help="Weight of the squared rows in the loss. [default: 0.055]")
@click.option("--min-count", type=Whole(1, 2), default=1, show_default=True, help="Rarer ids share one row.")
@click.option("--validation", metavar="SHARE|FILE", default="0.1", show_default=True,
              help="Ratings to measure the error on, not trained on; 0 trains on all.")  # fmt: skip
@click.option(
    "--seed",
    type=Whole(0, 0),
    default=0,
    show_default=True,
    help="The same seed gives the same model, bit for bit, on one kind of processor.",
)
@click.option("--engine", type=click.Choice(registry.names()), default=registry.AUTO, show_default=True,
              help="Machine code on the CPU, or XLA.")  # fmt: skip
@click.option("--threads", type=Whole(1, 2, 1024), help="Cores to use; the result is the same. [default: all]")
@click.option(
    "--checkpoint", metavar="FILE", help="Keep the state here after each epoch; go on from it if it is there."
)
@click.option("--validation-sql", metavar="QUERY", help="Selects the ratings to measure the error on.")
@reads("ratings")
def train(
    ratings: object,
    output: str,
    validation: object,
    min_count: int,
    engine: str,
    threads: int | None,
    checkpoint: str | None,
    text: str | None,
    **settings: object,
) -> None:
    """Train a recommender on RATINGS: a file, a folder or a glob of files, an address, a database, or - for the input.

    With --text, train a classifier of texts. Ctrl-C keeps the best model so far.
    """

    check_output(output)
    held_back = _share_or_file(validation)
    if text is not None:
        options = {"engine": engine, "threads": threads, "checkpoint": checkpoint, "progress": True}
        _train_texts(ratings, output, text, held_back, settings, options)
        return
    recommender = _recommender(settings)

    source = recommender.opened(ratings)  # once: a stream is spent, and a database may answer otherwise
    recommender.fit(
        source,
        validation=held_back,
        min_count=min_count,
        engine=engine,
        threads=threads,
        checkpoint=checkpoint,
        progress=True,
    )
    folder = saved(recommender.fitted_, output)  # before anything is said: the reader of a pipe may have gone
    _say_roles(recommender)
    say(recommender.fitted_.report)
    if interrupted := recommender.fitted_.settings.get("interrupted"):
        say(interrupted)
    elif recommender.lists_:
        _show_lists(recommender.lists_)
        say("the model that is saved has learnt from those, too")
    elif held_back is not None:
        _show_errors(recommender, source, held_back)
    say(f"\nsaved {folder_name(folder)}, {_size(Path(output))}")
    _say_next(recommender.fitted_, output)


def _train_texts(
    source: object,
    output: str,
    text: str,
    held_back: "float | Opened | None",
    settings: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    """`rowwise train --text`: a classifier of texts, and how often it is right on those held back."""
    import shlex

    from rowwise.api.text_classifier import TextClassifier
    from rowwise.data import splits
    from rowwise.data.named import named
    from rowwise.data.source import Opened, open_source, typed

    target = settings["target"] or "label"
    strange = [name for name in ("user", "item", "likes", "factors", "reg") if settings[name] is not None]
    if strange:
        raise BadOption(
            f"--{strange[0]} with --text",
            expected="--target, --epochs, --learning-rate, --seed",
            mend=f"leave --{strange[0]} out",
        )
    given = {name: settings[name] for name in ("epochs", "learning_rate", "seed")}
    classifier = TextClassifier(column=text, target=target, **given)
    opened = open_source(source, columns=[text, target])
    frame = opened.frame.with_columns(typed(opened.frame.select(named(target))))
    held = None
    if isinstance(held_back, float):
        frame, held = splits.random(frame, fraction=held_back, seed=classifier.seed)
    elif isinstance(held_back, Opened):
        held = held_back.frame
    classifier.fit(frame[text], frame[target], **options)
    folder = shlex.quote(folder_name(saved(classifier.fitted_, output)))
    say(classifier.fitted_.report)
    if held is not None:
        say(f"\non {len(held):,} texts held back: {classifier.fitted_.evaluate(held)}")
    say(f"\nsaved {folder}, {_size(Path(output))}")
    say(f"\nnext:\n  rowwise predict {folder} texts.csv -o predicted.csv\n  rowwise info {folder}")


def _recommender(settings: Mapping[str, Any]) -> "Recommender":
    from rowwise.api.recommender import Recommender

    given = {name: value for name, value in settings.items() if value is not None}
    return Recommender(**given)


def _share_or_file(validation: object) -> "float | Opened | None":
    """What --validation means: nothing held back, a share of the ratings, or a source, opened."""
    try:
        share = float(str(validation))
    except (TypeError, ValueError):
        return opened(validation)
    if not 0 <= share < 1:
        raise BadOption(
            f"--validation {validation}",
            expected="a share between 0 and 1, or a file of ratings",
            mend="--validation 0.1 holds back a tenth, 0 nothing",
        )
    return share or None


def _say_roles(recommender: "Recommender") -> None:
    """Which column was taken for what, where nobody said so."""
    taken = {"user": recommender.user_, "item": recommender.item_, "target": recommender.target_}
    if taken != {name: getattr(recommender, name) for name in taken}:
        told = ", ".join(f"--{role} {column}" for role, column in taken.items() if column is not None)
        say(f"took the columns {told}")


def _show_errors(recommender: "Recommender", source: "Opened", held_back: "float | Opened") -> None:
    """The error of the model beside those of doing nothing clever, all on the same ratings held back."""
    from rowwise.api.baselines import baselines, compared
    from rowwise.api.ranking import lists_of_ratings
    from rowwise.data import splits
    from rowwise.trained.metrics import Evaluation
    from rowwise.views.terminal import show

    reader = recommender.fitted_.reader
    learnt = reader.check(source, "learnt").frame
    if isinstance(held_back, float):
        learnt, held = splits.random(learnt, fraction=held_back, seed=recommender.seed)  # as `fit` did
    else:
        held = reader.check(held_back, "needed").frame
    names = {"user": recommender.user_, "item": recommender.item_, "target": recommender.target_}
    errors = baselines(learnt, held, **names)
    own = Evaluation(recommender.not_kept_, len(held)) if recommender.not_kept_ else recommender.evaluate(held)
    errors[(recommender.model or MODELS[0]).replace("_", " ")] = own

    say(f"\nerror on the {len(held):,} ratings held back")
    show(compared(errors), indent=2)
    lists = lists_of_ratings(recommender.fitted_.trained, learnt, held, str(recommender.target_))
    if lists:
        _show_lists(lists)
    if lists and lists["the model"].get("ndcg@10", 0.0) < lists["popularity"].get("ndcg@10", 0.0):
        say("what is rated highest makes no good list: --task ranking learns what comes first")
    if recommender.not_kept_:
        say("the model that is saved is biases only")
    if isinstance(held_back, float):
        say(f"the model has not seen those {len(held):,}; --validation 0 trains on all, and measures nothing")


def _show_lists(lists: "Mapping[str, Mapping[str, float]]") -> None:
    """How good the lists of ten are, beside the same list for everybody; over all items, and what is known left out."""
    import polars as pl

    from rowwise.views.terminal import show

    rows = [{"list": name, **{of: lists[name].get(of) for of in SHOWN}} for name in lists]
    say("\nlists of ten, by what was held back")
    show(pl.DataFrame(rows).rename({"ndcg@10": "NDCG@10"}), indent=2)


def _say_next(fitted: "Fitted", output: str) -> None:
    import shlex

    user, item = (fitted.vocabularies[fitted.column_vocabulary[column]].ids[1] for column in fitted.two_keys)
    folder = shlex.quote(folder_name(output))
    has_rows = any(i.row_shape for i in fitted.program.lookups)
    similar = f"  rowwise similar {folder} --item {shlex.quote(str(item))}\n" if has_rows else ""
    say(
        "\nnext:\n"
        f"  rowwise recommend {folder} --user {shlex.quote(str(user))}\n{similar}"
        f"  rowwise predict {folder} pairs.csv -o predicted.csv"
    )


def _size(folder: Path) -> str:
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e5 else f"{n_bytes / 1e3:.1f} kB"
