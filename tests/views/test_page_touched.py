"""The page is touched: numbers are moved, steps taken, ratings typed; it says what Python does."""

import re

import numpy as np
import polars as pl
import pytest

from untrained import two_keys


def test_prediction_loss_derivatives_and_the_rows_after_a_step_are_those_of_steps(open_page, ratings):
    fitted = two_keys(optimizer="adam")
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    rating = ratings.filter((pl.col("userId") == 4) & (pl.col("filmId") == "film 2"))["rating"][0]
    walk = fitted.steps({"userId": 4, "filmId": "film 2", "rating": rating})
    assert shown.ask("rowwise.state.example.target") == rating
    entries = "Object.entries(rowwise.model.walk(rowwise.state.example)).map(([name, v]) => [name, [...v.data]])"
    values = dict(shown.ask(entries))
    for name in ("user", "film", "user_bias"):
        np.testing.assert_allclose(values[name], np.ravel(walk.values[name]), atol=1e-9)
    moves = shown.ask(
        "rowwise.model.moves(rowwise.state.example, 0.05).map((m) => [m.table, m.row, [...m.gradient], [...m.after]])"
    )
    assert len(moves) == len(walk.moves)
    for (table, row, gradient, after), move in zip(moves, walk.moves, strict=True):
        assert (table, row) == (move.table, move.row)
        np.testing.assert_allclose(gradient, np.ravel(move.gradient), atol=1e-9)
        np.testing.assert_allclose(after, np.ravel(move.after), atol=1e-9)


