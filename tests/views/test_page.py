"""The page of a model, in a real browser: it says, recommends and learns what Python does, and fetches nothing."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise import cli, inert
from rowwise.backends import reference
from rowwise.program.inputs import Constant
from rowwise.program.primitives import ELEMENTWISE, PRIMITIVES
from rowwise.views import page as page_folder
from rowwise.views.page.local import Local
from rowwise.views.page.page import EXPORT, IMPORT, INTERPRETER, MODULES, page, script_of
from trainable import MODELS
from untrained import two_keys

FOLDER = Path(page_folder.__file__).parent
NASTY = "</script><script>document.title = 'broken'</script>"
NEVER = {"polygamma", "igamma", "igammac", "regularized_incomplete_beta", "bessel_i0e", "bessel_i1e"}


def titles():
    return pl.DataFrame({"filmId": [f"film {k}" for k in range(8)], "title": [f"The {k}th {NASTY}" for k in range(8)]})


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
const { array } = modules.arrays, { run } = modules.program;
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
    assert max(browser.execute_script(script_of(INTERPRETER) + RUN, cases)) < 1e-10


def test_the_browser_lacks_a_few_special_functions_and_no_other_primitive(browser):
    browser.get("about:blank")
    steps = [{"primitive": name, "params": {}} for name in PRIMITIVES]
    script = script_of(INTERPRETER) + "return modules.program.lacks(arguments[0]);"
    assert set(browser.execute_script(script, steps)) == NEVER
    assert set(ELEMENTWISE) > NEVER


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


def test_the_file_asks_for_nothing_but_itself(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2&epoch=1", data=ratings, items=titles())
    shown.browser.get_log("performance")
    shown = open_page(two_keys(), "#user=4&item=film+2&epoch=1", data=ratings, items=titles())
    shown.wait("rowwise.state.epoch === 1")
    messages = [json.loads(line["message"])["message"] for line in shown.browser.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert {url.split(":")[0] for url in asked} <= {"file", "about", "data"}
    assert sum(url.startswith("file") for url in asked) == 1


def test_no_letter_of_a_title_acts(open_page, ratings):
    acting = "\x1b[2J \u202egpj.exe \u200b\n\U000e0041 é 👍🏽"
    named = pl.DataFrame({"filmId": [f"film {k}" for k in range(8)], "title": [acting] * 8})
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings, items=named)
    assert shown.ask("document.getElementById('item').value") == f"film 2 · {inert.line(acting)}"
    assert not inert.ACTS.search(shown.ask("document.body.innerText").replace("\n", "").replace("\t", ""))
    assert shown.faults == []


def test_a_module_of_the_page_imports_what_those_before_it_export():
    exported = {}
    for module in MODULES:
        text = (FOLDER / module).read_text(encoding="utf-8")
        for names, other in IMPORT.findall(text):
            missing = {name.strip() for name in names.strip("{}").split(",") if name.strip()} - exported[f"{other}.js"]
            assert missing == set(), f"{module} asks {other}.js for {missing}"
        exported[module] = {name.strip() for found in EXPORT.findall(text) for name in found.strip("[]").split(",")}
    assert {path.name for path in FOLDER.glob("*.js")} == set(MODULES)


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
