"""Cells of any type, from any library: read as what they are, or refused in our words; rows go by their names."""

from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import rowwise as rw
from rowwise.errors import BadData

PAIRS = [(u, i) for u in range(6) for i in range(8) if (u * i) % 3 != 1]
RATINGS = [float((u + i) % 5 + 1) for u, i in PAIRS]
USERS, ITEMS = ([pair[k] for pair in PAIRS] for k in range(2))


def trained(users=USERS, ratings=RATINGS):
    columns = {"user": users, "item": ITEMS, "rating": ratings}
    return rw.Recommender(user="user", item="item", target="rating", factors=2, epochs=2).fit(columns, progress=False)


@pytest.fixture(scope="module")
def plain():
    return trained()


@pytest.mark.parametrize(
    "ratings",
    [
        pl.Series([f"{rating:g}" for rating in RATINGS], dtype=pl.Categorical),
        pl.Series([f"{rating:g}" for rating in RATINGS], dtype=pl.Enum(list("12345"))),
        pa.array([Decimal(rating) for rating in RATINGS], pa.decimal128(10, 2)),
        np.array(RATINGS, ">f8"),
        np.array(RATINGS, np.longdouble),
    ],
    ids=["categories", "enum", "decimals", "big endian", "long double"],
)
def test_numbers_of_any_type_are_those_numbers(plain, ratings):
    assert np.array_equal(trained(ratings=ratings).predict(PAIRS), plain.predict(PAIRS))


CELLS = {
    "complex": [complex(each) for each in RATINGS],
    "bytes": [b"%d" % each for each in USERS],
    "void": np.zeros(len(USERS), "V4"),
    "map": pa.array([[("a", 1)]] * len(USERS), pa.map_(pa.string(), pa.int64())),
    "dates": np.array(["2024-01-01"] * len(USERS), "M8[D]"),
    "structs": [{"a": each} for each in USERS],
    "sets": [frozenset([each]) for each in USERS],
    "objects": [object()] * len(USERS),
    "a number": 7,
    "nothing": None,
}


@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("role", ["users", "ratings"])
def test_what_is_no_id_and_no_number_is_refused_in_our_words(cells, role):
    with pytest.raises(BadData, match=r"user|rating|cells"):
        trained(**{role: cells})


Backwards = namedtuple("Backwards", "item user")


@dataclass
class Pair:
    item: int
    user: int


@pytest.mark.parametrize(
    "pairs",
    [
        [Backwards(7, 2)],
        [{"item": 7, "user": 2}],
        [Pair(7, 2)],
        np.array([(7, 2)], [("item", "i8"), ("user", "i4")]),
        pl.DataFrame({"item": [7], "user": [2]}),
    ],
    ids=["named tuples", "mappings", "dataclasses", "structured array", "frame"],
)
def test_rows_with_names_go_by_their_names(plain, pairs):
    assert plain.predict(pairs) == plain.predict([(2, 7)])
    assert plain.evaluate(pairs, [3.0]).metrics == plain.evaluate([(2, 7)], [3.0]).metrics


def test_who_is_asked_about_may_be_a_decimal(plain):
    assert plain.recommend(Decimal("2.00"), 3).rows() == plain.recommend(2, 3).rows()
    for strange in (Decimal("2.5"), Decimal("nan"), Decimal("inf")):
        with pytest.raises(BadData, match="is no user"):
            plain.recommend(strange)
