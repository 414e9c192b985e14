"""Which column is the user's, the item's and the rating, where nobody says so."""

from datetime import date, timedelta

import polars as pl
import pytest

from rowwise.data.roles import check_roles, roles
from rowwise.errors import BadData, BadOption

N = 12
USER, ITEM, STARS = [k % 3 for k in range(N)], [k % 4 for k in range(N)], [k % 5 + 0.5 for k in range(N)]
DAYS = [date(2024, 1, 1) + timedelta(k % 6) for k in range(N)]
NOBODY = {"user": None, "item": None, "target": None}


def found(columns, **named):
    frame, told = pl.DataFrame(columns), NOBODY | named
    taken = roles(frame.columns, told)
    check_roles(frame, {role: taken[role] for role in ("user", "item")}, told)
    return list(taken.values())


def test_the_first_three_columns_are_the_user_the_item_and_the_rating():
    assert found({"u": USER, "i": ITEM, "r": STARS, "more": USER}) == ["u", "i", "r"]


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "timestamp", "created_at", "Date"])
def test_no_name_and_a_time_are_nobody(name):
    first = {name: [k % 5 for k in range(N)]}
    assert found({**first, "u": USER, "i": ITEM, "r": STARS}) == ["u", "i", "r"]
    with pytest.raises(BadData, match="the ratings have the columns"):
        found({**first, "u": USER, "i": ITEM})


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (list(range(N)), "is different in every row"),
        ([f"o{k}" for k in range(N)], "is different in every row"),
        (DAYS, "holds dates"),
        ([str(day) for day in DAYS], "holds dates"),
    ],
)
def test_what_counts_the_rows_and_dates_are_refused_as_users(cells, reason):
    with pytest.raises(BadData, match=f"could be the user is 'order', which {reason}"):
        found({"order": cells, "u": USER, "i": ITEM, "r": STARS})
    assert found({"order": cells, "u": USER, "i": ITEM, "r": STARS}, user="u", item="i", target="r") == ["u", "i", "r"]


def test_a_few_rows_may_all_be_different():
    assert found({"u": [1, 2, 3], "i": [4, 5, 6], "r": [1.0, 2.0, 3.0]}) == ["u", "i", "r"]


def test_ratings_may_all_be_different():
    assert found({"u": USER, "i": ITEM, "r": [k / 7 for k in range(N)]}) == ["u", "i", "r"]


def test_who_is_named_is_taken_whatever_it_looks_like():
    assert found({"order": range(N), "i": ITEM, "r": STARS}, user="order") == ["order", "i", "r"]
    assert found({"r": STARS, "i": ITEM, "u": USER}, user="u", target="r") == ["u", "i", "r"]


def test_one_column_cannot_be_two():
    with pytest.raises(BadOption, match="column 'id' is named as the user and as the item") as raised:
        found({"id": USER, "i": ITEM, "r": STARS}, user="id", item="id")
    assert raised.value.mend == "name another: Recommender(item='i')"
    assert found({"id": USER, "i": ITEM, "r": STARS}, user="id", item="i") == ["id", "i", "r"]
