"""A file's name in, the names of its columns out: files that everybody has, and that have no header."""

import re

GENRES = (  # the flags of u.item, in their order
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip

# MovieLens 100k, 1M and 10M; those after them have headers. Source: the README files of GroupLens.
KNOWN: dict[str, tuple[str, ...]] = {
    r"u\.data|u[1-5ab]\.(base|test)|ratings\.dat": ("userId", "movieId", "rating", "timestamp"),
    r"u\.item": ("movieId", "title", "release_date", "video_release_date", "url", *GENRES),
    r"u\.user": ("userId", "age", "gender", "occupation", "zip"),
    r"u\.genre": ("genre", "genreId"),
    r"users\.dat": ("userId", "gender", "age", "occupation", "zip"),
    r"movies\.dat": ("movieId", "title", "genres"),
    r"tags\.dat": ("userId", "movieId", "tag", "timestamp"),
}
RATINGS = ("ratings.csv", "ratings.dat", "u.data")  # what is meant in an archive of MovieLens


def known_columns(name: str, *, width: int) -> tuple[str, ...]:
    """The names of the columns of a file with this name, if it is known and has so many; else none."""
    found = next((columns for pattern, columns in KNOWN.items() if re.fullmatch(pattern, name)), ())
    return found if len(found) == width else ()


def is_known(name: str) -> bool:
    return any(re.fullmatch(pattern, name) for pattern in KNOWN)
