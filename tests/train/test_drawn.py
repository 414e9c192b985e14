"""What is drawn for an example: how often, and what never."""

import jax
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rowwise as rw
from rowwise.data.examples import Examples
from rowwise.errors import BadModel, BadOption
from rowwise.train.drawn import draws_of, fill, with_room
from rowwise.train.sets import InMemory

N_USERS, N_ITEMS = 6, 20


def program_of(**sampled):
    @rw.model()
    def margin(user=rw.Row("user", 2), item=rw.Row("item", 2), other=rw.Sampled("item", 2, table="item", **sampled)):
        return user @ item, (user @ (other.sum(0) if other.ndim > 1 else other)) ** 2

    return margin.program()


def drawn_of(program, users, items, seed=0, epoch=0):
    """The rows drawn for examples of these rows of users and items."""
    rows = {"user": np.asarray(users, np.int32), "item": np.asarray(items, np.int32)}
    examples = with_room(program, Examples(len(users), rows, {}, None))
    tables = {"user": np.zeros((N_USERS + 1, 2), np.float32), "item": np.zeros((N_ITEMS + 1, 2), np.float32)}
    fill(examples, draws_of(program, type("Tables", (), {"tables": tables}), InMemory(examples)), seed, epoch)
    return examples.drawn["item"]


def test_by_power_1_ids_are_drawn_as_they_occur_and_by_power_0_all_alike():
    items = np.repeat([1, 2, 3, 4], [1, 9, 90, 900])
    alike = np.bincount(drawn_of(program_of(count=50), items * 0 + 1, items).ravel(), minlength=N_ITEMS + 1)
    assert alike[0] == 0
    assert alike[1:].min() > 0.9 * alike[1:].max()
    as_they_occur = np.bincount(drawn_of(program_of(count=50, power=1.0), items * 0 + 1, items).ravel())
    np.testing.assert_allclose(as_they_occur[1:] / as_they_occur.sum(), [0.001, 0.009, 0.09, 0.9], rtol=0.2)
    between = np.bincount(drawn_of(program_of(count=50, power=0.5), items * 0 + 1, items).ravel())
    np.testing.assert_allclose(between[2:] / between[1], [3, 90**0.5, 30], rtol=0.1)


@given(
    pairs=st.lists(st.tuples(st.integers(1, N_USERS), st.integers(1, N_ITEMS)), min_size=1, max_size=80),
    power=st.sampled_from([0.0, 0.75]),
    seed=st.integers(0, 5),
)
def test_no_unseen_id_stands_beside_the_users_own_where_another_is_left(pairs, power, seed):
    users, items = np.array(pairs).T
    drawn = drawn_of(program_of(count=3, power=power, unseen=True), users, items, seed)
    known = {user: {i for u, i in pairs if u == user} for user in users}
    for user, rows in zip(users, drawn, strict=True):
        assert len(known[user]) == N_ITEMS or not known[user] & set(rows.tolist())


def test_the_one_id_that_is_left_is_drawn_and_where_none_is_left_any():
    users = np.repeat([1, 2], [N_ITEMS - 1, N_ITEMS])
    items = np.r_[np.delete(np.arange(1, N_ITEMS + 1), 6), np.arange(1, N_ITEMS + 1)]
    drawn = drawn_of(program_of(unseen="user"), users, items)
    assert set(drawn[users == 1]) == {7}
    assert set(drawn[users == 2]) <= set(range(1, N_ITEMS + 1))


def test_each_epoch_draws_anew_and_each_seed():
    users, items = np.ones(40, int), np.ones(40, int)
    of = [
        drawn_of(program_of(), users, items, seed, epoch).tolist() for seed, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))
    ]
    assert of[0] == of[1]
    assert of[0] != of[2]
    assert of[0] != of[3]


@rw.model()
def hardest(
    user=rw.Row("user", 3),
    film=rw.Row("film", 3),
    others=rw.Sampled("film", 3, count=4, power=0.75, unseen=True, table="film"),
):
    score = user @ film
    return score, -jax.nn.log_sigmoid(score - jax.numpy.max(others @ user))


@pytest.mark.parametrize("chunk_rows", [None, 50])
def test_engines_learn_from_the_same_draws_and_files_in_parts_know_all_pairs(tmp_path, chunk_rows):
    random = np.random.default_rng(0)
    pairs = pl.DataFrame({"user": random.integers(0, 9, 200), "film": random.integers(0, 30, 200)}).unique(
        maintain_order=True
    )
    pairs.write_parquet(tmp_path / "pairs.parquet")
    options = {"epochs": 3, "batch_size": 16, "seed": 4, "chunk_rows": chunk_rows}
    llvm, xla = (hardest.fit(tmp_path / "pairs.parquet", engine=engine, **options) for engine in ("llvm", "xla"))
    for name, table in llvm.parameters.tables.items():
        np.testing.assert_allclose(table, xla.parameters.tables[name], rtol=1e-4, atol=1e-6)


def test_it_stays_what_it_is_in_a_folder(tmp_path):
    pairs = pl.DataFrame({"user": [0, 0, 1, 2], "film": [0, 1, 2, 3]})
    fitted = hardest.fit(pairs, epochs=2)
    fitted.save(tmp_path / "model")
    assert rw.load(tmp_path / "model").program == fitted.program
    assert "4 rows of table film drawn at random from film by its count to the power 0.75" in str(hardest)
    assert "none that stands beside the user" in str(hardest)


def test_what_cannot_be_unseen_is_refused():
    for unseen in ("item", "place", True):  # beside itself, beside what no Row reads, beside nothing
        with pytest.raises(BadModel, match="unseen") as refused:

            @rw.model()
            def alone(item=rw.Row("item", 2), other=rw.Sampled("item", 2, unseen=unseen, table="item")):
                return (item @ other) ** 2

        assert "there is none" in str(refused.value)
    with pytest.raises(BadOption, match="count=0"):
        rw.Sampled("item", 2, count=0)
    with pytest.raises(BadOption, match="power=-1"):
        rw.Sampled("item", 2, power=-1)
