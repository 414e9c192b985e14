"""A text in the page becomes the rows that it becomes in Python, and each word adds what Python says."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.data.text import Text
from rowwise.views.page import smaller

REVIEWS = ["a good film", "good fun, and a good cast!", "what a bad film", "bad acting, bad plot"] * 5
LABELS = [1.0, 1.0, 0.0, 0.0] * 5
HARD = [
    "", "   ", "Good FILM", "don't <br/>stop &amp; a good film", "naïve café — 3.5 stars…", "Ünïcode ΣΟΦΟΣ 你好 नमस्ते",
    "a good film " * 7, "no such words", "&lt;b&gt; <3 &notanentity; 🙂 good", "it’s o'clock 'quoted' _x_ a_b",
]  # fmt: skip
RECIPES = {
    "words": Text(min_count=2),
    "ngrams": Text(ngrams=3, min_count=2, distinct=True),
    "pairs": Text(ngrams=(2, 3)),
    "buckets": Text(ngrams=2, buckets=50, size=56),
    "letters": Text(ngrams=(1, 2), characters=True, lower=False),
    "plain": Text(punctuation=False, markup=False),
}


def frame():
    return pl.DataFrame({"text": REVIEWS, "label": LABELS})


def bag(text, dim=None):
    @rw.model(target="label", loss=rw.binary_cross_entropy)
    def bag(words=rw.Bag("text", dim, combine="sqrtn", text=text), bias=rw.Weight()):
        return (words if dim is None else words.sum()) + bias

    return bag.fit(frame(), epochs=3, validation=None, progress=False, seed=0)


def in_order(**sides):
    @rw.model(target="label", loss=rw.binary_cross_entropy)
    def in_order(words=rw.Rows("text", 3, length=6, text=Text(size=8, **sides)), scale=rw.Weight((6, 3), init="ones")):
        return (words * scale).sum()

    return in_order.fit(frame(), epochs=3, validation=None, progress=False, seed=0)


@pytest.mark.parametrize("name", RECIPES)
def test_a_text_becomes_the_rows_that_it_becomes_in_python(open_page, name):
    fitted = bag(RECIPES[name])
    shown = open_page(fitted, data=frame())
    vocabulary = fitted.vocabularies["text"]
    for text in [*REVIEWS[:4], *HARD]:
        found = shown.browser.execute_script("return rowwise.read(rowwise.tokens(arguments[0]))", text)
        assert found == vocabulary.encode([text])[0].tolist(), text


@pytest.mark.parametrize("sides", [{"pad": "front", "cut": "front"}, {"pad": "back", "cut": "back"}], ids=str)
def test_a_text_is_padded_and_cut_as_in_python(open_page, sides):
    fitted = in_order(**sides)
    shown = open_page(fitted, data=frame())
    vocabulary = fitted.vocabularies["text"]
    for text in [*REVIEWS[:4], *HARD]:
        found = shown.browser.execute_script("return rowwise.read(rowwise.tokens(arguments[0]))", text)
        assert found == vocabulary.pad(vocabulary.encode([text]), 6)[0].tolist(), text


def shown_text(open_page, fitted, text, more=""):
    from urllib.parse import quote

    shown = open_page(fitted, f"#text={quote(text)}{more}", data=frame())
    shown.wait("document.querySelector('#text-prediction')")
    return shown


def test_each_word_and_ngram_adds_what_explain_says(open_page):
    classifier = rw.TextClassifier(seed=0).fit(REVIEWS, ["no", "yes", "no", "yes"] * 5)
    fitted, text = classifier.fitted_, "a good film with a bad cast"
    shown = open_page(fitted, "", data=pl.DataFrame({"text": REVIEWS, "label": ["no", "yes", "no", "yes"] * 5}))
    shown.ask(f"rowwise.showText({text!r})")
    shown.wait("document.querySelectorAll('#words .word').length === 7")
    adds = dict(classifier.explain(text).select("word", "adds").iter_rows())
    shown.wait("Number.isFinite(rowwise.partsSum())")
    total = shown.ask("rowwise.partsSum()")
    assert total == pytest.approx(sum(adds.values()), abs=1e-5)


def test_of_several_classes_each_has_its_chance_and_words_add_what_explain_says(open_page):
    texts, labels = [*REVIEWS, "a so so film"], [["no", "yes", "mid"][k % 3] for k in range(len(REVIEWS) + 1)]
    classifier = rw.TextClassifier(seed=0).fit(texts, labels)
    fitted, text = classifier.fitted_, "a good film with a bad plot"
    shown = open_page(fitted, "", data=pl.DataFrame({"text": texts, "label": labels}))
    assert shown.ask("[...document.querySelectorAll('#target option')].map((o) => o.value)") == ["", "0", "1", "2"]
    shown.ask(f"rowwise.showText({text!r})")
    chances = fitted.predict({"text": [text]})[0]
    for name, chance in zip(fitted.classes, chances, strict=True):
        assert f"{name} {100 * chance:.1f}%" in shown.text("prediction")
    shown.wait("Number.isFinite(rowwise.partsSum())")
    explained = classifier.explain(text)
    sums = np.array([explained[str(name)].sum() for name in fitted.classes])
    assert shown.ask("rowwise.partsSum()") == pytest.approx(sums.max() - sums.mean(), abs=1e-5)


def test_what_is_unknown_is_grey_and_without_a_word_the_page_says_what_python_says(open_page):
    fitted = bag(RECIPES["words"])
    shown = shown_text(open_page, fitted, "a good unheard film", "&word=1")
    words = shown.ask("[...document.querySelectorAll('.word')].map((w) => [w.innerText, w.className.includes('rare')])")
    assert words == [["a", False], ["good", False], ["unheard", True], ["film", False]]
    shown.wait("document.getElementById('without')")
    said = [float(shown.text(id)) for id in ("text-prediction", "without")]
    predicted = fitted.predict({"text": ["a good unheard film", "a unheard film"]})
    np.testing.assert_allclose(said, predicted, atol=5e-4)


def test_what_is_cut_off_is_struck_through_and_padding_is_empty_places(open_page):
    shown = shown_text(open_page, in_order(), "one two a good film is bad plot")
    cut = shown.ask("[...document.querySelectorAll('.word.cut')].map((w) => w.innerText)")
    assert cut == ["one", "two"]
    again = shown_text(open_page, in_order(), "a good film")
    assert len(again.ask("[...document.querySelectorAll('.tile')].map(() => 1)")) == 3


def test_a_text_of_ones_own_is_learnt_from_and_the_address_keeps_it(open_page):
    fitted = bag(RECIPES["words"])
    shown = shown_text(open_page, fitted, "what a plot", "&target=1")
    before = shown.ask("rowwise.model.predict(rowwise.state.example)[0]")
    shown.ask("document.getElementById('learn-100').click()")
    learnt = shown.ask("rowwise.model.predict(rowwise.state.example)[0]")
    assert learnt > before
    address = shown.address
    shown.browser.get("about:blank")
    shown.browser.get(f"{shown.path.as_uri()}{address}")
    assert shown.ask("rowwise.model.predict(rowwise.state.example)[0]") == learnt


def test_a_text_is_text(open_page):
    shown = shown_text(open_page, bag(RECIPES["words"]), "</script><img src=x onerror=alert(1)> good")
    assert shown.ask("document.images.length") == 0
    assert shown.faults == []


def test_a_page_keeps_the_most_frequent_rows_and_says_how_many(open_page, monkeypatch):
    monkeypatch.setattr(smaller, "MOST_ROWS", 7)
    fitted = bag(RECIPES["words"])
    shown = open_page(fitted, data=frame())
    rows = len(fitted.vocabularies["text"])
    assert f"holds 7 of the {rows} rows of text" in shown.text("kept")
    assert len(shown.ask("rowwise.page.vocabularies.text.ids")) == 7


def test_a_page_of_pairs_keeps_who_and_what_is_rated_most(open_page, ratings, monkeypatch):
    from untrained import two_keys

    monkeypatch.setattr(smaller, "MOST_ROWS", 6)
    fitted = two_keys()
    shown = open_page(fitted, "#user=1&item=film+0", data=ratings)
    most = ratings["userId"].value_counts(sort=True)["userId"].to_list()
    ids = shown.ask("rowwise.page.vocabularies.userId.ids")
    assert ids[0] is None
    assert str(most[0]) in ids
    assert len(ids) == 6
    predicted = fitted.predict({"userId": [1], "filmId": ["film 0"]})[0]
    assert float(shown.text("prediction").replace("−", "-")) == pytest.approx(predicted, abs=5e-4)
    assert shown.faults == []
