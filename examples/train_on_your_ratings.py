"""From your own file of ratings to recommendations: python examples/train_on_your_ratings.py [ratings.csv]

The file has a header and at least three columns: who, what and how much. Without a file, MovieLens small is used.
"""

import sys

import rowwise as rw


def main(path: str | None = None) -> None:
    ratings = rw.read(path) if path else rw.datasets.movielens_small().ratings
    train, test = rw.splits.random(ratings, fraction=0.1, seed=0)

    recommender = rw.Recommender().fit(train)
    print(recommender.fitted_)
    print("on ratings held back:", recommender.evaluate(test))

    user = train[recommender.user_][0]
    print(f"for user {user}:", recommender.recommend(user, n=5))

    best = recommender.recommend(user, n=1)[recommender.item_][0]
    print(f"like item {best}:", recommender.similar(best, n=5))


if __name__ == "__main__":
    main(*sys.argv[1:2])
