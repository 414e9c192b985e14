"""What the README says of speed, made from what was measured: `python table.py` prints it."""

import json
import statistics
from collections.abc import Iterator
from typing import Any

from harness import RESULTS


def rows() -> Iterator[str]:
    """The lines of the table."""
    yield "| against | what | times as fast | test error: ours, theirs |"
    yield "|---|---|---|---|"
    for run in _runs("online"):
        if run["factors"] in (10, 50, 100):
            errors = [f"{run['test_mse'][name]['mean']:.3f}" for name in ("rowwise", "cornac", "surprise")]
            what = f"biased factors, {run['factors']}, MovieLens 100k, one thread"
            yield _row("Cornac `MF` (C++)", what, run["times_as_fast_as_cornac"], f"MSE {errors[0]}, {errors[1]}")
            yield _row("Surprise `SVD`", "the same", run["times_as_fast_as_surprise"], f"MSE {errors[0]}, {errors[2]}")
    (run,) = _runs("large")
    mine, theirs = (run["test_mse"][name] for name in ("rowwise", "libmf"))
    what = f"{run['factors']} factors, {run['examples'] // 10**6} million ratings, one thread"
    yield _row("libmf (C++)", what, run["times_as_fast_as_libmf"], f"MSE {mine:.3f}, {theirs:.3f}")
    yield _row("our own one thread", "the same on two", run["two_threads_over_one"], "the same bytes")
    (run,) = _runs("ranking")
    errors = run["auc"]
    what = f"BPR, {run['factors']} factors, MovieLens 100k, one thread"
    error = f"AUC {errors['rowwise']:.3f}, {errors['implicit']:.3f}"
    yield _row("implicit (C++)", what, run["times_as_fast_as_implicit"], error)
    for run in _runs("any_model"):
        losses = run["training_loss"]
        error = f"training loss {losses['rowwise']:.3f}, {losses['loop']:.3f}"
        yield _row("a loop by hand in Numba", run["model"], run["times_as_fast_as_the_loop"], error)
    for run in _runs("from_keras"):
        mine, theirs = (run["validation_mse"][who][-1] for who in ("rowwise", "keras"))
        what = f"{run['model']}, through `rw.from_keras`, sparse, Adagrad"
        yield _row("Keras 3 on JAX, Adam", what, run["times_as_fast"], f"MSE {mine:.3f}, {theirs:.3f}")
    (run,) = _runs("keras")
    errors = run["test_mse"]
    what = "the course's bias model, Adam, batches of 64, sparse"
    error = f"MSE {errors['sparse']:.3f}, {errors['keras']:.3f}"
    yield _row("Keras 3 on JAX", what, run["sparse_times_as_fast"], error)
    losses = [f"{run['training_mse_by_epoch'][name][-1]:.3f}" for name in ("dense", "keras")]
    error = f"training MSE {', '.join(losses)}"
    yield _row("Keras 3 on JAX", 'the same, `update="dense"` as Keras does it', run["dense_times_as_fast"], error)


def scale() -> str:
    """The sentence on large data."""
    (run,) = _runs("scale")
    return (
        f"{run['examples'] // 10**6} million ratings of {run['users']:,} users and {run['items']:,} items, with "
        f"{run['factors']} factors,\ntake {statistics.median(run['epoch_s']):.1f} s an epoch on two cores, in "
        f"{run['peak_over_needed']:.2f} times the memory of the ratings and tables themselves."
    )


def _row(against: str, what: str, ratio: dict[str, float], error: str) -> str:
    low, high = ratio["lowest"], ratio["highest"]
    return f"| {against} | {what} | **{ratio['median']:.2g}** ({low:.2g}–{high:.2g}) | {error} |"


def _runs(question: str) -> list[dict[str, Any]]:
    return json.loads((RESULTS / f"{question}.json").read_text())["runs"]


if __name__ == "__main__":
    print(*rows(), "", scale(), sep="\n")
