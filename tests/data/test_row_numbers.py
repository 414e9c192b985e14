"""Ids that are row numbers: every row has one, and an id that is no row is refused."""

import numpy as np
import pytest

from rowwise.data.row_numbers import RowNumbers
from rowwise.errors import BadData
from saved import vocabulary_in


def test_an_id_is_its_row_and_none_is_unknown():
    films = RowNumbers("film", 5)
    assert films.rows(np.array([4, 0, 4])).tolist() == [4, 0, 4]
    assert films.row(0) == 0
    assert films.n_unknown(films.rows([0, 1])) == 0
    assert films.ids.to_list() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("id", [5, -1, None, "first"])
def test_an_id_that_is_no_row_is_refused(id):
    with pytest.raises(BadData, match=r"is no row of 'film'\n  expected: a row number from 0 to 4\n.*input_dim"):
        RowNumbers("film", 5).rows([id])


def test_row_numbers_come_back_as_they_were_saved(tmp_path):
    RowNumbers("film", 5).save(tmp_path / "0.parquet")
    back = vocabulary_in(tmp_path / "0.parquet", "film")
    assert isinstance(back, RowNumbers)
    assert back == RowNumbers("film", 5)
