"""Four thousand reviews of food in, a tour of what a classifier learns from them out."""

from pathlib import Path

import numpy as np
import polars as pl

from rowwise.api.text_classifier import TextClassifier
from rowwise.data import datasets
from rowwise.data.files.write import write
from rowwise.screen import say
from rowwise.storage.whole import try_place
from rowwise.views.terminal import show

OFTEN = 20  # n-grams shown stand in the reviews so many times


def run(folder: Path) -> None:
    """Train the default classifier on reviews of food, show what it learnt, and leave it in `folder`."""
    try_place(folder / "model")
    folder.mkdir(parents=True, exist_ok=True)
    reviews = datasets.food_reviews()
    say(f"{len(reviews.train):,} reviews of food to learn from, {len(reviews.test):,} to judge by: great, or other")
    say("Amazon fine foods: McAuley & Leskovec 2013")
    classifier = TextClassifier().fit(reviews.train["text"], reviews.train["label"])
    _say_accuracy(classifier, reviews)
    _say_words(classifier)
    _say_one_review(classifier, reviews.test)
    _heading("How a text becomes rows")
    classifier.fitted_.encode(reviews.test["text"][0]).show()
    write(reviews.test, folder / "reviews.csv")
    saved = classifier.fitted_.save(folder / "text_model")
    _heading(f"The model is in {saved}. Next, try")
    say(f"  rowwise evaluate {saved} {folder / 'reviews.csv'}")
    say(f"  rowwise info {saved}")


def _say_accuracy(classifier: TextClassifier, reviews: datasets.Reviews) -> None:
    test = reviews.test
    most = reviews.train["label"].mode()[0]
    _heading("How often is it right?")
    lines = {
        f"always say {most!r}": float((test["label"] == most).mean()),  # type: ignore[arg-type]
        "rw.TextClassifier()": classifier.score(test["text"], test["label"]),
    }
    show(pl.DataFrame({"model": list(lines), "accuracy": list(lines.values())}), digits={"accuracy": 3}, indent=2)


def _say_words(classifier: TextClassifier) -> None:
    """The row of an n-gram is one number: what it adds to the log odds of the second class, times √n of the text."""
    vocabulary = classifier.fitted_.vocabularies["text"]
    table = classifier.fitted_.table("ngrams").rename({"text": "n-gram", "ngrams": "row"})
    counts = getattr(vocabulary, "counts", np.zeros(len(table)))
    often = table.with_columns(count=pl.Series(counts)).filter(pl.col("count") >= OFTEN).sort("row", descending=True)
    one, other = classifier.classes_
    for label, rows in ((one, often.tail(8).reverse()), (other, often.head(8))):
        _heading(f"What speaks for '{label}'")
        show(rows.select("row", "count", "n-gram"), digits={"row": 2}, indent=2)


def _say_one_review(classifier: TextClassifier, test: pl.DataFrame) -> None:
    right = test.filter(pl.Series(classifier.predict(test["text"])) == test["label"], pl.col("label") == "other")
    text = min(right["text"], key=lambda text: abs(len(text) - 150))
    likely = classifier.predict_proba([text])[0].max()
    _heading(f"One review, which is 'other': the model says so with a probability of {likely:.2f}")
    say(f"  {text}")
    say(f"  what its words add to the log odds of '{classifier.classes_[1]}'")
    show(classifier.explain(text).head(8), digits={"adds": 2}, indent=2)


def _heading(text: str) -> None:
    say()
    say(text, bold=True)
