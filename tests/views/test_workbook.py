"""A workbook is the model: whatever opens it comes to the same numbers."""

import re
import sys
import zipfile
from datetime import datetime
from zipfile import ZipFile

import jax
import jax.numpy as jnp
import numpy as np
import openpyxl
import polars as pl
import pytest

from calculators import SHARED, farthest, formulas, ironcalc, libreoffice, poisoned, remembered
from rowwise.api import zoo
from rowwise.api.model import model
from rowwise.backends import reference
from rowwise.errors import BadData, BadOption, UnknownId
from rowwise.models.losses import binary_cross_entropy, categorical_cross_entropy, poisson, squared_error
from rowwise.models.words import Bag, Mean, Row, Sampled, Value, Weight
from rowwise.views.unsheet import unsheet
from untrained import fitted_of, two_keys


def same_everywhere(path, folder, calculator=ironcalc):
    """Poisoned and recalculated, a workbook shows the numbers that it remembered."""
    found = calculator(poisoned(path, folder / "poisoned.xlsx"))
    apart, where = farthest(found, remembered(path))
    assert apart < 1e-9, where


@model(target="rating", loss=squared_error, clip=(0.5, 5))
def clipped(user=Row("userId", 4), film=Row("filmId", 4), mean=Mean("rating")):
    return user @ film + mean


@model(target="liked", loss=binary_cross_entropy)
def with_a_value(user=Row("userId", 2, l2=0.1), film=Row("filmId", 2), age=Value("age"), slope=Weight(2)):
    return user @ film + slope @ film * age


@model(target="rating", loss=squared_error)
def small_net(user=Row("userId", 3), film=Row("filmId", 2), hidden=Weight((4, 5)), output=Weight(4)):
    layer = jax.nn.relu(hidden @ jnp.concatenate([user, film]))
    return output @ layer


@model(target="rating", loss=poisson, range=(0, 6))
def squashed(user=Row("userId", 2), film=Row("filmId", 2)):
    return user @ film


@model(target="kind", loss=categorical_cross_entropy)
def classes(user=Row("userId", 3), film=Row("filmId", 3)):
    return user * film


@model(target="rating", loss=squared_error)
def with_bags(
    user=Row("userId", 2),
    tags=Bag("tags", 2),
    many=Bag("tags", 2, combine="sqrtn"),
    weighted=Bag("tags", 2, weights="times"),
    marked=Bag("tags", 2, combine="sqrtn", weights="marks"),
    all=Bag("tags", combine="sum", weights="marks"),
):
    return user @ (tags + many + weighted + marked) + all


@model(target="rating", loss=squared_error)
def called_as_ours(
    own=Row("userId", 2), difference=Row("filmId", 2), userId=Weight(2), filmId=Weight(), step=Value("age")
):
    return own @ difference + userId @ own * step + filmId


@model()
def pairwise(user=Row("userId", 2), film=Row("filmId", 2), other=Sampled("filmId", 2, table="film")):
    score = user @ film
    return score, -jax.nn.log_sigmoid(score - user @ other)


DATA = pl.DataFrame(
    {
        "userId": [1, 1, 2, 2, 3, 3, 4, 4],
        "filmId": ["film 0", "film 1", "film 0", "film 2", "film 1", "film 2", "film 3", "film 0"],
        "rating": [1.0, 4.5, 2.0, 5.0, 3.0, 3.5, 2.5, 4.0],
        "liked": [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0],
        "kind": [0, 1, 2, 1, 0, 2, 2, 0],
        "age": [0.5, 0.1, 0.2, 0.9, 1.0, 0.3, 0.4, 0.8],
        "tags": [["a"], ["a", "b"], ["c", "b", "a"], [], ["b"], ["c"], ["a", "c"], ["b"]],
        "times": [[2.0], [1.0, 3.0], [0.5, 2.0, 1.0], [], [0.0], [1.0], [1.0, 2.0], [3.0]],
        "marks": [[1], [-1, 1], [2, -2, 1], [], [0], [2], [1, 0], [-3]],
    }
)
IDS = {"userId": [1, 2, 3, 4, 5], "filmId": [f"film {k}" for k in range(5)], "tags": ["a", "b", "c"]}
MODELS = [clipped, with_a_value, small_net, squashed, classes, with_bags, called_as_ours, pairwise]


