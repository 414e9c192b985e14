"""The page of a model, in a real browser: it says, recommends and learns what Python does, and fetches nothing."""

import json
import re

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise import cli, inert
from rowwise.backends import reference
from rowwise.program.inputs import Constant
from rowwise.program.primitives import ELEMENTWISE, PRIMITIVES
from rowwise.views.page.local import Local
from rowwise.views.page.page import EXPORT, _asset, page
from trainable import MODELS
from untrained import two_keys

NASTY = "</script><script>document.title = 'broken'</script>"
NEVER = {"polygamma", "igamma", "igammac", "regularized_incomplete_beta", "bessel_i0e", "bessel_i1e"}


def titles():
    return pl.DataFrame({"filmId": [f"film {k}" for k in range(8)], "title": [f"The {k}th {NASTY}" for k in range(8)]})


class Shown:
    """A page in the browser."""

    def __init__(self, browser, path, address=""):
        self.browser, self.path = browser, path
        browser.get("about:blank")
        browser.get(f"{path.as_uri()}{address}")

    def ask(self, script):
        return self.browser.execute_script(f"return {script}")

    def text(self, id):
        return self.ask(f"document.getElementById('{id}').innerText")

    def press(self, selector, *keys):
        self.ask(f"document.querySelector(`{selector}`).focus()")
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def type(self, selector, text):
        self.browser.execute_script(
            "const box = document.querySelector(arguments[0]);"
            "box.value = arguments[1]; box.dispatchEvent(new Event('change'));",
            selector, text,
        )  # fmt: skip

    @property
    def faults(self):
        return [line for line in self.browser.get_log("browser") if line["level"] == "SEVERE"]


@pytest.fixture
def open_page(browser, tmp_path):
    def opened(fitted, address="", **options):
        return Shown(browser, fitted.page(tmp_path / "model.html", **options), address)

    return opened


# Meaning


def finite(value):
    """Numbers for JSON: those that are none as the text that JavaScript reads."""
    return [str(x).replace("inf", "Infinity").replace("nan", "NaN") for x in np.ravel(value).astype(float).tolist()]


def case(model, seed=0):
    program = model.program(optimizer="adam")
    random = np.random.default_rng(seed)
    given = {
        i.value.name: 0.5 * random.standard_normal(i.value.shape) if i.value.dtype == "float32" else 0.0
        for i in program.inputs
        if not isinstance(i, Constant)
    }
    values = reference.run(program, given)
    inputs = {i.value.name: [i.value.shape, finite(values[i.value.name])] for i in program.inputs}
    told = json.loads(program.to_json(), parse_constant=str)  # Infinity is a text there
    steps = [step for step in told["steps"] if step["phase"] != "update"]
    return {"steps": steps, "inputs": inputs, "wanted": {name: finite(array) for name, array in values.items()}}


RUN = """
const cases = arguments[0], found = [];
for (const { steps, inputs, wanted } of cases) {
  const values = {};
  for (const [name, [shape, numbers]] of Object.entries(inputs)) values[name] = array(shape, numbers.map(Number));
  run(steps, values);
  let worst = 0;
  for (const [name, numbers] of Object.entries(wanted))
    numbers.map(Number).forEach((x, k) => {
      const y = values[name].data[k];
      const apart = Object.is(x, y) || x === y ? 0 : Math.abs(x - y) / (1 + Math.abs(x));
      worst = Math.max(worst, Number.isNaN(apart) ? Infinity : apart);
    });
  found.push(worst);
}
return found;
"""


def test_every_step_of_every_model_means_in_the_browser_what_it_means_in_steps(browser):
    browser.get("about:blank")
    cases = [case(model) for model in MODELS.values()]
    assert max(browser.execute_script(EXPORT.sub("", _asset("program.js")) + RUN, cases)) < 1e-10


def test_the_browser_lacks_a_few_special_functions_and_no_other_primitive(browser):
    browser.get("about:blank")
    steps = [{"primitive": name, "params": {}} for name in PRIMITIVES]
    script = EXPORT.sub("", _asset("program.js")) + "return lacks(arguments[0]);"
    assert set(browser.execute_script(script, steps)) == NEVER
    assert set(ELEMENTWISE) > NEVER


# One example


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
        assert float(found[f"film {k}"].replace("−", "-")) == pytest.approx(predicted[k], abs=5e-4)


