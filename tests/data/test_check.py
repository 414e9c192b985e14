import dataclasses
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rowwise.data.check import Report, check
from rowwise.data.source import open_source
from rowwise.errors import BadData


def check_ratings(source):
    return check(open_source(source), ids=["userId", "movieId"], target="rating", together=[["userId"], ["movieId"]])


def test_good_examples_come_back_as_they_are_and_counted():
    frame = pl.DataFrame({"userId": [1, 1, 2], "movieId": ["a", "b", "a"], "rating": [5, 4, 3], "when": [7, 8, 9]})
    checked = check_ratings(frame)
    assert checked.frame.equals(frame)
    assert checked.report == Report("the frame", examples=3, ids={"userId": 2, "movieId": 2}, duplicates=0)
    assert str(checked.report) == "3 examples from the frame: 2 different userId, 2 different movieId"


def test_duplicates_are_kept_and_counted():
    frame, report = check_ratings({"userId": [1, 1, 1, 2], "movieId": [7, 7, 7, 7], "rating": [5, 5, 1, 3]})
    assert len(frame) == 4
    assert report.duplicates == 2
    assert "2 examples repeat the userId and movieId of an earlier one; all are kept" in str(report)


def test_one_column_of_ids_may_repeat():
    frame = pl.DataFrame({"userId": [1, 1], "rating": [5, 4]})
    assert check(open_source(frame), ids=["userId"], target="rating").report.duplicates == 0


def test_examples_without_ids_are_counted_too():
    frame = pl.DataFrame({"age": [20, 30], "rating": [5, 4]})
    assert (
        str(check(open_source(frame), ids=[], numbers=["age"], target="rating").report) == "2 examples from the frame"
    )


def test_a_report_tells_which_examples_were_answered_from_the_unknown_row():
    report = Report("ratings.csv", examples=1000, ids={"userId": 9}, duplicates=0)
    report = dataclasses.replace(report, unknown={"userId": 12})
    assert str(report).splitlines()[1] == "the userId of 12 examples has no row of its own"


def test_ids_become_integers_or_text_and_numbers_numbers():
    frame = pl.DataFrame(
        {
            "userId": [1.0, 2.0],  # as pandas has integers with a gap
            "movieId": pl.Series(["a", "b"], dtype=pl.Categorical),
            "rating": [" 4.5", "3"],
            "age": [Decimal("1.5"), Decimal("2")],
            "liked": [True, False],
        }
    )
    frame, _ = check(open_source(frame), ids=["userId", "movieId"], numbers=["age", "liked"], target="rating")
    assert frame.rows() == [(1, "a", 4.5, 1.5, 1.0), (2, "b", 3.0, 2.0, 0.0)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "3,7,good",
            r"ratings\.csv, line 4: 'rating' is 'good'\n  expected: a finite number, .*\n  to mend: .*correct the cell",
        ),
        ("3,7,", r"ratings\.csv, line 4: 'rating' is empty"),
        ("3,7", r"ratings\.csv, line 4: 'rating' is empty"),
        ("3,7,NaN", r"ratings\.csv, line 4: 'rating' is 'NaN'"),
        ("3,7,-inf", r"ratings\.csv, line 4: 'rating' is '-inf'"),
        (",7,5", r"ratings\.csv, line 4: 'userId' is empty\n  expected: an id"),
        ("3,7,1e39", r"ratings\.csv, line 4: 'rating' is '1e39'\n  expected: a finite number, of 3\.4e"),
        ('3,"",5', r"ratings\.csv, line 4: 'movieId' is empty"),
    ],
)
def test_a_bad_cell_is_told_with_its_line(tmp_path, line, message):
    path = tmp_path / "ratings.csv"
    path.write_text(f"userId,movieId,rating\n1,7,5\n2,7,4\n{line}\n4,7,3\n")
    with pytest.raises(BadData, match=message):
        check_ratings(path)


def test_a_bad_cell_of_a_frame_is_told_with_its_row():
    frame = pd.DataFrame({"userId": [1, 2], "movieId": ["a", None], "rating": [5, 4]})
    with pytest.raises(BadData, match="the frame, row 1: 'movieId' is empty"):
        check_ratings(frame)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([1.0, 7.5], "the frame, row 1: 'movieId' is 7.5\n  expected: an id: text, or a whole number"),
        ([Decimal("1.00"), Decimal("1.10")], r"row 1: 'movieId' is Decimal\('1.10'\)\n  expected: an id: text"),
        ([1.0, 2.0**53], "row 1: 'movieId' is 9007199254740992.0\n  expected: an id that is held exactly: Float64"),
        (np.array([1, 2**24], np.float32), "row 1: 'movieId' is 16777216.0\n  expected: an id that is held exactly"),
        ([1.0, float("inf")], "row 1: 'movieId' is inf\n  expected: an id: text, or a whole number"),
        (["a", ""], "the frame, row 1: 'movieId' is empty"),
    ],
)
def test_a_number_that_is_no_id_is_told_with_the_true_reason(ids, message):
    with pytest.raises(BadData, match=message):
        check_ratings({"userId": [1, 2], "movieId": ids, "rating": [5, 4]})


def test_a_blank_is_part_of_an_id_and_is_told():
    _, report = check_ratings({"userId": [1, 2], "movieId": ["i1", " i1"], "rating": [5, 4]})
    assert "a blank is part of an id: the movieId ' i1' is another one than 'i1'" in str(report)


@pytest.mark.parametrize(("numbers", "row"), [([1.0, 1e39], 1), ([-1e300, 1.0], 0), ([2**130, 1], 0)])
def test_a_number_that_float32_cannot_hold_is_told_with_its_row(numbers, row):
    with pytest.raises(BadData, match=f"the frame, row {row}: 'rating' is .*\n  expected: a finite number"):
        check_ratings({"userId": [1, 2], "movieId": [1, 2], "rating": numbers})


def test_mixed_ids_in_an_array_of_objects_are_told():
    with pytest.raises(BadData, match="column 'userId' mixes types: 1 is int, 'Ann' is str"):
        check_ratings({"userId": np.array([1, "Ann"], dtype=object), "movieId": [1, 2], "rating": [5, 4]})


def test_a_column_of_another_kind_is_told():
    dates = pl.DataFrame({"userId": [1, 2], "movieId": [1, 2], "rating": ["2020-01-01", "2020-01-02"]})
    with pytest.raises(BadData, match="column 'rating' holds Date\n  expected: numbers"):
        check_ratings(dates.with_columns(pl.col("rating").str.to_date()))
    with pytest.raises(
        BadData, match=r"column 'userId' holds List\(Int64\)\n  expected: ids that are integers or text"
    ):
        check_ratings({"userId": [[1], [2]], "movieId": [1, 2], "rating": [5, 4]})


def test_a_target_that_is_the_same_everywhere_is_refused_to_learn_from_but_not_to_judge_by():
    frame = pl.DataFrame({"userId": [1, 2], "rating": [3, 3]})
    with pytest.raises(BadData, match="the frame: 'rating' is 3 in every row"):
        check(open_source(frame), ids=["userId"], target="rating")
    assert check(open_source(frame), ids=["userId"], numbers=["rating"]).report.examples == 2


def test_a_file_with_nothing_but_a_header_is_refused(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("userId,movieId,rating\n")
    with pytest.raises(BadData, match=r"ratings\.csv has no rows"):
        check_ratings(path)