@pytest.mark.parametrize("recipe", MODELS, ids=lambda recipe: recipe.name)
def test_every_kind_of_model_comes_to_what_steps_says(recipe, tmp_path):
    ids = {name: IDS[name] for name in dict.fromkeys(recipe.vocabularies.values())}
    path = fitted_of(recipe, ids).sheet(tmp_path / "model.xlsx", data=DATA, users=4, films=4, n_steps=3)
    same_everywhere(path, tmp_path)


@pytest.mark.parametrize(
    "name", ["biases_only", "dot_product", "matrix_factorization", "bayesian_personalized_ranking"]
)
def test_the_zoo_comes_to_what_steps_says(name, tmp_path):
    recipe = getattr(zoo, name)
    data = DATA.rename({"filmId": "itemId"})
    path = fitted_of(recipe, {"userId": IDS["userId"], "itemId": IDS["filmId"]}).sheet(
        tmp_path / "m.xlsx", data=data, n_steps=3
    )
    same_everywhere(path, tmp_path)


def test_a_net_too_large_for_one_formula_is_shown_step_by_step(tmp_path):
    data = DATA.rename({"filmId": "itemId"})
    fitted = fitted_of(zoo.neural_net, {"userId": IDS["userId"], "itemId": IDS["filmId"]})
    path = fitted.sheet(tmp_path / "model.xlsx", data=data)
    same_everywhere(path, tmp_path)
    book = openpyxl.load_workbook(path)
    assert "examples" in book.sheetnames
    assert "grid" not in book.sheetnames
    said = [str(row[1].value) for row in book["read me"].iter_rows() if row[0].value == "not here"]
    assert [words.partition(":")[0] for words in said] == ["grid", "learn"]


@pytest.mark.parametrize(
    ("optimizer", "n_steps"), [("sgd", 12), ("momentum", 12), ("adagrad", 12), ("rmsprop", 12), ("adam", 30)]
)
def test_all_steps_of_training_come_to_what_steps_says(optimizer, n_steps, ratings, tmp_path):
    fitted = two_keys(optimizer=optimizer)
    path = fitted.sheet(tmp_path / "model.xlsx", data=ratings, optimizers=(), n_steps=n_steps)
    same_everywhere(path, tmp_path)
    book = openpyxl.load_workbook(path, data_only=True)
    losses = [book["learn"].cell(7 + k, 2).value for k in range(n_steps)]
    assert losses[-1] < losses[0] / 2
    assert f"learn online {optimizer}" in book.sheetnames


