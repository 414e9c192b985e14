"""Pairs of who and what in, a model of lists out, with how good its lists are beside those of mere popularity."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from rowwise.api import zoo
from rowwise.api.fitted import Fitted
from rowwise.capture.capture import capture
from rowwise.data.check import Report
from rowwise.data.examples import Examples
from rowwise.data.named import cells
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.reader import Reader
from rowwise.data.source import Opened, Source
from rowwise.errors import BadData
from rowwise.models.recipe import Recipe
from rowwise.models.words import Row
from rowwise.program.parameters import Parameters
from rowwise.train.choose import START, chosen, divided
from rowwise.train.whole_data import SWEEPS, Settings, Solved, alternate
from rowwise.trained.lists import measure_lists, popular
from rowwise.trained.metrics import Evaluation
from rowwise.trained.recommend import best_lists
from rowwise.trained.trained import Trained, layout_of

K = 10
MOST_USERS = 5_000  # whose lists are measured
ENGINE = "closed form: each row solved for, the others held still"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A model of lists, what was found on the way, and how good its lists were on pairs that it had not seen."""

    fitted: Fitted
    said: list[str]
    lists: Mapping[
        str, Mapping[str, float]
    ]  # "the model", "popularity" -> the metrics; nothing where none are held back


def rank(
    pairs: Opened,
    everything: Opened,
    user: str,
    item: str,
    *,
    settings: Mapping[str, float | None],
    seed: int,
    validation: object,
    min_count: int,
) -> Ranked:
    """Solve for the rows of users and items; what `settings` leave open is chosen inside the pairs.

    A share of each user's pairs that is held back to measure the lists is learnt from afterwards. `everything` are the
    pairs with those that nobody liked: none of them is recommended again.
    """
    factors = int(settings["factors"] or START.factors)
    recipe = zoo.implicit_factorization.replace(user=Row(user, factors), item=Row(item, factors)).recipe
    reader, examples, report = _read(recipe, pairs, min_count)
    liked = _pairs(examples, reader, user, item)
    n_items = len(reader.vocabularies[recipe.vocabularies[item]])
    asked = Settings(factors, settings["unseen"] or START.unseen, settings["reg"] or START.reg)
    free = tuple(name for name in ("unseen", "reg") if settings[name] is None)
    kept, held = liked, None
    if isinstance(validation, float):
        kept, held = divided(liked, validation, seed)
    elif validation is not None:
        held = _pairs(reader.transform(validation)[0], reader, user, item)
    good, inner = chosen(kept, n_items, asked, free=free, seed=seed) if free else (asked, np.nan)
    said = [f"unseen={good.unseen:g}, reg={good.reg:g}: the best lists of a fifth of the pairs (NDCG@10 {inner:.3f})"]
    made = _Making(recipe, reader, good, seed, report)
    seen = liked if everything is pairs else _pairs(reader.transform(everything)[0], reader, user, item)
    lists = {}
    if held is not None:
        lists = compared(made.trained(kept, alternate(kept, n_items, good, seed=seed)), kept, held, seed=seed)
    solved = alternate(liked, n_items, good, seed=seed)
    return Ranked(Fitted(made.trained(seen, solved)), said if free else [], lists)


def compared(trained: Trained, known: Ragged, held: Ragged, *, seed: int = 0) -> dict[str, dict[str, float]]:
    """The metrics of a model's lists and of popularity's, of pairs held back; `known` are those it learnt from."""
    item = trained.column_vocabulary[trained.two_keys[1]]
    n_items = len(trained.vocabularies[item])
    users = np.flatnonzero(held.lengths)
    users = np.sort(np.random.default_rng(seed).permutation(users)[:MOST_USERS])
    own = best_lists(trained, users, K, without=known)
    counts = np.bincount(known.rows, minlength=n_items)
    everybodys = popular(counts, users, known, K)
    return {
        "the model": measure_lists(own, held, n_items - 1),
        "popularity": measure_lists(everybodys, held, n_items - 1),
    }


@dataclass(frozen=True, slots=True)
class _Making:
    """What every solution becomes a trained model with."""

    recipe: Recipe
    reader: Reader
    settings: Settings
    seed: int
    report: Report

    def trained(self, seen: Ragged, solved: Solved) -> Trained:
        program = capture(self.recipe, optimizer="sgd")
        settings = {
            "optimizer": "sgd",
            "learning_rate": 0.05,
            "epochs": SWEEPS,
            "batch_size": 1,
            "seed": self.seed,
            "engine": ENGINE,
            "unseen": self.settings.unseen,
            "reg": self.settings.reg,
        }
        epochs = list(range(1, len(solved.losses) + 1))
        return Trained(
            program=program,
            parameters=Parameters({"user": solved.users, "item": solved.items}, {"user": (), "item": ()}),
            vocabularies=self.reader.vocabularies,
            column_vocabulary=self.recipe.vocabularies,
            means={},
            targets=self.recipe.targets,
            signature=str(self.recipe),
            settings=settings,
            history=pl.DataFrame({"epoch": epochs, "loss": solved.losses}),
            report=str(self.report),
            seen=seen,
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


def liked_only(ratings: Opened, target: str, likes: float | None) -> tuple[Opened, str]:
    """The rows whose number says that somebody liked something, and what was taken for that."""
    numbers = cells(ratings.frame[target]).cast(pl.Float64, strict=False)
    least = float(numbers.mean() or 0.0) if likes is None else likes  # type: ignore[arg-type]
    frame = ratings.frame.filter(numbers >= least)
    if frame.is_empty():
        raise BadData(
            f"no {target} is {least:g} or more",
            expected=f"numbers of which some are at least likes={least:g}",
            mend=f"likes={numbers.max():g} takes the highest",
        )
    why = "their mean" if likes is None else "as asked"
    return replace(ratings, frame=frame), f"{target!r} from {least:.3g} on ({why}) is a like: {len(frame):,}"


def _read(recipe: Recipe, pairs: Opened, min_count: int) -> tuple[Reader, Examples, Report]:
    program = capture(recipe, optimizer="sgd")
    layout = layout_of(program, recipe.vocabularies, recipe.targets, texts={})
    read = Reader(layout).fit(pairs.only(list(layout.ids)), None, min_count=min_count)
    return read.reader, read.training, replace(read.report, duplicates=0)  # a pair counts once


def _pairs(examples: Examples, reader: Reader, user: str, item: str) -> Ragged:
    """The rows of items by row of user, each pair once; of a user that is unknown, none."""
    pairs = pl.DataFrame({"user": examples.rows[user], "item": examples.rows[item]})
    known, unknown = pairs.filter(pl.col("item") > 0).unique(), pairs.filter(pl.col("item") == 0)
    pairs = pl.concat([known, unknown]).filter(pl.col("user") > 0).sort("user", "item")
    n_users = len(reader.vocabularies[reader.layout.ids[user].vocabulary])
    return Ragged(starts_of(np.bincount(pairs["user"].to_numpy(), minlength=n_users)), pairs["item"].to_numpy())
