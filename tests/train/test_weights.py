"""What each example counts for: a weight of 2 is as if it were there twice."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.api import zoo_text
from rowwise.errors import BadData, BadOption

RATINGS = pl.DataFrame(
    {
        "user": [1, 1, 2, 2, 3],
        "film": [1, 2, 1, 3, 2],
        "stars": [1.0, 5.0, 4.0, 2.0, 3.0],
        "times": [1.0, 2.0, 1.0, 3.0, 2.0],
    }
)
TWICE = RATINGS.select(pl.all().repeat_by("times").list.explode())
REVIEWS = {"text": ["good film", "good", "fine good", "bad film"], "label": ["yes", "yes", "yes", "no"]}


@rw.model(target="stars", loss=rw.squared_error)
def factors(
    user=rw.Row("user", 2), film=rw.Row("film", 2), bias=rw.Row("film"), shift=rw.Weight(), mean=rw.Mean("stars")
):
    return mean + user @ film + bias + shift


def whole(data, rate, **options):
    """Gradient descent: all examples in one batch."""
    return factors.fit(data, optimizer="sgd", learning_rate=rate, epochs=4, batch_size=99, **options)


@pytest.mark.parametrize("engine", ["llvm", "xla"])
def test_a_weight_of_two_is_as_if_an_example_were_there_twice(engine, tmp_path):
    twice = whole(TWICE, 0.2, engine=engine)
    rate = 0.2 * len(RATINGS) / len(TWICE)  # the mean gradient is that of 5 examples, not of 9
    times = RATINGS["times"].to_numpy()
    weighted, named = (whole(RATINGS, rate, engine=engine, sample_weight=w) for w in (times, "times"))
    assert weighted.means == pytest.approx(twice.means)
    for name, table in twice.parameters.tables.items():
        np.testing.assert_allclose(weighted.parameters.tables[name], table, rtol=1e-5, atol=1e-6)
        assert named.parameters.tables[name].tobytes() == weighted.parameters.tables[name].tobytes()
    loaded = rw.load(named.save(tmp_path / "model"))
    pairs = RATINGS.select("user", "film")
    assert loaded.predict(pairs).tolist() == weighted.predict(pairs).tolist()  # an answer needs no weight
    assert loaded.recommend(3, n=1).height == 1


def test_the_steps_show_the_weight():
    fitted = whole(RATINGS, 0.1, sample_weight="times")
    one = {"user": 1, "film": 2, "stars": 5.0}
    assert fitted.steps(one | {"times": 3.0}).values["loss"] == pytest.approx(3 * fitted.steps(one).values["loss"])


def test_training_goes_on_with_weights():
    fitted = whole(RATINGS, 0.1, sample_weight="times")
    assert fitted.fit(RATINGS).history["loss"][-1] > fitted.fit(RATINGS.drop("times")).history["loss"][-1]
    with pytest.raises(BadOption, match="weights for factors, which was fitted without"):
        whole(RATINGS, 0.1).fit(RATINGS, sample_weight=RATINGS["times"])


def test_balanced_classes_count_the_same_together():
    options = {"optimizer": "sgd", "learning_rate": 0.5, "epochs": 50, "batch_size": 4}
    plain, balanced, same = (
        zoo_text.bag_of_words.fit(pl.DataFrame(REVIEWS), **options, class_weight=weight)
        for weight in (None, "balanced", {"yes": 2 / 3, "no": 2})
    )
    yes = [fitted.predict({"text": ["film"]})[0] for fitted in (plain, balanced, same)]
    assert yes[0] > yes[1] + 0.05  # three of four say yes
    assert yes[1] == yes[2]


def test_a_classifier_of_texts_takes_both_weights():
    texts, labels = REVIEWS["text"], REVIEWS["label"]
    of_class = rw.TextClassifier(text=rw.Text(), class_weight={"no": 3.0}).fit(texts, labels)
    of_each = rw.TextClassifier(text=rw.Text()).fit(texts, labels, sample_weight=[1, 1, 1, 3])
    plain = rw.TextClassifier(text=rw.Text()).fit(texts, labels)
    no = [c.predict_proba(["film"])[0, 0] for c in (plain, of_class, of_each)]
    assert no[1] == no[2] > no[0] + 0.1


@pytest.mark.parametrize(
    ("weights", "error", "text"),
    [
        ({"sample_weight": [1.0, 2.0]}, BadData, "2 weights and 4 examples"),
        ({"sample_weight": [1, -1, 1, 1]}, BadData, "the weight of example 1 is -1\n  expected: finite numbers of 0"),
        ({"sample_weight": np.zeros(4)}, BadData, "every weight is 0"),
        ({"sample_weight": "wieght"}, BadData, "no column 'wieght'"),
        ({"class_weight": "even"}, BadOption, "class_weight='even'\n  expected: one of balanced"),
        ({"class_weight": {"maybe": 2.0}}, BadOption, "a weight for 'maybe'\n  expected: weights of no, yes"),
    ],
)
def test_what_is_no_weight_is_refused(weights, error, text):
    with pytest.raises(error, match=text):
        zoo_text.bag_of_words.fit(pl.DataFrame(REVIEWS), **weights)


def test_classes_are_weighed_where_there_are_some():
    with pytest.raises(BadOption, match="with a target that is no class"):
        factors.fit(RATINGS, class_weight="balanced")
