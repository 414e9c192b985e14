"""Does a bag of n-grams train at least twice as fast here as in fastText, thread for thread, and as well?

The Large Movie Review Dataset, 25,000 reviews to learn from and 25,000 to judge by, cut into the same tokens for both.
Both learn words and 2-grams (those in 2,000,000 buckets, every word in a row of its own) by plain SGD, a review at a
time, on one thread: the mean row of the n-grams, a score for each of two classes, a rate that falls to zero. fastText
reads and hashes the text anew in every epoch; here it is coded once, before the first. So there are two figures: words
a second of an epoch (of fastText's the difference between one epoch and six, which leaves out its dictionary), and the
whole way from lists of tokens to a model of five epochs. Seconds that the processor spent stand beside the clock's: of
one thread they say what a quiet machine would show.

fastText is not among the extras: `pip install fasttext-wheel` (its `predict` fails on NumPy 2; `test` works).
"""

import os

os.environ["POLARS_MAX_THREADS"] = "1"  # before Polars is imported: one thread for both

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import polars as pl
from harness import keep, ratios, show

import rowwise as rw
from models import Trainer
from rowwise.data.examples import Examples
from rowwise.data.word_vocabulary import WordVocabulary

DIMS, ROUNDS, EPOCHS, BUCKETS = (10,), 3, 5, 2_000_000
RATE = 0.5
NGRAMS = rw.Text(ngrams=2, buckets=BUCKETS)


def main() -> None:
    reviews = rw.datasets.imdb()
    data = [
        part.select(rw.Text().tokens(part["text"]).alias("text"), "label") for part in (reviews.train, reviews.test)
    ]
    n_words = int(data[0]["text"].list.len().sum())
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        files = [written(part, Path(folder) / f"{k}.txt") for k, part in enumerate(data)]
        for dim in DIMS:
            runs.append(compare(dim, data, files, n_words))
    keep("fasttext", runs)


def compare(dim: int, data: list[pl.DataFrame], files: list[Path], n_words: int) -> dict[str, Any]:
    """Both with rows of `dim` numbers, turn by turn."""
    train, test = data
    theirs = lambda epochs: theirs_of(files[0], dim, epochs)  # noqa: E731
    ours = trainer(train, dim)
    whole: dict[str, list[Any]] = {"rowwise": [], "fastText": []}
    epoch: dict[str, list[Any]] = {"rowwise": [], "fastText": []}
    ours.epoch()  # compiles
    for _ in range(ROUNDS):
        one = spent(lambda: theirs(1))
        six = spent(lambda: theirs(6))
        epoch["fastText"].append([(b - a) / 5 for a, b in zip(one, six, strict=True)])
        epoch["rowwise"].append([s / 5 for s in spent(lambda: [ours.epoch() for _ in range(5)])])
    for _ in range(2):
        whole["fastText"].append(spent(lambda: theirs(EPOCHS)))
        whole["rowwise"].append(spent(lambda: ours_of(train, dim)))
    run: dict[str, Any] = {"dim": dim, "words": n_words, "ngrams": 2, "buckets": BUCKETS, "threads": 1}
    run["accuracy"] = {
        "rowwise": ours_of(train, dim).evaluate(test).accuracy,
        "fastText": theirs(EPOCHS).test(str(files[1]))[1],
    }
    for k, kind in enumerate(("clock", "processor")):
        times = {name: [r[k] for r in rounds] for name, rounds in epoch.items()}
        run[f"{kind}: million words a second"] = {n: n_words / statistics.median(t) / 1e6 for n, t in times.items()}
        run[f"{kind}: times as fast, an epoch"] = ratios(times["fastText"], times["rowwise"])
        times = {name: [r[k] for r in rounds] for name, rounds in whole.items()}
        run[f"{kind}: seconds from tokens to a model"] = {n: statistics.median(t) for n, t in times.items()}
        run[f"{kind}: times as fast, the whole way"] = ratios(times["fastText"], times["rowwise"])
    report(run)
    return run


def report(run: dict[str, Any]) -> None:
    accuracy = ", ".join(f"{name} {value:.4f}" for name, value in run["accuracy"].items())
    print(f"dim {run['dim']}: accuracy after {EPOCHS} epochs: {accuracy}")
    for kind in ("clock", "processor"):
        speed = ", ".join(f"{name} {value:.1f}" for name, value in run[f"{kind}: million words a second"].items())
        way = ", ".join(f"{name} {v:.1f} s" for name, v in run[f"{kind}: seconds from tokens to a model"].items())
        print(
            f"  by the {kind}: an epoch {speed} million words/s, {show(run[f'{kind}: times as fast, an epoch'])} times"
        )
        print(f"    tokens to model {way}, {show(run[f'{kind}: times as fast, the whole way'])} times")


def spent(run: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of one call by the clock, and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - began, time.process_time() - used


def written(data: pl.DataFrame, path: Path) -> Path:
    """The tokens as fastText reads them: a line a text, its label first."""
    lines = data.select(pl.format("__label__{} {}", "label", pl.col("text").list.join(" "))).to_series()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def theirs_of(file: Path, dim: int, epochs: int) -> Any:
    return fasttext.train_supervised(
        str(file), dim=dim, wordNgrams=2, bucket=BUCKETS, epoch=epochs, lr=RATE, minCount=1, thread=1, verbose=0
    )


def bag(dim: int, scale: float) -> Any:
    def start(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return (random.random(shape, np.float32) * 2 - 1) * np.float32(scale)

    @rw.model(target="label", loss=rw.categorical_cross_entropy)
    def ngram_bag(ngrams=rw.Bag("text", dim, text=NGRAMS, init=start), output=rw.Weight((2, dim), init="zeros")):
        return output @ ngrams

    return ngram_bag


def ours_of(data: pl.DataFrame, dim: int) -> Any:
    return bag(dim, 1 / dim).fit(
        data,
        optimizer="sgd",
        learning_rate=rw.linear_decay(RATE, EPOCHS),
        epochs=EPOCHS,
        batch_size=1,
        threads=1,
        engine="llvm",
    )


def trainer(data: pl.DataFrame, dim: int) -> Trainer:
    """The same, ready to train epoch by epoch."""
    vocabulary, rows = WordVocabulary.learn_and_encode("text", data["text"], NGRAMS)
    examples = Examples(len(data), {"text": rows}, {}, data["label"].to_numpy().astype(np.int32))
    return Trainer(bag(dim, 1 / dim), examples, {"text": len(vocabulary)}, {}, RATE / 2)


if __name__ == "__main__":
    main()
