"""How much a Parquet file decodes to is known before it is decoded, and a file that lies about it is refused."""

from io import BytesIO

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.trained import parquet
from rowwise.trained.parquet import TooLarge, check_size, read_parquet

IDS = {"id": (pl.Int64, pl.String)}


def written(frame, **options):
    target = BytesIO()
    frame.write_parquet(target, **options)
    return target.getvalue()


cells = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=50) | st.lists(
    st.none() | st.text(), max_size=50
)
COMPRESSION = st.sampled_from(["zstd", "snappy", "gzip", "lz4", "uncompressed"])


@given(cells=cells, compression=COMPRESSION, groups=st.integers(1, 60))
def test_whatever_polars_writes_is_read_back(cells, compression, groups):
    kind = pl.String if any(isinstance(cell, str) for cell in cells) else pl.Int64
    frame = pl.DataFrame({"id": pl.Series(cells, dtype=kind)})
    raw = written(frame, compression=compression, row_group_size=groups, metadata={"rowwise": "it"})
    found, metadata = read_parquet(raw, [IDS])
    assert found.equals(frame)
    assert metadata["rowwise"] == "it"


@given(cut=st.floats(0, 1), flipped=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=3))
def test_whatever_bytes_there_are_it_is_a_frame_or_one_kind_of_error(cut, flipped):
    raw = bytearray(written(pl.DataFrame({"id": [None, *range(200)]})))
    for place, byte in flipped:
        raw[int(place * len(raw))] = byte
    try:
        read_parquet(bytes(raw[: int(cut * len(raw)) or None]), [IDS])
    except ValueError:
        return


def test_a_few_bytes_that_stand_for_many_rows_are_refused(monkeypatch):
    raw = written(pl.select(pl.repeat(1, 10**6, dtype=pl.Int64).alias("id")))
    assert check_size(raw) == 10**6
    monkeypatch.setattr(parquet, "ROOM", 10**5)
    with pytest.raises(TooLarge, match=r"its [\d,]+ bytes say that they are 1,000,000 rows"):
        check_size(raw)


def test_one_cell_of_many_letters_is_refused_too(monkeypatch):
    raw = written(pl.DataFrame({"id": ["a" * 10**7]}), compression="zstd", statistics=False)
    monkeypatch.setattr(parquet, "ROOM", 10**5)
    monkeypatch.setattr(parquet, "RATIO", 10)
    with pytest.raises(TooLarge, match="bytes say that they unpack to 10,"):
        check_size(raw)


@pytest.mark.parametrize("raw", [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff" * 20 + b"PAR1", b"x" * 100])
def test_what_is_no_parquet_is_told(raw):
    with pytest.raises(ValueError, match=r"no Parquet|end too early|beyond 64 bits|kind"):
        check_size(raw)


def test_other_columns_are_told():
    with pytest.raises(ValueError, match=r"it holds user \(Int64\)"):
        read_parquet(written(pl.DataFrame({"user": [1]})), [IDS])
