"""A hundred thousand real ratings in, a tour of what a recommender learns from them out."""

from pathlib import Path

import polars as pl

from rowwise.api.baselines import baselines, compared
from rowwise.api.recommender import Recommender
from rowwise.data import datasets, splits
from rowwise.data.files.write import write
from rowwise.data.titles import Titles
from rowwise.screen import say
from rowwise.storage.whole import try_place
from rowwise.views.terminal import show

USER = 15
FILM = 1196  # Star Wars: Episode V
ENOUGH = 50  # ratings of a film, to speak of the best and the worst: one rating may be anyone's


def run(folder: Path) -> None:
    """Train the default recommender on MovieLens small, show what it learnt, and leave it in `folder`."""
    try_place(folder / "model")
    folder.mkdir(parents=True, exist_ok=True)
    data = datasets.movielens_small()
    year = pl.col("year").cast(pl.Int64)
    movies = data.movies.with_columns(title=pl.format("{} ({})", "title", year).fill_null(pl.col("title")))
    write(movies, folder / "movies.csv")
    titles = Titles.read(movies, "movieId")

    ratings = data.ratings.select("userId", "movieId", "rating")
    split = splits.random(ratings, fraction=0.1, seed=0)
    recommender = Recommender(user="userId", item="movieId", target="rating").fit(split.train, validation=split.test)
    _say_data(ratings)
    _say_errors(recommender, split)
    _say_biases(recommender, split.train, titles)
    _say_neighbours(recommender, titles)
    _say_recommendations(recommender, ratings, titles)
    model = recommender.fitted_.save(folder / "model")
    named = movies.select("movieId", "title")
    page = recommender.fitted_.page(folder / "model.html", data=ratings, items=named)
    book = recommender.fitted_.sheet(folder / "model.xlsx", data=ratings, items=named)
    _say_next(model, page, book, folder / "movies.csv")


def _say_data(ratings: pl.DataFrame) -> None:
    users, films = ratings["userId"].n_unique(), ratings["movieId"].n_unique()
    low, high = ratings["rating"].min(), ratings["rating"].max()
    say(f"{len(ratings):,} ratings from {low} to {high} stars, by {users:,} people, of {films:,} films")
    say("MovieLens small: Harper & Konstan 2015")


def _say_errors(recommender: Recommender, split: splits.Split) -> None:
    _heading(f"How wrong is it? The error on {len(split.test):,} ratings held back, in stars")
    errors = baselines(split.train, split.test, user="userId", item="movieId", target="rating")
    errors["rw.Recommender()"] = recommender.evaluate(split.test)
    show(compared(errors), indent=2)


def _say_biases(recommender: Recommender, train: pl.DataFrame, titles: Titles) -> None:
    """The bias of a film is how many stars better it is than the average one, whoever rates it."""
    counts = train.group_by("movieId").agg(ratings=pl.len())
    biases = recommender.fitted_.table("item_bias").join(counts.filter(pl.col("ratings") >= ENOUGH), on="movieId")
    biases = biases.sort("item_bias", descending=True).rename({"item_bias": "bias"})
    biases = biases.select("bias", "ratings", titles.of(biases["movieId"]).alias("title"))
    _heading(f"The ten best films with {ENOUGH} ratings or more, by the stars each adds")
    show(biases.head(10), digits={"bias": 2}, indent=2)
    _heading("The ten worst")
    show(biases.tail(10).reverse(), digits={"bias": 2}, indent=2)


def _say_neighbours(recommender: Recommender, titles: Titles) -> None:
    name = titles.of(pl.Series([FILM]))[0]
    _heading(f"Nearest to {name}")
    near = recommender.similar(FILM, n=8)
    show(near.select("cosine", titles.of(near["movieId"]).alias("title")), digits={"cosine": 2}, indent=2)


def _say_recommendations(recommender: Recommender, ratings: pl.DataFrame, titles: Titles) -> None:
    theirs = ratings.filter(pl.col("userId") == USER).sort("rating", descending=True, maintain_order=True)
    _heading(f"User {USER} rated {len(theirs):,} films, and liked these best")
    show(
        theirs.head(5).select("rating", titles.of(theirs["movieId"].head(5)).alias("title")),
        digits={"rating": 1},
        indent=2,
    )
    _heading(f"What user {USER} has not seen and should like")
    best = recommender.recommend(USER, n=10)
    show(best.select("prediction", titles.of(best["movieId"]).alias("title")), digits={"prediction": 2}, indent=2)


def _say_next(model: Path, page: Path, book: Path, movies: Path) -> None:
    _heading(f"Open {page} in a browser: the model answers and learns there. Or open the spreadsheet {book}")
    say(f"  the model itself is in {model}; next, try")
    say(f"  rowwise recommend {model} --user 42 --items {movies}")
    say(f"  rowwise similar {model} --item 260 --items {movies}")
    say(f"  rowwise steps {model} --user 15 --item 32 --target 4.5")


def _heading(text: str) -> None:
    say()
    say(text, bold=True)
