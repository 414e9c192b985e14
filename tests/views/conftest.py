"""Ratings and titles to show in a workbook."""

import polars as pl
import pytest


@pytest.fixture(scope="session")
def ratings():
    """Some 50 of the 72 ratings; user 1 and film 0 have most."""
    pairs = [(user, film) for user in range(1, 10) for film in range(8) if (user * film) % 4 != 3 or user == 1]
    rows = [(user, f"film {film}", 1 + (user * 3 + film * 5) % 9 / 2) for user, film in pairs if user + film < 15]
    return pl.DataFrame(rows, schema=["userId", "filmId", "rating"], orient="row")


@pytest.fixture
def titles():
    return pl.DataFrame({"filmId": [f"film {k}" for k in range(8)], "title": [f"The film {k}" for k in range(8)]})