def test_training_remembered_is_training_repeated_by_steps(ratings, tmp_path):
    """The remembered losses are those of a loop over `steps` that knows nothing of sheets."""
    fitted = two_keys(factors=2, optimizer="adam")
    path = fitted.sheet(tmp_path / "model.xlsx", data=ratings, optimizers=(), n_steps=30)
    page = openpyxl.load_workbook(path, data_only=True)["learn"]
    rate = page["B4"].value
    first = next(k for k in range(1, 60) if page.cell(k, 1).value == "step 1")
    heads = [[page.cell(first + 3, c).value for c in range(1, 80)]]
    examples_at = len(heads[0]) - heads[0][::-1].index("filmId") - 1
    users_at = examples_at - 1
    lines = range(first + 4, first + 16)
    examples = [[page.cell(r, c + 1).value for c in (users_at, examples_at, examples_at + 1)] for r in lines]
    tables, states = {}, {}
    for top, user_table, bias in (
        (first + 4, "user", "user_bias"),
        (_line_of(page, "filmId", first) + 1, "film", "film_bias"),
    ):
        r = top
        while page.cell(r, 1).value is not None:
            id = page.cell(r, 1).value
            tables[user_table, id] = np.array([page.cell(r, 2).value, page.cell(r, 3).value])
            tables[bias, id] = np.array(page.cell(r, 5).value)
            r += 1
    program = fitted.program
    for table, id in tables:
        update = program.updates[table]
        states[table, id] = [np.full(v.shape, b, float) for v, b in zip(update.state, update.start, strict=True)]
    for k in range(30):
        slopes, losses = {key: np.zeros_like(row) for key, row in tables.items()}, []
        for user, film, rating in examples:
            keys = {
                "user": ("user", user),
                "user_bias": ("user_bias", user),
                "film": ("film", film),
                "film_bias": ("film_bias", film),
            }
            given = {name: tables[key] for name, key in keys.items()} | {"mean": 3.25, "target": rating}
            values = reference.run(program, given)
            losses.append(float(reference.number(values, program.loss)))
            for name, key in keys.items():
                slopes[key] = slopes[key] + reference.number(values, program.gradients[name]) / len(examples)
        assert page.cell(7 + k, 2).value == pytest.approx(np.mean(losses), abs=1e-9)
        for key in tables:
            update = program.updates[key[0]]
            values = reference.run_update(program, update, tables[key], slopes[key], rate, states[key])
            states[key] = [reference.number(values, s) for s in update.new_state]
            tables[key] = values[update.new_row.name]


def _line_of(page, words, after):
    return next(k for k in range(after + 5, after + 60) if page.cell(k, 1).value == words)


def test_a_learning_rate_ten_times_too_large_diverges(ratings, tmp_path):
    path = two_keys().sheet(tmp_path / "model.xlsx", data=ratings, optimizers=())
    page = openpyxl.load_workbook(path)["learn online sgd"]
    head = next(cell for row in page.iter_rows() for cell in row if cell.value == "loss")
    last = (page.title, f"{head.column_letter}{page.max_row}")
    assert abs(ironcalc(path)[last]) < 100
    diverged = ironcalc(path, {(page.title, "B4"): 10 * page["B4"].value})[last]
    assert diverged == "#NUM!" or diverged > 1e6


def test_libreoffice_comes_to_what_steps_says(ratings, titles, tmp_path):
    path = two_keys(optimizer="adam").sheet(tmp_path / "model.xlsx", data=ratings, items=titles)
    same_everywhere(path, tmp_path, lambda poisoned: libreoffice(poisoned, tmp_path))


def test_the_sheet_says_what_the_trained_model_says(ratings, tmp_path):
    path = two_keys(factors=20).sheet(tmp_path / "model.xlsx", data=ratings)
    page = openpyxl.load_workbook(path, data_only=True)["examples"]
    column = next(cell.column for cell in page[6] if cell.value == "difference")
    differences = [page.cell(r, column).value for r in range(7, page.max_row + 1)]
    assert len(differences) > 20
    assert max(map(abs, differences)) < 1e-5


def test_only_functions_that_every_calculator_shares_are_written(ratings, titles, tmp_path):
    path = two_keys(optimizer="adam").sheet(tmp_path / "model.xlsx", data=ratings, items=titles)
    assert {f for text in formulas(path).values() for f in re.findall(r"([A-Z]+)\(", text)} <= SHARED


def test_a_change_of_one_factor_moves_the_grid_the_table_and_the_examples(ratings, tmp_path):
    path = two_keys().sheet(tmp_path / "model.xlsx", data=ratings)
    before = remembered(path)
    cell = _named(openpyxl.load_workbook(path), "grid_user")[0][0]
    after = ironcalc(path, {("grid", cell.coordinate): cell.value + 1})
    moved = {sheet for sheet, where in before if abs_or_0(after[sheet, where], before[sheet, where]) > 1e-6}
    assert moved == {"grid", "userId", "examples"}


