"""How right is `rw.TextClassifier()` on reviews it has not seen, and how long does it take from raw text to a model?

The Large Movie Review Dataset, its own split of 25,000 and 25,000. Settings were chosen on parts of the training data;
the test data is read once for each. Ours with seeds 0, 1, 2; beside it TF-IDF of 1- and 2-grams with logistic
regression from scikit-learn, which starts from the same raw texts in the same run. Seconds are of the whole `fit`:
tokens, counting, coding, compiling and training.
"""

import statistics
import time
from typing import Any

from harness import keep

import rowwise as rw

SEEDS = (0, 1, 2)


def main() -> None:
    reviews = rw.datasets.imdb()
    runs = []
    for name in ("naive_bayes_bag", "ngram_bag"):
        runs += [run(f"TextClassifier, {name}", rw.TextClassifier(model=name, seed=seed), reviews) for seed in SEEDS]
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ModuleNotFoundError:
        print("without scikit-learn: it is not installed")
    else:
        tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        runs.append(
            run("TF-IDF 1-2-grams, logistic regression", make_pipeline(tfidf, LogisticRegression(C=10)), reviews)
        )
    for name in dict.fromkeys(r["model"] for r in runs):
        mine = [r for r in runs if r["model"] == name]
        accuracy, seconds = ([r[what] for r in mine] for what in ("accuracy", "seconds"))
        spread = statistics.stdev(accuracy) if len(mine) > 1 else 0.0
        print(f"{name}: accuracy {statistics.mean(accuracy):.4f} ± {spread:.4f}, {statistics.median(seconds):.1f} s")
    keep("text", runs)


def run(name: str, classifier: Any, reviews: Any) -> dict[str, Any]:
    """Train one classifier from raw texts and judge it on the test data."""
    train, test = reviews.train, reviews.test
    texts, labels = train["text"].to_list(), train["label"].to_numpy()
    began, used = time.perf_counter(), time.process_time()
    classifier.fit(texts, labels)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    began = time.perf_counter()
    accuracy = classifier.score(test["text"].to_list(), test["label"].to_numpy())
    answering = time.perf_counter() - began
    print(f"{name}: accuracy {accuracy:.4f}, fit {seconds:.1f} s ({cpu:.1f} s of CPU), {answering:.1f} s for the test")
    return {"model": name, "accuracy": accuracy, "seconds": seconds, "cpu_seconds": cpu, "test_seconds": answering}


if __name__ == "__main__":
    main()
