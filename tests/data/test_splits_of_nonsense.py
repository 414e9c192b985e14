"""What a split is asked that makes no sense is refused in our words, whichever argument it is."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rowwise.data import splits
from rowwise.errors import RowwiseError

FRAME = pl.DataFrame({"u": [1, 1, 2, 2], "t": [4, 3, 2, 1]})
NONSENSE = [None, True, -1, 1.5, float("nan"), 10**30, "", "x", b"x", [], {}, [None], object(), np.array([])]
ASKS = {
    "random, frame": splits.random,
    "random, fraction": lambda x: splits.random(FRAME, fraction=x),
    "random, seed": lambda x: splits.random(FRAME, fraction=0.5, seed=x),
    "by_time, frame": lambda x: splits.by_time(x, "t"),
    "by_time, time": lambda x: splits.by_time(FRAME, x, fraction=0.5),
    "by_time, fraction": lambda x: splits.by_time(FRAME, "t", fraction=x),
    "last_out, frame": lambda x: splits.last_out(x, "u"),
    "last_out, user": lambda x: splits.last_out(FRAME, x),
    "last_out, n": lambda x: splits.last_out(FRAME, "u", n=x),
    "by_value, frame": lambda x: splits.by_value(x, "u", 1),
    "by_value, column": lambda x: splits.by_value(FRAME, x, 1),
    "by_value, value": lambda x: splits.by_value(FRAME, "u", x),
}


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_nonsense_is_refused(ask):
    for nonsense in NONSENSE:
        if ask is ASKS["by_value, value"] and nonsense is True:
            continue  # 1, to Polars and to Python
        with pytest.raises(RowwiseError):
            ask(nonsense)


def test_examples_of_any_kind_are_split():
    wanted = splits.last_out(FRAME, "u").test
    assert splits.last_out(FRAME.lazy(), "u").test.equals(wanted)
    assert splits.last_out(pd.DataFrame(FRAME.to_dict(as_series=False)), "u").test.equals(wanted)