def abs_or_0(a, b):
    return abs(a - b) if isinstance(a, int | float) and isinstance(b, int | float) else 0


def test_another_id_typed_into_an_example_is_looked_up_and_a_strange_one_is_unknown(ratings, titles, tmp_path):
    path = two_keys().sheet(tmp_path / "model.xlsx", data=ratings, items=titles)
    book = openpyxl.load_workbook(path)
    found = ironcalc(path, {("examples", "A7"): 4, ("examples", "A8"): "nobody"})
    places = {id: place for place, id in enumerate([cell[0].value for cell in _named(book, "ids_userId")], 1)}
    assert (found["examples", "C7"], found["examples", "C8"]) == (places[4], 1)


def test_text_that_looks_like_a_formula_is_text(ratings, tmp_path):
    strange = ["=1+1", "+1", "-2", "@SUM(A1)", "=cmd|' /c calc'!A0", "http://example.org", "'x", "film 7"]
    names = {f"film {k}": name for k, name in enumerate(strange)}
    fitted = fitted_of(clipped, {"userId": list(range(1, 10)), "filmId": strange})
    titles = pl.DataFrame({"filmId": strange, "title": [f"={name}" for name in strange]})
    path = fitted.sheet(
        tmp_path / "m.xlsx", data=ratings.with_columns(filmId=pl.col("filmId").replace(names)), items=titles
    )
    cells = [cell for page in openpyxl.load_workbook(path) for row in page.iter_rows() for cell in row]
    shown = {cell.value: cell.data_type for cell in cells if str(cell.value) in (*strange, *titles["title"])}
    assert {"=1+1", "==1+1", "@SUM(A1)"} <= set(shown)
    ours = [text for text in formulas(path).values() if "cmd" in text or "@" in text or text in strange]
    assert not ours
    with zipfile.ZipFile(path) as file:
        assert b"<hyperlink " not in b"".join(file.read(n) for n in file.namelist() if "sheet2" in n)


def test_ids_that_a_sheet_cannot_tell_apart_find_their_own_rows(tmp_path):
    """MATCH takes "Film" for "film", and * and ? for anything."""
    ids = ["film", "Film", "f*", "f?lm", "~"]
    data = pl.DataFrame({"userId": [1] * 5, "filmId": ids, "rating": [1.0, 2.0, 3.0, 4.0, 5.0]})
    fitted = fitted_of(clipped, {"userId": [1, 2], "filmId": ids})
    path = fitted.sheet(tmp_path / "model.xlsx", data=data)
    same_everywhere(path, tmp_path)
    same_everywhere(path, tmp_path, lambda poisoned: libreoffice(poisoned, tmp_path))


def test_long_whole_numbers_are_text_because_a_sheet_keeps_15_digits(tmp_path):
    ids = [12345678901234567, 12345678901234568]
    data = pl.DataFrame({"userId": ids, "filmId": ["film 0", "film 1"], "rating": [1.0, 2.0]})
    fitted = fitted_of(clipped, {"userId": ids, "filmId": IDS["filmId"]})
    path = fitted.sheet(tmp_path / "model.xlsx", data=data)
    same_everywhere(path, tmp_path)
    assert [row[0].value for row in _named(openpyxl.load_workbook(path), "ids_userId")][1:] == list(map(str, ids))
    tables = unsheet(path, fitted.trained)
    assert all((tables[name] == fitted.parameters.tables[name]).all() for name in tables)


def test_without_data_the_grid_holds_predictions_only(tmp_path):
    path = two_keys().sheet(tmp_path / "model.xlsx")
    book = openpyxl.load_workbook(path)
    assert {"grid", "examples", "userId", "filmId"} <= set(book.sheetnames)
    assert "learn" not in book.sheetnames
    same_everywhere(path, tmp_path)


