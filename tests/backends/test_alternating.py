"""Alternating least squares: as a few lines of NumPy have it, for any model that is affine in its rows."""

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

import rowwise as rw
from camps import two_camps
from mends import mends
from rowwise.errors import BadOption, Diverged


@rw.model(target="stars", loss=rw.squared_error)
def biased(
    user=rw.Row("user", 3, l2=0.05),
    film=rw.Row("film", 3, l2=0.05),
    user_bias=rw.Row("user", l2=0.1),
    film_bias=rw.Row("film", l2=0.1),
    mean=rw.Mean("stars"),
):
    return mean + user_bias + film_bias + user @ film


def test_each_sweep_is_that_of_a_few_lines_of_numpy():
    data = two_camps(12)
    users, films, stars = data["user"].to_numpy() + 1, data["film"].to_numpy() + 1, data["stars"].to_numpy()
    start = biased.fit(data, engine="als", epochs=1, validation=None)
    tables = {name: table.astype(float) for name, table in start.parameters.tables.items()}
    left = stars - start.means["mean"]
    for sweeps in (2, 3):
        for mine, others, of, its in ((users, films, "user", "film"), (films, users, "film", "user")):
            for row in range(1, 13):
                at = mine == row
                design = np.c_[tables[its][others[at]], np.ones(at.sum())]
                penalty = at.sum() * np.diag([0.05] * 3 + [0.1])
                wanted = design.T @ (left[at] - tables[f"{its}_bias"][others[at]])
                best = np.linalg.solve(design.T @ design + penalty, wanted)
                tables[of][row], tables[f"{of}_bias"][row] = best[:3], best[3]
        fitted = biased.fit(data, engine="als", epochs=sweeps)
        for name, table in fitted.parameters.tables.items():
            np.testing.assert_allclose(table[1:], tables[name][1:], atol=1e-5, err_msg=f"{name}, sweep {sweeps}")


def test_the_camps_are_told_apart_in_a_few_sweeps_and_without_a_rate():
    fitted = biased.fit(two_camps(), engine="als", epochs=5)
    assert fitted.settings["engine"].startswith("als: least squares")
    assert "learning_rate" not in fitted.settings
    assert (np.diff(fitted.history["loss"]) <= 1e-6).all()
    unseen = pl.DataFrame({"user": [4, 4], "film": [4, 5]})
    own, other = fitted.predict(unseen)
    assert own > 4.3
    assert other < 1.7


def test_the_same_bytes_every_time():
    first, second = (biased.fit(two_camps(), engine="als", epochs=3) for _ in range(2))
    for name, table in first.parameters.tables.items():
        np.testing.assert_array_equal(table, second.parameters.tables[name])


def test_three_keys_and_a_factorization_machine_are_solved_for_too():
    random = np.random.default_rng(0)
    columns = {name: random.integers(0, 6, 400) for name in ("a", "b", "c")}
    truth = {name: random.normal(size=(6, 2)) for name in columns}
    product = np.prod([truth[name][rows] for name, rows in columns.items()], 0).sum(1)
    pairs = [(truth[x][columns[x]] * truth[y][columns[y]]).sum(1) for x, y in ("ab", "ac", "bc")]

    @rw.model(target="y", loss=rw.squared_error)
    def three(a=rw.Row("a", 4, l2=1e-4), b=rw.Row("b", 4, l2=1e-4), c=rw.Row("c", 4, l2=1e-4)):
        return (a * b * c).sum()

    @rw.model(target="y", loss=rw.squared_error)
    def machine(a=rw.Row("a", 4, l2=1e-4), b=rw.Row("b", 4, l2=1e-4), c=rw.Row("c", 4, l2=1e-4)):
        return 0.5 * (jnp.sum((a + b + c) ** 2) - jnp.sum(a**2 + b**2 + c**2))

    for model, target in ((three, product), (machine, sum(pairs))):
        fitted = model.fit(pl.DataFrame({**columns, "y": target}), engine="als", epochs=60)
        assert fitted.history["loss"][-1] < 0.02 * np.var(target), model.name


@rw.model(target="stars", loss=rw.squared_error)
def net(user=rw.Row("user", 3), film=rw.Row("film", 3)):
    return jax.nn.relu(user) @ film


@rw.model(target="liked", loss=rw.binary_cross_entropy)
def odds(user=rw.Row("user", 3), film=rw.Row("film", 3)):
    return user @ film


@rw.model(target="stars", loss=rw.squared_error)
def weighed(user=rw.Row("user", 3), film=rw.Row("film", 3), weight=rw.Weight(3)):
    return (user * film) @ weight


@rw.model(target="stars", loss=rw.squared_error)
def drawn(user=rw.Row("user", 3), films=rw.Bag("films", 3)):
    return user @ films


@mends("choose: engine=… cannot run …: …")
@pytest.mark.parametrize(
    ("model", "because"),
    [
        (net, "the loss sees the rows of 'user' not as the square"),
        (odds, "the loss sees the rows of 'user' not as the square"),
        (weighed, "weight is a dense weight"),
        (drawn, "films is made of several rows"),
    ],
    ids=lambda given: getattr(given, "name", ""),
)
def test_what_is_not_affine_is_refused_with_the_reason_and_an_engine_that_can(model, because):
    data = two_camps(4).with_columns(liked=pl.col("stars") > 3, films=pl.concat_list("film"))
    with pytest.raises(BadOption, match=rf"(?s)engine='als' cannot run {model.name}: {because}.*use engine='llvm'"):
        model.fit(data, engine="als")
    model.fit(data, engine="llvm", epochs=1)


@mends("chunk_rows=… with engine=…")
def test_parts_of_the_data_are_not_solved_for(tmp_path):
    two_camps(6).write_parquet(tmp_path / "camps.parquet")
    with pytest.raises(BadOption, match="chunk_rows=4 with engine='als'"):
        biased.fit(tmp_path / "camps.parquet", engine="als", chunk_rows=4)
    biased.fit(tmp_path / "camps.parquet", engine="als", epochs=1)
    biased.fit(tmp_path / "camps.parquet", engine="llvm", chunk_rows=4, epochs=1)


@mends("parallel=… with engine='als'")
def test_als_has_no_loose_threads():
    with pytest.raises(BadOption, match=r"(?s)parallel='hogwild' with engine='als'.*leave it out"):
        biased.fit(two_camps(4), engine="als", parallel="hogwild")
    biased.fit(two_camps(4), engine="als", epochs=1)


@mends("the loss of an example is not finite after sweep")
def test_what_is_too_large_for_float32_is_told():
    huge = two_camps(6).with_columns(pl.col("stars") * 1e30)
    with pytest.raises(Diverged, match=r"not finite after sweep 1"):
        biased.fit(huge, engine="als", epochs=2)
    biased.fit(huge.with_columns(pl.col("stars") / pl.col("stars").max()), engine="als", epochs=2)
