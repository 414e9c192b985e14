"""Texts in, labels out: praise and blame, and the manners of scikit-learn."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.api.text_classifier import MODELS
from rowwise.errors import BadData, BadOption, NotFitted, UnknownIdsWarning

PRAISE = ["good film", "a good good film", "what a good one", "so good and so warm", "warm and good"]
BLAME = ["bad film", "a bad bad film", "what a bad one", "so bad and so cold", "cold and bad"]
NEUTRAL = ["average film", "an average film", "what an average one", "so average", "average and average"]
TEXTS, LABELS = PRAISE + BLAME, ["praise"] * 5 + ["blame"] * 5


def settings(model):
    return {"epochs": 40} if model == "ngram_bag" else {}


@pytest.fixture(scope="module", params=MODELS)
def classifier(request):
    return rw.TextClassifier(model=request.param, **settings(request.param)).fit(TEXTS, LABELS)


@pytest.fixture(scope="module", params=MODELS)
def three(request):
    labels = [*LABELS, *["neither"] * 5]
    return rw.TextClassifier(model=request.param, **settings(request.param)).fit(TEXTS + NEUTRAL, labels)


def test_a_text_has_the_label_of_its_words(classifier):
    assert classifier.predict(["warm and good", "a cold bad film"]).tolist() == ["praise", "blame"]
    assert classifier.score(TEXTS, LABELS) == 1


def test_probabilities_are_in_the_order_of_the_classes_and_sum_to_1(classifier, three):
    for fitted in (classifier, three):
        probabilities = fitted.predict_proba(TEXTS)
        assert probabilities.sum(1) == pytest.approx(1, abs=1e-6)
        assert (fitted.classes_[probabilities.argmax(1)] == fitted.predict(TEXTS)).all()
        assert fitted.classes_.tolist() == sorted(fitted.classes_)


def test_three_classes_are_told_apart(three):
    assert three.predict(["a good one", "a bad one", "an average one"]).tolist() == ["praise", "blame", "neither"]


def test_an_explanation_adds_up_to_the_score(classifier):
    text = "so good and bad and so warm"
    explained = classifier.explain(text)
    blame, praise = classifier.predict_proba([text])[0]
    tables = classifier.fitted_.parameters.tables
    bias = tables["bias"][1] - tables["bias"][0] if "bias" in tables else 0  # as many texts of praise as of blame
    assert explained["adds"].sum() + bias == pytest.approx(np.log(praise / blame), abs=1e-4)
    adds = dict(zip(explained["word"], explained["adds"], strict=True))
    assert adds["good"] > 0 > adds["bad"]
    assert explained["adds"].abs().is_sorted(descending=True)


def test_an_explanation_of_three_classes_has_a_column_for_each(three):
    explained = three.explain("an average film")
    assert explained.columns == ["word", "count", "blame", "neither", "praise"]
    assert explained["word"][0] in ("average", "an average", "average film", "an average film")
    assert explained["neither"][0] > explained["praise"][0]


@pytest.mark.parametrize(
    "labels", [[1] * 5 + [0] * 5, [2] * 5 + [7] * 5, [True] * 5 + [False] * 5, np.repeat(["b", "a"], 5)]
)
def test_labels_come_out_as_they_went_in(labels):
    predicted = rw.TextClassifier().fit(TEXTS, labels).predict(TEXTS)
    assert predicted.tolist() == list(labels)
    assert predicted.dtype == np.asarray(labels).dtype


@pytest.mark.parametrize("texts", [np.array(TEXTS), pl.Series(TEXTS), tuple(TEXTS), [text.split() for text in TEXTS]])
def test_texts_come_in_many_wrappings(texts):
    assert rw.TextClassifier().fit(texts, LABELS).score(texts, LABELS) == 1


def test_the_same_seed_gives_the_same_rows():
    one, two = (rw.TextClassifier(seed=3).fit(TEXTS, LABELS).fitted_.parameters.tables["ngrams"] for _ in range(2))
    assert (one == two).all()


def test_what_is_saved_answers_by_the_names_of_the_columns(tmp_path):
    classifier = rw.TextClassifier(column="review", target="verdict").fit(TEXTS, LABELS)
    loaded = rw.load(classifier.fitted_.save(tmp_path / "model"))
    evaluation = loaded.evaluate(pl.DataFrame({"review": TEXTS, "verdict": LABELS}))
    assert evaluation.accuracy == 1
    assert loaded.classes == ("blame", "praise")
    assert loaded.predict({"review": ["good"]})[0] > 0.5


def test_validation_is_a_share_or_texts_and_labels():
    shared = rw.TextClassifier().fit(TEXTS * 2, LABELS * 2, validation=0.2)
    given = rw.TextClassifier().fit(TEXTS, LABELS, validation=(["a good one"], ["praise"]))
    assert "validation_accuracy" in shared.history_.columns
    assert given.history_["validation_accuracy"][-1] == 1


def test_a_text_without_a_known_word_has_the_share_of_the_classes():
    classifier = rw.TextClassifier().fit([*PRAISE, "bad film bad"], ["praise"] * 5 + ["blame"])
    with pytest.warns(UnknownIdsWarning, match="1 of 1 example:"):
        assert classifier.predict_proba([""])[0, 1] == pytest.approx(5 / 6, abs=1e-6)


def test_it_has_the_manners_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from sklearn.model_selection import cross_val_score

    classifier = rw.TextClassifier(seed=7)
    assert sklearn.base.clone(classifier).get_params() == classifier.get_params()
    assert sklearn.base.is_classifier(classifier)
    texts, labels = np.array(TEXTS * 2), np.array(LABELS * 2)
    assert cross_val_score(classifier, texts, labels, cv=2).tolist() == [1, 1]
    assert repr(classifier.set_params(model="ngram_bag")) == "TextClassifier(model='ngram_bag', seed=7)"


# Those of scikit-learn's own checks that give the estimator no data: the others give matrices of numbers, and texts are
# what this one learns from. `check_estimators_unfitted` asks for scikit-learn's own error, which needs scikit-learn.
CHECKS = (
    "cloneable", "tags_renamed", "repr", "no_attributes_set_in_init", "parameters_default_constructible",
    "get_params_invariance", "set_params", "mixin_order", "valid_tag_types",
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_it_passes_the_checks_of_scikit_learn(check):
    checks = pytest.importorskip("sklearn.utils.estimator_checks", reason="scikit-learn is not installed")
    found = getattr(checks, f"check_{check}", None) or getattr(checks, f"check_estimator_{check}")
    found("TextClassifier", rw.TextClassifier())


def test_an_answer_before_fit_is_told():
    with pytest.raises(NotFitted, match="this TextClassifier is not fitted, so it has no 'fitted_'"):
        rw.TextClassifier().predict_proba(["good"])
    with pytest.raises(AttributeError, match="no attribute 'fited'"):
        rw.TextClassifier().fited  # noqa: B018


@pytest.mark.parametrize(
    ("texts", "labels", "error", "message"),
    [
        (TEXTS, LABELS[1:], BadData, "X has 10 rows and y 9 cells"),
        (TEXTS, ["praise"] * 10, BadData, "all 10 labels are 'praise'"),
        (TEXTS, [None, *LABELS[1:]], BadData, "the label of text 0 is missing"),
        ([1, 2], ["a", "b"], BadData, "the texts holds Int64"),
        ([], [], BadData, "there are no texts"),
    ],
)
def test_what_cannot_be_learnt_from_is_told(texts, labels, error, message):
    with pytest.raises(error, match=message):
        rw.TextClassifier().fit(texts, labels)


@pytest.mark.parametrize(
    ("params", "message"), [({"model": "lstm"}, "model='lstm'"), ({"model": "ngram_bag", "dim": 0}, "dim=0")]
)
def test_a_setting_outside_its_range_is_refused(params, message):
    with pytest.raises(BadOption, match=message):
        rw.TextClassifier(**params).fit(TEXTS, LABELS)
    with pytest.raises(BadOption, match="'factors' is no setting"):
        rw.TextClassifier().set_params(factors=3)


def test_a_report_counts_what_was_taken_for_what(classifier):
    found = classifier.report(TEXTS, LABELS)
    assert found.metrics["accuracy"] == found.metrics["auc"] == 1
    assert found.confusion.rows() == [("blame", 5, 0), ("praise", 0, 5)]
    with pytest.raises(BadData, match="the label of text 1 is odd\n  expected: one of blame, praise"):
        classifier.report(["good", "bad"], ["praise", "odd"])


def test_training_goes_on_with_more_texts():
    classifier = rw.TextClassifier(text=rw.Text()).partial_fit(["good film", "bad film"] * 3, ["yes", "no"] * 3)
    before = classifier.predict_proba(["bad"])[0, 1]
    classifier.partial_fit(["bad"] * 4, ["yes"] * 4, epochs=5)
    assert classifier.predict_proba(["bad"])[0, 1] > before + 0.1
    assert len(classifier.history_) == 3 + 5
    with pytest.raises(BadData, match="'label' is 'perhaps'\n  expected: one of no, yes"):
        classifier.partial_fit(["film"], ["perhaps"])


@pytest.mark.parametrize("model", MODELS)
def test_a_text_may_have_several_labels_or_none(model, tmp_path):
    texts = [
        "good film",
        "warm film",
        "good and warm film",
        "a film",
        "warm",
        "so good",
        "warm good",
        "what a film",
    ] * 3
    has = [["good" in text, "warm" in text] for text in texts]
    options = {"epochs": 60} if model == "ngram_bag" else {"epochs": 20}
    classifier = rw.TextClassifier(model=model, text=rw.Text(), **options).fit(texts, np.array(has))
    assert classifier.predict(["a warm and good one", "good", "a film"]).tolist() == [[1, 1], [1, 0], [0, 0]]
    assert classifier.predict_proba(["good"]).shape == (1, 2)
    assert classifier.score(texts, has) == 1
    frame = pl.DataFrame({"text": texts, "label": np.array(has).astype(int).tolist()})
    loaded = rw.load(classifier.fitted_.save(tmp_path / "model"))
    assert loaded.evaluate(frame).accuracy == 1
    assert loaded.predict(frame).tolist() == classifier.predict_proba(texts).tolist()
    assert loaded.steps({"text": "good", "label": [1, 0]}).values["loss"] < 1
    assert classifier.explain("a good film")["word"][0] == "good"
    assert classifier.partial_fit(["good"], [[1, 0]]).score(texts, has) == 1


def test_what_are_not_several_labels_is_told(tmp_path):
    fit = rw.TextClassifier(text=rw.Text()).fit
    with pytest.raises(BadData, match="a matrix, and not all of them 0 or 1"):
        fit(["good", "bad"], [[1, 2], [0, 1]])
    with pytest.raises(BadData, match="2 texts and 1 lines of labels"):
        fit(["good", "bad"], [[1, 0]])
    fitted = fit(["good", "bad"], [[1, 0], [0, 1]]).fitted_
    with pytest.raises(BadData, match="'label' is 3 in 1 rows\n  expected: a list of 0 and 1"):
        fitted.evaluate({"text": ["good"], "label": [[3, 0]]})
    with pytest.raises(BadData, match=r"'label' is \[1\]\n  expected: a list of 2 numbers"):
        fitted.evaluate({"text": ["good"], "label": [[1]]})
    with pytest.raises(BadOption, match="naive_bayes_labels predicts 2 labels"):
        fitted.sheet(tmp_path / "model.xlsx")


@pytest.mark.parametrize("place", ["setting", "option of fit"])
@pytest.mark.parametrize(("labels", "strange"), [(["yes", "no"], 1), (["yes", "no"], "maybe"), ([False, True], "yes")])
def test_a_weight_for_what_is_no_label_is_refused_and_never_taken_for_a_number(labels, strange, place):
    weight = {"class_weight": {strange: 5.0}}
    setting, option = (weight, {}) if place == "setting" else ({}, weight)
    named = ", ".join(map(str, sorted(labels)))
    with pytest.raises(BadOption, match=rf"(?s)has a weight for {strange!r}.*weights of {named}"):
        rw.TextClassifier(epochs=1, dim=2, **setting).fit(["good", "bad"] * 3, labels * 3, **option)