def test_the_grid_shows_the_most_active_users_and_the_most_rated_films(ratings, tmp_path):
    path = two_keys().sheet(tmp_path / "model.xlsx", data=ratings, users=3, films=2)
    book = openpyxl.load_workbook(path)
    counts = ratings["userId"].value_counts(sort=True)["count"].to_list()
    users = [row[0].value for row in _named(book, "grid_ids_userId")]
    assert [ratings["userId"].to_list().count(user) for user in users] == counts[:3]
    chosen = two_keys().sheet(tmp_path / "chosen.xlsx", data=ratings, users=[7, 2], films=["film 5"])
    assert [row[0].value for row in _named(openpyxl.load_workbook(chosen), "grid_ids_userId")] == [7, 2]


def test_solver_is_filled_in(ratings, tmp_path):
    path = two_keys(factors=50).sheet(tmp_path / "model.xlsx", data=ratings)
    book = openpyxl.load_workbook(path)
    for name in ("grid", "grid from random"):
        names = book[name].defined_names
        assert all(names[key].hidden for key in names if key.startswith("solver_"))
        assert (names["solver_typ"].value, names["solver_eng"].value, names["solver_neg"].value) == ("2", "1", "2")
        assert "DEPSSolver" in names["solver_lo_eng"].value
        (_, error), *_ = names["solver_opt"].destinations
        assert book[name][error.replace("$", "")].value.startswith("=SQRT(SUMPRODUCT(")
        changing = [
            cell for _, area in names["solver_adj"].destinations for line in _cells(book[name], area) for cell in line
        ]
        assert 100 < len(changing) <= 200
        assert all(isinstance(cell.value, int | float) for cell in changing)


def test_what_a_sheet_cannot_hold_is_refused_with_what_would_fit(ratings, tmp_path):
    with pytest.raises(BadOption, match=r"at most 16,384 columns"):
        two_keys(factors=9000).sheet(tmp_path / "model.xlsx", data=ratings)
    assert not list(tmp_path.iterdir())


def test_a_failed_workbook_leaves_the_old_one_alone(ratings, tmp_path):
    path = two_keys().sheet(tmp_path / "model.xlsx", data=ratings)
    old = path.read_bytes()
    with pytest.raises(BadOption):
        two_keys(factors=9000).sheet(path, data=ratings)
    assert path.read_bytes() == old


