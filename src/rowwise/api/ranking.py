"""Pairs of who and what in, a model of lists out, with how good its lists are beside those of mere popularity."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from rowwise.api.closed_forms import ClosedForm, closed_form
from rowwise.api.fitted import Fitted
from rowwise.capture.capture import capture
from rowwise.data.check import Report
from rowwise.data.examples import Examples
from rowwise.data.layout import IdColumn, Layout
from rowwise.data.named import cells
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.reader import Reader
from rowwise.data.scale import Scale
from rowwise.data.source import Opened, Source, open_source
from rowwise.data.targets import Number
from rowwise.errors import BadData
from rowwise.program.passes.histories import WORTH
from rowwise.program.program import Program
from rowwise.train.choose import divided
from rowwise.train.pairs import Pairs, histories_of
from rowwise.trained.lists import measure_lists, popular
from rowwise.trained.metrics import Evaluation
from rowwise.trained.recommend import best_lists
from rowwise.trained.trained import Trained

K = 10
MOST_USERS = 5_000  # whose lists are measured
SCHEMA = {"epoch": pl.Int64, "loss": pl.Float64}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A model of lists, what was found on the way, and how good its lists were on pairs that it had not seen."""

    model: str  # the name of its function of rows
    fitted: Fitted
    said: list[str]
    lists: Mapping[
        str, Mapping[str, float]
    ]  # "the model", "popularity" -> the metrics; nothing where none are held back


@dataclass(frozen=True, slots=True)
class Likes:
    """Ratings to be ranked: in which column, and from which number on one is a like."""

    column: str
    least: float

    def among(self, ratings: Opened) -> Opened:
        """The rows that are likes; all of them where nothing says how much."""
        if self.column not in ratings.frame.columns:
            return ratings
        return replace(ratings, frame=ratings.frame.filter(self.numbers(ratings) >= self.least))

    def numbers(self, ratings: Opened) -> pl.Series:
        return cells(ratings.frame[self.column]).cast(pl.Float64, strict=False)


def rank(
    everything: Opened,
    user: str,
    item: str,
    likes: Likes | None,
    *,
    factors: int | None,
    reg: float | None,
    seed: int,
    validation: object,
    min_count: int,
) -> Ranked:
    """Solve for what suits whom; the settings that are left open are chosen inside the pairs.

    A share of each user's liked pairs that is held back to measure the lists is learnt from afterwards. What somebody
    rated is not recommended to them again, liked or not.
    """
    liked = everything if likes is None else likes.among(everything)
    reader, examples, report = _read(liked, user, item, min_count)
    lists = _pairs(examples, reader, user, item)
    scale = None if likes is None else Scale.of(likes.numbers(everything).drop_nulls().to_numpy())
    pairs = Pairs(lists, _had(everything, reader, user, item, likes, scale))
    n_items = len(reader.vocabularies[reader.layout.ids[item].vocabulary])
    form, why = closed_form(len(lists), n_items, factors=factors, reg=reg, seed=seed)
    kept, held = pairs, None
    if isinstance(validation, float):
        held = divided(lists, validation, seed)[1]
        kept = pairs.without(held)
    elif validation is not None:
        held = _pairs(reader.transform(_likes_of(validation, user, item, likes))[0], reader, user, item)
    form, said = form.chosen(kept)
    rated = {} if likes is None or scale is None else {"rated_by": likes.column, "scale": list(scale.values)}
    made = _Making(form, capture(form.recipe(user, item), optimizer="sgd"), reader, report, rated)
    found = {}
    if held is not None:
        found = compared(made.trained(kept), kept.had, held, liked=kept.liked, seed=seed)
    return Ranked(form.model, Fitted(made.trained(pairs)), [each for each in (why, said) if each], found)


def compared(
    trained: Trained, known: Ragged, held: Ragged, *, liked: Ragged | None = None, seed: int = 0
) -> dict[str, dict[str, float]]:
    """The metrics of a model's lists and of popularity's, of pairs held back.

    `known` are the pairs that it learnt from, which no list holds, and `liked` those of them that make popular.
    """
    item = trained.column_vocabulary[trained.two_keys[1]]
    n_items = len(trained.vocabularies[item])
    users = np.flatnonzero(held.lengths)
    users = np.sort(np.random.default_rng(seed).permutation(users)[:MOST_USERS])
    own = best_lists(trained, users, K, without=known)
    counts = np.bincount((liked or known).rows, minlength=n_items)
    everybodys = popular(counts, users, known, K)
    return {
        "the model": measure_lists(own, held, n_items - 1),
        "popularity": measure_lists(everybodys, held, n_items - 1),
    }


