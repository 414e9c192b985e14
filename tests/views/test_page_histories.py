"""A model that answers from what a user has, on the page: the same numbers, and what each thing adds."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from camps import two_camps

LOOK = """
const { model, pair } = rowwise, user = arguments[0];
return {
  predicted: Array.from({ length: 21 }, (_, item) => model.predict(pair(user, item))[0]),
  list: document.getElementById("list").innerText,
};
"""


@pytest.fixture(scope="module")
def fitted():
    return rw.Recommender(task="ranking").fit(two_camps()).fitted_


@pytest.mark.parametrize("most", [50_000_000, 4 * 12 * 12])
def test_the_page_says_what_the_model_says(fitted, most, open_page, monkeypatch):
    monkeypatch.setattr("rowwise.views.page.smaller.MOST_BYTES", most)
    shown = open_page(fitted, "#user=4&item=4")
    shown.wait("document.getElementById('why').textContent")
    found = shown.browser.execute_script(LOOK, fitted.vocabularies["user"].row(4))
    assert shown.faults == []
    if most > 1000:  # all films are there
        wanted = fitted.predict(pl.DataFrame({"user": [4] * 20, "film": list(range(20))}))
        np.testing.assert_allclose(found["predicted"][1:], wanted, atol=1e-6)
        assert found["list"].split()[0] == str(fitted.recommend(4, n=1)["film"][0])
    assert "adds most" in shown.text("why")
    assert "nothing left over" in shown.text("why")
    assert shown.text("update") == "Nothing of this model moves by an example."