def test_a_workbook_that_takes_long_shows_its_sheets_on_a_terminal_and_only_there(
    ratings, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys.modules["rowwise.views.workbook.workbook"], "PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    two_keys().sheet(tmp_path / "model.xlsx", data=ratings, n_steps=2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    two_keys().sheet(tmp_path / "model.xlsx", data=ratings, n_steps=2)
    shown = capsys.readouterr().err
    assert "11/12" in shown
    assert "the file" in shown


# Reading a workbook back


@pytest.fixture(scope="module")
def small_book(ratings, tmp_path_factory):
    """The workbook of `two_keys()`, of one user and one film, and few steps of training."""
    options = {"users": [4], "films": ["film 2"], "n_steps": 1, "optimizers": ()}
    return two_keys().sheet(tmp_path_factory.mktemp("small") / "model.xlsx", data=ratings, **options)


def test_an_untouched_workbook_gives_back_the_same_tables(ratings, tmp_path):
    fitted = two_keys()
    tables = unsheet(fitted.sheet(tmp_path / "model.xlsx", data=ratings, users=4, films=3), fitted.trained)
    assert all((tables[name] == fitted.parameters.tables[name]).all() for name in fitted.parameters.tables)


def test_a_number_changed_by_hand_comes_back(small_book, tmp_path):
    fitted = two_keys()
    book = openpyxl.load_workbook(small_book)
    _named(book, "grid_user")[0][1].value = 9.5
    _named(book, "grid_film")[2][0].value = -8.5
    book.save(tmp_path / "changed.xlsx")
    tables = unsheet(tmp_path / "changed.xlsx", fitted.trained)
    assert tables["user"][fitted.vocabularies["userId"].row(4), 1] == 9.5
    assert tables["film"][fitted.vocabularies["filmId"].row("film 2"), 2] == -8.5
    changed = sum((tables[name] != table).sum() for name, table in fitted.parameters.tables.items())
    assert changed == 2


def test_weights_come_back(tmp_path):
    fitted = fitted_of(small_net, {"userId": IDS["userId"], "filmId": IDS["filmId"]})
    book = openpyxl.load_workbook(fitted.sheet(tmp_path / "model.xlsx", data=DATA))
    _named(book, "table_hidden")[1][2].value = 4.25
    book.save(tmp_path / "changed.xlsx")
    assert unsheet(tmp_path / "changed.xlsx", fitted.trained)["hidden"][1, 2] == 4.25


def test_the_random_grid_comes_back_with_its_other_factors_zero(ratings, tmp_path):
    fitted = two_keys(factors=50)
    tables = unsheet(
        fitted.sheet(tmp_path / "model.xlsx", data=ratings, users=2, films=2), fitted.trained, sheet="grid from random"
    )
    user = fitted.vocabularies["userId"].row(1)
    assert (tables["user"][user, :5] != 0).any()
    assert (tables["user"][user, 5:] == 0).all()
    assert (tables["user"][0] == fitted.parameters.tables["user"][0]).all()


def test_a_cell_without_a_number_is_named(small_book, tmp_path):
    fitted = two_keys()
    book = openpyxl.load_workbook(small_book)
    cell = _named(book, "grid_user")[0][1]
    cell.value = "many"
    book.save(tmp_path / "changed.xlsx")
    with pytest.raises(BadData, match=f"sheet 'grid', cell {cell.coordinate} holds 'many'"):
        unsheet(tmp_path / "changed.xlsx", fitted.trained)


def test_a_strange_id_or_a_strange_file_is_refused(small_book, tmp_path):
    fitted = two_keys()
    book = openpyxl.load_workbook(small_book)
    _named(book, "ids_filmId")[1][0].value = "film 00"
    book.save(tmp_path / "changed.xlsx")
    with pytest.raises(UnknownId, match="film 00"):
        unsheet(tmp_path / "changed.xlsx", fitted.trained)
    (tmp_path / "no.xlsx").write_text("no")
    with pytest.raises(BadData, match=r"no\.xlsx cannot be read"):
        unsheet(tmp_path / "no.xlsx", fitted.trained)
    with pytest.raises(BadData, match=r"(?s)there is no file '.*mo.xlsx'.*did you mean 'no.xlsx'"):
        unsheet(tmp_path / "mo.xlsx", fitted.trained)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (1e39, r"holds 1e\+39\n  expected: a number that float32 holds"),
        (-1e39, r"holds -1e\+39"),
        (True, "holds True\n  expected: a number"),
        ("#REF!", "holds '#REF!'"),
        ("0.5", "holds '0.5'"),
        (None, "holds None"),
        ("=A1+1", r"holds '=A1\+1'"),
        ("='no such sheet'!A1", "holds \"='no such sheet'!A1\""),
        ("=[1]other!A1", "holds"),
        ("=ZZZ9999999", "holds '=ZZZ9999999'"),
        (datetime(2020, 1, 1), "holds datetime"),
    ],
    ids=str,
)
def test_what_is_no_number_of_a_table_is_named_with_its_cell(small_book, tmp_path, typed, told):
    fitted = two_keys()
    book = openpyxl.load_workbook(small_book)
    cell = _named(book, "grid_user")[0][1]
    cell.value = typed
    book.save(tmp_path / "changed.xlsx")
    with pytest.raises(BadData, match=f"sheet 'grid', cell {cell.coordinate} {told}"):
        unsheet(tmp_path / "changed.xlsx", fitted.trained)


