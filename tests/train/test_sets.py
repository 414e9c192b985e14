"""Examples on disk, read in shuffled parts."""

import polars as pl
import pytest

from camps import two_camps
from rowwise.errors import BadOption
from rowwise.models import zoo
from rowwise.models.words import Row

CAMPS = zoo.dot_product.replace(target="stars", user=Row("user", 4), item=Row("film", 4))


@pytest.fixture
def path(tmp_path):
    two_camps(10).write_parquet(tmp_path / "camps.parquet")
    return tmp_path / "camps.parquet"


def test_a_file_in_parts_teaches_what_it_teaches_as_a_whole(path):
    fitted = CAMPS.fit(path, chunk_rows=50, epochs=15, learning_rate=0.4, threads=1)
    assert fitted.predict(pl.DataFrame({"user": [0, 0], "film": [0, 1]})) == pytest.approx([5, 1], abs=0.5)
    assert set(fitted.recommend(0)["film"]) == {0, 1}
    weighted = CAMPS.fit(path, chunk_rows=50, epochs=1, sample_weight="stars", threads=1)
    plain = CAMPS.fit(path, chunk_rows=50, epochs=1, threads=1)
    assert weighted.history["loss"][0] > plain.history["loss"][0]


def test_what_cannot_be_read_in_parts_is_refused(path):
    with pytest.raises(BadOption, match="chunk_rows=9 with a frame"):
        CAMPS.fit(two_camps(10), chunk_rows=9)
    with pytest.raises(BadOption, match=r"weights of classes, or in an array, with chunk_rows=9"):
        CAMPS.fit(path, chunk_rows=9, sample_weight=[1.0])
