"""A scoring function of your own, in a few lines: python examples/a_new_scoring_function.py

Does a person's taste depend on the year? Here the row of a film is bent by a row of the year in which it was rated.
Derivatives, machine code and the saved model follow from the function.
"""

import polars as pl

import rowwise as rw


@rw.model(target="rating", loss=rw.squared_error, clip=(0.5, 5))
def taste_by_year(
    user=rw.Row("userId", 16, l2=0.05, init=0.01),
    film=rw.Row("movieId", 16, l2=0.05, init=0.01),
    bend=rw.Row("year", 16, l2=0.05, init="zeros"),
    user_bias=rw.Row("userId", l2=0.02),
    film_bias=rw.Row("movieId", l2=0.2),
    mean=rw.Mean("rating"),
):
    return mean + user_bias + film_bias + user @ (film * (1 + bend))


def main() -> None:
    ratings = rw.datasets.movielens_small().ratings
    ratings = ratings.with_columns(year=pl.from_epoch("timestamp").dt.year())
    train, test = rw.splits.random(ratings, fraction=0.1, seed=0)

    print(taste_by_year)
    fitted = taste_by_year.fit(train, optimizer="sgd", learning_rate=rw.linear_decay(0.03, 10), epochs=10)
    print("on ratings held back:", fitted.evaluate(test))
    print(fitted.table("bend").head())


if __name__ == "__main__":
    main()
