"""Models of which there is little to see, or nothing that is a number: the page says so, and nothing in it fails."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.views.page import contents
from untrained import fitted_of, two_keys


def factorization(dim):
    @rw.model(target="rating", loss=rw.squared_error)
    def factorization(
        user=rw.Row("userId", dim, l2=0.01), film=rw.Row("filmId", dim), bias=rw.Row("userId"), mean=rw.Mean("rating")
    ):
        return user @ film + bias + mean

    return factorization


def settled(shown, *, trains=False):
    """All that is drawn later is drawn, and what can be pressed is pressed."""
    shown.browser.execute_async_script("setTimeout(arguments[0], 300)")
    shown.ask("[...document.querySelectorAll('#errors button, #why button')].forEach((button) => button.click())")
    if trains:
        shown.ask("document.getElementById('one-epoch') && document.getElementById('one-epoch').click()")
    shown.browser.execute_async_script("setTimeout(arguments[0], 300)")
    return shown


def of_few(users, films, dim=3):
    return fitted_of(factorization(dim), {"userId": users, "filmId": films})


def pairs(*rows):
    return pl.DataFrame(rows, schema={"userId": pl.Int64, "filmId": pl.String, "rating": pl.Float64}, orient="row")


CASES = {
    "one user, one film, one rating": (of_few([1], ["a"]), pairs((1, "a", 4.0))),
    "one user, one film, no data": (of_few([1], ["a"]), None),
    "nobody at all": (of_few([], []), None),
    "a rating of nobody that is known": (of_few([1, 2], ["a", "b"]), pairs((7, "z", 4.0))),
    "rows of two numbers": (of_few([1, 2], ["a", "b"], dim=2), pairs((1, "a", 4.0), (2, "b", 1.0))),
}


@pytest.mark.parametrize("case", CASES)
def test_a_model_of_few_rows_is_shown(open_page, case):
    fitted, data = CASES[case]
    shown = settled(open_page(fitted, data=data), trains=True)
    assert shown.faults == []
    assert shown.text("sentence")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 3e38])
def test_a_model_whose_numbers_are_none_is_shown_and_says_so(open_page, ratings, number):
    fitted = two_keys()
    for table in fitted.parameters.tables.values():
        table[...] = number
    shown = settled(open_page(fitted, "#user=4&item=film+2", data=ratings))
    assert shown.text("prediction") in ("NaN", "∞", "−∞") or "e" in shown.text("prediction")
    shown.ask("document.getElementById('learn-1').click()")
    shown.press('[data-hold="term user_bias"]', "\ue013")
    settled(shown)
    assert shown.faults == []


def test_a_large_model_stands_in_half_the_room_and_says_so(open_page, ratings, monkeypatch):
    fitted = two_keys()
    user = fitted.parameters.tables["user"]
    user[1:4, 0] = [1e-6, -65_000.0, 6e-8]  # numbers at both ends of what 16 bits hold
    fitted.parameters.tables["film_bias"][2] = 1e6  # and a table with one beyond
    monkeypatch.setattr(contents, "LARGE", 100)
    shown = open_page(fitted, "#user=9&item=film+5", data=ratings)
    assert "numbers of user, film, user_bias stand here in 16 bits" in shown.text("kept")
    found = np.reshape(shown.ask("[...rowwise.model.tables.user.data]"), user.shape)
    np.testing.assert_array_equal(found, user.astype(np.float16).astype(np.float64))
    predicted = fitted.predict({"userId": [9], "filmId": ["film 5"]})[0]
    assert float(shown.text("prediction").replace("−", "-")) == pytest.approx(predicted, rel=2e-3)


def test_what_is_called_as_the_page_calls_its_own_is_shown(open_page):
    """Columns, tables and arguments with the names of parts of the page, of its address and of JavaScript's objects."""

    @rw.model(target="target", loss=rw.squared_error)
    def constructor(
        line=rw.Row("epoch", 3), toString=rw.Row("__proto__", 3), user=rw.Row("epoch"), map=rw.Mean("target")
    ):
        return line @ toString + user + map

    fitted = fitted_of(constructor, {"epoch": ["line", "do", "<b>"], "__proto__": ["constructor", "__proto__", "%"]})
    data = pl.DataFrame({"epoch": ["line", "do"], "__proto__": ["constructor", "%"], "target": [1.0, 2.0]})
    shown = settled(open_page(fitted, "#user=do&item=%25", data=data))
    predicted = fitted.predict(data)[1]
    assert float(shown.text("prediction").replace("−", "-")) == pytest.approx(predicted, abs=5e-4)
    shown.press('[data-hold="term user"]', "\ue013")
    assert shown.ask("rowwise.model.changed().length") == 1
    assert shown.faults == []
