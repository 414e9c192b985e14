"""What a workbook shows before anybody scrolls: what is not hidden of its first thirty lines and twenty columns."""

from collections.abc import Iterator

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from camps import two_camps
from rowwise import Recommender, TextClassifier
from rowwise.api import zoo

LINES, COLUMNS = 30, 20


@pytest.fixture(scope="module", params=[1, 5, 50, 128])
def book(request, tmp_path_factory):
    ratings = two_camps()
    path = tmp_path_factory.mktemp("books") / "model.xlsx"
    Recommender(factors=request.param, epochs=1).fit(ratings).fitted_.sheet(path, data=ratings)
    return openpyxl.load_workbook(path)


def test_the_grids_open_on_predictions_beside_and_below_the_rows_they_come_from(book):
    for name in ("grid", "grid from random"):
        seen = dict(_seen(book[name]))
        formulas = [cell for cell, value in seen.items() if str(value).startswith("=") and cell != "B3"]
        assert {"predictions", "error"} <= set(map(str, seen.values()))
        assert len(formulas) >= 50, f"{len(formulas)} predictions in sight"
        assert str(seen["B3"]).startswith("="), "the error"
        numbers = [value for value in seen.values() if isinstance(value, float)]
        assert numbers, "no number of a row in sight"


def test_the_lines_of_examples_show_ids_rating_prediction_and_loss(book):
    heads = {str(value) for cell, value in _seen(book["examples"]) if cell.endswith("6")}
    assert {"user", "film", "stars", "prediction", "loss"} <= heads


def test_training_opens_on_its_losses_and_their_curve(book):
    seen = dict(_seen(book["learn"]))
    assert [seen["A6"], seen["B6"]] == ["step", "loss"]
    assert all(str(seen[f"B{line}"]).startswith("=") for line in range(7, 30))
    for name in ("learn", "learn online sgd", "learn online adam", "loss"):
        (chart,) = book[name]._charts
        at = chart.anchor._from
        frozen_lines = int(book[name].views.sheetView[0].pane.ySplit or 0) if book[name].freeze_panes else 0
        assert at.row >= frozen_lines, f"the curve of {name} is cut by the frozen lines"
        assert at.row < LINES


def test_the_sheet_of_a_vocabulary_shows_ids_and_numbers_of_every_table(book):
    for column, tables in {"user": ["user", "user_bias"], "film": ["item", "item_bias"]}.items():
        seen = [value for _, value in _seen(book[column])]
        assert set(tables) <= set(map(str, seen))
        assert 1 in seen


def test_what_is_hidden_stands_behind_a_sign_to_show_it(book):
    for sheet in book:
        for letter, column in sheet.column_dimensions.items():
            assert not column.hidden or column.outlineLevel, f"{sheet.title}!{letter}"
        assert not any(line.hidden and not line.outlineLevel for line in sheet.row_dimensions.values())


def test_frozen_lines_and_columns_leave_most_of_the_screen(book):
    for sheet in book:
        pane = sheet.views.sheetView[0].pane
        if pane is not None:
            assert (pane.ySplit or 0) <= 8, sheet.title
            assert (pane.xSplit or 0) <= 3, sheet.title


def test_every_sheet_begins_with_what_it_is(book):
    for sheet in book:
        assert len(str(sheet["A1"].value)) > 10, sheet.title


def test_a_net_shows_its_prediction_on_the_first_screen_too(tmp_path):
    ratings = two_camps().rename({"user": "userId", "film": "itemId", "stars": "rating"})
    net = zoo.neural_net.fit(ratings, epochs=1)
    book = openpyxl.load_workbook(net.sheet(tmp_path / "net.xlsx", data=ratings))
    assert "prediction" in {str(value) for _, value in _seen(book["examples"])}


def test_texts_show_their_words_and_the_probability_first(tmp_path):
    texts = [["a good film", "a bad film"][k % 2] for k in range(40)]
    labels = ["yes", "no"] * 20
    classifier = TextClassifier().fit(texts, labels)
    path = classifier.fitted_.sheet(tmp_path / "words.xlsx", data={"text": texts, "label": labels})
    sheet = openpyxl.load_workbook(path)["words"]
    seen = [str(value) for _, value in _seen(sheet)]
    assert {"good", "film", "probability of yes", "row", "line"} <= set(seen)
    assert sheet.views.sheetView[0].pane.ySplit in (None, 0), "the head of the summary would stand over every text"


def _seen(sheet: Worksheet) -> Iterator[tuple[str, object]]:
    """The cells in sight that hold something."""
    hidden: set[int] = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden:
            hidden |= set(range(dimension.min, dimension.max + 1))
    columns = [column for column in range(1, 1000) if column not in hidden][:COLUMNS]
    lines = [line for line in range(1, 1000) if not sheet.row_dimensions[line].hidden][:LINES]
    for line in lines:
        for column in columns:
            cell = sheet.cell(line, column)
            if cell.value is not None:
                yield cell.coordinate, cell.value
