"""A trained model and more data in, a further trained one out: the program of its folder is all that it takes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from rowwise.backends.backend import Trainer
from rowwise.data.source import Source
from rowwise.english import n_of
from rowwise.errors import BadOption
from rowwise.program.parameters import Parameters, fresh_states
from rowwise.program.passes.freeze import moving
from rowwise.program.program import Program
from rowwise.train import engines
from rowwise.train.drawn import draws_of
from rowwise.train.history import as_frame, as_setting
from rowwise.train.options import FurtherOptions
from rowwise.train.prepare import Prepared, prepare_further
from rowwise.train.rescue import carried_out
from rowwise.train.run import Run
from rowwise.train.seen import seen_pairs, together
from rowwise.trained.trained import Trained


def train_further(trained: Trained, data: Source, **options: object) -> Trained:
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
    engines.check_examples_train(trained.program)
    program = _program(trained, asked.trainable or {})
    _check_weights(trained, asked)
    before = trained.history.to_dicts()
    size = asked.batch_size or trained.settings["batch_size"]
    choice = engines.choose(program, engine=asked.engine, batch_size=size)
    rates = choice.rates(asked.learning_rate, asked.epochs, usual=_last_rate(trained))
    seed: int = trained.settings["seed"] if asked.seed is None else asked.seed
    prepared = prepare_further(trained, data, asked, seed=seed)
    changed = as_setting(rates, asked.learning_rate) | {"epochs": len(before) + asked.epochs, "seed": seed}
    settings = _settings(trained, changed | {"batch_size": choice.batch_size, "engine": str(choice)})
    parameters = _parameters(trained, program)

    def trainer(parameters: Parameters) -> Trainer:
        by = draws_of(program, parameters, prepared.training)
        how = {"means": prepared.means, "threads": asked.threads, "draws": by}
        make = partial(engines.make, choice, program, parameters, **how)
        return prepared.training.trainer(make, seed)

    run = Run(
        parameters=parameters,
        n=prepared.training.n,
        rates=rates,
        settings=settings,
        finished=partial(_finished, trained, program, prepared, asked.epochs, settings),
        told=prepared.example,
        errors=partial(prepared.errors, program, parameters),
        patience=asked.patience,
        before=before,
    )
    fresh = partial(_parameters, trained, program)
    return carried_out(run, trainer, fresh, epochs=asked.epochs, progress=asked.progress)


def _check_weights(trained: Trained, asked: FurtherOptions) -> None:
    if asked.weight is not None and trained.layout.weight is None:
        raise BadOption(
            f"weights for {trained.name}, which was fitted without",
            expected="a model whose loss has a weight as a factor",
            mend="fit it anew with sample_weight= or class_weight=",
        )


def _settings(trained: Trained, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of before as they are now: an engine may have no learning rate, and nobody has interrupted."""
    past = {"interrupted"} if "learning_rate" in changed else {"interrupted", "learning_rate"}
    return {name: value for name, value in trained.settings.items() if name not in past} | dict(changed)


def _finished(
    trained: Trained,
    program: Program,
    prepared: Prepared,
    epochs: int,
    settings: dict[str, Any],
    tables: Parameters,
    history: list[dict[str, Any]],
) -> Trained:
    """The model of before with other numbers, and what is to be said of them."""
    return replace(
        trained,
        program=program,
        whole=trained.whole or trained.program,
        parameters=tables,
        means=prepared.means,
        settings=settings,
        history=as_frame(history),
        report=f"{trained.report}\ntrained further, for {n_of(epochs, 'epoch')}:\n" + prepared.report,
        seen=together(trained.seen, None if trained.seen is None else seen_pairs(prepared)),
        watched={},
    )


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
    rate: float | list[float] | None = trained.settings.get("learning_rate")
    return rate[-1] if isinstance(rate, list) else rate
