"""The sheet of words: whatever is typed into a text, the sheet says what the model says of that text."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import openpyxl
import polars as pl
import pytest

from calculators import farthest, ironcalc, libreoffice, poisoned, remembered
from rowwise.api.fitted import Fitted
from rowwise.api.model import model
from rowwise.api.zoo_text import deep_averaging_network, dense_net, naive_bayes_bag
from rowwise.backends import reference
from rowwise.data.ragged import Ragged
from rowwise.data.text import Text
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadOption, UnsupportedPrimitive
from rowwise.models.losses import binary_cross_entropy, categorical_cross_entropy
from rowwise.models.words import Bag, Mask, Row, Rows, Value, Weight
from rowwise.program.inputs import (
    Constant,
    DenseWeight,
    Dropout,
    ExampleValue,
    Lookup,
    PaddingMask,
    RowsLookup,
    Statistic,
    Target,
)
from rowwise.views.unsheet import unsheet
from rowwise.views.workbook.shown import combined
from untrained import fitted_of

PLAIN = Text(size=12)  # ten words, padding, and the row of rare ones


@model(target="label", loss=binary_cross_entropy)
def of_bags(
    words=Bag("text", 2, text=PLAIN),
    worth=Bag("text", text=PLAIN, combine="sum"),
    user=Row("userId", 2),
    age=Value("age"),
):
    return words @ user + worth * age


@model(target="label", loss=categorical_cross_entropy)
def classes(ngrams=Bag("text", 4, combine="sqrtn", text=Text(ngrams=2, distinct=True)), output=Weight((3, 4))):
    return output @ ngrams


@model(target="label", loss=binary_cross_entropy)
def convolution(words=Rows("text", 3, length=300, text=PLAIN), filters=Weight((6, 2)), output=Weight(2)):
    windows = jnp.concatenate([words[:-1], words[1:]], axis=1)
    return output @ jax.nn.relu(windows @ filters).max(axis=0) + words.mean()


@model(target="label", loss=binary_cross_entropy)
def masked_mean(words=Rows("text", 2, length=30, text=PLAIN), real=Mask("words"), output=Weight(2)):
    return output @ (real @ words) / real.sum()


@model(target="label", loss=binary_cross_entropy)
def flattened(words=Rows("text", 2, length=5, text=Text(size=12, pad="back", cut="back")), output=Weight(10)):
    return words.ravel() @ output


of_ngrams = naive_bayes_bag.replace(ngrams=Bag("text", combine="sqrtn", text=Text(ngrams=3, distinct=True)))

TEXTS = ["A good film, a good cast", "What a bad film it is", "a plot and a 10 of 10 ?", "good"]
DATA = pl.DataFrame({"text": TEXTS, "label": [1, 0, 1, 0], "userId": [1, 2, 1, 9], "age": [0.5, 1.0, 2.0, 0.1]})
MODELS = [of_bags, classes, convolution, masked_mean, flattened, of_ngrams, deep_averaging_network]


def fitted_on_texts(recipe):
    text = next(word.text for word in recipe.words.values() if getattr(word, "text", None))
    ids: dict[str, Any] = {name: [1, 2, 3] for name in recipe.vocabularies.values()}
    ids[recipe.vocabularies["text"]] = WordVocabulary.learn("text", pl.Series(TEXTS), text)
    fitted = fitted_of(recipe, ids)
    means = {i.value.name: 0.4 for i in fitted.program.inputs if isinstance(i, Statistic)}
    return Fitted(replace(fitted.trained, means=means)) if means else fitted


def words_of(fitted) -> WordVocabulary:
    return fitted.vocabularies["text"]


def prediction(fitted, rows, user, age):
    """What steps says of a text with these rows."""
    given = {}
    for i in fitted.program.inputs:
        name = i.value.name
        if isinstance(i, Lookup):
            mine = [user] if i.column == "userId" else rows
            if isinstance(i, RowsLookup):
                text = words_of(fitted)
                mine = text.pad(Ragged(np.array([0, len(rows)]), np.array(rows, np.int32)), i.value.shape[0])[0]
            given[name] = combined(i, fitted.parameters.tables[str(i.table)][mine].astype(float))
        elif isinstance(i, Constant):
            continue
        elif isinstance(i, DenseWeight):
            given[name] = fitted.parameters.tables[name]
        elif isinstance(i, PaddingMask):
            mine = np.array([row > 0 for row in rows], float)
            given[name] = np.concatenate([np.zeros(i.value.size - len(rows)), mine])
        else:
            given[name] = {Statistic: 0.4, ExampleValue: age, Target: 0, Dropout: np.ones(i.value.shape)}[type(i)]
    return np.ravel(reference.number(reference.run(fitted.program, given), fitted.program.prediction))


def block_of(path, k):
    """(line, word) of the yellow cells of the k-th text, and the cells of its prediction on the summary."""
    page = openpyxl.load_workbook(path)["words"]
    first = [cell.value for cell in page["A"]]
    begins = len(first) - 1 - first[::-1].index(f"text {k}")
    head = first.index("word", begins)
    n = next(n for n in range(300) if page.cell(head + 2 + n, 4).data_type != "f")
    words = [(head + 2 + n, first[head + 1 + n]) for n in range(n) if not str(first[head + 1 + n]).startswith("‹")]
    summary = page[first.index(f"text {k}") + 1]
    return words, [cell.coordinate for cell in summary if cell.data_type == "f"]


@pytest.mark.parametrize("recipe", MODELS, ids=lambda recipe: recipe.name)
def test_a_text_comes_to_what_steps_says_also_with_other_words_typed_in(recipe, tmp_path):
    fitted = fitted_on_texts(recipe)
    path = fitted.sheet(tmp_path / "model.xlsx", data=DATA, length=8)
    apart, where = farthest(ironcalc(poisoned(path, tmp_path / "poisoned.xlsx")), remembered(path))
    assert apart < 1e-9, where
    lines, answer = block_of(path, 1)
    vocabulary = words_of(fitted)
    own = [(r, word) for r, word in lines if word]
    typed = {own[0][0]: "bad", own[1][0]: "nonsense", own[2][0]: ""}
    found = ironcalc(path, {("words", f"A{r}"): word for r, word in typed.items()})
    words = [typed.get(r, word) for r, word in own]
    rows = [int(vocabulary.rows([word])[0]) or vocabulary.rare for word in words if word]
    is_rows = any(isinstance(i, RowsLookup) for i in fitted.program.lookups)
    if vocabulary.text.distinct:
        rows = sorted(set(rows))
    if is_rows:  # an empty cell between two words is a row of padding there
        rows = [0 if not word else int(vocabulary.rows([word])[0]) or vocabulary.rare for word in words]
    wanted = prediction(fitted, rows, 1, 0.5)
    assert [found["words", cell] for cell in answer] == pytest.approx(wanted.tolist(), abs=1e-9)
    assert wanted.tolist() != pytest.approx([remembered(path)["words", cell] for cell in answer], abs=1e-4)


def test_words_that_calculators_confuse_find_their_own_rows(tmp_path):
    """MATCH takes ? and * for anything, "Film" for "film", and a typed 10 for a number."""
    texts = ["Film film * ? 10 x"]

    @model(target="label", loss=binary_cross_entropy)
    def of_odd_words(words=Bag("text", text=Text(lower=False))):
        return words

    fitted = fitted_of(of_odd_words, {"text": WordVocabulary.learn("text", pl.Series(texts), Text(lower=False))})
    path = fitted.sheet(tmp_path / "model.xlsx", data=pl.DataFrame({"text": texts, "label": [1]}))
    for calculator in (ironcalc, lambda path: libreoffice(path, tmp_path)):
        apart, where = farthest(calculator(poisoned(path, tmp_path / "poisoned.xlsx")), remembered(path))
        assert apart < 1e-9, where
    lines, (answer,) = block_of(path, 1)
    line = {word: r for r, word in lines}
    found = ironcalc(path, {("words", f"A{line['?']}"): "*", ("words", f"A{line['x']}"): "10"})
    vocabulary, table = words_of(fitted), fitted.parameters.tables["words"].astype(float)
    score = table[vocabulary.rows(["Film", "film", "*", "*", "10", "10"])].mean()
    assert found["words", answer] == pytest.approx(1 / (1 + np.exp(-score)), abs=1e-9)


def test_a_text_longer_than_the_sheet_is_cut_as_the_model_cuts_it_and_says_so(tmp_path):
    fitted = fitted_on_texts(convolution)
    path = fitted.sheet(tmp_path / "model.xlsx", data=DATA, texts=1, length=3)
    said = [cell.value for cell in openpyxl.load_workbook(path)["words"]["A"] if cell.value]
    assert any(words.startswith("Cut to its last 3 of 7 words") for words in said)
    assert "‹padding› × 297" in said
    left_out = [cell.value for cell in openpyxl.load_workbook(path)["read me"]["B"] if cell.value]
    assert any(words.startswith("words 4 to 300 of a text: there is room for 3") for words in left_out)
    _, (answer,) = block_of(path, 1)
    vocabulary = words_of(fitted)
    wanted = prediction(fitted, vocabulary.encode(TEXTS[:1])[0][-3:], 1, 0.5)
    assert remembered(path)["words", answer] == pytest.approx(wanted[0], abs=1e-9)


def test_a_layer_too_wide_for_a_formula_is_refused_with_what_would_fit(tmp_path):
    @model(target="label", loss=binary_cross_entropy)
    def wide(words=Rows("text", 4, length=500, text=PLAIN), output=Weight(500 * 4)):
        return words.ravel() @ output

    with pytest.raises(BadOption, match=r"output has [\d,]+ characters") as refused:
        fitted_on_texts(wide).sheet(tmp_path / "model.xlsx", data=DATA)
    assert "length=" in str(refused.value)
    with pytest.raises(BadOption, match=r"1,600,201 dense weights \(hidden: 100 × 16000\)"):
        fitted_on_texts(dense_net()).sheet(tmp_path / "model.xlsx", data=DATA)
    assert not list(tmp_path.iterdir())


def test_a_loop_is_refused_by_name_with_its_line(tmp_path):
    @model(target="label", loss=binary_cross_entropy)
    def running(words=Rows("text", 2, length=4, text=PLAIN)):
        return jax.lax.scan(lambda sum, word: (jnp.tanh(sum + word), None), jnp.zeros(2), words)[0].sum()

    with pytest.raises(UnsupportedPrimitive, match=r"'scan' has no sheet rule \(at test_words.py"):
        fitted_on_texts(running).sheet(tmp_path / "model.xlsx", data=DATA)


def test_without_data_there_is_a_text_of_frequent_words_and_the_rows_come_back(tmp_path):
    fitted = fitted_on_texts(deep_averaging_network)
    path = fitted.sheet(tmp_path / "model.xlsx")
    lines, _ = block_of(path, 1)
    assert lines[0][1] == words_of(fitted).ids[1]
    tables = unsheet(path, fitted.trained)
    assert all((tables[name] == table).all() for name, table in fitted.parameters.tables.items())
