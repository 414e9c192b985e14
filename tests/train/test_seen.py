"""What a user has seen is all that the user's data say, whatever the optimizer used."""

import polars as pl
import pytest

import rowwise as rw
from rowwise.errors import BadOption
from rowwise.train import sets


@rw.model(target="stars", loss=rw.squared_error)
def taste(user=rw.Row("user", 2), film=rw.Row("film", 2), film_bias=rw.Row("film")):
    return user @ film + film_bias


FILMS = set(range(10))


def ratings(n_users: int = 8) -> pl.DataFrame:
    """User u has seen the films u … u + 5 of ten in a ring, which leaves four to recommend."""
    rows = [(u, (u + k) % 10, float(1 + (u * k) % 5)) for u in range(n_users) for k in range(6)]
    return pl.DataFrame(rows, schema=["user", "film", "stars"], orient="row")


def not_seen(fitted, user, **options):
    return set(fitted.recommend(user, 10, **options)["film"])


def unseen(user, n=6):
    return FILMS - {(user + k) % 10 for k in range(n)}


def half(data, which):
    """Some of the ratings of every user."""
    return data.filter((pl.col("user") + pl.col("film")) % 2 == which)


WAYS = {
    "all of it": lambda data, path: taste.fit(data, epochs=1),
    "a share held back": lambda data, path: taste.fit(data, epochs=1, validation=0.4),
    "other data held back": lambda data, path: taste.fit(
        data.filter(pl.col("film") != 3), epochs=1, validation=data.filter(pl.col("film") == 3), min_count=1
    ),
    "in two trainings": lambda data, path: taste.fit(half(data, 0), epochs=1).fit(half(data, 1), epochs=1),
    "further, with a share held back": lambda data, path: taste.fit(half(data, 0), epochs=1).fit(
        half(data, 1), epochs=1, validation=0.3
    ),
    "from disk": lambda data, path: taste.fit(path, epochs=1, chunk_rows=7),
    "saved and loaded": lambda data, path: rw.load(taste.fit(data, epochs=1, validation=0.4).save(path.parent / "m")),
    "weights of 0": lambda data, path: taste.fit(data, epochs=1, sample_weight=[0.0, 1.0] * (len(data) // 2)),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_film_that_a_user_has_rated_is_recommended(way, tmp_path):
    data = ratings().sample(fraction=1.0, shuffle=True, seed=1)
    data.write_parquet(tmp_path / "ratings.parquet")
    fitted = WAYS[way](data, tmp_path / "ratings.parquet")
    known = set(fitted.vocabularies["film"].ids.drop_nulls())
    for user in range(8):
        assert not_seen(fitted, user) == unseen(user) & known
        assert not_seen(fitted, user, seen="keep") == known


def test_a_model_that_does_not_remember_says_so_and_recommends_with_keep(monkeypatch, tmp_path):
    ratings().write_parquet(tmp_path / "ratings.parquet")
    monkeypatch.setattr(sets, "PAIRS", 10)  # as if the file were larger than what is remembered
    for fitted in (
        taste.fit(ratings(), epochs=1, remember_seen=False),
        taste.fit(tmp_path / "ratings.parquet", epochs=1, chunk_rows=7),
    ):
        with pytest.raises(BadOption, match=r"(?s)does not remember who has seen what.*seen='keep'"):
            fitted.recommend(1)
        assert not_seen(fitted, 1, seen="keep") == FILMS


@pytest.mark.parametrize("seen", ["Drop", "", None, True, 1, ["drop"]], ids=repr)
def test_seen_is_dropped_or_kept_and_nothing_else(seen):
    fitted = taste.fit(ratings(), epochs=1)
    with pytest.raises(BadOption, match=r"(?s)seen=.*one of drop, keep"):
        fitted.recommend(1, seen=seen)


def test_a_rating_of_a_film_without_a_row_of_its_own_hides_no_other():
    data = pl.concat([ratings(), pl.DataFrame({"user": [0], "film": [99], "stars": [5.0]})])
    fitted = taste.fit(data, epochs=1, min_count=2)
    assert not_seen(fitted, 0) == unseen(0)
