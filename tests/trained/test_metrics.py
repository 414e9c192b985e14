"""How good predictions are by what is asked for: by hand, as scikit-learn says it, and by functions of one's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rowwise as rw
from camps import two_camps
from rowwise.data.targets import TARGETS
from rowwise.errors import BadOption
from rowwise.trained.metrics import measure_by

NUMBERS = {
    "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error",
    "mae": "mean_absolute_error",
    "r2": "r2_score",
}
BINARY = {"log_loss": "log_loss", "auc": "roc_auc_score", "brier": "brier_score_loss"}


@given(st.sampled_from(["number", "binary"]), st.integers(2, 40), st.integers(0, 1000))
def test_each_metric_is_that_of_scikit_learn(kind, n, seed):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    random = np.random.default_rng(seed)
    names = NUMBERS if kind == "number" else BINARY
    target = np.arange(n) % 2 if kind == "binary" else np.arange(n) + 1.0
    predictions = np.round(random.uniform(0.05, 0.95, n), 1)  # with equal ones among them
    found = measure_by(list(names), predictions, target, targets=TARGETS[kind])
    wanted = {name: getattr(metrics, theirs)(target, predictions) for name, theirs in names.items()}
    assert found == pytest.approx(wanted, abs=1e-9)


def test_equal_predictions_are_half_right_in_whatever_order_they_come():
    for target in ([0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1]):
        assert measure_by(["auc"], np.ones(4), np.array(target), targets=TARGETS["binary"]) == {"auc": 0.5}


def test_where_all_targets_are_one_number_nothing_is_explained():
    assert np.isnan(measure_by(["r2"], np.ones(3), np.ones(3), targets=TARGETS["number"])["r2"])


@pytest.fixture(scope="module")
def fitted():
    @rw.model(target="stars", loss=rw.squared_error)
    def bias(user=rw.Row("user"), mean=rw.Mean("stars")):
        return user + mean

    return bias.fit(two_camps(8), epochs=1, seed=0)


def test_a_function_of_ones_own_stands_beside_names_in_the_order_they_were_asked_for(fitted):
    def farthest(target, predictions):
        return np.abs(target - predictions).max()

    found = fitted.evaluate(two_camps(8), metrics=["mae", farthest, "rmse"])
    assert list(found.metrics) == ["mae", "farthest", "rmse"]
    assert found.farthest == pytest.approx(
        np.abs(fitted.predict(two_camps(8)) - two_camps(8)["stars"].to_numpy()).max()
    )
    assert found.mae == fitted.evaluate(two_camps(8)).mae


def test_a_metric_of_another_kind_of_target_is_refused_with_those_there_are(fitted):
    with pytest.raises(BadOption, match=r"(?s)metrics='auc'.*one of mse, rmse, mae, r2"):
        fitted.evaluate(two_camps(8), metrics=["auc"])
