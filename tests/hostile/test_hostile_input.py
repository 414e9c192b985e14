"""Hostile files of data, workbooks and command lines: refused in three lines, or answered; no crash, no hang."""

from collections import Counter
from pathlib import Path

import pytest

from hostile.limits import GOOD, outcomes

HERE = Path(__file__).parent


@pytest.mark.parametrize(("cases_of", "n"), [("data_files", 200), ("workbooks", 100), ("commands", 100)])
def test_hostile_input_is_refused_in_three_lines_or_answered(cases_of, n):
    found = outcomes(HERE / f"{cases_of}.py", range(n))
    kinds = Counter(o.kind for o in found)
    assert set(kinds) == set(GOOD), "\n".join(f"case {o.case}: {o.kind}: {o.said}" for o in found if o.kind not in GOOD)
    assert min(kinds.values()) > n // 20  # of both there are many
