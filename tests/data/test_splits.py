import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.data import splits
from rowwise.errors import BadData, BadOption

NUMBERED = pl.DataFrame({"n": range(100)})
WATCHED = pl.DataFrame(
    {
        "user": ["ann", "bob", "ann", "ann", "cleo", "bob"],
        "film": ["a1", "b1", "a2", "a3", "c1", "b2"],
        "time": [3, 1, 2, 1, 5, 1],
    }
)


@given(st.floats(0.01, 0.99), st.integers(0, 2**32))
def test_a_random_split_parts_the_examples_and_keeps_their_order(fraction, seed):
    train, test = splits.random(NUMBERED, fraction=fraction, seed=seed)
    assert len(test) == round(100 * fraction)
    assert train["n"].is_sorted()
    assert test["n"].is_sorted()
    assert sorted([*train["n"], *test["n"]]) == list(range(100))


def test_the_same_seed_draws_the_same_examples_and_another_seed_others():
    first, again, other = (splits.random(NUMBERED, seed=seed).test["n"].to_list() for seed in (1, 1, 2))
    assert first == again != other


def test_the_latest_examples_are_held_back():
    train, test = splits.by_time(WATCHED, "time", fraction=0.5)
    assert train["film"].to_list() == ["b1", "a3", "b2"]
    assert test["film"].to_list() == ["a1", "a2", "c1"]


def test_of_examples_at_the_same_time_the_later_in_the_frame_is_later():
    frame = pl.DataFrame({"n": range(10), "time": [0] * 10})
    assert splits.by_time(frame, "time", fraction=0.2).test["n"].to_list() == [8, 9]


def test_the_last_example_of_each_user_is_held_back_unless_it_is_the_only_one():
    train, test = splits.last_out(WATCHED, "user")
    assert test["film"].to_list() == ["a3", "b2"]
    assert train["film"].to_list() == ["a1", "b1", "a2", "c1"]


def test_last_may_mean_latest():
    assert splits.last_out(WATCHED, "user", time="time").test["film"].to_list() == ["a1", "b2"]
    assert splits.last_out(WATCHED, "user", time="time", n=2).test["film"].to_list() == ["a1", "a2"]


def test_examples_of_one_value_are_held_back_and_missing_values_are_not():
    frame = pl.DataFrame({"n": [1, 2, 3, 4], "fold": [1, 2, None, 1]})
    train, test = splits.by_value(frame, "fold", 1)
    assert train["n"].to_list() == [2, 3]
    assert test["n"].to_list() == [1, 4]


def test_a_split_with_an_empty_side_is_refused():
    with pytest.raises(BadData, match="100 examples are left to train on and 0 to test on"):
        splits.by_value(NUMBERED, "n", 100)
    with pytest.raises(BadData, match="0 examples are left to train on and 1 to test on"):
        splits.random(NUMBERED.head(1), fraction=0.9)


def test_a_fraction_or_a_number_out_of_range_is_refused():
    with pytest.raises(BadOption, match=r"fraction=1\.5\n  expected: a number above 0 and below 1"):
        splits.random(NUMBERED, fraction=1.5)
    with pytest.raises(BadOption, match="n=0\n  expected: 1 or more"):
        splits.last_out(WATCHED, "user", n=0)


def test_a_missing_time_is_told_with_its_row():
    frame = pl.DataFrame({"user": [1, 2], "time": [3, None]})
    with pytest.raises(BadData, match="row 1 has no 'time'"):
        splits.by_time(frame, "time")
    with pytest.raises(BadData, match="row 1 has no 'time'"):
        splits.last_out(frame, "user", time="time")
