"""A plain function of tables in, a model of rows out: `from_jax` finds what the function looks up, and trains that."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rowwise.api.fitted import Fitted
from rowwise.api.model import Model
from rowwise.capture import jaxpr
from rowwise.data.chunks import chunks
from rowwise.data.examples import Examples
from rowwise.data.row_numbers import RowNumbers
from rowwise.errors import BadData, BadModel, BadOption
from rowwise.imported import trace
from rowwise.keras_style.given import array_of, column_of, has_columns, held_back, target_of
from rowwise.keras_style.learner import Learner
from rowwise.keras_style.losses import CLOSE, KerasLoss, loss_of
from rowwise.keras_style.network import TARGET, History
from rowwise.keras_style.optimizers import Optimizer, optimizer_of
from rowwise.keras_style.session import identifier
from rowwise.keras_style.symbol import Shape, squeezed
from rowwise.models import losses
from rowwise.models.losses import Loss
from rowwise.models.raised import computed
from rowwise.models.recipe import Recipe
from rowwise.models.words import Dropout, Row, Rows, Value, Weight
from rowwise.options import mapping, said, text
from rowwise.train.options import Options

if TYPE_CHECKING:
    import jax


class Mask(NamedTuple):
    """Numbers that the function multiplies by while it trains: 0 with probability `rate`, else larger than 1."""

    shape: Shape
    rate: float


def from_jax(
    function: Callable[[Any, Any], Any],
    tables: object,
    example: object,
    *,
    loss: str = "mse",
    l2: Mapping[str, float] | None = None,
    name: str | None = None,
) -> "Brought":
    """A model of rows made of `function(tables, example)`, which predicts one example in JAX.

    Args:
        tables: its arrays: a dictionary of them, or any pytree such as a module of Equinox. Those that it indexes by
            numbers of the example become tables, the others dense weights.
        example: one example, to see shapes and types by: an array, or a list or dictionary of them.
        loss: "mse", "mae", "binary_crossentropy" or "sparse_categorical_crossentropy" of what the function gives.
        l2: the weight of each array's sum of squares in the loss, by name.

    Raises:
        BadModel: it looks up nothing by the example, or reads a table whole too; the line is named.
    """
    import jax

    if not callable(function):
        mend = "from_jax(lambda params, example: params['user'][example['user']].sum(), params, example)"
        raise BadOption(said("function", function), expected="a function of (tables, example)", mend=mend)
    if l2 is not None:
        mapping("l2", l2, expected="a penalty for each table, by name", mend="l2={'user': 1e-4}")
    if name is not None:
        text("name", name, mend="leave it out: the model is called as the function")
    leaves, tree = jax.tree_util.tree_flatten_with_path(tables)
    learnt = {_name_of(path): np.asarray(leaf) for path, leaf in leaves if _is_float(leaf)}
    fixed = [None if _is_float(leaf) else leaf for _, leaf in leaves]

    def of_weights(weights: Mapping[str, Any], given: object, masks: Mapping[str, Any]) -> Any:
        numbers = iter([weights[name] for name in learnt])
        return function(jax.tree.unflatten(tree, [next(numbers) if leaf is None else leaf for leaf in fixed]), given)

    return Brought(
        of_weights,
        {name: np.array(array, np.float32) for name, array in learnt.items()},
        example,
        loss=loss,
        l2=l2 or {},
        masks={},
        name=name or getattr(function, "__name__", "function"),
        place=function,
    )


class Brought:
    """A function of weights and data, trained as a model of rows; made by `from_jax` and `from_keras`."""

    def __init__(
        self,
        function: Callable[[Any, Any, Any], Any],
        weights: dict[str, np.ndarray],
        example: object,
        *,
        loss: str,
        l2: Mapping[str, float],
        masks: Mapping[str, Mask],
        name: str,
        frozen: Sequence[str] = (),
        place: Callable[..., Any] | None = None,
        optimizer: Optimizer | None = None,
        after: Callable[[Mapping[str, np.ndarray]], None] = lambda weights: None,
    ):
        """`function(weights, example, masks)`; `after` is told the weights whenever they were trained."""
        import jax

        self.weights, self.loss, self.optimizer, self.after = weights, loss_of(loss), optimizer, after
        self.tree = jax.tree.structure(example)
        self.given_as = list(example) if isinstance(example, Mapping) else []  # the names, in the order of a list
        leaves, _ = jax.tree_util.tree_flatten_with_path(example)
        self.data = {_name_of(path) or "input": np.asarray(leaf) for path, leaf in leaves}

        def flat(weights: Mapping[str, Any], data: Mapping[str, Any], masks: Mapping[str, Any]) -> Any:
            return function(weights, jax.tree.unflatten(self.tree, [data[name] for name in self.data]), masks)

        ones = {name: np.ones(mask.shape, np.float32) for name, mask in masks.items()}
        with computed(place or function):
            traced, shape = jaxpr.trace(flat, weights, self.data, ones)
        if not hasattr(shape, "shape"):
            raise BadModel(f"{name} gives {shape}", expected="one array", mend="return the prediction alone")
        self.traced = trace.take_apart(traced, sorted(weights), sorted(self.data), sorted(ones))
        if not self.traced.lookups:
            raise BadModel(
                f"{name} looks up no rows by numbers of the example",
                expected="an array of tables, indexed by whole numbers that come from the example alone",
                mend="index a table in it, as in params['user'][example['user']]",
            )
        self.model = self._model(name, place or function, masks, l2, frozen)
        self._learner: tuple[Any, Learner] | None = None

    # The model of rows.

    @cached_property
    def columns(self) -> dict[str, tuple[Any, int]]:
        """By column of ids: the value that holds its row numbers, and how many rows there are."""
        found: dict[str, tuple[Any, int]] = {}
        for lookup in self.traced.lookups:
            size = len(self.weights[lookup.table])
            if (lookup.ids.key, size) not in [(ids.key, n) for ids, n in found.values()]:
                found[self._column_name(lookup.ids, found)] = lookup.ids, size
        return found

    def _column_name(self, ids: trace.Var, taken: Mapping[str, Any]) -> str:
        """After the input that the row numbers come from."""
        words = [name for name in self.data if repr(name) in repr(ids.key)]
        stem = identifier("_".join(words) or "ids")
        return next(n for n in [stem, *(f"{stem}_{k}" for k in range(2, 1000))] if n not in taken)

    def _column_of(self, lookup: trace.Lookup) -> str:
        size = len(self.weights[lookup.table])
        return next(name for name, (ids, n) in self.columns.items() if (ids.key, n) == (lookup.ids.key, size))

    def _model(
        self, name: str, place: object, masks: Mapping[str, Mask], l2: Mapping[str, float], frozen: Sequence[str]
    ) -> Model:
        traced, words = self.traced, {}
        arguments: dict[Any, str] = {}  # by value of the function of rows
        for lookup in traced.lookups:
            table, column = identifier(lookup.table), self._column_of(lookup)
            many, dim = squeezed(_shape_of(lookup)), prod(lookup.row_shape)
            options = {"table": table, "l2": l2.get(lookup.table, 0.0), "trainable": lookup.table not in frozen}
            width = None if dim == 1 else dim
            word = Rows(column, width, length=prod(many), **options) if many else Row(column, width, **options)
            same = [a for a, w in words.items() if w == word]
            argument = same[0] if same else _free(table, words)
            arguments[lookup.gives], words[argument] = argument, word
        rest = traced.of_rows()
        read = {value for line in rest for value in line.reads} | {traced.output}
        for weight, var in traced.weights.items():
            if var in read:
                argument = _free(identifier(weight), words)
                options = {"l2": l2.get(weight, 0.0), "trainable": weight not in frozen}
                arguments[var], words[argument] = argument, Weight(squeezed(var.shape), **options)
        for mask, var in traced.masks.items():
            argument = _free(identifier(mask), words)
            arguments[var], words[argument] = argument, Dropout(squeezed(var.shape), masks[mask].rate)
        self.numbers: dict[str, Any] = {}
        for var in traced.values():
            argument = self._column_name(var, {**words, **self.columns})
            size = prod(squeezed(var.shape))
            self.numbers[argument] = var
            arguments[var], words[argument] = argument, Value(argument, size if squeezed(var.shape) else None)
        output, loss = traced.output, _loss(self.loss)
        if self.loss.activation == "sigmoid" and rest and (score := _before_sigmoid(rest, output)) is not None:
            output, loss = score, losses.binary_cross_entropy
        self.arguments = arguments
        function = _OfRows(traced, arguments, output, place)
        return Model(Recipe(identifier(name), function, words, TARGET, loss, None, None).replace())

    # Training and asking.

    def fit(
        self,
        x: object,
        y: object,
        *,
        epochs: int = 1,
        batch_size: int | None = None,
        validation_data: tuple[Any, Any] | None = None,
        optimizer: str | Optimizer | None = None,
        update: str = "sparse",
        engine: str = "auto",
        seed: int = 0,
        threads: int | None = None,
        verbose: bool | None = None,
    ) -> History:
        """Train for some epochs more; the function's own arrays take over the numbers.

        `x` is what the function reads, with an axis of examples in front. Without a `batch_size`, a model of rows alone
        is trained one example at a time, one with dense weights by 64.

        Raises:
            BadData: data of other shapes, or row numbers that the tables do not have.
            Diverged: a loss is not finite.
        """
        asked = Options(
            epochs=epochs, batch_size=batch_size, engine=engine, seed=seed, threads=threads, progress=verbose
        )
        learner = self._learn(optimizer_of(optimizer if optimizer is not None else self.optimizer or "adam"), update)
        if y is None:
            raise BadData(f"no targets for {self.model.name}", expected="y, one for each example", mend="fit(x, y)")
        examples = self._examples(x, y)
        held = self._examples(*held_back(validation_data)) if validation_data is not None else None

        def errors() -> dict[str, float]:
            if held is None or held.target is None:
                return {}
            return {"val_loss": self.loss.measure(learner.predict(held), held.target.astype(np.float64))}

        try:
            return History(learner.run(examples, asked, held=errors))
        finally:
            self.after(self.weights)

    def _learn(self, optimizer: Optimizer, update: str) -> Learner:
        key = (optimizer.name, str(getattr(optimizer.make, "keywords", "")), update)
        if self._learner is None or self._learner[0] != key:
            tables = {i: self.weights[w] for i, w in self._tables.items()}
            views = {name: array.reshape(self._view_shape(name, array)) for name, array in tables.items()}
            n_rows = {column: n for column, (_, n) in self.columns.items()}
            self._learner = key, Learner(self.model.recipe, views, n_rows, optimizer, update=update, states={})
        self._learner[1].optimizer = optimizer
        return self._learner[1]

    @cached_property
    def _tables(self) -> dict[str, str]:
        """By table or dense weight of the model, the name of the function's array."""
        looked_up = {identifier(lookup.table): lookup.table for lookup in self.traced.lookups}
        dense = {self.arguments[v]: w for w, v in self.traced.weights.items() if v in self.arguments}
        return looked_up | dense

    def _view_shape(self, name: str, array: np.ndarray) -> Shape:
        if name in self.model.tables:
            return (len(array), *self.model.tables[name].row_shape)
        return squeezed(array.shape)

    def predict(self, x: object) -> np.ndarray:
        """What the function gives for each example."""
        learner = self._learner[1] if self._learner else self._learn(self.optimizer or optimizer_of("adam"), "sparse")
        examples = self._examples(x, None)
        return learner.predict(examples).reshape(examples.n, *_shape(self.traced.output))

    @property
    def fitted(self) -> Fitted:
        """The model as any trained one: `steps`, `sheet`, `save`; its numbers are a copy."""
        return (self._learner[1] if self._learner else self._learn(optimizer_of("adam"), "sparse")).fitted

    def _examples(self, x: object, y: object) -> Examples:
        import jax

        if self.given_as and not isinstance(x, Mapping):
            named = has_columns(x)
            found = (
                [column_of(x, name) for name in self.given_as] if named else x if isinstance(x, list | tuple) else [x]
            )
            x = dict(zip(self.given_as, found, strict=False))
        if isinstance(x, Mapping):
            x = {name: value if isinstance(value, Mapping) else array_of(value, what=name) for name, value in x.items()}
        arrays = {_name_of(path) or "input": np.asarray(a) for path, a in jax.tree_util.tree_flatten_with_path(x)[0]}
        for name, one in self.data.items():
            if name in arrays and arrays[name].shape[1:] != one.shape:
                arrays[name] = _with_ones(arrays[name], one.shape)
            if name not in arrays or arrays[name].shape[1:] != one.shape:
                told = f"an array of shape {arrays[name].shape}" if name in arrays else "nothing"
                raise BadData(
                    f"{name} is given {told}",
                    expected=f"(examples, {', '.join(map(str, one.shape))})" if one.shape else "(examples,)",
                    mend="give what the function reads, with an axis of examples in front",
                )
        n = len(next(iter(arrays.values())))
        ids, numbers = self._from_data(arrays, n)
        rows = {}
        for (column, (var, size)), found in zip(self.columns.items(), ids, strict=True):
            many = next(squeezed(_shape_of(k)) for k in self.traced.lookups if k.ids.key == var.key)
            rows[column] = RowNumbers(column, size).rows(found.ravel()).reshape((n, prod(many)) if many else n)
        values = {
            name: found.reshape(n, -1).astype(np.float32) for name, found in zip(self.numbers, numbers, strict=True)
        }
        values = {
            name: array if squeezed(_shape(self.numbers[name])) else array[:, 0] for name, array in values.items()
        }
        if y is None:
            return Examples(n, rows, values, None)
        target = target_of(y, n, is_class=self.loss.is_class, of=self.model.name)
        return Examples(n, rows, values, target)

    def _from_data(self, arrays: Mapping[str, np.ndarray], n: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Row numbers by column, and the other numbers, worked out from the data in chunks of one shape."""
        parts = [[np.asarray(a) for a in self._split(some)] for some in chunks(arrays, n)]
        whole = [np.concatenate(found)[:n] for found in zip(*parts, strict=True)]
        return whole[: len(self.columns)], whole[len(self.columns) :]

    @cached_property
    def _split(self) -> Any:
        import jax

        wanted = [ids for ids, _ in self.columns.values()] + list(self.numbers.values())
        return jax.jit(jax.vmap(lambda data: self.traced.from_data(wanted, data)))

    def __repr__(self) -> str:
        told = [f"  {lookup.table} {self.weights[lookup.table].shape}, looked up by {self._column_of(lookup)}"
                for lookup in self.traced.lookups]  # fmt: skip
        return "\n".join([str(self.model), "brought along:", *dict.fromkeys(told)])


class _OfRows:
    """The function of rows that is left of a traced function, with the place of the function as it was written."""

    def __init__(self, traced: trace.Parts, arguments: Mapping[Any, str], output: object, place: object):
        self.traced, self.arguments, self.output = traced, arguments, output
        self.lines = traced.of_rows()
        self.__name__ = getattr(place, "__name__", "function")
        if (code := getattr(place, "__code__", None)) is not None:
            self.__code__ = code

    def __call__(self, **given: Any) -> Any:
        import jax.numpy as jnp

        known = {}
        for var, name in self.arguments.items():
            array = jnp.reshape(given[name], squeezed(var.shape))
            known[var] = array if var.dtype == array.dtype else array.astype(var.dtype)
        return trace.run(self.lines, known, self.output)


def _before_sigmoid(lines: list[trace.Line], output: Any) -> Any:
    """The value whose sigmoid the output is, or None."""
    by_value = {value: line for line in lines for value in line.gives}
    while output in by_value and by_value[output].name in trace.SAME:
        output = by_value[output].reads[0]
    line = by_value.get(output)
    return line.reads[0] if line is not None and line.name == "logistic" else None


def _loss(loss: KerasLoss) -> Loss:
    """The loss of what the function itself gives."""
    import jax.numpy as jnp

    def binary(p: "jax.Array", target: "jax.Array") -> Any:
        likely = jnp.clip(p, CLOSE, 1 - CLOSE)
        return -(target * jnp.log(likely) + (1 - target) * jnp.log(1 - likely))

    def categorical(p: "jax.Array", target: "jax.Array") -> Any:
        chosen = jnp.sum(jnp.where(jnp.arange(p.shape[0]) == target, p, 0.0))
        return -jnp.log(jnp.clip(chosen, CLOSE, 1 - CLOSE))

    if loss.activation == "sigmoid":
        return Loss("binary_cross_entropy", binary, targets="binary")
    if loss.is_class:
        return Loss("categorical_cross_entropy", categorical, targets="class")
    return getattr(losses, loss.ours)


def _with_ones(array: np.ndarray, shape: Shape) -> np.ndarray:
    """(n,) as (n, 1), as Keras reads it; what differs by more stays as it is."""
    alike = squeezed(array.shape[1:]) == squeezed(shape)
    return array.reshape(len(array), *shape) if alike else array


def _shape(value: trace.Var) -> Shape:
    return tuple(value.shape)


def _shape_of(lookup: trace.Lookup) -> Shape:
    """How many rows a lookup reads: the shape of what it gives, without that of a row."""
    shape = _shape(lookup.gives)
    return shape[: len(shape) - len(lookup.row_shape)]


def _free(name: str, taken: Mapping[str, Any]) -> str:
    return next(n for n in [name, *(f"{name}_{k}" for k in range(2, 1000))] if n not in taken)


def _is_float(leaf: object) -> bool:
    return hasattr(leaf, "dtype") and np.issubdtype(np.asarray(leaf).dtype, np.floating)


def _name_of(path: Any) -> str:
    """`['user']` -> "user", `.layers[0].weight` -> "layers_0_weight", `[1]` -> "input_2"."""
    import jax

    told = jax.tree_util.keystr(path)
    if told.strip("[]").isdigit():
        return f"input_{int(told.strip('[]')) + 1}"
    return "_".join(part for part in identifier(told).split("_") if part)
