"""Any text in every string that a folder, a frame or a signature holds: what is shown and written stays what it is."""

import ast
import io
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

import rowwise
from calculators import formulas
from rowwise import cli, errors, inert
from rowwise.api.fitted import Fitted
from rowwise.api.model import model
from rowwise.keras_style import Concatenate, Dense, Embedding, Flatten, Input, Model
from rowwise.keras_style.session import clear_session, identifier
from rowwise.models.losses import squared_error
from rowwise.models.words import Mean, Row
from rowwise.views import cards, steps_html, terminal
from rowwise.views.page import page
from rowwise.views.unsheet import unsheet
from untrained import fitted_of

ACTING = "\0\a\b\t\n\r\x1b\x7f\x85\x9b\u200b\u2028\u202e\u2066\ufeff\uffff\ud800\udcff"
NASTY = [
    "\x1b]0;title\a", "\x1b[2J[red]x[/red]", "\r\nto mend: rm", "\u202egpj.exe", "</script><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "]]>", "&lt;", "_x0041_", "it's",
    "{0}{x}%s", "$\\frac{", "`id`; $(id)", "../../x", "class", "__debug__", "ﬁlm", "x²", "a" * 40_000, "\ud800", "",
]  # fmt: skip
anything = st.one_of(st.sampled_from(NASTY), st.text(st.sampled_from(ACTING + "ab [](){}<>&'\"\\$=_×"), max_size=8))
names = st.lists(anything, min_size=2, max_size=2, unique=True)


@given(anything)
@example("".join(map(chr, range(0x2100))))
def test_a_line_moves_no_cursor_and_turns_nothing_round(text):
    shown = inert.line(text)
    assert not inert.ACTS.search(shown)
    shown.encode()
    assert inert.line(shown) == shown
    assert inert.lines(f"{text}\n{text}").split("\n")[-1] == inert.lines(text).split("\n")[-1]


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"])))
def test_a_text_of_letters_numbers_and_signs_stays_as_it_is(text):
    assert inert.line(text) == text


@given(anything)
@example("\ud800\udcff")
def test_json_says_the_same_and_no_letter_of_it_acts(text):
    written = inert.json(json.dumps({text: [text]}, ensure_ascii=False, indent=1))
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")  # two halves are a letter
    assert json.loads(written) == {joined: [joined]}
    assert not inert.ACTS.search(written.replace("\n", ""))
    written.encode()


@given(anything)
def test_errors_warnings_and_what_is_said_are_inert(text):
    for said in (errors.BadData(text, expected=text, mend=text), errors.UnknownIdsWarning(text)):
        assert not inert.ACTS.search(str(said).replace("\n", ""))


@given(anything.map(lambda text: text[:20]), st.sampled_from([1, 2, 4000]))
def test_an_error_is_three_lines_that_can_be_read_whatever_is_in_it(text, times):
    said = str(errors.BadData(f"it is {text * times}", expected=text * times, mend=text))
    assert len(said.splitlines()) == 1 + 2 * bool(text)
    assert len(said) < 8_000  # where each letter is written as an escape, too


@given(anything, anything)
def test_a_table_on_the_terminal_has_a_line_for_each_row(name, text):
    text = text.encode("utf-8", "replace").decode()
    name = name.encode("utf-8", "replace").decode()
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        terminal.show(pl.DataFrame({name or "x": [text, "b"], "number": [1.0, 2.0]}))
    assert len(out.getvalue().splitlines()) == 3
    assert not inert.ACTS.search(out.getvalue().replace("\n", ""))


