"""A model that learns in units of its target's spread: a linear map of the target maps the predictions."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rowwise as rw
from camps import two_camps
from rowwise.api.recommender import MODELS
from rowwise.errors import BadData, BadModel, BadOption

STARS = two_camps(8).with_columns(pl.col("stars").cast(pl.Float64) + 0.25 * (pl.col("film") % 3))
SCALES = st.floats(1e-4, 1e4)
OFFSETS = st.floats(-1e5, 1e5)  # in units of the scale


def mapped(a, b):
    return STARS.with_columns(pl.col("stars") * a + b)


def fitted(ratings, model="matrix_factorization", **options):
    factors = 3 if "factors" in MODELS[model] else None
    return rw.Recommender(model=model, factors=factors, epochs=4).fit(ratings, progress=False, threads=1, **options)


@cache
def plain_predictions(model):
    return fitted(STARS, model).predict(STARS).astype(float)


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=5)
@given(a=SCALES, b=OFFSETS)
def test_any_linear_map_of_the_target_maps_the_predictions(model, a, b):
    plain = plain_predictions(model)
    found = fitted(mapped(a, a * b), model).predict(STARS).astype(float)
    # float32 holds 24 bits: what is 100,000 spreads from zero is known to a hundredth of a spread
    np.testing.assert_allclose((found - a * b) / a, plain, atol=2e-3 + 1e-6 * abs(b))


def test_the_error_is_the_same_share_of_the_spread_at_every_scale():
    shares = [fitted(mapped(a, b)).evaluate(mapped(a, b)).rmse / a for a, b in ((1, 0), (20, 0), (0.01, 0), (1, -1000))]
    assert shares == pytest.approx([shares[0]] * 4, rel=1e-3)


def test_mean_and_spread_are_lines_of_the_program_and_numbers_of_the_fitted_model(tmp_path):
    model = fitted(mapped(20, 0)).fitted_
    known = model.means
    stars = 20 * STARS["stars"].to_numpy()
    assert known["target.mean"] == pytest.approx(stars.mean())
    assert known["target.spread"] == pytest.approx(stars.std())
    assert (known["target.lowest"], known["target.highest"]) == (stars.min(), stars.max())
    assert "the spread (standard deviation) of stars" in str(model.program)
    walk = model.steps({"user": 1, "film": 2, "stars": 40.0})
    score = walk.values[walk.score] if hasattr(walk, "score") else None
    assert score is None or walk.values[walk.prediction] == pytest.approx(
        np.clip(known["target.mean"] + known["target.spread"] * score, *np.float32([stars.min(), stars.max()])),
        rel=1e-5,
    )
    model.save(tmp_path / "model")
    assert np.array_equal(rw.load(tmp_path / "model").predict(STARS), model.predict(STARS))


def test_mean_and_spread_are_those_of_the_examples_as_they_are_weighed():
    weights = np.where(STARS["film"] < 4, 0.0, 1.0)
    known = fitted(STARS, sample_weight=weights).fitted_.means
    kept = STARS.filter(pl.col("film") >= 4)["stars"].to_numpy()
    assert known["target.mean"] == pytest.approx(kept.mean())
    assert known["target.spread"] == pytest.approx(kept.std())


def test_from_disk_it_is_the_same_mean_and_spread(tmp_path):
    STARS.write_parquet(tmp_path / "stars.parquet")
    known = fitted(tmp_path / "stars.parquet", chunk_rows=16).fitted_.means
    assert known == pytest.approx(fitted(STARS).fitted_.means)


def test_numbers_that_float32_cannot_tell_apart_are_refused_and_the_mend_works():
    far = mapped(1, 1e9)
    with pytest.raises(BadData, match=r"'stars' spreads by .* 32 bits are .* apart") as caught:
        fitted(far)
    offset = float(caught.value.mend.split()[1])
    nearer = fitted(far.with_columns(pl.col("stars") - offset))
    assert np.isfinite(nearer.predict(STARS)).all()


@rw.model(target="stars", loss=rw.absolute_error, standardize=True, clip="data")
def own(user=rw.Row("user"), film=rw.Row("film")):
    return user + film


def test_a_function_of_ones_own_learns_in_units_of_the_spread_when_it_says_so():
    options = {"optimizer": "sgd", "learning_rate": 0.05, "epochs": 3, "progress": False}
    plain, large = own.fit(STARS, **options), own.fit(mapped(1000, 0), **options)
    np.testing.assert_allclose(large.predict(STARS) / 1000, plain.predict(STARS), rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"loss": rw.poisson}, "standardize=True and the loss poisson"),
        ({"range": (1, 5)}, "standardize=True and range="),
        ({"clip": "stars"}, "clip='stars'"),
    ],
)
def test_units_that_make_no_sense_are_refused(change, told):
    with pytest.raises((BadModel, BadOption), match=told):
        own.replace(**change)
