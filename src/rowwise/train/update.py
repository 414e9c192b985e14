"""More data in, a model that knows them out: new ids folded in, then all moved a little, and by how much it moved."""

from dataclasses import replace

import numpy as np

from rowwise.data.examples import Examples
from rowwise.data.source import Source
from rowwise.english import n_of
from rowwise.errors import BadOption
from rowwise.train import histories, whole_data
from rowwise.train.fold import folded, seen_anew
from rowwise.train.further import train_further
from rowwise.trained.predict import predictions
from rowwise.trained.trained import Trained

LOOKED_AT = 10_000  # pairs of the trainings before, by which it is told how much predictions moved


def update(trained: Trained, data: Source, **options: object) -> Trained:
    """The model after more data: `fold_in` for new ids, then a training further on all examples of `data`.

    The options are those of `train_further`: by default one epoch at the rate at which training ended. A model whose
    rows were solved for over all pairs has none: the rows of the users in `data` are solved for anew, from all that
    they have seen. The report says by how much the predictions of what was known before have moved.

    Raises:
        BadData: the data cannot be learnt from.
        BadOption: a setting outside its range.
        Diverged: a loss is not finite.
    """
    is_solved = whole_data.settings_of(trained.settings) is not None
    if options and (is_solved or histories.are_read_by(trained)):
        raise BadOption(
            f"update({', '.join(f'{name}=…' for name in options)}) of a model whose rows are solved for",
            expected="no options: nothing is trained there",
            mend="leave them out",
        )
    if histories.are_read_by(trained):
        return histories.taken_in(trained, data, only_new=False)
    opened = trained.reader.open(data, "needed")
    known = folded(trained, trained.reader.check(opened, "needed"))
    moved = seen_anew(known, opened) if is_solved else train_further(known, opened, **options)
    return replace(moved, report="\n".join([moved.report, *_drift(trained, moved)]))


def _drift(before: Trained, after: Trained) -> list[str]:
    """By how much predictions moved for pairs of the trainings before, where a pair is all that the model reads."""
    layout = before.layout
    if before.seen is None or layout.values or len(layout.ids) != 2 or before.program.prediction is None:
        return []
    pairs = np.stack([before.seen.owners, before.seen.rows], 1)
    some = np.sort(np.random.default_rng(0).permutation(len(pairs))[:LOOKED_AT])
    columns = dict(zip(before.two_keys, pairs[some].astype(np.int32).T.copy(), strict=True))
    examples = Examples(len(some), columns, {}, None)
    first, then = (predictions(each, examples) for each in (before, after))
    root = float(np.sqrt(np.mean((then.astype(float) - first) ** 2))) if len(some) else 0.0
    return [f"predictions for {n_of(len(some), 'pair')} of before moved by {root:.3g} (root of the mean square)"]
