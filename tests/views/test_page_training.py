"""The page trains the model: with its own kernel, to the numbers that Python finds."""

import numpy as np
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
