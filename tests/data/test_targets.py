"""A kind of target is one class: whoever asks what a target is, asks it."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.data.targets import TARGETS, Number
from rowwise.errors import BadData, BadOption
from rowwise.models.losses import Loss


class Even(Number):
    """0, 2, 4, …"""

    expected = "an even number"
    mend = "leave out the odd ones"

    def good(self, target):
        return target % 2 == 0

    def measure(self, predictions, target):
        return {"far": float(np.abs(predictions - target).max())}


def test_a_loss_with_a_new_kind_of_target_needs_its_class_and_its_name(monkeypatch):
    monkeypatch.setitem(TARGETS, "even", Even())
    of_even = Loss("of even", lambda score, target: (score - target) ** 2, targets="even")

    @rw.model(target="n", loss=of_even)
    def score(user=rw.Row("user")):
        return user

    fitted = score.fit({"user": [1, 2], "n": [0, 2]}, epochs=1, batch_size=1, seed=0)
    assert list(fitted.evaluate({"user": [1, 2], "n": [0, 2]}).metrics) == ["far"]
    with pytest.raises(BadData, match=r"(?s)'n' is 1.* in 1 rows.*an even number.*leave out the odd ones"):
        score.fit({"user": [1, 2], "n": [0, 1]}, epochs=1)


def test_a_loss_of_no_kind_of_target_is_refused_where_it_is_made():
    with pytest.raises(BadOption, match="did you mean 'labels'"):
        Loss("own", lambda score, target: score, targets="label")


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_kind_refuses_it_says_how_to_mend(name):
    kind = TARGETS[name]
    column = pl.Series("t", [[0, 2], [1, 1]] if name == "labels" else [0.5, -1.0, 2.0])
    numbers = kind.numbers(column)
    assert kind.good(numbers).all() == (name == "number")
    assert kind.mend or name == "number"
