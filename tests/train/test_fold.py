"""Who came after training: a row of one's own at once, solved for, and nothing else moved."""

import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import rowwise as rw
from camps import two_camps
from mends import mends
from rowwise.backends import reference
from rowwise.backends.xla import best_rows
from rowwise.cli import main
from rowwise.data.ragged import Ragged
from rowwise.errors import BadData, BadOption
from rowwise.train import whole_data

EVEN = {"user": ["new"] * 4, "film": [0, 2, 1, 3], "stars": [5.0, 5.0, 1.0, 1.0]}  # as even users give them


@rw.model(target="stars", loss=rw.squared_error)
def biased(
    user=rw.Row("user", 3, l2=0.1),
    film=rw.Row("film", 3, l2=0.1),
    bias=rw.Row("user", l2=0.2),
    film_bias=rw.Row("film", l2=0.2),
    mean=rw.Mean("stars"),
):
    return mean + bias + film_bias + user @ film


def ratings() -> pl.DataFrame:
    return two_camps().with_columns(pl.col("user").cast(pl.String))


@pytest.fixture(scope="module")
def fitted():
    return biased.fit(ratings(), epochs=60, learning_rate=0.05, optimizer="adagrad")


def test_a_new_user_gets_the_row_that_least_squares_gives(fitted):
    folded = fitted.fold_in(EVEN)
    known = fitted.vocabularies["film"].rows(EVEN["film"])
    tables = fitted.parameters.tables
    design = np.concatenate([tables["film"][known], np.ones((4, 1))], axis=1).astype(float)
    left = np.array(EVEN["stars"]) - fitted.means["mean"] - tables["film_bias"][known]
    penalty = 4 * np.diag([0.1, 0.1, 0.1, 0.2])  # each example pays for the rows that it reads
    best = np.linalg.solve(design.T @ design + penalty, design.T @ left)
    row = folded.vocabularies["user"].row("new")
    np.testing.assert_allclose(folded.parameters.tables["user"][row], best[:3], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(folded.parameters.tables["bias"][row], best[3], rtol=1e-5, atol=1e-6)


def test_a_new_user_is_recommended_what_their_camp_likes_and_nothing_they_gave(fitted):
    found = fitted.fold_in(EVEN).recommend("new", 8)
    assert (found["film"] % 2 == 0).all()
    assert not set(found["film"]) & {0, 2}


def test_nothing_but_the_new_rows_moves(fitted):
    before, after = fitted.parameters.arrays(), fitted.fold_in(EVEN).parameters.arrays()
    for name, array in before.items():
        np.testing.assert_array_equal(after[name][: len(array)], array, err_msg=name)
    assert len(after["table/user"]) == len(before["table/user"]) + 1
    assert len(after["table/film"]) == len(before["table/film"])
    np.testing.assert_array_equal(fitted.predict(ratings()), fitted.fold_in(EVEN).predict(ratings()))


def test_new_users_and_new_films_at_once(fitted):
    data = pl.concat(
        [
            pl.DataFrame(EVEN),
            pl.DataFrame({"user": ["0", "1", "new"], "film": [77, 77, 77], "stars": [5.0, 1.0, 5.0]}),
        ]
    )
    folded = fitted.fold_in(data)
    guesses = folded.predict({"user": ["2", "4", "3", "5"], "film": [77] * 4})
    assert guesses[:2].min() > guesses[2:].max()  # even users like it, odd ones do not
    assert "1 new user folded in, from 5 examples" in str(folded)
    assert "1 new film folded in, from 3 examples" in str(folded)


def test_many_at_a_time_are_as_each_by_itself(fitted, monkeypatch):
    camps = [f"new {k}" for k in range(9)]
    one = pl.concat([pl.DataFrame(EVEN | {"user": [name] * 4}).head(1 + k % 4) for k, name in enumerate(camps)])
    together = fitted.fold_in(one)
    monkeypatch.setattr(best_rows, "MOST", 4 * 7)  # seven examples at a time
    apart = fitted.fold_in(one)
    for name in ("user", "bias"):
        np.testing.assert_allclose(together.parameters.tables[name], apart.parameters.tables[name], atol=1e-6)


def test_where_no_step_is_exact_a_few_lead_to_where_the_slope_is_0():
    @rw.model(target="liked", loss=rw.binary_cross_entropy)
    def likes(user=rw.Row("user", 3, l2=0.05), film=rw.Row("film", 3, l2=0.05), bias=rw.Row("film")):
        return user @ jnp.tanh(film) + bias

    data = ratings().select("user", "film", liked=pl.col("stars") > 3)
    fitted = likes.fit(data, epochs=20)
    new = pl.DataFrame({"user": ["new"] * 4, "film": [0, 2, 1, 3], "liked": [True, True, False, True]})
    folded = fitted.fold_in(new)
    slope = np.zeros(3)
    for example in new.to_dicts():
        slope += _slope(folded, example)
    assert np.abs(slope).max() < 1e-5
    assert folded.predict({"user": ["new"], "film": [1]})[0] < folded.predict({"user": ["new"], "film": [0]})[0]


def _slope(fitted, example) -> np.ndarray:
    """The derivative of one example's cost by the user's row, by the definition."""
    program, tables = fitted.program, fitted.parameters.tables
    rows = {c: fitted.vocabularies[c].rows([example[c]])[0] for c in ("user", "film")}
    given = {i.value.name: tables[i.table][rows[i.column]] for i in program.lookups}
    values = reference.run(program, given | {"target": float(example["liked"])})
    return reference.number(values, program.gradients["user"])


def test_a_net_takes_in_new_users_too():
    net = rw.zoo.neural_net
    data = ratings().rename({"user": "userId", "film": "itemId", "stars": "rating"})
    fitted = net.fit(data, epochs=60, seed=1)
    new = pl.DataFrame({"userId": ["new"] * 8, "itemId": [0, 2, 4, 6, 1, 3, 5, 7], "rating": [5.0] * 4 + [1.0] * 4})
    folded = fitted.fold_in(new)
    guesses = folded.predict({"userId": ["new"] * 4, "itemId": [8, 10, 9, 11]})
    assert guesses[:2].min() > guesses[2:].max()


def test_lists_take_in_who_is_new_over_all_pairs_and_users_who_have_more():
    pairs = ratings().filter(pl.col("stars") > 3).select("user", "film")
    recommender = rw.Recommender(task="ranking", factors=4, reg=0.01).fit(pairs)
    folded = recommender.fitted_.fold_in({"user": ["new", "new"], "film": [0, 2]})
    rows = folded.vocabularies["film"].rows([0, 2])
    wanted = whole_data.solved(
        Ragged.of_matrix(rows[None]),
        folded.parameters.tables["item"].astype(float),
        whole_data.settings_of(folded.settings),
    )
    np.testing.assert_allclose(
        folded.parameters.tables["user"][folded.vocabularies["user"].row("new")], wanted[0], rtol=1e-5
    )
    assert (folded.recommend("new", 6)["film"] % 2 == 0).all()
    more = recommender.fitted_.update({"user": ["0", "0"], "film": [1, 3]})
    moved = [k for k in range(21) if (more.parameters.tables["user"][k] != folded.parameters.tables["user"][k]).any()]
    assert moved == [more.vocabularies["user"].row("0")]


@mends("of a model whose rows are solved for")
def test_lists_are_updated_without_options():
    pairs = ratings().filter(pl.col("stars") > 3).select("user", "film")
    fitted = rw.Recommender(task="ranking", factors=2, reg=0.01).fit(pairs).fitted_
    with pytest.raises(BadOption, match=r"update\(epochs=…\)"):
        fitted.update(pairs.head(3), epochs=2)
    assert "moved by" in str(fitted.update(pairs.head(3)))


def test_an_update_takes_in_who_is_new_and_says_how_much_the_rest_moved(fitted):
    more = pl.concat([pl.DataFrame(EVEN), ratings().head(20)])
    updated = fitted.update(more)
    assert "new" in updated.vocabularies["user"]
    assert (updated.recommend("new", 5)["film"] % 2 == 0).all()
    (line,) = [line for line in updated.report.splitlines() if "of before moved by" in line]
    moved = float(line.split("moved by ")[1].split()[0])
    pairs = {"user": ratings()["user"], "film": ratings()["film"]}
    wanted = np.sqrt(np.mean((updated.predict(pairs) - fitted.predict(pairs)) ** 2))
    assert moved == pytest.approx(wanted, rel=0.01)


def test_a_folded_model_is_saved_and_goes_on_training(fitted, tmp_path):
    folded = fitted.fold_in(EVEN)
    again = rw.load(folded.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.predict(EVEN), folded.predict(EVEN))
    assert again.fit(EVEN).predict({"user": ["new"], "film": [4]})[0] > 3


def test_text_does_not_become_a_row_of_whole_numbers():
    fitted = biased.fit(two_camps(), epochs=1)
    with pytest.raises(BadData, match="cannot grow by text"):
        fitted.fold_in(EVEN)


def test_nothing_new_is_said(fitted):
    assert "nothing new among 20 examples" in str(fitted.fold_in(ratings().head(20)))


# The command line


@pytest.fixture
def folder(fitted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fitted.save(tmp_path / "model")
    pl.DataFrame(EVEN).write_csv("new.csv")
    return tmp_path


def test_the_command_line_takes_new_ratings_into_a_folder(folder):
    done = CliRunner().invoke(main, ["update", "model", "new.csv", "--only-new", "-o", "other"])
    assert (done.exit_code, done.output) == (0, "1 new user folded in, from 4 examples\nsaved other/\n")
    assert "new" in rw.load("other").vocabularies["user"]
    assert "new" not in rw.load("model").vocabularies["user"]
    done = CliRunner().invoke(main, ["update", "model", "new.csv"])
    assert done.exit_code == 0, done.output
    assert "trained further, for 1 epoch:" in done.output
    assert "new" in rw.load("model").vocabularies["user"]


@mends("with --epochs")
def test_only_new_ids_are_not_trained(folder):
    done = CliRunner().invoke(main, ["update", "model", "new.csv", "--only-new", "--epochs", "2"])
    assert (done.exit_code, done.output.splitlines()[0]) == (2, "--only-new with --epochs 2")
    assert CliRunner().invoke(main, ["update", "model", "new.csv", "--epochs", "2"]).exit_code == 0