@dataclass(frozen=True, slots=True)
class _Making:
    """What every solution becomes a trained model with."""

    form: ClosedForm
    program: Program
    reader: Reader
    report: Report
    rated: Mapping[str, Any]  # by which column, on which scale

    def trained(self, pairs: Pairs) -> Trained:
        parameters, losses = self.form.solved(pairs)
        user, item = self.reader.layout.keys
        recipe = self.form.recipe(user, item)
        settings = {
            "optimizer": "sgd",
            "learning_rate": 0.05,
            "epochs": len(losses),
            "batch_size": 1,
            "seed": self.form.seed,
            "engine": self.form.engine,
            **self.form.kept,
            **self.rated,
        }
        return Trained(
            program=self.program,
            parameters=parameters,
            vocabularies=self.reader.vocabularies,
            column_vocabulary=recipe.vocabularies,
            means={},
            targets=recipe.targets,
            signature=str(recipe),
            settings=settings,
            history=pl.DataFrame({"epoch": range(1, len(losses) + 1), "loss": losses}, SCHEMA),
            report=str(self.report),
            seen=self.form.remembered(pairs),
        )


def measured(trained: Trained, pairs: Source) -> Evaluation:
    """How good a model's lists are on pairs that are new to it."""
    user, item = trained.two_keys
    examples, report = trained.reader.transform(pairs)
    held = _pairs(examples, trained.reader, user, item)
    known = trained.seen if trained.seen is not None else Ragged(np.zeros(len(held) + 1, np.int64), held.rows[:0])
    return Evaluation(compared(trained, known, held)["the model"], examples.n, report.unknown)


def lists_of_ratings(
    trained: Trained, learnt: pl.DataFrame, held: pl.DataFrame, target: str
) -> dict[str, dict[str, float]]:
    """As lists, how good is a model of ratings? What is held back and above the mean should stand in them.

    Nothing where nothing is held back that anybody liked.
    """
    user, item = trained.two_keys
    least = learnt[target].mean()
    liked = held.filter(cells(held[target]) >= least)
    if liked.is_empty():
        return {}
    known, wanted = (
        _pairs(trained.reader.transform(frame)[0], trained.reader, user, item) for frame in (learnt, liked)
    )
    return compared(trained, known, wanted)


def likes_in(ratings: Opened, column: str, least: float | None) -> tuple[Likes, str]:
    """Which rows say that somebody liked something, and what was taken for that."""
    found = Likes(column, 0.0)
    numbers = found.numbers(ratings)
    found = Likes(column, float(numbers.mean() or 0.0) if least is None else least)  # type: ignore[arg-type]
    n = len(found.among(ratings).frame)
    if not n:
        raise BadData(
            f"no {column} is {found.least:g} or more",
            expected=f"numbers of which some are at least likes={found.least:g}",
            mend=f"likes={numbers.max():g} takes the highest",
        )
    why = "their mean" if least is None else "as asked"
    return found, f"{column!r} from {found.least:.3g} on ({why}) is a like: {n:,}"


def _likes_of(validation: Source, user: str, item: str, likes: Likes | None) -> Source:
    """Of other data to be measured on, what somebody liked."""
    if likes is None:
        return validation
    wanted = (user, item, likes.column)
    return likes.among(open_source(validation, columns=lambda there: [c for c in wanted if c in there], names=wanted))


def _read(pairs: Opened, user: str, item: str, min_count: int) -> tuple[Reader, Examples, Report]:
    layout = Layout({user: IdColumn(user), item: IdColumn(item)}, {}, None, Number())
    read = Reader(layout).fit(pairs.only(list(layout.ids)), None, min_count=min_count)
    return read.reader, read.training, replace(read.report, duplicates=0)  # a pair counts once


def _had(everything: Opened, reader: Reader, user: str, item: str, likes: Likes | None, scale: Scale | None) -> Ragged:
    """All that each user has, with what it is worth: 1 where nothing says how much somebody likes it."""
    rows = reader.transform(everything)[0].rows
    n = len(everything.frame)
    worth = np.ones(n, np.float32)
    if likes is not None and scale is not None:
        worth = scale.worth(likes.numbers(everything).fill_null(scale.values[0]).to_numpy())
    pairs = pl.DataFrame({"user": np.asarray(rows[user]), "item": np.asarray(rows[item]), WORTH: worth})
    return histories_of(pairs, len(reader.vocabularies[reader.layout.ids[user].vocabulary]))


def _pairs(examples: Examples, reader: Reader, user: str, item: str) -> Ragged:
    """The rows of items by row of user, each pair once; of a user that is unknown, none."""
    pairs = pl.DataFrame({"user": examples.rows[user], "item": examples.rows[item]})
    known, unknown = pairs.filter(pl.col("item") > 0).unique(), pairs.filter(pl.col("item") == 0)
    pairs = pl.concat([known, unknown]).filter(pl.col("user") > 0).sort("user", "item")
    n_users = len(reader.vocabularies[reader.layout.ids[user].vocabulary])
    return Ragged(starts_of(np.bincount(pairs["user"].to_numpy(), minlength=n_users)), pairs["item"].to_numpy())
