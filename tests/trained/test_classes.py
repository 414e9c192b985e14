"""How good probabilities of classes are, as scikit-learn says it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.trained.classes import auc, calibration, confusion, report

CLASSES = ["blame", "praise"]
LIKELY = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
TARGET = np.array([0, 1, 1, 0])


def test_two_right_of_four():
    found = report(LIKELY, TARGET, CLASSES)
    assert found.metrics["accuracy"] == 0.5
    assert found.metrics["f1"] == 0.5
    assert found.metrics["auc"] == 0.75  # of the four pairs of praise and blame, one is the wrong way round
    assert str(found) == "accuracy 0.5000, log_loss 0.6122, f1 0.5000, auc 0.7500"


def test_what_was_taken_for_what():
    assert confusion(LIKELY.argmax(1), TARGET, CLASSES).rows() == [("blame", 1, 1), ("praise", 1, 1)]


def test_calibration_says_what_was_said_and_what_came_true():
    assert calibration(LIKELY, TARGET).rows() == [
        (0.6, 0.0, 1),
        (0.7, 0.0, 1),
        (0.8, 1.0, 1),
        (0.9, 1.0, 1),
    ]


def test_without_one_of_the_classes_there_is_no_auc():
    assert np.isnan(auc(LIKELY[:, 1], np.ones(4, int)))


@given(st.integers(2, 4), st.integers(0, 1000))
def test_metrics_are_those_of_scikit_learn(n_classes, seed):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    random = np.random.default_rng(seed)
    likely = np.round(random.dirichlet(np.ones(n_classes), 40), 2) + 0.01  # with equal scores among them
    likely /= likely.sum(1, keepdims=True)
    target = np.concatenate([np.arange(n_classes), random.integers(n_classes, size=40 - n_classes)])
    found, chosen = report(likely, target, list("abcd")[:n_classes]), likely.argmax(1)
    assert found.metrics["accuracy"] == pytest.approx(metrics.accuracy_score(target, chosen))
    assert found.metrics["log_loss"] == pytest.approx(metrics.log_loss(target, likely))
    average = "binary" if n_classes == 2 else "macro"
    assert found.metrics["f1"] == pytest.approx(metrics.f1_score(target, chosen, average=average, zero_division=0))
    assert found.confusion.drop("true").to_numpy().tolist() == metrics.confusion_matrix(target, chosen).tolist()
    if n_classes == 2:
        assert found.metrics["auc"] == pytest.approx(metrics.roc_auc_score(target, likely[:, 1]))
