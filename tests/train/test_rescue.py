"""A training that diverges: what a default does by itself, and what is advised for a function of one's own."""

import json
import re

import numpy as np
import polars as pl
import pytest
from safetensors import safe_open

import rowwise as rw
from camps import two_camps
from rowwise.api import recommender
from rowwise.errors import Diverged
from rowwise.train import engines

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


@pytest.fixture
def wild(monkeypatch):
    """Sets the default learning rate of a model to one that does not suit it."""

    def set_rate(rate, model="matrix_factorization"):
        monkeypatch.setitem(recommender.MODELS, model, {**recommender.MODELS[model], "learning_rate": rate})

    return set_rate


def test_a_default_that_stays_finite_but_ends_worse_than_the_mean_is_trained_again_as_often_as_it_takes(wild):
    wild(0.9, "biases_only")
    trained = rw.Recommender(model="biases_only", epochs=1).fit(STARS, progress=False)
    said = [line for line in trained.fitted_.report.splitlines() if "trained again" in line]
    assert len(said) > 1
    assert said[0].startswith("learning_rate=0.9 ended worse than predicting the mean: trained again, at 0.225")
    assert trained.history_["loss"][-1] <= recommender.WORSE


def test_after_four_restarts_a_training_that_is_still_worse_than_the_mean_says_so(wild, monkeypatch):
    monkeypatch.setattr(recommender, "_is_worse", lambda fitted: True)
    report = rw.Recommender(model="biases_only", epochs=1).fit(STARS, progress=False).fitted_.report
    assert report.count("trained again") == 4
    assert report.splitlines()[-1].endswith("ended worse than predicting the mean too")


class Killed(BaseException):
    """The process ends here."""


def killed_after(state, monkeypatch):
    """Until undone, every epoch is the end of the process once there is such a state."""
    make = engines.make

    class Fragile:
        def __init__(self, engine):
            self.engine = engine

        def epoch(self, epoch, rate):
            if state.exists():
                raise Killed
            return self.engine.epoch(epoch, rate)

    monkeypatch.setattr(engines, "make", lambda *args, **options: Fragile(make(*args, **options)))


def history_in(state):
    with safe_open(state, "numpy") as file:
        return json.loads(file.metadata()["rowwise"])["history"]


@pytest.mark.parametrize("rate", [40.0, 1.2])  # the first epoch diverges, or a later one
def test_a_restarted_run_that_is_killed_goes_on_where_it_was(rate, wild, tmp_path):
    wild(rate)
    path, again = tmp_path / "state", tmp_path / "state.restart1"
    whole = rw.Recommender(factors=4, epochs=4).fit(STARS, progress=False)
    assert "trained again" in whole.fitted_.report
    with pytest.MonkeyPatch.context() as until_killed:
        killed_after(again, until_killed)
        with pytest.raises(Killed):
            rw.Recommender(factors=4, epochs=4).fit(STARS, progress=False, checkpoint=path)
    before = history_in(again)
    assert len(before) == 1
    resumed = rw.Recommender(factors=4, epochs=4).fit(STARS, progress=False, checkpoint=path)
    assert resumed.history_.to_dicts()[:1] == before  # to the second: it was not trained twice
    assert resumed.history_.drop("seconds").equals(whole.history_.drop("seconds"))
    assert (resumed.predict(STARS) == whole.predict(STARS)).all()


def test_what_a_restart_of_other_settings_left_is_written_anew(wild, tmp_path):
    wild(40.0)
    path = tmp_path / "state"
    for seed in (1, 0):
        trained = rw.Recommender(factors=4, epochs=2, seed=seed).fit(STARS, progress=False, checkpoint=path)
        path.unlink(missing_ok=True)
    assert (tmp_path / "state.restart1").exists()
    whole = rw.Recommender(factors=4, epochs=2).fit(STARS, progress=False)
    assert (trained.predict(STARS) == whole.predict(STARS)).all()


@pytest.mark.parametrize("rate", [None, 0.03])
def test_of_a_training_that_goes_on_and_diverges_the_mend_names_a_rate_that_trains(rate):
    fitted = own.fit(STARS, learning_rate=0.03, **OPTIONS)
    more = {"learning_rate": rate, "epochs": 4, "progress": False}
    with pytest.raises(Diverged, match=r"learning_rate=\S+ stays finite \(tried for all epochs\)") as caught:
        fitted.fit(times(1000), **more)
    lower = float(re.search(r"learning_rate=(\S+) stays", caught.value.mend)[1])
    losses = fitted.fit(times(1000), **{**more, "learning_rate": lower}).history["loss"][-4:]
    assert losses.is_finite().all()
    assert losses[3] <= losses[0]


def test_of_partial_fit_the_mend_names_a_rate_that_trains_and_the_model_stays_as_it_was():
    trained = rw.Recommender(factors=4, epochs=2).fit(STARS, progress=False)
    before = trained.predict(STARS)
    with pytest.raises(Diverged, match="learning_rate=") as caught:
        trained.partial_fit(STARS, learning_rate=40.0, epochs=3, progress=False)
    assert (trained.predict(STARS) == before).all()
    lower = float(re.search(r"learning_rate=(\S+) stays", caught.value.mend)[1])
    trained.partial_fit(STARS, learning_rate=lower, epochs=3, progress=False)
    assert np.isfinite(trained.predict(STARS)).all()


def test_where_no_rate_helps_the_mend_sends_to_the_numbers():
    fitted = own.fit(STARS, learning_rate=0.03, **OPTIONS)
    wrong = STARS.with_columns(stars=pl.lit(1e38) * (1 + pl.col("film") % 2))
    with pytest.raises(Diverged, match="look at the numbers of the examples: no lower learning_rate was found"):
        fitted.fit(wrong, epochs=1, progress=False)


def test_a_rate_that_the_user_chose_is_not_changed():
    with pytest.raises(Diverged, match="times the learning rate of each epoch stays finite"):
        rw.Recommender(factors=4, epochs=3, learning_rate=40.0).fit(STARS, progress=False)