def test_a_number_of_hundreds_of_digits_is_named_too(small_book, tmp_path):
    book = openpyxl.load_workbook(small_book)
    _named(book, "grid_user")[0][1].value = 123456789.5
    book.save(tmp_path / "changed.xlsx")
    with ZipFile(tmp_path / "changed.xlsx") as before, ZipFile(tmp_path / "huge.xlsx", "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b"123456789.5", b"9" * 310))
    with pytest.raises(BadData, match="holds a number beyond 1e308"):
        unsheet(tmp_path / "huge.xlsx", two_keys().trained)


@pytest.mark.parametrize(
    "cells",
    ["grid!$A:$XFD", "grid!$1:$1048576", "#REF!", "1", "'[1]other'!$A$1", "gone!$A$1:$C$3", "SUM(grid!$A$1)",
     "grid!$A$1:$B$2,grid!$C$3", "'it''s'!$A$1", "grid!$A$1:$XFD$1048576", "grid!$A$1"],
)  # fmt: skip
def test_a_name_that_points_elsewhere_is_refused_at_once(small_book, tmp_path, cells):
    fitted = two_keys()
    book = openpyxl.load_workbook(small_book)
    book.defined_names["table_user"].value = cells
    book.save(tmp_path / "changed.xlsx")
    with pytest.raises(BadData, match="the name table_user points at"):
        unsheet(tmp_path / "changed.xlsx", fitted.trained)


def test_cells_that_point_at_one_another_or_far_apart_end(small_book, tmp_path):
    fitted = two_keys()
    book = openpyxl.load_workbook(small_book)
    (first, second, *_), *_ = _named(book, "grid_user")
    first.value, second.value = f"={second.coordinate}", f"={first.coordinate}"
    book.save(tmp_path / "round.xlsx")
    with pytest.raises(BadData, match="cells that point at one another"):
        unsheet(tmp_path / "round.xlsx", fitted.trained)
    first.value, second.value = "=userId!A1", "=userId!XFD1048576"
    book.save(tmp_path / "apart.xlsx")
    with pytest.raises(BadData, match="cells 17,179,869,184 apart"):
        unsheet(tmp_path / "apart.xlsx", fitted.trained)


def test_a_missing_name_an_id_twice_and_a_workbook_too_large_unpacked_are_refused(ratings, tmp_path, monkeypatch):
    fitted = two_keys()
    path = fitted.sheet(tmp_path / "model.xlsx", data=ratings, users=2, films=2)
    book = openpyxl.load_workbook(path)
    ids = _named(book, "ids_filmId")
    twice = ids[2][0].value = ids[1][0].value
    book.save(tmp_path / "twice.xlsx")
    with pytest.raises(BadData, match=f"holds {twice!r}, which stands above already"):
        unsheet(tmp_path / "twice.xlsx", fitted.trained)
    del book.defined_names["table_user"]
    book.save(tmp_path / "nameless.xlsx")
    with pytest.raises(BadData, match=r"has no cells named table_user|stands above"):
        unsheet(tmp_path / "nameless.xlsx", fitted.trained)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", " " * 2**20)
    monkeypatch.setattr("rowwise.views.unsheet.MOST_BYTES", 2**19)
    with pytest.raises(BadData, match="1,048,576 bytes unpacked, more than 524,288"):
        unsheet(tmp_path / "bomb.xlsx", fitted.trained)


def test_a_sheet_of_one_merged_cell_is_read_as_quickly_as_another(small_book, tmp_path):
    fitted = two_keys()
    path = small_book
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "merged.xlsx", "w") as new:
        for name in old.namelist():
            merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
            content = old.read(name)
            new.writestr(name, content.replace(b"</sheetData>", merged) if "worksheets/sheet" in name else content)
    tables = unsheet(tmp_path / "merged.xlsx", fitted.trained)
    assert (tables["user"] == fitted.parameters.tables["user"]).all()


def _named(book, name):
    ((sheet, area),) = book.defined_names[name].destinations
    return _cells(book[sheet], area)


def _cells(page, area):
    cells = page[area.replace("$", "")]
    return cells if isinstance(cells, tuple) else ((cells,),)
