"""Frames as examples: lists of ids, and what each id of a list counts for."""

from math import inf, nan

import numpy as np
import pytest

from rowwise.data.layout import IdColumn, Layout
from rowwise.data.ragged import Ragged
from rowwise.data.reader import Reader
from rowwise.data.targets import Number
from rowwise.errors import BadData

FILMS = [[7, 8], [], [9, 7, 8]]


def layout(least: float = 0.0) -> Layout:
    return Layout({"films": IdColumn("films", is_list=True, weights={"stars": least})}, {}, None, Number())


def test_weights_stay_beside_their_ids():
    fitting = Reader(layout()).fit({"films": FILMS, "stars": [[1, 2], None, [3, 4, 5]]}, None)
    taken = fitting.training.take(np.array([2, 1, 0])).rows["films"]
    assert isinstance(taken, Ragged)
    assert taken.rows.tolist() == [3, 1, 2, 1, 2]
    assert taken.weights["stars"].tolist() == [3, 4, 5, 1, 2]


@pytest.mark.parametrize(
    ("stars", "message"),
    [
        (
            [[1, 2], [], [3, 4]],
            "the frame, row 2: 'films' has 3 ids, 'stars' has 2 numbers\n  expected: as many numbers",
        ),
        ([[1, 2], [3], [3, 4, 5]], "the frame, row 1: 'films' has 0 ids, 'stars' has 1 numbers"),
        ([[1, 2], [], None], "the frame, row 2: 'films' has 3 ids, 'stars' has 0 numbers"),
        ([[1, 2], [], [3, None, 5]], "the frame, row 2: 'stars' holds None for 7\n  expected: finite numbers"),
        ([[1.0, nan], [], [1.0, 1.0, 1.0]], "the frame, row 0: 'stars' holds nan for 8"),
        ([[1.0, 1e300], [], [1.0, 1.0, 1.0]], "the frame, row 0: 'stars' holds 1e\\+300 for 8"),
        ([[1, -2], [], [1, 1, 1]], "'stars' holds -2 for 8\n  expected: finite numbers, none below 0: a mean"),
        ([1.0, 2.0, 3.0], "column 'stars' holds Float64\n  expected: lists of numbers, one for each id of 'films'"),
        ([["a", "b"], [], ["c", "d", "e"]], "column 'stars' holds List\\(String\\)"),
    ],
)
def test_weights_that_are_none_are_refused_with_their_row(stars, message):
    with pytest.raises(BadData, match=message):
        Reader(layout()).check({"films": FILMS, "stars": stars})


def test_only_a_mean_needs_weights_of_0_or_more():
    frame, _ = Reader(layout(-inf)).check({"films": FILMS, "stars": [[1, -2], [], [1, 1, 1]]})
    assert frame["stars"].to_list() == [[1, -2], [], [1, 1, 1]]
