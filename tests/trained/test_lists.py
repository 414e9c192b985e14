"""How good lists are: worked out by hand, by scikit-learn, and of what everybody likes."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.data.ragged import Ragged, starts_of
from rowwise.trained.lists import METRICS, Lists, measure_lists, popular


def liked(*rows):
    return Ragged(starts_of(np.array([len(row) for row in rows])), np.array([*chain(*rows)], np.int32))


def test_the_metrics_of_one_list_are_those_of_a_pencil():
    # places 1 and 3 of 4 are hits, of 3 that there are
    found = measure_lists(Lists(np.array([0]), np.array([[5, 6, 7, 8]])), liked([5, 7, 9]), 10)
    assert found["precision@4"] == 2 / 4
    assert found["recall@4"] == 2 / 3
    assert found["hit_rate@4"] == found["mrr@4"] == 1
    assert found["map@4"] == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert found["ndcg@4"] == pytest.approx((1 + 1 / 2) / (1 + 1 / np.log2(3) + 1 / 2))
    assert found["coverage@4"] == 4 / 10


def test_a_perfect_list_is_1_and_a_list_without_a_hit_is_0_whoever_likes_nothing_counts_for_nothing():
    lists = Lists(np.array([0, 1]), np.array([[1, 2], [3, 4]]))
    perfect = measure_lists(lists, liked([2, 1, 9], []), 9)
    assert {perfect[f"{name}@2"] for name in METRICS if name != "recall"} == {1.0}
    none = measure_lists(lists, liked([8], []), 9)
    assert {none[f"{name}@2"] for name in METRICS} == {0.0}


@given(st.lists(st.booleans(), min_size=2, max_size=9).filter(any), st.integers(1, 9))
def test_ndcg_is_that_of_scikit_learn(hits, k):
    from sklearn.metrics import ndcg_score

    k = min(k, len(hits))
    rows = [i + 1 for i, hit in enumerate(hits) if hit]
    found = measure_lists(Lists(np.array([0]), np.arange(1, k + 1)[None]), liked(rows), len(hits))
    scores = np.arange(len(hits))[::-1]
    assert found[f"ndcg@{k}"] == pytest.approx(ndcg_score([hits], [scores], k=k), abs=1e-9)


def test_everybody_gets_what_most_like_without_what_they_have_seen():
    counts = np.array([0, 5, 9, 0, 5])
    found = popular(counts, np.array([0, 1]), liked([], [2, 4]), 3)
    assert found.items.tolist() == [[2, 1, 4], [1, -1, -1]]  # of equals the earlier; nobody likes 3
