"""The options of a training, as one record each for a first and a further one, checked when they are made."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import PathLike
from typing import Any, Self

import numpy as np
import polars as pl

from rowwise.backends import registry
from rowwise.data.layout import Layout
from rowwise.data.source import Source
from rowwise.errors import BadOption
from rowwise.narrow import is_a, is_mapping
from rowwise.options import flag, is_number, is_whole, known_names, mapping, number, one_of, said, whole
from rowwise.train.history import Rate
from rowwise.train.weights import ClassWeight, weight_column, with_weights

MOST_EPOCHS = 1_000_000
MOST_THREADS = 4_096
LARGEST_SEED = 2**63 - 1
RATE_MEND = "0.05 is usual for adagrad, 0.01 for sgd, 0.001 for adam"
CLASS_WEIGHT_MEND = "class_weight={0: 1.0, 1: 5.0} counts the second class five times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What every training may be told.

    validation: a share of the examples held back at random, or other data; its error is measured every epoch.
    learning_rate: a number, or a schedule called with the epoch (0, 1, …).
    epochs: passes over the examples.
    batch_size: 1 is online: each example's update is applied before the next is read. B: the mean gradient of B
        examples with the tables held still. By default 1 for models of rows alone, 64 with dense weights.
    engine: "llvm" (machine code), "xla", or "auto", which chooses and says why in `settings["engine"]`.
    sample_weight: what each example counts for, a factor of its loss (l2 is no part of it): the name of a column,
        or an array. With a mean of 1 the learning rate means what it meant.
    class_weight: the same by class: "balanced" (all classes the same together), or a weight for each.
    threads: how many cores; the result does not depend on it.
    patience: stop when the validation error has not fallen for so many epochs, and take the best epoch's tables;
        0 is as 1.
    progress: None shows progress on a terminal, True also elsewhere as plain lines, False never.
    """

    validation: float | Source | None = None
    learning_rate: Rate | None = None
    epochs: int = 20
    batch_size: int | None = None
    seed: int | None = 0
    engine: str = registry.AUTO
    sample_weight: object = None
    class_weight: ClassWeight = None
    threads: int | None = None
    patience: int | None = None
    progress: bool | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any], *, caller: str = "fit") -> Self:
        """The options that are given by name.

        Raises:
            BadOption: there is no option of a name, or one is not what it may be.
        """
        known_names(given, [field.name for field in fields(cls)], of=caller)
        return cls(**given)

    def __post_init__(self) -> None:
        take = object.__setattr__
        take(self, "epochs", whole("epochs", self.epochs, least=1, most=MOST_EPOCHS, mend="epochs=20 is usual"))
        for name, least, most in (
            ("batch_size", 1, 2**31 - 1),
            ("threads", 1, MOST_THREADS),
            ("patience", 0, 2**31 - 1),
        ):
            if getattr(self, name) is not None:
                take(self, name, whole(name, getattr(self, name), least=least, most=most))
        if self.seed is not None or not self.may_lack_seed:
            take(self, "seed", whole("seed", self.seed, least=0, most=LARGEST_SEED, mend="seed=0 is the default"))
        if self.learning_rate is not None and not callable(self.learning_rate):
            take(self, "learning_rate", number("learning_rate", self.learning_rate, mend=RATE_MEND))
        registry.checked(self.engine)
        if self.progress is not None:
            flag("progress", self.progress)
        take(self, "validation", _share_or_data(self.validation))
        if self.patience is not None and self.validation is None:
            raise BadOption(
                f"patience={self.patience} without validation",
                expected="validation data to watch, to know when to stop",
                mend="add validation=0.1, or leave patience out",
            )
        _check_class_weight(self.class_weight)

    @property
    def may_lack_seed(self) -> bool:
        """Whether there is a seed of before to go on with."""
        return False

    @property
    def weight(self) -> str | None:
        """The column of examples' weights, None where each counts the same."""
        return weight_column(self.sample_weight, self.class_weight)

    def weigh(self, frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
        """The examples with what each counts for."""
        return with_weights(frame, layout, self.sample_weight, self.class_weight)

    def check_measurable(self, model: str, target: str | None) -> None:
        """Refuse to watch an error that nobody can measure: that of a model without a target."""
        if target is not None or self.validation is None:
            return
        given = ["validation"] + (["patience"] if self.patience is not None else [])
        raise BadOption(
            f"{' and '.join(given)} with {model}, which returns its own loss",
            expected="a model with a target, whose error on held-back examples can be measured",
            mend=f"leave {' and '.join(given)} out",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOptions(Options):
    """What a first training may be told besides.

    optimizer: a name ("sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw", …), a factory or object of Optax.
    update: "sparse" moves looked-up rows only; "dense" moves every row at every batch, as Keras does.
    parallel: "hogwild" gives up that the result does not depend on `threads`, for speed.
    min_count: ids that occur less often share the unknown row.
    checkpoint: a file that holds the state after each epoch; where it exists, training goes on from it.
    chunk_rows: train from disk: a Parquet file larger than memory, so many shuffled examples of it at a time.
    remember_seen: keep who has seen what by the data, what is held back for validation included, so that
        `recommend` can leave it out. With chunk_rows it is kept for files of up to 20 million examples.
    watch: an example whose steps are kept before training and after some epochs; `fitted.play(path)` shows them.
    """

    optimizer: object = "adagrad"
    update: str = "sparse"
    parallel: str | None = None
    min_count: int = 1
    checkpoint: "str | PathLike[str] | None" = None
    chunk_rows: int | None = None
    remember_seen: bool = True
    watch: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        Options.__post_init__(self)
        take = object.__setattr__
        one_of("update", self.update, ("sparse", "dense"), mend="update='sparse' is the default")
        one_of("parallel", self.parallel, (None, "hogwild"), mend="leave it out: the result is then the same each time")
        take(self, "min_count", whole("min_count", self.min_count, least=1))
        if self.chunk_rows is not None:
            take(self, "chunk_rows", whole("chunk_rows", self.chunk_rows, least=1))
        flag("remember_seen", self.remember_seen)
        if self.checkpoint is not None and not is_a(self.checkpoint, str, PathLike):
            raise BadOption(
                said("checkpoint", self.checkpoint), expected="the path of a file", mend="checkpoint='training.ckpt'"
            )
        if self.watch is not None:
            mapping(
                "watch",
                self.watch,
                expected="an example: a value for each column by name",
                mend="watch=frame.row(0, named=True)",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherOptions(Options):
    """What a further training may be told besides.

    trainable: tables and dense weights to unfreeze (True) or to freeze (False) from now on, by name.
    """

    epochs: int = 1
    seed: int | None = None
    trainable: Mapping[str, bool] | None = None

    def __post_init__(self) -> None:
        Options.__post_init__(self)
        if self.trainable is not None:
            wanted, mend = "True or False for each table by name", "trainable={'user': False} freezes the table user"
            for name, moves in mapping("trainable", self.trainable, expected=wanted, mend=mend).items():
                flag(f"trainable[{name!r}]", moves)

    @property
    def may_lack_seed(self) -> bool:
        return True


def _share_or_data(validation: object) -> object:
    """A share of the examples as a float, data as they are."""
    if is_number(validation) and not is_whole(validation) and 0 < validation < 1:
        return float(validation)
    if is_a(validation, int, float, complex, np.generic):
        raise BadOption(
            said("validation", validation),
            expected="a share of the examples between 0 and 1, such as 0.1, or data to validate with",
            mend="validation=0.1 holds back a tenth",
        )
    return validation


def _check_class_weight(weights: object) -> None:
    if is_mapping(weights):
        for name, weight in weights.items():
            number(
                f"class_weight[{name!r}]",
                weight,
                mend="class_weight={0: 1.0, 1: 5.0} counts the second class five times",
            )
    elif weights is not None:
        one_of(
            "class_weight",
            weights,
            ("balanced",),
            mend="class_weight={0: 1.0, 1: 5.0} counts the second class five times",
        )
