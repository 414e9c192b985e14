"""A trained model and data in, its predictions or their errors out; who is unknown is counted and said."""

import numpy as np

from rowwise.data.check import Report
from rowwise.data.examples import Examples
from rowwise.data.ids import a_blank_counts
from rowwise.data.source import Source
from rowwise.english import n_of
from rowwise.errors import BadOption, warn_of_unknown
from rowwise.trained.answer import answer
from rowwise.trained.metrics import Evaluation, measure, measure_by
from rowwise.trained.trained import Trained


def predict(trained: Trained, data: Source) -> np.ndarray:
    """The prediction for each example, in order: (n,), or (n, classes).

    An id that training never saw is answered from the unknown row; a warning counts such examples.
    """
    examples, report = trained.reader.transform(data)
    _warn(report)
    return predictions(trained, examples)


def evaluate(trained: Trained, data: Source, *, metrics: object = None) -> Evaluation:
    """The errors on examples with a known target, with how many there are and how many have unknown ids.

    `metrics` are those that are asked for, see `measure_by`; without, those that fit the target.

    Raises:
        BadOption: the model has no target, or it has no such metric.
    """
    examples, report = trained.reader.transform(data, "needed")
    if examples.target is None:
        raise BadOption(
            f"{trained.name} returns its own loss, and has no target to compare predictions with",
            expected="a model with a target",
            mend="predict gives the predictions, where the function returns (prediction, loss)",
        )
    predicted = predictions(trained, examples)
    if metrics is None:
        found = measure(predicted, examples.target, targets=trained.targets)
    else:
        found = measure_by(metrics, predicted, examples.target, targets=trained.targets)
    return Evaluation(found, examples.n, report.unknown)


def predictions(trained: Trained, examples: Examples) -> np.ndarray:
    """The prediction of each example that is read already: (n,), or (n, classes)."""
    return answer(trained.program, trained.parameters.tables, examples, means=trained.means, histories=trained.seen)


def _warn(report: Report) -> None:
    for column, n in report.unknown.items():
        if n:
            warn_of_unknown(
                f"training never saw the {column} of {n:,} of {n_of(report.examples, 'example')}: "
                "answered from the unknown row"
                + (f"; {a_blank_counts(column, report.blanks[column])}" if column in report.blanks else "")
            )
