"""The page trains the model: with its own kernel, to the numbers that Python finds."""

import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.models.start import start
from untrained import two_keys
from views.shown import Shown

TRAIN = """
const trainer = new rowwise.Trainer({ seed: 7, held: 0, start: arguments[0] });
for (let epoch = 0; epoch < arguments[1]; epoch++)
  for (const parts = trainer.epoch(epoch, rowwise.page.rates[epoch]); !parts.next().done; );
const tables = Object.entries(trainer.tables()).map(([name, numbers]) => [name, [...numbers]]);
return Object.fromEntries(tables);
"""


@rw.model(target="rating", loss=rw.squared_error)
def rated(
    user=rw.Row("userId", 5, l2=0.02), film=rw.Row("filmId", 5, l2=0.02), bias=rw.Row("filmId"), mean=rw.Mean("rating")
):
    return mean + bias + user @ film


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad", "adam"])
def test_an_epoch_trained_in_the_page_is_the_epoch_of_the_same_seed_in_python(open_page, ratings, optimizer):
    def fitted(epochs):
        options = {"validation": None, "batch_size": 1, "seed": 7, "learning_rate": 0.05, "optimizer": optimizer}
        return rated.fit(ratings, epochs=epochs, progress=False, **options)

    one, three = fitted(1), fitted(3)
    shown = open_page(one, data=ratings)
    n_rows = {name: len(v) for name, v in one.vocabularies.items()}
    begun = start(rated.recipe, one.program, n_rows, seed=7).tables
    begun = {name: table.ravel().tolist() for name, table in begun.items()}
    shown.ask("rowwise.page.rates.push(0.05, 0.05)")
    for k, trained in ((1, one), (3, three)):
        found = shown.browser.execute_script(TRAIN, begun, k)
        for name, table in trained.parameters.tables.items():
            np.testing.assert_allclose(found[name], table.ravel(), atol=2e-5)


@rw.model(target="rating", loss=rw.squared_error)
def net(
    user=rw.Row("userId", 4, l2=0.02), film=rw.Row("filmId", 4), hidden=rw.Weight((3, 4)), output=rw.Weight(3, init=0.3)
):
    return output @ jnp.tanh(hidden @ (user * film))


@rw.model(target="rating", loss=rw.squared_error)
def listed(
    films=rw.Bag("films", 3, weights="hours", l2=0.01),
    last=rw.Rows("last", 3, length=2, table="films"),
    bias=rw.Weight(),
):
    return films.sum() + (last**2).sum() + bias


def lists():
    random = np.random.default_rng(0)
    lengths = random.integers(1, 6, 40)
    films = [random.integers(0, 8, n).tolist() for n in lengths]
    hours = [random.uniform(0.5, 2, n).round(2).tolist() for n in lengths]
    last = [each[-2:] for each in films]
    rating = random.uniform(1, 5, 40).round(1)
    return pl.DataFrame({"films": films, "hours": hours, "last": last, "rating": rating})


@pytest.mark.parametrize(("batch_size", "optimizer"), [(1, "sgd"), (16, "adam"), (64, "adagrad")])
@pytest.mark.parametrize("model", [net, listed], ids=lambda model: model.name)
def test_nets_lists_and_batches_train_in_the_page_as_in_python(open_page, ratings, model, batch_size, optimizer):
    data = lists() if model is listed else ratings

    def fitted(epochs):
        options = {"validation": None, "seed": 7, "learning_rate": 0.05, "optimizer": optimizer}
        return model.fit(data, epochs=epochs, batch_size=batch_size, progress=False, engine="llvm", **options)

    two = fitted(2)
    shown = open_page(two, data=data)
    n_rows = {name: len(v) for name, v in two.vocabularies.items()}
    begun = start(model.recipe, two.program, n_rows, seed=7).tables
    begun = {name: table.ravel().tolist() for name, table in begun.items()}
    shown.ask("rowwise.page.rates.push(0.05, 0.05)")
    found = shown.browser.execute_script(TRAIN, begun, 2)
    for name, table in two.parameters.tables.items():
        rows = ... if name in ("hidden", "output", "bias") else slice(1, None)  # row 0: see `mend_unknown_rows`
        np.testing.assert_allclose(np.reshape(found[name], table.shape)[rows], table[rows], atol=2e-5)


def test_the_scrubber_shows_the_rows_of_an_epoch_everywhere_and_the_address_asks_for_it(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2&epoch=3", data=ratings)
    shown.wait("rowwise.state.epoch === 3")
    prediction, address = shown.text("prediction"), shown.address
    assert "epoch=3" in address
    assert "epoch 3 of 3" in shown.text("epoch-says")
    shown.browser.execute_script(
        "const box = document.getElementById('epoch'); box.value = 0; box.dispatchEvent(new Event('input'))"
    )
    begun = float(shown.text("prediction"))
    assert begun == pytest.approx(3.25, abs=0.02)  # biases begin at 0, and the small rows hardly count
    assert "epoch=0" in shown.address
    shown.browser.execute_script(
        "const box = document.getElementById('epoch'); box.value = 3; box.dispatchEvent(new Event('input'))"
    )
    assert shown.text("prediction") == prediction
    again = Shown(shown.browser, shown.path, address)
    again.wait("rowwise.state.epoch === 3")
    assert again.text("prediction") == prediction
    again.ask("document.getElementById('as-saved').click()")
    assert again.ask("rowwise.state.epoch") is None
    assert again.text("prediction") != prediction


def test_a_training_that_diverges_keeps_its_last_good_rows_and_goes_on_at_half_the_rate(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2&pace=1000&epoch=2", data=ratings)
    shown.wait("document.getElementById('curve').innerText.includes('diverged')")
    assert shown.ask("rowwise.state.pace") == 500
    assert shown.ask("rowwise.model.predict(rowwise.state.example).every(Number.isFinite)")
    assert shown.faults == []
