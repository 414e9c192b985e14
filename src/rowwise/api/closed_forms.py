"""Who has what in, the tables of a model of lists out: a class for each closed form, which chooses its own settings."""

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

from rowwise.api import zoo
from rowwise.api.model import model
from rowwise.data.ragged import Ragged
from rowwise.models.recipe import Recipe
from rowwise.models.words import History, Row
from rowwise.program.parameters import Parameters
from rowwise.train import choose, whole_data
from rowwise.train import item_to_item as weights
from rowwise.train.pairs import Pairs


@model()
def item_to_item(
    trust=Row("userId", trainable=False),
    history=History("userId", "movieId", 1, table="weight"),
    popularity=Row("movieId", trainable=False),
):
    """How well an item suits all that a user has, and where that is little, everybody. Source: Steck 2019 and 2020."""
    score = trust * history + (1 - trust) * popularity
    return score, (score - 1) ** 2  # of pairs that are there: all others count in the closed form, too


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """How the tables of a model of lists are solved for."""

    n_items: int  # rows of the vocabulary, the unknown one included
    seed: int

    model: ClassVar[str]  # the name of its function of rows
    engine: ClassVar[str]

    def recipe(self, user: str, item: str) -> Recipe:
        """The model, of these columns."""
        raise NotImplementedError

    @property
    def kept(self) -> dict[str, Any]:
        """The settings that a model keeps."""
        raise NotImplementedError

    def chosen(self, pairs: Pairs) -> tuple[Self, str]:
        """With the settings that suit these pairs, and what is to be said of the choice."""
        raise NotImplementedError

    def solved(self, pairs: Pairs) -> tuple[Parameters, list[float]]:
        """The tables, and what the pairs cost after each turn."""
        raise NotImplementedError

    def remembered(self, pairs: Pairs) -> Ragged:
        """What a model keeps of the pairs: whom it shall recommend what no more."""
        return Ragged(pairs.had.starts, pairs.had.rows)


@dataclass(frozen=True, slots=True)
class ItemToItem(ClosedForm):
    """A number for each pair of items."""

    settings: weights.Settings = weights.USUAL

    model: ClassVar[str] = "item_to_item"
    engine: ClassVar[str] = "closed form: what each item says of each other, all at once"

    def recipe(self, user: str, item: str) -> Recipe:
        words = {name: Row(column, trainable=False) for name, column in (("trust", user), ("popularity", item))}
        words["history"] = History(user, item, self.n_items, table="weight")
        return item_to_item.replace(**words).recipe

    @property
    def kept(self) -> dict[str, Any]:
        return asdict(self.settings)

    def chosen(self, pairs: Pairs) -> tuple["ItemToItem", str]:
        found = weights.chosen(pairs.had, self.n_items, start=self.settings, seed=self.seed)
        said = f"item to item, penalty={found.penalty:g}: with it least is missed of users who are left out"
        return replace(self, settings=found), f"{said}; the table holds {4e-6 * self.n_items**2:.3g} MB"

    def solved(self, pairs: Pairs) -> tuple[Parameters, list[float]]:
        found = weights.solved(pairs.had, self.n_items, self.settings)
        tables = {"trust": found.trust, "weight": found.weights, "popularity": found.popularity}
        return Parameters(tables, {}), []

    def remembered(self, pairs: Pairs) -> Ragged:
        return pairs.had  # with what each is worth, which it answers from


@dataclass(frozen=True, slots=True)
class Factors(ClosedForm):
    """A row for each user and each item, in turns; `free` are the settings that are to be chosen."""

    settings: whole_data.Settings = choose.START
    free: tuple[str, ...] = ("unseen", "reg")

    model: ClassVar[str] = "implicit_factorization"
    engine: ClassVar[str] = "closed form: each row solved for, the others held still"

    def recipe(self, user: str, item: str) -> Recipe:
        words = {"user": Row(user, self.settings.factors), "item": Row(item, self.settings.factors)}
        return zoo.implicit_factorization.replace(**words).recipe

    @property
    def kept(self) -> dict[str, Any]:
        return {"unseen": self.settings.unseen, "reg": self.settings.reg}

    def chosen(self, pairs: Pairs) -> tuple["Factors", str]:
        if not self.free:
            return self, ""
        good, inner = choose.chosen(pairs.liked, self.n_items, self.settings, free=self.free, seed=self.seed)
        told = f"unseen={good.unseen:g}, reg={good.reg:g}: the best lists of a fifth of the pairs (NDCG@10 {inner:.3f})"
        return replace(self, settings=good), told

    def solved(self, pairs: Pairs) -> tuple[Parameters, list[float]]:
        found = whole_data.alternate(pairs.liked, self.n_items, self.settings, seed=self.seed)
        return Parameters({"user": found.users, "item": found.items}, {"user": (), "item": ()}), found.losses


def closed_form(
    n_users: int, n_items: int, *, factors: int | None, reg: float | None, seed: int
) -> tuple[ClosedForm, str]:
    """The one that suits so many users and items, and why; factors where a setting of theirs is asked for."""
    if factors is None and reg is None and weights.fits(n_users, n_items):
        return ItemToItem(n_items, seed), ""
    start = choose.START
    settings = replace(start, factors=factors or start.factors, reg=start.reg if reg is None else reg)
    free = ("unseen",) if reg is not None else ("unseen", "reg")
    form = Factors(n_items, seed, settings, free)
    if factors is not None or reg is not None:
        return form, ""
    return form, f"{settings.factors} factors: of {n_items - 1:,} items, a number for each pair would be too many"
