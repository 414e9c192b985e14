"""Training as a picture, the loss and the validation error by epoch; and texts, what their sizes would keep."""

from typing import Any

import polars as pl

from rowwise import inert
from rowwise.data.corpus import Corpus
from rowwise.errors import RowwiseError
from rowwise.trained.trained import Trained
from rowwise.views.encoding import encode


def plot_history(history: pl.DataFrame) -> Any:
    """A Matplotlib figure of the training loss and, where there is one, the validation error."""
    figure = _figure(6, 3.5)
    axes = figure.subplots()
    axes.plot(history["epoch"], history["loss"], label="training loss")
    watched = next((name for name in history.columns if name.startswith("validation_")), None)
    if watched is not None:
        axes.plot(history["epoch"], history[watched], label=_label(watched.replace("_", " ")))
    axes.set_xlabel("epoch")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def plot_texts(trained: Trained, column: str | None) -> Any:
    """What the training texts of a column, by default the first, would keep at each length and size of a vocabulary."""
    lookup = encode(trained, "", column)
    return plot_corpus(lookup.vocabulary.corpus, size=len(lookup.vocabulary), length=lookup.length)


def plot_corpus(corpus: Corpus, *, size: int, length: int | None) -> Any:
    """A Matplotlib figure of two choices: how long the texts are and what a length keeps; what a vocabulary covers.

    The model's own `length` and `size` are dashed lines; a bag has no length.
    """
    figure = _figure(9, 3.5)
    left, right = figure.subplots(1, 2)
    words, texts = list(corpus.lengths), list(corpus.lengths.values())
    left.hist(words, bins=40, weights=texts, color="0.8")
    left.set_xlabel("words in a text")
    left.set_ylabel("texts")
    kept = left.twinx()
    kept.plot(words, [corpus.kept(max(n, 1))[1] for n in words], label="share of words that a length keeps")
    kept.set_ylim(0, 1.02)
    kept.legend(frameon=False, loc="center right")
    if length is not None:
        left.axvline(length, color="0.3", linestyle="--")
    right.plot(list(corpus.coverage), list(corpus.coverage.values()), marker="o")
    right.axvline(size, color="0.3", linestyle="--")
    right.set_xscale("log")
    right.set_xlabel("rows of the vocabulary")
    right.set_ylabel("share of running words with a row")
    for axes in (left, right, kept):
        axes.spines["top"].set_visible(False)
    return figure


def _label(text: str) -> str:
    """A text as it stands: Matplotlib reads formulas between dollars."""
    return inert.line(text).replace("$", r"\$")


def _figure(width: float, height: float) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise RowwiseError("Matplotlib is not installed", mend="pip install 'rowwise[plots]'") from None
    return Figure(figsize=(width, height), layout="constrained")
