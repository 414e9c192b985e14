"""Texts in the language of models: a column of texts is read by its words."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.api import zoo_text
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadData, BadOption, UnknownIdsWarning

PRAISE = ["good film", "a good good film", "what a good one", "so good and so warm", "warm and good"]
BLAME = ["bad film", "a bad bad film", "what a bad one", "so bad and so cold", "cold and bad"]
REVIEWS = pl.DataFrame({"text": PRAISE + BLAME, "label": [1.0] * 5 + [0.0] * 5})
NAMED = REVIEWS.with_columns(label=pl.Series(["praise"] * 5 + ["blame"] * 5))
NEW = pl.DataFrame({"text": ["good and warm", "cold, bad film"]})
SETTINGS = {
    "naive_bayes_bag": {"optimizer": "paced_sgd", "learning_rate": 1.0, "batch_size": 1},
    "naive_bayes_bag_drawn": {"optimizer": "paced_sgd", "learning_rate": 1.0, "batch_size": 1},
    "bag_of_words": {"learning_rate": 0.5, "epochs": 40},
    "ngram_bag": {"learning_rate": 0.1, "epochs": 40},
    "deep_averaging_network": {"learning_rate": 0.1, "epochs": 60, "batch_size": 5},
}


def fitted(name, data=REVIEWS, **options):
    return getattr(zoo_text, name).fit(data, **SETTINGS[name] | options)


@pytest.mark.parametrize("engine", ["llvm", "xla"])
@pytest.mark.parametrize("name", SETTINGS)
def test_every_model_tells_praise_from_blame(name, engine):
    predictions = fitted(name, engine=engine).predict(NEW)
    praise, blame = predictions if predictions.ndim == 1 else predictions[:, 1]
    assert praise > 0.6
    assert blame < 0.4


@pytest.mark.parametrize("name", ["naive_bayes_bag", "ngram_bag"])
def test_the_same_seed_gives_the_same_rows_on_any_number_of_threads(name):
    one, two = (fitted(name, engine="llvm", threads=threads) for threads in (1, 2))
    assert all((one.parameters.tables[t] == two.parameters.tables[t]).all() for t in one.parameters.tables)


def test_a_saved_model_reads_texts(tmp_path):
    model = fitted("naive_bayes_bag", NAMED)
    loaded = rw.load(model.save(tmp_path / "model"))
    assert isinstance(loaded.vocabularies["text"], WordVocabulary)
    assert loaded.predict(NEW).tolist() == model.predict(NEW).tolist()
    assert loaded.evaluate(NAMED).accuracy == 1
    assert loaded.classes == ("blame", "praise")


def test_two_columns_of_texts_may_share_a_table():
    @rw.model(target="label", loss=rw.binary_cross_entropy)
    def title_and_text(
        title=rw.Bag("title", text=rw.Text(), table="words"), body=rw.Bag("text", table="words", text=rw.Text())
    ):
        return title + body

    frame = REVIEWS.with_columns(title=pl.Series(["yes", "no"] * 5))
    model = title_and_text.fit(frame, epochs=5)
    assert list(model.vocabularies) == ["title"]
    assert {"yes", "good"} <= set(model.vocabularies["title"].ids)


def test_rows_of_a_text_are_padded_and_cut_where_the_recipe_says():
    text = rw.Text(size=8, pad="back", cut="back")

    @rw.model(target="label", loss=rw.binary_cross_entropy)
    def first_words(words=rw.Rows("text", length=3, text=text), weights=rw.Weight(3, init="ones")):
        return weights @ words

    model = first_words.fit(REVIEWS, epochs=1)
    vocabulary = model.vocabularies["text"]
    examples, _ = model.trained.reader.transform(pl.DataFrame({"text": ["good film", "so good and so warm"]}))
    named = [[vocabulary.ids[int(row)] for row in rows] for rows in examples.rows["text"]]
    assert named == [["good", "film", None], ["so", "good", "and"]]


def test_a_text_without_a_known_word_is_answered_and_counted():
    model = fitted("naive_bayes_bag")
    with pytest.warns(UnknownIdsWarning, match="training never saw the text of 2 of 3 examples"):
        answers = model.predict({"text": ["good", "", None]})
    assert answers[1] == answers[2] == pytest.approx(0.5)


# Log-count ratios


def test_rows_start_at_their_log_count_ratio():
    """Of 3 words in praise 2 are good, of 2 in blame none: with 1 added to each count, log(3/5 / 1/4)."""

    @rw.model(target="label", loss=rw.binary_cross_entropy)
    def bag(words=rw.Bag("text", text=rw.Text(), init=rw.log_count_ratio(1.0))):
        return words

    frame = pl.DataFrame({"text": ["good good film", "bad film"], "label": [1, 0]})
    model = bag.fit(frame, optimizer="sgd", learning_rate=0.0, epochs=1)
    vocabulary, rows = model.vocabularies["text"], model.parameters.tables["words"]
    counts = {"good": (2, 0), "film": (1, 1), "bad": (0, 1)}
    n_rows = len(vocabulary)
    for word, (praise, blame) in counts.items():
        expected = np.log((praise + 1) / (3 + n_rows)) - np.log((blame + 1) / (2 + n_rows))
        assert rows[vocabulary.row(word)] == pytest.approx(expected, rel=1e-5)


def test_a_row_of_rare_words_that_nothing_trained_is_the_mean_of_the_others():
    bag = zoo_text.bag_of_words.replace(words=rw.Bag("text", text=rw.Text(), init="normal")).fit(REVIEWS, epochs=2)
    rows, vocabulary = bag.parameters.tables["words"], bag.vocabularies["text"]
    assert rows[vocabulary.rare] == pytest.approx(rows[1 : vocabulary.rare].mean(), abs=1e-6)


def test_a_row_moves_at_the_pace_of_its_squared_ratio():
    model = fitted("naive_bayes_bag", epochs=1)
    vocabulary = model.vocabularies["text"]
    (pace,) = model.parameters.states["ngrams"]
    assert pace[vocabulary.row("good")] > 1 > pace[vocabulary.row("film")]
    assert pace[vocabulary.row("film")] == pytest.approx(0, abs=1e-3)


def test_a_bag_drawn_to_its_start_is_the_same_bag_and_goes_less_far():
    drawn = zoo_text.naive_bayes_bag_drawn
    free = drawn.replace(added=rw.Bag("text", combine="sqrtn", text=zoo_text.NGRAMS, init=rw.log_count_ratio(0.0)))
    settings = SETTINGS["naive_bayes_bag"]
    assert free.fit(REVIEWS, **settings).predict(NEW) == pytest.approx(fitted("naive_bayes_bag").predict(NEW), abs=1e-5)
    near, far = (np.abs(m.fit(REVIEWS, **settings).parameters.tables["added"]).sum() for m in (drawn, free))
    assert 0 < near < far


def test_three_classes_have_a_number_each():
    texts = ["red rose", "red wine", "blue sky", "blue sea", "green tree", "green leaf"]
    frame = pl.DataFrame({"text": texts, "label": ["r", "r", "b", "b", "g", "g"]})
    recipe = rw.Text(distinct=True)
    model = zoo_text.naive_bayes_classes.replace(
        ngrams=rw.Bag("text", 3, combine="sqrtn", text=recipe, init=rw.log_count_ratio())
    ).fit(frame, optimizer="paced_sgd", learning_rate=1.0, epochs=5, batch_size=1)
    predictions = model.predict({"text": ["a red thing", "a blue thing", "a green thing"]})
    assert [model.classes[k] for k in predictions.argmax(1)] == ["r", "b", "g"]


@pytest.mark.parametrize(
    ("model", "data", "error", "message"),
    [
        ("naive_bayes_bag", {"text": [1, 2], "label": [0, 1]}, BadData, "column 'text' holds Int64"),
        ("naive_bayes_bag", {"text": ["a", "b"], "label": [1, 1]}, BadData, "'label' is 1 in every row"),
        ("naive_bayes_bag", {"text": ["a a", "b"], "label": ["x", "x"]}, BadData, "'label' is 0 in every row"),
        ("naive_bayes_bag", {"text": list("abc"), "label": list("xyz")}, BadData, "is one of 3 classes: x, y, z"),
        ("naive_bayes_bag", {"text": ["a a", None], "label": ["x", None]}, BadData, "row 1: 'label' is empty"),
        ("naive_bayes_classes", {"text": ["a a", "b b"], "label": [0, 7]}, BadData, "the target is class 7 in"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_told(model, data, error, message):
    with pytest.raises(error, match=message):
        getattr(zoo_text, model).fit(pl.DataFrame(data), optimizer="paced_sgd")


def test_a_label_that_training_never_saw_is_told():
    with pytest.raises(BadData, match="row 0: 'label' is 'odd'\n  expected: one of blame, praise"):
        fitted("naive_bayes_bag", NAMED).evaluate({"text": ["good"], "label": ["odd"]})


def test_texts_in_a_file_larger_than_memory_are_read_in_parts(tmp_path):
    path = tmp_path / "reviews.parquet"
    REVIEWS.sample(fraction=1, shuffle=True, seed=0).write_parquet(path)
    streamed = fitted("bag_of_words", path, chunk_rows=4)
    whole = fitted("bag_of_words", path)
    one, other = (model.vocabularies["text"] for model in (streamed, whole))
    assert one.ids.to_list() == other.ids.to_list()
    assert one.counts.tolist() == other.counts.tolist()
    assert streamed.predict(NEW) == pytest.approx(whole.predict(NEW), abs=0.1)
    assert "10 examples from reviews.parquet" in streamed.report
    with pytest.raises(BadOption, match="counted in examples, and there are none"):
        fitted("naive_bayes_bag", path, chunk_rows=4)


def test_ratios_need_examples():
    with pytest.raises(BadOption, match="counted in examples, and there are none"):
        rw.log_count_ratio()(np.random.default_rng(0), (3,))