def fitted_called(text, other):
    """A model in whose ids, vocabularies, report, signature, settings and history stands any text."""

    @model(target="rating", loss=squared_error)
    def factorization(user=Row("userId", 2), film=Row("filmId", 2), mean=Mean("rating")):
        return user @ film + mean

    ids = [id.encode("utf-8", "replace").decode() or "none" for id in (text, other)]
    ids = list(dict.fromkeys(ids))
    fitted = fitted_of(factorization, {"userId": [1, 2], "filmId": ids})
    history = fitted.history.rename({"validation_rmse": f"validation_{ids[0]}"})
    renamed = {column: f"{name}{k}" for k, (column, name) in enumerate({"userId": text, "filmId": other}.items())}
    vocabularies = {renamed[column]: fitted.vocabularies[column] for column in renamed}
    for name, vocabulary in vocabularies.items():
        object.__setattr__(vocabulary, "name", name)
    record = replace(fitted.trained, vocabularies=vocabularies, column_vocabulary=renamed, report=text, signature=other,
                     settings={"engine": text, "learning_rate": 0.1}, history=history)  # fmt: skip
    return Fitted(record)


class Tree(HTMLParser):
    """The tags of a page in order, and the texts between them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.append([name for name, _ in attributes])


@settings(max_examples=40)
@given(names)
def test_pages_have_the_tags_that_they_have_for_plain_text(texts):
    fitted, plain = fitted_called(*texts), fitted_called("a", "b")
    walks = [one.steps({"userId": 1, "filmId": one.vocabularies[one.column_vocabulary["filmId"]].ids[1], "rating": 3.0})
             for one in (fitted, plain)]  # fmt: skip
    for face in (cards.fitted_card, str):
        assert not inert.ACTS.search(face(fitted.trained).replace("\n", ""))
    found, wanted = (Tree(steps_html.page({label: walk})) for label, walk in zip((texts[0], "a"), walks, strict=True))
    assert (found.tags, found.attributes) == (wanted.tags, wanted.attributes)
    assert Tree(page.page(fitted.trained)).tags == Tree(page.page(plain.trained)).tags
    assert not inert.ACTS.search(page.page(fitted.trained).replace("\n", ""))
    assert Tree(cards.fitted_card(fitted.trained)).tags == Tree(cards.fitted_card(plain.trained)).tags
    for walk in walks:
        assert not inert.ACTS.search(str(walk).replace("\n", ""))
        assert not inert.ACTS.search(steps_html.page({texts[0]: walk}).replace("\n", ""))


@settings(max_examples=15)
@given(texts=names)
@example(texts=["\x00\ud800\uffff", "=cmd|' /C calc'!A0"])
@example(texts=["_x0041_", "_x000D_"])
@example(texts=["User", "user"])
@example(texts=["a" * 40_000, "a" * 40_001])
def test_a_workbook_of_any_text_opens_with_the_formulas_of_plain_text_and_comes_back(texts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    fitted, plain = fitted_called(*texts), fitted_called("c", "d")
    written, wanted = ({}, {})
    for name, one, found in (("any", fitted, written), ("plain", plain, wanted)):
        ids = one.vocabularies[one.column_vocabulary["filmId"]].ids[1:]
        titles = pl.DataFrame({"filmId": ids, "title": ids})
        data = pl.DataFrame({"userId": [1] * len(ids), "filmId": ids, "rating": [3.0] * len(ids)})
        path = one.sheet(folder / f"{name}.xlsx", data=data, items=titles, n_steps=1, optimizers=())
        for part in zipfile.ZipFile(path).namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(zipfile.ZipFile(path).read(part))
        found |= {cell: re.sub(r"('[^']*'|\w+)!", "sheet!", formula) for (_, cell), formula in formulas(path).items()}
        tables = unsheet(path, one.trained)
        assert all((tables[name] == one.parameters.tables[name]).all() for name in tables)
        longest = max(
            len(str(c.value)) for page in openpyxl.load_workbook(path) for row in page.iter_rows() for c in row
        )
        assert longest <= 32_767
    if len(fitted.vocabularies[fitted.column_vocabulary["filmId"]]) == 3:
        assert len(written) == len(wanted)


@given(anything)
@example("class")
@example("__debug__")
@example("ﬁlm")
def test_any_name_of_a_layer_is_a_name_of_python(text):
    name = identifier(text)
    (function,) = ast.parse(f"def f({name}): pass").body
    assert function.args.args[0].arg == name
    assert name not in ("jax", "jnp", "rw")


def net(one, two):
    """Two inputs and two layers of these names, and the source of the function of rows."""
    clear_session()
    a, b = Input(shape=(1,), name=one), Input(shape=(1,), name=two)
    both = Concatenate()([Flatten()(Embedding(4, 2)(a)), Flatten()(Embedding(5, 2)(b))])
    made = Model([a, b], Dense(1, name=two)(Dense(3, name=one)(both)), name=one)
    made.compile("sgd", loss="mse")
    return made.rows


@settings(max_examples=40)
@given(names.filter(all))
def test_the_source_of_a_model_of_any_names_has_the_shape_of_that_of_plain_names(texts):
    if identifier(texts[0]) == identifier(texts[1]):
        with pytest.raises(errors.BadModel, match="two layers are called"):
            net(*texts)
        return
    found, wanted = ast.parse(net(*texts)), ast.parse(net("a", "b"))
    assert [type(node) for node in ast.walk(found)] == [type(node) for node in ast.walk(wanted)]
    strings = [node.value for node in ast.walk(found) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert set(texts) <= set(strings)


SOURCE = Path(rowwise.__file__).parent
PRINTS = re.compile(r"\bclick\.(echo|secho)\(|(?<![\w.])print\(|\bConsole\(|sys\.std(out|err)\.write")
DOORS = {"screen.py": "the door", "terminal.py": "lines of a console of the door, without blanks at their ends",
         "primitives_page.py": "a page of the docs, made from our own table"}  # fmt: skip


def test_everything_that_is_printed_goes_through_the_one_door():
    printing = {path.name for path in SOURCE.rglob("*.py") if PRINTS.search(path.read_text(encoding="utf-8"))}
    assert printing <= set(DOORS)


def test_no_id_title_or_column_reaches_a_terminal_raw(tmp_path):
    """From a file to every command that prints: what acts is shown as it is written."""
    red, back = "\x1b[31mred\x9b2J", "[bold]\u202eback\u2028"
    rows = [f"{who},{what},{1 + len(who) % 5}" for who in (red, back, "c") for what in (back, red, "d")]
    (tmp_path / "ratings.csv").write_text("\n".join([f"user\x07,film{red},stars", *rows, ""]), encoding="utf-8")
    (tmp_path / "titles.csv").write_text(f"id,title\n{red},{back}\n{back},{red}\n", encoding="utf-8")
    data, folder, titles = (str(tmp_path / name) for name in ("ratings.csv", "model", "titles.csv"))
    user, pair = ("--user", red), ("--user", red, "--item", back)
    columns = ("--user", "user\x07", "--item", f"film{red}", "--target", "stars")
    told = (
        ["train", data, *columns, "-o", folder, "--epochs", "1", "--validation", "0", "--factors", "2"],
        ["info", folder], ["info", folder, "--json"], ["recommend", folder, *user, "--items", titles],
        ["recommend", folder, *user, "--json"], ["steps", folder, *pair], ["steps", folder, *pair, "--json"],
        ["steps", folder, *pair, "--shapes"], ["similar", folder, "--item", back, "--items", titles],
    )  # fmt: skip
    refused = (
        ["similar", folder, "--item", "\x1bnone"], ["train", data, "--user", "\x1bnone"], ["\x1b[2J"],
        ["info", "--\x1b[2J"], ["info", str(tmp_path / "no\x1b[2J")],
    )  # fmt: skip
    for args in (*told, *refused):
        done = CliRunner().invoke(cli.main, args, prog_name="rowwise")
        assert done.exit_code == (2 if args in refused else 0), (args, done.output, done.exception)
        assert not inert.ACTS.search((done.stdout + done.stderr).replace("\n", "")), args
        if args[-1] == "--json":
            json.loads(done.stdout)
