"""A cell that a person reads as a number, and a column of numbers does not hold: the refusal says how to write it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rowwise as rw
from mends import mends
from rowwise.data.numbers import spelling
from rowwise.errors import BadData

WRITTEN = {
    "3,5": "3.5",
    "0,125": "0.125",
    "-3,5": "-3.5",
    "1.234,56": "1234.56",
    "1,234.56": "1234.56",
    "1,000,000": "1000000",
    "1 000": "1000",
    "1'000": "1000",
    "50%": "50",
    "$3": "3",
    "€ 3,50": "3.50",
    "EUR 3": "3",
    "3 stars": "3",
    "(3)": "-3",
    "1,000": "1000, or 1.000 if its comma begins decimals",
}


@pytest.mark.parametrize("cell", WRITTEN)
@mends("write …, and so the whole column")
def test_what_a_person_reads_as_a_number_is_refused_with_how_to_write_it_and_is_then_taken(cell, tmp_path):
    def fit(stars):
        lines = [f'{user},{film},"{stars if user + film == 3 else user}"' for user in range(4) for film in range(3)]
        (tmp_path / "r.csv").write_text("\n".join(["user,film,stars", *lines]), encoding="utf-8")
        return rw.Recommender(user="user", item="film", target="stars", epochs=1).fit(tmp_path / "r.csv")

    with pytest.raises(BadData, match=re.escape(repr(cell))) as caught:
        fit(cell)
    assert caught.value.mend.startswith(f"write {WRITTEN[cell]}, and so the whole column: digits, a point before")
    fit(re.match(r"write ([-.\d]+)", caught.value.mend)[1])


@pytest.mark.parametrize("cell", ["", "good", "A4", "4/5", "12:30", "2024-01-05", "1e999", "3.5", "½", None, 0.5])
def test_of_what_is_no_number_or_nothing_better_nothing_is_said(cell):
    assert spelling(cell) is None


@given(st.integers(-(10**9), 10**9), st.integers(0, 99))
def test_any_number_in_the_manner_of_england_and_of_germany_is_read_back(whole, cents):
    english = f"{whole:,}.{cents:02}"
    german = english.translate(str.maketrans(",.", ".,"))
    for written in (english, german, f"{german} €", f"${english}"):
        assert float(spelling(written) or written) == float(f"{whole}.{cents:02}")
