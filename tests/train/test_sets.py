"""Examples on disk, read in shuffled parts."""

import polars as pl
import pytest

from camps import two_camps
from rowwise.api import zoo
from rowwise.errors import BadData, BadOption
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


def test_a_lazy_frame_in_parts_teaches_what_its_file_teaches(path, tmp_path):
    def fit(source):
        checkpoint = tmp_path / "run.ckpt"
        return CAMPS.fit(source, chunk_rows=50, epochs=2, threads=1, checkpoint=checkpoint)

    lazy = pl.scan_parquet(path).with_columns(pl.col("stars") + 1).with_columns(pl.col("stars") - 1)
    from_file = CAMPS.fit(path, chunk_rows=50, epochs=2, threads=1)
    fitted, again = fit(lazy), fit(lazy)  # the second goes on from the checkpoint of the first: nothing is left to do
    for name, table in from_file.parameters.tables.items():
        assert (fitted.parameters.tables[name] == table).all()
        assert (again.parameters.tables[name] == table).all()
    with pytest.raises(BadData, match="the frame has no column 'stars'"):
        CAMPS.fit(lazy.drop("stars"), chunk_rows=50)


def test_a_bad_cell_of_a_part_is_told_with_its_row(tmp_path):
    frame = two_camps(10).with_columns(
        pl.when(pl.int_range(pl.len()) == 77).then(1e39).otherwise("stars").alias("stars")
    )
    frame.write_parquet(tmp_path / "camps.parquet")
    with pytest.raises(BadData, match=r"camps\.parquet, row 77: 'stars' is 1e\+39"):
        CAMPS.fit(tmp_path / "camps.parquet", chunk_rows=20, epochs=1)


def test_what_cannot_be_read_in_parts_is_refused(path):
    with pytest.raises(BadOption, match="chunk_rows=9 with a frame"):
        CAMPS.fit(two_camps(10), chunk_rows=9)
    with pytest.raises(BadOption, match=r"weights of classes, or in an array, with chunk_rows=9"):
        CAMPS.fit(path, chunk_rows=9, sample_weight=[1.0])