def test_steps_taken_move_the_prediction_towards_the_rating_and_reset_takes_them_back(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    error = "Math.abs(rowwise.model.predict(rowwise.state.example)[0] - rowwise.state.example.target)"
    before = shown.ask(error)
    shown.ask("document.getElementById('learn-100').click()")
    assert shown.ask(error) < before / 2
    assert "4 rows hold other numbers" in shown.text("changed")
    shown.ask("document.querySelector('#changed button').click()")
    assert shown.ask(error) == before


def test_a_number_moved_by_keys_moves_the_sentence_and_the_cost_as_its_derivative_says(open_page, ratings):
    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    row = fitted.vocabularies["userId"].row(4)
    before = shown.ask("rowwise.model.predict(rowwise.state.example)[0]")
    film = fitted.parameters.tables["film"][fitted.vocabularies["filmId"].row("film 2")]
    shown.press(f'[data-row="user {row}"]', "\ue014", "\ue013")  # right, up: the second number, by 0.01
    assert shown.ask("rowwise.model.predict(rowwise.state.example)[0]") == pytest.approx(
        before + 0.01 * film[1], abs=1e-9
    )
    foretold, moved = re.findall(r"foretold (\S+) for the cost; it moved by (\S+)\.$", shown.text("nudged"))[0]
    numbers = [float(x.replace("−", "-")) for x in (foretold, moved)]
    assert numbers[0] == pytest.approx(numbers[1], abs=0.01 * abs(numbers[0]) + 1e-4)


def test_the_sentence_adds_up_to_what_python_predicts(open_page, ratings):
    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    predicted = fitted.predict({"userId": [4], "filmId": ["film 2"]})[0]
    assert float(shown.text("prediction").replace("−", "-")) == pytest.approx(predicted, abs=5e-4)
    terms = shown.ask("[...document.querySelectorAll('#sentence .term')].map((t) => t.title)")
    assert sorted(terms) == ["film_bias", "mean", "user @ film", "user_bias"]


def test_the_cost_is_the_loss_and_what_the_rows_pay(open_page, ratings):
    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    rating = ratings.filter((pl.col("userId") == 4) & (pl.col("filmId") == "film 2"))["rating"][0]
    walk = fitted.steps({"userId": 4, "filmId": "film 2", "rating": rating})
    paid = sum(0.01 * np.sum(walk.values[name] ** 2) for name in ("user", "film"))
    cost = float(shown.text("cost").removeprefix("= "))
    assert cost == pytest.approx(float(walk.values["loss"]) + paid, rel=1e-3)
    assert "0.01 · sum(user²)" in shown.text("lines")


def test_every_derivative_of_a_row_foretells_what_a_nudge_does_to_the_cost(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    for name in ("user", "film", "user_bias", "film_bias"):
        shown.ask(f"""document.querySelector('[data-hold="nudge {name}"]').click()""")
        told = re.findall(r"foretold (\S+) for the cost; it moved by (\S+)\.$", shown.text("nudged"))[0]
        foretold, moved = (float(x.replace("−", "-")) for x in told)
        assert foretold == pytest.approx(moved, abs=0.01 * abs(foretold) + 1e-3)


def test_a_formula_is_filled_in_with_its_numbers(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    values = shown.ask(
        "Object.fromEntries(Object.entries(rowwise.model.walk(rowwise.state.example)).map(([k, v]) => [k, v.data[0]]))"
    )
    filled = shown.ask("document.querySelector('#lines .filled').innerText").replace("−", "-").split("+")
    assert float(filled[-1]) == pytest.approx(3.25)  # the mean
    assert float(filled[1]) == pytest.approx(values["user_bias"], rel=1e-3)


def test_a_number_that_is_pointed_at_lights_up_wherever_it_stands(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    shown.ask("""document.querySelector('[data-hold="term user_bias"]').focus()""")
    places = shown.ask("[...document.querySelectorAll('.lit')].map((e) => e.closest('[id]').id)")
    assert {"sentence", "arguments", "lines", "derivatives", "update", "grid"} <= set(places)


def test_a_bias_is_dragged_in_the_sentence_and_sentence_grid_and_map_are_what_python_predicts(open_page, ratings):
    from selenium.webdriver import ActionChains

    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    chip = shown.browser.find_element("css selector", '[data-hold="term user_bias"]')
    ActionChains(shown.browser).click_and_hold(chip).move_by_offset(0, -30).release().perform()
    row = fitted.vocabularies["userId"].row(4)
    moved = shown.ask(f"rowwise.model.tables.user_bias.row({row})[0]")
    assert moved == pytest.approx(fitted.parameters.tables["user_bias"][row] + 0.3, abs=1e-6)
    fitted.parameters.tables["user_bias"][row] = moved
    predicted = fitted.predict({"userId": [4] * 8, "filmId": [f"film {k}" for k in range(8)]})
    assert float(shown.text("prediction").replace("−", "-")) == pytest.approx(predicted[2], abs=5e-4)
    cells = shown.ask(
        "[...document.querySelectorAll('#grid tbody tr:first-child button')].map((button) => button.ariaLabel)"
    )
    found = {label.split(", ")[1].split(":")[0]: label.split("predicted ")[1].split(",")[0] for label in cells}
    for k in range(8):
        assert float(found[f"film {k}"]) == pytest.approx(predicted[k], abs=6e-3)


def test_what_was_done_stands_in_the_address_and_undo_and_reset_take_it_back(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    prediction = "rowwise.model.predict(rowwise.state.example)[0]"
    before = shown.ask(prediction)
    shown.press('[data-hold="term user_bias"]', "\ue013", "\ue013")
    pushed = shown.ask(prediction)
    shown.ask("document.getElementById('learn-10').click()")
    learnt, address = shown.ask(prediction), shown.address
    assert len({before, pushed, learnt}) == 3
    shown.browser.get("about:blank")
    shown.browser.get(f"{shown.path.as_uri()}{address}")
    assert shown.ask(prediction) == learnt
    shown.ask("""document.querySelector('[data-hold="undo"]').click()""")
    assert shown.ask(prediction) == pushed
    shown.ask("""document.querySelector('[data-hold="reset"]').click()""")
    assert shown.ask(prediction) == before


@pytest.mark.parametrize(
    "done",
    [
        "set:user:99:0:1",
        "set:none:1:0:1",
        "learn:1e9:1:4.3:1",
        "rate:1:99:2",
        "set:user:1:0:x",
        ":::",
        "%00;%ff",
        "%2500;%25ff",
    ],
)
def test_an_address_that_names_no_row_of_the_model_does_nothing(open_page, ratings, done):
    shown = open_page(two_keys(), f"#user=4&item=film+2&do={done}", data=ratings)
    assert shown.ask("rowwise.model.changed().length") == 0
    assert shown.text("prediction")
    assert shown.faults == []


def test_an_address_that_asks_for_more_than_a_browser_does_at_once_gets_what_it_does(open_page, ratings):
    done = ";".join(["learn:9000:0.01:4.3:1"] * 600)
    shown = open_page(two_keys(), f"#user=4&item=film+2&do={done}", data=ratings)
    assert shown.address.count("learn") == 1
    assert shown.faults == []


def test_a_rating_that_is_typed_solves_for_the_rows_of_the_user_as_least_squares_do(open_page, ratings):
    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    shown.type('[data-hold="rating 3"]', 1)
    row, film = fitted.vocabularies["userId"].row(4), fitted.vocabularies["filmId"]
    theirs = ratings.filter(pl.col("userId") == 4)
    given = dict(zip(theirs["filmId"], theirs["rating"], strict=True)) | {film.ids[3]: 1.0}
    rows = [film.row(id) for id in given]
    tables = {name: np.asarray(table, float) for name, table in fitted.parameters.tables.items()}
    features = np.column_stack([tables["film"][rows], np.ones(len(rows))])
    pays = np.sqrt(len(rows) * np.diag([0.01, 0.01, 0.01, 0.0]))  # l2 for each example
    wanted = np.array(list(given.values())) - tables["film_bias"][rows] - 3.25
    best = np.linalg.lstsq(np.vstack([features, pays]), np.append(wanted, np.zeros(4)), rcond=None)[0]
    found = shown.ask(f"[...rowwise.model.tables.user.row({row}), ...rowwise.model.tables.user_bias.row({row})]")
    np.testing.assert_allclose(found, best, atol=1e-8)


def test_the_map_follows_a_drag_and_is_painted_once_for_it(open_page, ratings):
    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    shown.wait("document.querySelector('#map-over circle')")
    place = "[...'xy'].map((axis) => Number(document.querySelector('#map-over circle').getAttribute(`c${axis}`)))"
    before = shown.ask(place)
    shown.ask(
        "(window.painted = 0, window.old = CanvasRenderingContext2D.prototype.putImageData,"
        " CanvasRenderingContext2D.prototype.putImageData = function (...all) { painted++; old.apply(this, all); })"
    )
    row = fitted.vocabularies["filmId"].row("film 2")
    shown.ask(f"rowwise.push({{ table: 'film', row: {row}, k: 0, of: 'film' }}, 0.9)")
    shown.wait("window.painted > 0")
    shown.browser.execute_async_script("setTimeout(arguments[0], 200)")
    assert shown.ask("window.painted") == 1
    assert shown.ask(place) != before


def test_the_rows_that_lines_lead_to_are_the_nearest_that_python_finds(open_page, ratings):
    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    shown.wait("document.querySelector('#map-says button')")
    named = shown.ask("[...document.querySelectorAll('#map-says button')].map((button) => button.innerText)")
    assert named == fitted.similar("film 2", n=5)["filmId"].to_list()
    assert shown.ask("document.querySelectorAll('#map-over line').length") == 5
