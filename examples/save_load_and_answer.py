"""Train here, answer there: python examples/save_load_and_answer.py

The folder that `save` writes is all that a service needs: it holds no code, and the script that trained it is not
imported.
"""

import json
import tempfile
from pathlib import Path

import rowwise as rw


def train(folder: Path) -> None:
    """What runs once a night."""
    ratings = rw.datasets.movielens_small().ratings
    rw.Recommender(factors=16, epochs=10).fit(ratings).fitted_.save(folder)


def answer(folder: Path, user: int) -> str:
    """What runs for each request; load the model once and keep it."""
    model = rw.load(folder)
    best = model.recommend(user, n=3)
    return json.dumps({"user": user, "movies": best["movieId"].to_list()})


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        train(model)
        print(sorted(path.name for path in model.iterdir()))
        print(answer(model, user=15))


if __name__ == "__main__":
    main()
