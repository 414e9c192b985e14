"""Symbolic values in, a model out that is compiled, fitted and asked as Keras' are; beneath it is a model of rows."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rowwise.api.fitted import Fitted
from rowwise.data.chunks import MOST, chunks
from rowwise.data.examples import Examples
from rowwise.data.files.content import existing
from rowwise.data.row_numbers import RowNumbers
from rowwise.english import n_of
from rowwise.errors import BadData, BadFolder, BadModel, BadOption, said
from rowwise.forks import not_in_a_fork
from rowwise.keras_style import session, source
from rowwise.keras_style.given import arrays_of, column_of, has_columns, held_back, shaped, shown_by, target_of
from rowwise.keras_style.initial import checked
from rowwise.keras_style.layer import Layer
from rowwise.keras_style.layers import Place
from rowwise.keras_style.learner import Learner
from rowwise.keras_style.losses import KerasLoss, loss_of, metric_of
from rowwise.keras_style.optimizers import Optimizer, optimizer_of
from rowwise.keras_style.spelling import spelt
from rowwise.keras_style.symbol import Symbol, shown, squeezed
from rowwise.options import flag, mapping, number, one_of, place, whole
from rowwise.screen import say
from rowwise.storage.whole import replaced_whole
from rowwise.train.options import Options

TARGET = "y"


class History:
    """What `fit` gives: `.history` holds a list for each of "loss", "val_loss" and the metrics, one number an epoch."""

    def __init__(self, rows: Sequence[Mapping[str, float]]):
        names = [name for name in rows[0] if name not in ("epoch", "seconds", "learning_rate")] if rows else []
        self.epoch = [int(row["epoch"]) - 1 for row in rows]
        self.history: dict[str, list[float]] = {name: [float(row[name]) for row in rows] for name in names}

    def __repr__(self) -> str:
        lines = []
        for k, epoch in enumerate(self.epoch):
            lines.append(f"epoch {epoch + 1}: " + ", ".join(f"{n} {v[k]:.4f}" for n, v in self.history.items()))
        return "\n".join(lines)


class Compiled(NamedTuple):
    """How a model is to be trained."""

    optimizer: Optimizer
    loss: KerasLoss
    metrics: tuple[str, ...]
    update: str


class Model:
    """The model that gives `outputs` from `inputs`: `Model([user_in, movie_in], score)`.

    `.rows` is the same model as a function of rows, in source text.
    """

    @spelt(input="inputs", output="outputs")
    def __init__(self, inputs: Any, outputs: Symbol | Sequence[Symbol], name: str | None = None):
        self.name = name or session.numbered("model")
        self.inputs: list[Symbol] = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        self.output = _one(outputs)
        self._compiled: Compiled | None = None
        self._learner: tuple[Any, Learner] | None = None
        _check_inputs(self)

    # What it is made of.

    @property
    def symbols(self) -> list[Symbol]:
        """Its symbolic values, each after those it is made of."""
        there = list(self.output.upstream())
        return [i for i in self.inputs if i not in there] + there

    @property
    def layers(self) -> list[Any]:
        """Its layers, each once."""
        return self._flat

    @property
    def _flat(self) -> list[Layer]:
        """Every layer, also those of a model among them."""
        return list(dict.fromkeys(symbol.layer for symbol in self.symbols))

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """One layer, by name or place.

        Raises:
            BadOption: there is no such layer.
        """
        if index is not None:
            last = len(self.layers) - 1
            mend = f"index=-1 is the last, index={last}"
            return self.layers[whole("index", index, least=-last - 1, most=last, expected=f"0 to {last}", mend=mend)]
        found = {layer.name: layer for layer in self._flat}
        if not isinstance(name, str) or name not in found:
            raise BadOption(
                f"{self.name} has no layer {name!r}",
                expected=f"one of {', '.join(found)}",
                mend=f"name the last: get_layer({next(reversed(found))!r})",
            )
        return found[name]

    def __call__(self, given: Any) -> Symbol:
        """Its layers, with their weights, on another symbolic value."""
        values = given if isinstance(given, list | tuple) else [given]
        if len(values) != len(self.inputs):
            raise BadModel(
                f"{self.name} was called on {n_of(len(values), 'value')}",
                expected=f"{n_of(len(self.inputs), 'symbolic value')}, one for each of its Inputs",
                mend=f"{self.name}([{', '.join(s.name for s in self.inputs)}]) with a value in place of each",
            )
        known = dict(zip(self.inputs, values, strict=True))
        for symbol in self.output.upstream():
            if symbol not in known:
                known[symbol] = symbol.layer([known[i] for i in symbol.inputs])
        return known[self.output]

    @property
    def rows(self) -> str:
        """The same model as a function of rows: a Python file that runs."""
        return self._written().text

    def _written(self) -> source.Written:
        if self._compiled is None:
            return source.write(self.output, name=self.name)
        loss = self._compiled.loss
        ending = f'target="{TARGET}", loss=rw.{loss.ours}'
        return source.write(self.output, name=self.name, bare=loss.activation is not None, ending=ending)

    # Training.

    @spelt("loss_weights", "run_eagerly", "jit_compile")
    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: str = "mse",
        metrics: Sequence[str] | None = None,
        update: str = "dense",
    ) -> None:
        """Say how to train.

        `update="dense"` moves every row of every table at every batch, as Keras does; `update="sparse"` those alone
        that the batch looked up, which is much faster, and lets l2 be paid by those alone.

        Raises:
            BadOption: an unknown name, or a loss that does not fit the last activation.
        """
        chosen = loss_of(loss)
        if chosen.activation and getattr(self.output.layer, "activation", None) != chosen.activation:
            raise BadOption(
                f"loss={loss!r} after {self.output.name} ({self.output.layer.kind})",
                expected=f"a last layer with activation={chosen.activation!r}",
                mend=f"Dense({'1' if chosen.activation == 'sigmoid' else 'classes'}, activation={chosen.activation!r})",
            )
        size = squeezed(self.output.shape)
        if size and not chosen.is_class:
            raise BadOption(
                f"loss={loss!r} of {self.output.name} {shown(self.output.shape)}",
                expected="one number for each example",
                mend="end in merge(mode='dot'), Flatten of one number, or Dense(1)",
            )
        one_of("update", update, ("dense", "sparse"), mend="leave it out for Keras' own way")
        several = metrics is None or isinstance(metrics, list | tuple)
        measured: tuple[Any, ...] = tuple(metrics or ()) if several else (metrics,)
        for name in measured:
            metric_of(name)
        self._compiled = Compiled(optimizer_of(optimizer), chosen, measured, update)
        self._learner = None

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer: `model.optimizer.lr = 0.01` between two calls of `fit`."""
        return self._settings.optimizer

    @property
    def _settings(self) -> Compiled:
        if self._compiled is None:
            raise BadModel(
                f"{self.name} is not compiled",
                expected="a loss and an optimizer",
                mend="model.compile(Adam(0.001), loss='mse')",
            )
        return self._compiled

    @spelt(nb_epoch="epochs")
    @not_in_a_fork
    def fit(
        self,
        x: object,
        y: object = None,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: int | bool | None = None,
        validation_split: float = 0.0,
        validation_data: tuple[Any, Any] | None = None,
        shuffle: bool = True,
        engine: str = "auto",
        seed: int = 0,
        threads: int | None = None,
    ) -> History:
        """Train for some epochs more.

        Args:
            x: an array for each Input, or a frame or mapping with a column for each, by its name.
            y: the targets, or the name of a column of the frame.
            validation_split: the last share of the examples is held back.
            engine: "llvm", "xla" or "auto". A dense update runs on XLA.

        The losses of the history are those of the data: penalties are left out, as the Keras of 2016 left them out of
        its validation loss.

        Raises:
            BadData: arrays that do not fit the Inputs.
            Diverged: a loss is not finite.
        """
        if not flag("shuffle", shuffle):
            raise BadOption("shuffle=False", expected="examples in an order drawn for each epoch", mend="leave it out")
        asked = Options(
            epochs=epochs,
            batch_size=batch_size,
            engine=engine,
            seed=seed,
            threads=threads,
            progress=shown_by(verbose),
        )
        examples = self._examples(x, y)
        held = self._examples(*held_back(validation_data)) if validation_data is not None else None
        share = number("validation_split", validation_split, below=1.0, mend="validation_split=0.1 holds back a tenth")
        if held is None and share:
            n = int(examples.n * (1 - share))
            examples, held = examples.take(np.arange(n)), examples.take(np.arange(n, examples.n))
        learner = self.learner

        def errors() -> dict[str, float]:
            if held is None:
                return {}
            return {f"val_{name}": value for name, value in self._errors(learner, held).items()}

        return History(learner.run(examples, asked, held=errors))

    @property
    def learner(self) -> Learner:
        """What trains; made anew where a layer was frozen or thawed, with the state that still fits."""
        compiled, written = self._settings, self._written()
        if self._learner is None or self._learner[0] != written.text:
            old = self._learner[1] if self._learner else None
            learner = Learner(
                written.function.recipe,
                written.tables,
                _n_rows(written),
                compiled.optimizer,
                update=compiled.update,
                states=old.parameters.states if old else {},
            )
            learner.history = old.history if old else []
            self._learner = written.text, learner
        return self._learner[1]

    # Asking.

    @not_in_a_fork
    def predict(self, x: object, batch_size: int = MOST, verbose: object = None) -> np.ndarray:
        """What the model gives for each example: (n, *shape of the output)."""
        import jax.numpy as jnp

        rows, values, n = self._columns(x)
        parts = [np.zeros((0, *self.output.shape), np.float32)]
        arrays = {layer.name: {part: jnp.asarray(a) for part, a in layer.weights.items()} for layer in self._flat}
        for some in chunks(rows | values, n):
            parts.append(np.asarray(self._answer(arrays, some)).reshape(-1, *self.output.shape))
        return np.concatenate(parts)[:n]

    @cached_property
    def _answer(self) -> Any:
        """The compiled prediction of a batch."""
        import jax
        import jax.numpy as jnp

        written = source.write(self.output, name=self.name)

        def batch(arrays: Mapping[str, Any], some: Mapping[str, Any]) -> Any:
            each = {
                name: a.numbers(arrays[a.layer.name])[some[a.column]]
                for name, a in written.of(source.RowsArgument).items()
            }
            each |= {name: some[a.column] for name, a in written.of(source.ValueArgument).items()}
            fixed = {name: a.numbers(arrays[a.layer.name]) for name, a in written.of(source.WeightArgument).items()}
            fixed |= {name: jnp.ones(a.shape) for name, a in written.of(source.MaskArgument).items()}
            return jax.vmap(lambda one: written.function(**one, **fixed))(each)

        return jax.jit(batch)

    @not_in_a_fork
    def evaluate(self, x: object, y: object = None, batch_size: int = MOST, verbose: object = None) -> Any:
        """The loss on some data, without penalties; a list of it and the metrics where there are any."""
        errors = list(self._errors(self.learner, self._examples(x, y)).values())
        return errors[0] if len(errors) == 1 else errors

    def _errors(self, learner: Learner, examples: Examples) -> dict[str, float]:
        loss, metrics = self._settings.loss, self._settings.metrics
        assert examples.target is not None
        predictions, target = learner.predict(examples).astype(np.float64), examples.target.astype(np.float64)
        return {"loss": loss.measure(predictions, target)} | {m: metric_of(m)(predictions, target) for m in metrics}

    # Weights.

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, layer by layer."""
        return [array for layer in self._flat for array in layer.get_weights()]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Take over these numbers, in the order of `get_weights`.

        Raises:
            BadOption: too many, too few, or of another shape.
        """
        mine = [array for layer in self._flat for array in layer.weights.values()]
        for array, new in zip(mine, checked(weights, [a.shape for a in mine], owner=self.name), strict=True):
            array[...] = new

    def save_weights(self, path: str | Path, overwrite: bool = True) -> None:
        """Write all weights to one file, by layer and name (safetensors)."""
        from safetensors.numpy import save

        path = Path(place("path", path))
        if path.exists() and not overwrite:
            raise BadFolder(f"{path} is there already", expected="a new file", mend="overwrite=True replaces it")
        named = [(f"{layer.name}/{part}", array) for layer in self._flat for part, array in layer.weights.items()]
        with replaced_whole(path) as file:
            file.write(save({f"{k:04}/{name}": np.array(array) for k, (name, array) in enumerate(named)}))

    def load_weights(self, path: str | Path) -> None:
        """Take over the weights that `save_weights` wrote for a model of the same layers, in their order.

        Raises:
            BadFolder: the file holds other weights, or none.
        """
        from safetensors import SafetensorError, safe_open

        path = Path(place("path", path))
        try:
            with safe_open(existing(path), "np") as file:
                arrays = [file.get_tensor(name) for name in sorted(file.keys())]
        except (OSError, SafetensorError) as error:
            raise BadFolder(
                f"{path} cannot be read ({said(error)})",
                expected="a file that save_weights wrote",
                mend=f"write it anew: model.save_weights({str(path)!r})",
            ) from None
        self.set_weights(arrays)

    def count_params(self) -> int:
        """How many numbers its weights are."""
        return sum(layer.count_params() for layer in self._flat)

    def summary(self) -> None:
        """Print a line for each layer: its kind, the shape that it gives, its weights, and what it reads."""
        say(self)

    def __repr__(self) -> str:
        from rowwise.keras_style.summary import summary

        return summary(self)

    # Doors to what any trained model can do.

    @property
    def fitted(self) -> Fitted:
        """This model as any trained one; its numbers are a copy."""
        return self.learner.fitted

    @not_in_a_fork
    def steps(self, example: Mapping[str, Any], *, seed: int = 0) -> Any:
        """One example line by line; `example` holds a value for each Input by name, and `y` where it is known."""
        asked = "a value for each Input, by its name"
        mapping("example", example, expected=asked, mend=f"give one with {', '.join(s.name for s in self.inputs)}")
        return self.fitted.steps(self._without_padding(example), seed=seed)

    def sheet(self, path: str | Path, **options: object) -> Path:
        """The model as a workbook with live formulas."""
        return self.fitted.sheet(path, **options)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a folder that `rowwise.load` reads."""
        return self.fitted.save(folder)

    # Data.

    def _without_padding(self, example: Mapping[str, Any]) -> dict[str, Any]:
        """An example whose lists are padded in front, as the lists they were: a Mask then tells the padding."""
        padded = {s.name for c, s in self._written().columns(source.ValueArgument).items() if c.startswith(source.MASK)}
        cut = {name: np.trim_zeros(np.asarray(example[name]), "f").tolist() for name in padded}
        return {**example, **cut}

    def _examples(self, x: object, y: object) -> Examples:
        rows, values, n = self._columns(x)
        if y is None:
            raise BadData(f"no targets for {self.name}", expected="y, one for each example", mend="fit(x, y)")
        if isinstance(y, str) and has_columns(x):
            y = column_of(x, y)
        target = target_of(y, n, is_class=self._settings.loss.is_class, of=self.name)
        return Examples(n, rows, values, target)

    def _columns(self, x: object) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], int]:
        """The rows of each column of ids and the numbers of each column of values, and how many examples there are."""
        given = dict(zip([i.name for i in self.inputs], arrays_of(x, self.inputs), strict=True))
        written = self._written()
        lengths = {name: len(array) for name, array in given.items()}
        n = next(iter(lengths.values()))
        if len(set(lengths.values())) > 1:
            raise BadData(
                f"arrays of different lengths: {', '.join(f'{name} has {k:,}' for name, k in lengths.items())}",
                expected="one row for each example in all of them",
                mend=f"take the same rows of each: the first {min(lengths.values()):,} are in all of them",
            )
        n_rows = _n_rows(written)
        rows = {}
        for column, symbol in written.columns(source.RowsArgument).items():
            ids = shaped(given[column], symbol)
            rows[column] = RowNumbers(column, n_rows[column]).rows(ids.ravel()).reshape(ids.shape)
        values = {}
        for column, symbol in written.columns(source.ValueArgument).items():
            array = given[symbol.name]
            if column.startswith(source.MASK):
                array = np.asarray(array) != 0
            numbers = shaped(array, symbol).reshape(n, -1).astype(np.float32)
            values[column] = numbers if squeezed(symbol.shape) else numbers[:, 0]
        return rows, values, n


def _one(outputs: object) -> Symbol:
    found = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    if len(found) != 1 or not isinstance(found[0], Symbol):
        raise BadModel(
            f"Model(outputs={outputs if not isinstance(outputs, list | tuple) else len(found)})",
            expected="one symbolic value",
            mend="write one Model for each output; they share their layers",
        )
    return found[0]


def _check_inputs(model: Model) -> None:
    read = {id(s): s for s in model.output.upstream() if isinstance(s.layer, Place)}
    for symbol in model.inputs:
        if not isinstance(symbol, Symbol) or not isinstance(symbol.layer, Place):
            raise BadModel(
                f"{model.name} is to read {getattr(symbol, 'name', type(symbol).__name__)}",
                expected="what Input gives",
                mend=f"Model([{', '.join(s.name for s in read.values())}], {model.output.name})",
            )
    missing = [s.name for key, s in read.items() if key not in {id(i) for i in model.inputs}]
    if missing:
        raise BadModel(
            f"{model.output.name} reads {', '.join(missing)}, which {model.name} is not given",
            expected="every Input that the output is made of",
            mend=f"Model([{', '.join(s.name for s in read.values())}], {model.output.name})",
        )


def _n_rows(written: source.Written) -> dict[str, int]:
    """The rows of the tables that each column of ids names."""
    found: dict[str, dict[str, int]] = {}
    for argument in written.of(source.RowsArgument).values():
        found.setdefault(argument.column, {})[argument.layer.name] = argument.layer.input_dim
    for column, sizes in found.items():
        if len(set(sizes.values())) > 1:
            raise BadModel(
                f"{column} names rows of tables of different sizes: "
                + ", ".join(f"{name} has {n:,}" for name, n in sizes.items()),
                expected="one input_dim for all that read one Input",
                mend=f"input_dim={max(sizes.values())} for each of them",
            )
    return {column: next(iter(sizes.values())) for column, sizes in found.items()}
