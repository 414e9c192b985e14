"""A training that diverges: what a default does by itself, and what is advised for a function of one's own."""

import re

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from camps import two_camps
from rowwise.api import recommender
from rowwise.errors import Diverged

STARS = two_camps(12)


@rw.model(target="stars", loss=rw.squared_error)
def own(user=rw.Row("user", 8, init=0.5), film=rw.Row("film", 8, init=0.5)):
    return user @ film


OPTIONS = {"optimizer": "sgd", "epochs": 6, "progress": False}


def times(share):
    return STARS.with_columns(pl.col("stars") * share)


def test_what_suits_stars_suits_a_hundredth_of_them_too():
    assert np.isfinite(own.fit(times(0.01), learning_rate=0.03, **OPTIONS).history["loss"][-1])


@pytest.mark.parametrize("share", [20, 1000])
def test_the_rate_that_the_mend_names_trains_when_it_is_followed_to_the_letter(share):
    with pytest.raises(Diverged, match=r"learning_rate=\S+ stays finite \(tried for all epochs\)") as caught:
        own.fit(times(share), learning_rate=0.03, **OPTIONS)
    rate = float(re.search(r"learning_rate=(\S+) stays", caught.value.mend)[1])
    losses = own.fit(times(share), learning_rate=rate, **OPTIONS).history["loss"]
    assert losses.is_finite().all()
    assert losses[-1] <= losses[0]


def test_the_other_mend_trains_too_at_the_rate_that_suited_the_stars():
    with pytest.raises(Diverged, match="or write standardize=True beside loss="):
        own.fit(times(1000), learning_rate=0.03, **OPTIONS)
    losses = own.replace(standardize=True).fit(times(1000), learning_rate=0.03, **OPTIONS).history["loss"]
    assert losses[-1] < losses[0]


def test_of_a_schedule_the_mend_names_a_share():
    with pytest.raises(Diverged, match=r"\S+ times the learning rate of each epoch stays finite") as caught:
        own.fit(times(1000), learning_rate=rw.linear_decay(0.03, 6), **OPTIONS)
    share = float(re.search(r"(\S+) times the learning rate", caught.value.mend)[1])
    assert own.fit(times(1000), learning_rate=rw.linear_decay(0.03 * share, 6), **OPTIONS).history.height == 6


def test_a_default_that_diverges_is_trained_again_at_a_lower_rate_and_says_so(monkeypatch, tmp_path):
    wild = {**recommender.MODELS["matrix_factorization"], "learning_rate": 40.0}
    monkeypatch.setitem(recommender.MODELS, "matrix_factorization", wild)
    trained = rw.Recommender(factors=4, epochs=3).fit(STARS, progress=False, checkpoint=tmp_path / "state")
    assert trained.fitted_.settings["restarted"].startswith("learning_rate=40 diverged: trained again, at ")
    assert trained.fitted_.settings["restarted"] in trained.fitted_.report
    assert np.isfinite(trained.predict(STARS)).all()


def test_a_rate_that_the_user_chose_is_not_changed():
    with pytest.raises(Diverged, match="times the learning rate of each epoch stays finite"):
        rw.Recommender(factors=4, epochs=3, learning_rate=40.0).fit(STARS, progress=False)