def test_what_was_done_stands_in_the_address_and_undo_and_reset_take_it_back(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    prediction = "rowwise.model.predict(rowwise.state.example)[0]"
    before = shown.ask(prediction)
    shown.press('[data-hold="term user_bias"]', "\ue013", "\ue013")
    pushed = shown.ask(prediction)
    shown.ask("document.getElementById('learn-10').click()")
    learnt, address = shown.ask(prediction), shown.ask("location.hash")
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


# The list


def test_what_it_recommends_is_what_python_recommends(open_page, ratings):
    recommender = rw.Recommender(user="userId", item="filmId", target="rating", epochs=5, factors=3)
    fitted = recommender.fit(ratings).fitted_
    shown = open_page(fitted, "#user=5", data=ratings)
    shown.browser.execute_async_script("setTimeout(arguments[0], 300)")
    best = fitted.recommend(5, n=10)
    found = shown.ask("[...document.querySelectorAll('#list button')].map((b) => b.innerText)")
    assert found == best["filmId"].to_list()


# Any model, any text


def test_a_model_of_lists_shows_its_examples(open_page):
    baskets = pl.DataFrame({"seen": [["a", "b"], ["b"], ["c", "a"]] * 4, "rating": [1.0, 2.0, 3.0] * 4})

    @rw.model(target="rating", loss=rw.squared_error)
    def basket(seen=rw.Bag("seen", 3), bias=rw.Weight()):
        return seen.sum() + bias

    fitted = basket.fit(baskets, epochs=2, validation=None)
    shown = open_page(fitted, "#example=2", data=baskets)
    found = shown.ask("rowwise.model.predict(rowwise.state.example)[0]")
    assert found == pytest.approx(fitted.predict(baskets)[2], abs=1e-5)
    assert "c → row" in shown.text("arguments")
    assert not shown.ask("document.getElementById('grid').checkVisibility()")


def test_titles_are_text_and_nothing_is_fetched(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings, items=titles())
    assert shown.browser.title == "factorization: the model"
    assert shown.ask("document.getElementById('item').value") == f"film 2 · The 2th {NASTY}"
    assert shown.faults == []


def test_no_letter_of_a_title_acts(open_page, ratings):
    acting = "\x1b[2J \u202egpj.exe \u200b\n\U000e0041 é 👍🏽"
    named = pl.DataFrame({"filmId": [f"film {k}" for k in range(8)], "title": [acting] * 8})
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings, items=named)
    assert shown.ask("document.getElementById('item').value") == f"film 2 · {inert.line(acting)}"
    assert not inert.ACTS.search(shown.ask("document.body.innerText").replace("\n", "").replace("\t", ""))
    assert shown.faults == []


def test_a_page_holds_one_script_and_names_no_address(ratings):
    html = page(two_keys().trained, data=ratings, items=titles())
    assert html.count("<script") == 2  # the model's numbers, and the program
    assert not re.search(r"(src|href)\s*=|url\(|@import", html)
    assert "default-src 'none'" in html


def test_numbers_that_are_none_are_shown_as_such(open_page, ratings):
    fitted = two_keys()
    fitted.parameters.tables["user_bias"][:] = np.nan
    shown = open_page(fitted, data=ratings)
    assert shown.text("prediction") == "NaN"
    assert shown.faults == []


# On this machine


def test_the_page_is_answered_to_this_machine_by_its_number_only(ratings):
    import http.client

    with Local("<p>here</p>") as local:
        port = int(local.address.rsplit(":", 1)[1].strip("/"))
        for host, path, status in (
            (f"127.0.0.1:{port}", "/", 200),
            ("elsewhere.example", "/", 404),
            (f"127.0.0.1:{port}", "/etc", 404),
        ):
            asked = http.client.HTTPConnection("127.0.0.1", port)
            asked.request("GET", path, headers={"Host": host})
            assert asked.getresponse().status == status
            asked.close()


def test_the_command_writes_one_file(ratings, tmp_path):
    from click.testing import CliRunner

    two_keys().save(tmp_path / "model")
    ratings.write_csv(tmp_path / "ratings.csv")
    arguments = [
        "open",
        str(tmp_path / "model"),
        "--data",
        str(tmp_path / "ratings.csv"),
        "--save",
        str(tmp_path / "m.html"),
    ]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 0
    assert "m.html" in done.output
    assert (tmp_path / "m.html").read_text(encoding="utf-8").startswith("<!doctype html>")
