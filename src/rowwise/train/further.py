"""A trained model and more data in, a further trained one out: the program of its folder is all that it takes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from rowwise.backends.backend import Trainer
from rowwise.data.layout import Layout
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.source import Source
from rowwise.english import n_of
from rowwise.errors import BadOption, Diverged
from rowwise.program.parameters import Parameters, fresh_states
from rowwise.program.passes.prune import moving
from rowwise.program.program import Program
from rowwise.train import engines
from rowwise.train.history import as_frame, as_setting
from rowwise.train.options import FurtherOptions
from rowwise.train.prepare import prepare_further, seen_pairs
from rowwise.train.rescue import lower_share, mended
from rowwise.train.run import Run, Watched
from rowwise.train.weights import weight_column, with_weights
from rowwise.trained.trained import Trained


def train_further(trained: Trained, data: Source, **options: Any) -> Trained:
    """The model trained further, on the data that it knows or on others; `trained` itself stays as it is.

    Its vocabularies do not grow: an id that they lack moves the unknown row, and the report counts such examples.
    The options by name: `rowwise.train.options.FurtherOptions`. By default one epoch at the rate at which training
    ended, with the batch size and the seed of before. The optimizer is the one of before; of what moved before its
    state goes on, of what was frozen it starts. The history goes on counting.

    Raises:
        BadData: the data cannot be learnt from.
        BadOption: a setting outside its range, or a table of which nothing is known that would move it.
        Diverged: a loss is not finite; the mend names a rate at which it was tried and stays so.
    """
    asked = FurtherOptions.of(options)
    asked.check_measurable(trained.name, trained.layout.target)
    program = _program(trained, asked.trainable or {})
    if weight_column(asked.sample_weight, asked.class_weight) is not None and trained.layout.weight is None:
        raise BadOption(
            f"weights for {trained.name}, which was fitted without",
            expected="a model whose loss has a weight as a factor",
            mend="fit it anew with sample_weight= or class_weight=",
        )
    settings = trained.settings
    before = trained.history.to_dicts()
    choice = engines.choose(program, engine=asked.engine, batch_size=asked.batch_size or settings["batch_size"])
    rates = choice.rates(asked.learning_rate, asked.epochs, usual=_last_rate(trained))
    from_seed: int = settings["seed"] if asked.seed is None else asked.seed

    def weigh(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
        return with_weights(frame, layout, asked.sample_weight, asked.class_weight)

    prepared = prepare_further(trained, data, asked.validation, weigh, seed=from_seed)
    parameters = _parameters(trained, program)
    past = ("interrupted",) if rates else ("interrupted", "learning_rate")
    settings = {name: value for name, value in settings.items() if name not in past}
    settings |= {
        **as_setting(rates, asked.learning_rate),
        "epochs": len(before) + asked.epochs,
        "batch_size": choice.batch_size,
        "seed": from_seed,
        "engine": str(choice),
    }
    all_rates = rates and [0.0] * len(before) + rates
    run = Run(program, prepared, parameters, all_rates, asked.patience, settings, None, before)

    def begin() -> tuple[Trainer, Parameters]:
        own = _parameters(trained, program)
        make = partial(engines.make, choice, program, own, means=prepared.means, threads=asked.threads)
        return prepared.training.trainer(make, from_seed), own

    make = partial(engines.make, choice, program, parameters, means=prepared.means, threads=asked.threads)

    def finished(tables: Parameters, history: list[dict[str, Any]]) -> Trained:
        return replace(
            trained,
            program=program,
            whole=trained.whole or trained.program,
            parameters=tables,
            means=prepared.means,
            settings=settings,
            history=as_frame(history),
            report=f"{trained.report}\ntrained further, for {n_of(asked.epochs, 'epoch')}:\n" + prepared.report,
            seen=_together(trained.seen, None if trained.seen is None else seen_pairs(prepared)),
            watched={},
        )

    trainer = prepared.training.trainer(make, from_seed)
    try:
        unwatched = Watched(None, lambda: trained, lambda *_: None, asked.epochs)
        return run.epochs(trainer, len(before) + asked.epochs, asked.progress, unwatched, finished)
    except Diverged as error:
        found = lower_share(begin, rates, prepared.training.n, first=len(before))
        mended(error, None, found, rates)
        error.say_how_to_look()
        raise


def _program(trained: Trained, trainable: Mapping[str, bool]) -> Program:
    """The program that moves what `trainable` says, and otherwise what moved before."""
    whole = trained.whole or trained.program
    names = set(trained.program.updates)
    for name, moves in trainable.items():
        if name not in whole.updates:
            raise BadOption(
                f"trainable={{{name!r}: {moves}}}, and {trained.name} knows nothing that would move {name!r}",
                expected=f"names among {', '.join(whole.updates)}",
                mend="name a table or a dense weight of the model",
            )
        names = names | {name} if moves else names - {name}
    if not names:
        raise BadOption(
            f"everything in {trained.name} is frozen",
            expected="a table or a dense weight that moves",
            mend=f"trainable={{{next(iter(whole.updates))!r}: True}}",
        )
    return moving(whole, names)


def _parameters(trained: Trained, program: Program) -> Parameters:
    """A copy of the tables to train further; the optimizer's state of what was frozen is fresh."""
    own = trained.parameters.copy()
    states = {name: own.states.get(name, fresh) for name, fresh in fresh_states(program, own.tables).items()}
    return Parameters(own.tables, states)


def _last_rate(trained: Trained) -> float | None:
    """The rate at which training ended; None where its engine has none."""
    rate = trained.settings.get("learning_rate")
    return rate[-1] if isinstance(rate, list) else rate


def _together(one: Ragged | None, other: Ragged | None) -> Ragged | None:
    """The pairs of two trainings as one."""
    if one is None or other is None:
        return one
    users = np.concatenate([np.repeat(np.arange(len(r)), r.lengths) for r in (one, other)])
    pairs = np.unique(np.stack([users, np.concatenate([one.rows, other.rows])], axis=1), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=len(one))
    return Ragged(starts_of(counts), pairs[:, 1].astype(np.int32))
