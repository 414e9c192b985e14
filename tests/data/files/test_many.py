"""Globs, folders, lists, streams and addresses: each is one source."""

import io
import os
import sys
import threading
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

import rowwise as rw
from mends import mends
from rowwise.data.files import many
from rowwise.data.files.write import check_writable, write
from rowwise.data.source import open_source
from rowwise.errors import BadData, BadOption, RowwiseError
from rowwise.storage.address import local_path
from stores import s3

HALF, OTHER = pl.DataFrame({"user": ["1", "2"], "item": ["a", "b"]}), pl.DataFrame({"user": ["3"], "item": ["c"]})
BOTH = pl.concat([HALF, OTHER])


@pytest.fixture
def folder(tmp_path):
    write(HALF, tmp_path / "a-1.csv")
    write(OTHER, tmp_path / "a-2.csv")
    return tmp_path


def test_a_folder_a_glob_and_a_list_are_their_files_one_after_the_other(folder, monkeypatch):
    (folder / "_SUCCESS").write_text("")
    (folder / ".a-1.csv.crc").write_text("x")
    monkeypatch.chdir(folder)
    for source in (folder, "a-*.csv", str(folder / "**" / "a-?.csv"), ["a-1.csv", "a-2.csv"], [folder / "a-[12].csv"]):
        assert_frame_equal(open_source(source).frame, BOTH)
    assert open_source("a-*.csv").place(2) == "a-*.csv, a-2.csv, line 2"
    assert open_source("a-*.csv", columns=["item"]).frame.columns == ["item"]


def test_the_folders_of_hive_are_columns_of_text(tmp_path):
    for year, half in (("2024", HALF), ("2025", OTHER)):
        (tmp_path / "d" / f"year={year}" / "kind=a%20b").mkdir(parents=True)
        write(half, tmp_path / "d" / f"year={year}" / "kind=a%20b" / "part-0.parquet")
    frame = open_source(tmp_path / "d").frame
    assert frame.rows() == [("1", "a", "2024", "a b"), ("2", "b", "2024", "a b"), ("3", "c", "2025", "a b")]
    assert open_source(tmp_path / "d", columns=["year"]).frame["year"].to_list() == ["2024", "2024", "2025"]


def test_files_that_do_not_belong_together_are_told(folder):
    write(pl.DataFrame({"film": ["x"]}), folder / "films.csv")
    with pytest.raises(BadData, match=r"films\.csv and a-1\.csv are not alike: 'film', 'item', 'user'"):
        open_source(folder)


def test_a_glob_that_fits_nothing_is_told(folder):
    with pytest.raises(BadData, match="names no file that can be read"):
        open_source(folder / "b-*.csv")


def test_a_name_with_stars_that_is_there_is_that_file(folder):
    write(OTHER, folder / "a*.csv")
    assert_frame_equal(open_source(folder / "a*.csv").frame, OTHER)


@pytest.mark.parametrize(
    "ending", [".csv", ".csv.gz", ".csv.zst", ".parquet", ".arrow", ".arrows", ".ndjson", ".json", ".xlsx"]
)
def test_the_standard_input_and_a_pipe_say_what_they_are(tmp_path, monkeypatch, ending):
    write(HALF, tmp_path / f"a{ending}")
    data = (tmp_path / f"a{ending}").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert_frame_equal(open_source("-").frame, HALF)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(data,))
    writer.start()
    assert_frame_equal(open_source(tmp_path / "pipe").frame, HALF)
    writer.join()


def test_nothing_on_the_standard_input_is_told(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(BadData, match="the standard input is empty"):
        open_source("-")


def test_a_relation_of_duckdb_and_a_stream_of_arrow_are_read_once():
    with closing(duckdb.connect()) as connection:
        relation = connection.sql("select * from (values ('1', 'a'), ('2', 'b')) as t(\"user\", item)")
        assert_frame_equal(open_source(relation).frame, HALF)
    table = pa.table(HALF.to_dict(as_series=False))
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    assert_frame_equal(open_source(reader).frame, HALF)


# Addresses


@mends("fetched: …", "store: …", "listed: …")
def test_a_bucket_is_read_and_written_like_a_folder(monkeypatch):
    with s3(monkeypatch) as bucket:
        for ending in (".csv", ".parquet", ".xlsx", ".csv.gz"):
            write(HALF, f"{bucket}/one/a{ending}")
            assert_frame_equal(open_source(f"{bucket}/one/a{ending}").frame, HALF)
        write(HALF, f"{bucket}/many/y=1/a.csv")
        write(OTHER, f"{bucket}/many/y=2/b.csv")
        assert open_source(f"{bucket}/many/").frame["y"].to_list() == ["1", "1", "2"]
        assert open_source(f"{bucket}/many/*/b.csv").frame["user"].to_list() == ["3"]
        with pytest.raises(BadData, match=r"s3://shop/nix\.csv cannot be read \(.*not found"):
            open_source(f"{bucket}/nix.csv")
        with pytest.raises(BadData, match=r"s3://nobody/x\.csv cannot be written"):
            write(HALF, "s3://nobody/x.csv")
        with pytest.raises(BadData, match=r"s3://nobody/many/ cannot be listed"):
            open_source("s3://nobody/many/")


def test_a_page_of_the_web_is_read_by_its_address(folder):
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert_frame_equal(open_source(f"{address}/a-1.csv?token=s3cret").frame, HALF)
        with pytest.raises(BadData, match=r"nix\.csv cannot be read \(.*404") as raised:
            open_source(f"{address}/nix.csv?token=s3cret")
        assert "s3cret" not in str(raised.value)
        server.shutdown()


def test_without_what_talks_to_stores_one_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    for act in (partial(open_source, "s3://shop/a.csv"), partial(check_writable, "s3://shop/a.csv")):
        with pytest.raises(RowwiseError, match=r"pip install 'rowwise\[cloud\]'"):
            act()


@pytest.mark.parametrize("address", ["s3://shop/model", "s3:/shop/model", "gs://a/b", "https://a/b", "hdfs://a/b"])
def test_what_is_only_written_here_is_refused_at_an_address(address):
    with pytest.raises(BadOption, match="a model cannot be written to"):
        local_path(address, "a model")
    assert str(local_path("C:/data/model", "a model")) == "C:/data/model"


def test_an_address_nobody_here_reads_is_told():
    with pytest.raises(BadData, match="nothing here reads hdfs://"):
        open_source("hdfs://a/b.csv")


@pytest.mark.parametrize("path", ["https://a/b.csv", "http://a/b.csv"])
def test_nothing_is_written_to_a_page(path):
    with pytest.raises(BadOption, match="nothing can be written to"):
        check_writable(path)
    assert rw.File(path).told == []


@mends("and the folders below hold more than")
def test_a_folder_of_everything_is_told_before_it_is_read(folder, monkeypatch):
    monkeypatch.setattr(many, "MOST", 1)
    with pytest.raises(BadData, match=r"hold more than 1 files") as refused:
        open_source(folder)
    assert len(open_source(refused.value.mend.removeprefix("name those that are meant: ").strip("'")).frame) == 3
