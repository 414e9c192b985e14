"""The closed form: each sweep lowers the cost, and its rows are those that the normal equations say."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowwise.data.ragged import Ragged, starts_of
from rowwise.train.choose import chosen, divided, dot_lists
from rowwise.train.whole_data import Settings, alternate, cost, solved, turned

lists = st.lists(st.lists(st.integers(1, 8), unique=True, max_size=8), min_size=2, max_size=7)


def ragged(rows):
    """Lists by row of user; row 0, the unknown user, has none."""
    rows = [[], *rows]
    return Ragged(starts_of(np.array([len(row) for row in rows])), np.array([*chain(*rows)], np.int32))


@given(lists, st.sampled_from([1, 3, 6]), st.floats(0.01, 1), st.floats(0.001, 0.5))
@settings(max_examples=30)
def test_a_row_is_the_least_squares_solution_over_all_pairs(rows, factors, unseen, reg):
    liked, others = ragged(rows), np.random.default_rng(0).normal(size=(9, factors))
    found = solved(liked, others, Settings(factors, unseen, reg))
    for row, mine in enumerate([[], *rows]):
        if not mine:
            assert not found[row].any()
            continue
        # every pair by itself: 1 where it is there, 0 with a small weight for all
        penalty = reg * (len(mine) + unseen * len(others))
        left = others[mine].T @ others[mine] + unseen * others.T @ others + penalty * np.eye(factors)
        np.testing.assert_allclose(found[row], np.linalg.solve(left, others[mine].sum(0)), rtol=1e-6, atol=1e-9)


@given(lists)
@settings(max_examples=30)
def test_lists_turned_twice_are_the_lists(rows):
    liked = ragged([sorted(row) for row in rows])
    again = turned(turned(liked, 9), len(liked))
    assert (again.starts == liked.starts).all()
    assert (again.rows == liked.rows).all()


def camps(n=12):
    """Even users like even items and odd ones the odd, all but the two after their own number."""
    return ragged([[i + 1 for i in range(n) if (u + i) % 2 == 0 and (i - u) % n > 2] for u in range(n)])


def test_the_cost_falls_with_every_sweep_and_the_seed_decides():
    asked = Settings(4, 0.1, 0.02)
    found = alternate(camps(), 13, asked, seed=0)
    assert found.losses == sorted(found.losses, reverse=True)
    again, other = alternate(camps(), 13, asked, seed=0), alternate(camps(), 13, asked, seed=1)
    assert found.users.tobytes() == again.users.tobytes() != other.users.tobytes()


def test_the_cost_is_that_of_all_pairs_one_by_one():
    liked, asked = camps(), Settings(3, 0.2, 0.05)
    random = np.random.default_rng(0)
    users, items = random.normal(size=(13, 3)), random.normal(size=(13, 3))
    by_item, scores = turned(liked, 13), users @ items.T
    wanted = 0.2 * (scores**2).sum()
    wanted += sum(((1 - scores[u, liked[u]]) ** 2).sum() for u in range(13))
    for rows, held in ((users, liked), (items, by_item)):
        wanted += 0.05 * ((held.lengths + 0.2 * 13) * (rows**2).sum(1)).sum()
    assert cost(liked, by_item, users, items, asked) == pytest.approx(wanted)


def test_the_item_of_my_camp_comes_first():
    found = alternate(camps(), 13, Settings(4, 0.1, 0.02))
    best = dot_lists(found, np.arange(1, 13), camps(), 1).items[:, 0]
    assert ((best - 1) % 2 == np.arange(12) % 2).all()


def test_of_each_user_the_share_is_held_back_and_no_pair_is_lost():
    kept, held = divided(camps(), 0.25, seed=3)
    for user in range(13):
        assert sorted([*kept[user], *held[user]]) == sorted(camps()[user])
        assert len(held[user]) == round(0.25 * len(camps()[user]))


def test_what_is_free_is_chosen_and_what_is_not_stays():
    asked = Settings(4, 0.1, 0.5)
    found, _ = chosen(camps(), 13, asked, free=("unseen",), seed=0)
    assert found.reg == 0.5
    assert chosen(camps(), 13, asked, free=("reg",), seed=0)[0].reg < 0.5  # so much holds every row at 0
