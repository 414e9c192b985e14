"""What each item says of each other: beside three lines of NumPy, user by user left out, on any number of cores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.scale import Scale
from rowwise.program.passes.histories import WORTH
from rowwise.train import item_to_item
from rowwise.train.cores import all_cores
from rowwise.train.item_to_item import PENALTIES, Settings, chosen, solved


def histories(n_users: int, n_items: int, *, seed: int = 0, worth: bool = True) -> tuple[np.ndarray, Ragged]:
    """A fifth of all pairs, as a matrix and as lists; row 0 of both sides is the unknown one and has none."""
    random = np.random.default_rng(seed)
    x = (random.random((n_users, n_items)) < 0.2) * (random.integers(1, 5, (n_users, n_items)) / 4 if worth else 1.0)
    x[0] = x[:, 0] = 0
    users, items = np.nonzero(x)
    starts = starts_of(np.bincount(users, minlength=n_users))
    return x, Ragged(starts, items.astype(np.int32), {WORTH: x[users, items].astype(np.float32)})


def weighed(x: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """The rows that are fitted, and the penalty of each item."""
    n = (x > 0).sum(1)
    w = np.where(n > 0, np.maximum(n, 1) ** (-settings.damping / 2), 0)
    y = x * (w / w[n > 0].mean())[:, None]
    return y, settings.penalty + settings.dropout / (1 - settings.dropout) * (y**2).sum(0)


@pytest.mark.parametrize("settings", [Settings(20.0, 0.0, 0.0), Settings(20.0), Settings(5.0, 0.3, 1.0)])
@pytest.mark.parametrize(("n_users", "n_items"), [(60, 25), (25, 60)])
def test_the_table_is_that_of_three_lines_of_numpy(n_users, n_items, settings):
    x, lists = histories(n_users, n_items)
    y, penalty = weighed(x, settings)
    p = np.linalg.inv(y.T @ y + np.diag(penalty))
    wanted = -p / p.diagonal()
    np.fill_diagonal(wanted, 0)
    np.testing.assert_allclose(solved(lists, n_items, settings).weights, wanted, atol=1e-6)


@pytest.mark.parametrize(("n_users", "n_items"), [(60, 25), (25, 60)])
def test_what_is_missed_of_users_left_out_is_what_is_missed_where_they_are_left_out(n_users, n_items):
    x, lists = histories(n_users, n_items)
    settings = Settings(20.0)
    y, penalty = weighed(x, settings)
    missed = 0.0
    for user in range(1, n_users):
        others = np.delete(y, user, 0)
        p = np.linalg.inv(others.T @ others + np.diag(penalty))
        missed += ((x[user] @ p / p.diagonal()) ** 2).sum()
    with all_cores() as cores:
        ridge = item_to_item._Data.of(lists, n_items, settings).solved(settings.penalty, cores)
        assert ridge.missed(np.arange(1, n_users)) == pytest.approx(missed)


def test_the_penalty_with_which_least_is_missed_is_chosen():
    _, lists = histories(300, 40, worth=False)
    with all_cores() as cores:
        data = item_to_item._Data.of(lists, 40, item_to_item.USUAL)
        users = np.flatnonzero(lists.lengths)
        missed = [data.solved(penalty, cores).missed(users) for penalty in PENALTIES]
    assert chosen(lists, 40).penalty == PENALTIES[int(np.argmin(missed))]


@pytest.mark.parametrize(("n_users", "n_items"), [(500, 450), (450, 500)])
def test_the_bytes_are_the_same_on_any_number_of_cores(n_users, n_items, monkeypatch):
    _, lists = histories(n_users, n_items)
    monkeypatch.setattr("rowwise.train.cores.LEAF", 64)
    monkeypatch.setattr("rowwise.train.cores.BLOCK", 50)
    tables = [solved(lists, n_items, Settings(20.0), threads=threads).weights for threads in (1, 2, 4)]
    assert all(table.tobytes() == tables[0].tobytes() for table in tables)


@given(st.integers(1, 40), st.integers(0, 5))
def test_an_inverse_by_halves_is_the_inverse(n, seed):
    a = np.random.default_rng(seed).normal(size=(n, n))
    a = a @ a.T + np.eye(n)
    with pytest.MonkeyPatch.context() as patch, all_cores(2) as cores:
        patch.setattr("rowwise.train.cores.LEAF", 4)
        patch.setattr("rowwise.train.cores.BLOCK", 3)
        np.testing.assert_allclose(cores.inverse(a) @ a, np.eye(n), atol=1e-8)


def test_five_stars_are_worth_what_was_found_on_films():
    assert Scale.of(np.array([5, 3, 1, 2, 4, 4.0])).worth(np.array([1, 2, 3, 4, 5])) == pytest.approx(
        [0.1, 0.2, 0.5, 0.8, 1.0]
    )


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=300), st.sampled_from([1, 20]), st.integers(-7, 7))
def test_a_rating_is_worth_more_the_higher_it_is_and_the_unit_makes_no_difference(numbers, by, more):
    ratings = np.sort(np.array(numbers, float))
    worth = Scale.of(ratings).worth(ratings)
    assert (np.diff(worth) >= 0).all()
    assert worth[-1] == 1.0
    np.testing.assert_allclose(Scale.of(ratings * by + more).worth(ratings * by + more), worth, atol=1e-6)
