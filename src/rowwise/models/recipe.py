"""A function of rows in, a `Recipe` out: its words checked, its tables named, its function tried once."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from difflib import get_close_matches
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, Literal

from rowwise import inert
from rowwise.data.targets import Number
from rowwise.data.text import Text
from rowwise.errors import BadModel, BadOption
from rowwise.models.arguments import Dense, Lookup, Module, Shape, Word, module_arrays
from rowwise.models.check import check
from rowwise.models.initializers import initializer
from rowwise.models.losses import Loss, loss_of
from rowwise.models.raised import place_of
from rowwise.models.signature import completed, words_of
from rowwise.options import is_number, said

if TYPE_CHECKING:
    import jax

KEEP: Any = object()  # what `replace` is not told to change
Clip = tuple[float, float] | Literal["data"] | None  # "data": the lowest and the highest target of the training data


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What a model asks of one table: the shape of a row, where it starts, what its size costs."""

    name: str
    row_shape: Shape
    init: Any
    l2: float
    trainable: bool
    columns: tuple[str, ...]  # the columns whose ids name its rows


@dataclass(frozen=True)
class Recipe:
    """A function of rows with a target and a loss, nothing trained: the record of what `@model` makes."""

    name: str
    function: Callable[..., Any]
    words: Mapping[str, Word]
    target: str | None
    loss: Loss | None
    range: tuple[float, float] | None
    clip: Clip
    standardize: bool = False

    @cached_property
    def lookups(self) -> dict[str, Lookup]:
        """The arguments that read rows, in the order of the signature."""
        return {name: word for name, word in self.words.items() if isinstance(word, Lookup)}

    @cached_property
    def tables(self) -> dict[str, TableSpec]:
        """The tables that the arguments read; arguments with one `table=` share it."""
        return _tables(self)

    @cached_property
    def vocabularies(self) -> dict[str, str]:
        """For each column of ids, the vocabulary that turns its ids into rows, named after its first column.

        Tables read by one column share its vocabulary, and columns that read one table share theirs.
        """
        named: dict[str, str] = {}
        for table in self.tables.values():
            known = [named[column] for column in table.columns if column in named]
            name = known[0] if known else table.columns[0]
            merged = {*known, *table.columns}
            named = {column: name if old in merged else old for column, old in named.items()}
            named |= dict.fromkeys(table.columns, name)
        return named

    @cached_property
    def texts(self) -> dict[str, Text]:
        """For each column of texts, how they become rows."""
        return {word.column: word.texts for word in self.lookups.values() if word.texts is not None}

    @property
    def targets(self) -> Number:
        """What its target may be: any number, where a model has no loss to say."""
        return self.loss.kind if self.loss else Number()

    @cached_property
    def target_shape(self) -> Shape:
        """One number, (), or as many as the score holds where the target is several labels."""
        import jax
        import jax.numpy as jnp

        if self.loss is None:
            return ()
        struct = {name: jax.ShapeDtypeStruct(shape, jnp.float32) for name, shape in self.input_shapes.items()}
        return self.targets.shape(tuple(jax.eval_shape(self.score, struct).shape))

    @cached_property
    def trained(self) -> list[str]:
        """The tables and dense weights that training moves."""
        return [name for name, spec in {**self.tables, **self.dense}.items() if spec.trainable]

    def vocabulary_of(self, table: str) -> str:
        """The name of the vocabulary whose rows `table` holds."""
        return self.vocabularies[self.tables[table].columns[0]]

    @cached_property
    def dense(self) -> dict[str, Dense]:
        """The dense weights by name; a module's arrays are named by their path, `head.layers[0].weight`."""
        return {path: weight for name, word in self.words.items() for path, weight in word.weights(name).items()}

    @property
    def input_shapes(self) -> dict[str, Shape]:
        """The shape of everything the function reads for one example, by name; a module's arrays by path."""
        return {i.value.name: i.value.shape for name, word in self.words.items() for i in word.inputs(name)}

    def replace(
        self,
        *,
        target: str | None = KEEP,
        loss: Loss | Callable[[Any, Any], Any] | None = KEEP,
        range: tuple[float, float] | None = KEEP,
        clip: Clip = KEEP,
        standardize: bool = KEEP,
        **words: Word,
    ) -> "Recipe":
        """The same function with other words, another target or another loss: `m.replace(user=Row("reader", 8))`."""
        for name in words:
            if name not in self.words:
                raise BadOption(
                    f"{self.name} has no argument {name!r}",
                    expected=f"one of {', '.join(self.words)}",
                    mend=_did_you_mean(name, list(self.words)) or "name an argument of the function",
                )
            if not isinstance(words[name], Word):
                raise BadOption(
                    said(name, words[name]),
                    expected="a word such as rw.Row",
                    mend=f"replace({name}=rw.Row('userId', 8))",
                )
        fresh = dataclass_replace(
            self,
            words=completed({**self.words, **words}, self.function),
            target=self.target if target is KEEP else target,
            loss=self.loss if loss is KEEP else _loss(loss),
            range=self.range if range is KEEP else _pair("range", range),
            clip=self.clip if clip is KEEP else _clip(clip),
            standardize=self.standardize if standardize is KEEP else standardize,
        )
        check(fresh)
        return fresh

    def score(self, inputs: Mapping[str, Any]) -> Any:
        """The function's own result for one example; `inputs` by argument name, dense weights by path."""
        import equinox as eqx
        import jax

        arguments = {}
        for name, word in self.words.items():
            if isinstance(word, Module):
                arrays, rest = eqx.partition(word.module, eqx.is_inexact_array)
                paths = module_arrays(name, word.module)
                arrays = jax.tree.unflatten(jax.tree.structure(arrays), [inputs[path] for path in paths])
                arguments[name] = eqx.combine(arrays, rest)
            else:
                arguments[name] = inputs[name]
        return self.function(**arguments)

    def outcome(self, inputs: Mapping[str, Any], target: object) -> tuple[Any, Any]:
        """(prediction, loss) of one example; both scalars, but for a prediction of one number a class."""
        import jax

        score = self.score(inputs)
        if self.loss is None:
            return score if isinstance(score, tuple) else (None, score)
        if self.range is not None:
            low, high = self.range
            with jax.named_scope(f"⟨range: {low:g} + {high - low:g} · sigmoid(score)⟩"):
                score = low + (high - low) * jax.nn.sigmoid(score)
        with jax.named_scope(f"⟨output: {getattr(self.loss.output, '__name__', 'output')}(score)⟩"):
            prediction = self.loss.output(score)
        if self.standardize:
            mean, spread = inputs["target.mean"], inputs["target.spread"]
            with jax.named_scope("⟨rescaled: target.mean + target.spread · score⟩"):
                prediction = mean + spread * prediction
            with jax.named_scope("⟨standardized: (target - target.mean) / target.spread⟩"):
                target = (target - mean) / spread
        return self._cut(prediction, inputs), self.loss(score, target)

    def _cut(self, prediction: "jax.Array", inputs: Mapping[str, Any]) -> Any:
        """The prediction inside `clip`, where the model has one."""
        import jax
        import jax.numpy as jnp

        if self.clip is None:
            return prediction
        if self.clip == "data":
            low, high, says = inputs["target.lowest"], inputs["target.highest"], "the lowest … the highest target"
        else:
            low, high = self.clip
            says = f"{low:g} … {high:g}"
        with jax.named_scope(f"⟨clip: clip to {says}⟩"):
            return jnp.clip(prediction, low, high)

    @property
    def known_of_target(self) -> tuple[str, ...]:
        """The statistics of the target that training fixes, besides what the words ask for."""
        return ("mean", "spread") * self.standardize + ("lowest", "highest") * (self.clip == "data")

    @property
    def formula(self) -> str:
        """The source of the function's return expression, or its name where there is no source to read."""
        try:
            source = inspect.getsource(self.function)
        except (OSError, TypeError):
            return self.name
        _, found, expression = source.rpartition("return ")
        return " ".join(expression.split()) if found else self.name

    def __str__(self) -> str:
        lines = [f"{self.name}({', '.join(self.words)}) = {self.formula}"]
        for name, word in self.words.items():
            lines.append(f"  {name:<12} {word.shown:<10} {word.says(name)}")
        target = f"target {self.target}, loss {self.loss}" if self.loss else "returns its own loss"
        extra = f", range {self.range}" if self.range else ""
        extra += f", clip {'to the range of the data' if self.clip == 'data' else self.clip}" if self.clip else ""
        extra += ", learnt in units of its spread" if self.standardize else ""
        looked_up = sum(prod(word.shape) for word in self.lookups.values())
        dense = sum(prod(word.shape) for word in self.dense.values())
        lines.append(f"  {target}{extra}")
        lines.append(f"  {looked_up:,} numbers looked up for each example, {dense:,} dense weights")
        return inert.lines("\n".join(lines))

    __repr__ = __str__


def recipe_of(
    function: Callable[..., Any],
    *,
    target: str | None,
    loss: Loss | Callable[[Any, Any], Any] | None,
    range: tuple[float, float] | None,
    clip: Clip,
    standardize: bool,
) -> Recipe:
    """The recipe of a function of rows, whose words are the defaults of its arguments; see `rowwise.api.model.model`.

    Raises:
        BadModel: a parameter without a word, a table shared with two widths, a result that is not one number.
    """
    made = Recipe(
        name=getattr(function, "__name__", "model"),
        function=function,
        words=words_of(function),
        target=target,
        loss=_loss(loss),
        range=_pair("range", range),
        clip=_clip(clip),
        standardize=standardize,
    )
    check(made)
    return made


def _loss(loss: Loss | Callable[[Any, Any], Any] | None) -> Loss | None:
    return None if loss is None else loss_of(loss)


def _pair(name: str, pair: tuple[float, float] | None) -> tuple[float, float] | None:
    if pair is None:
        return None
    two = list(pair) if isinstance(pair, tuple | list) else []
    if len(two) != 2 or not all(is_number(each) for each in two) or not two[0] < two[1]:
        ordered = sorted(two) if len(two) == 2 and all(is_number(each) for each in two) and two[0] != two[1] else (1, 5)
        mend = f"write {name}=({ordered[0]}, {ordered[1]})"
        raise BadOption(said(name, pair), expected="a lower and a higher number", mend=mend)
    return float(two[0]), float(two[1])


def _clip(clip: Clip) -> Clip:
    if isinstance(clip, str) and clip != "data":
        raise BadOption(f"clip={clip!r}", expected="a lower and a higher number, or 'data'", mend="write clip='data'")
    return clip if isinstance(clip, str) else _pair("clip", clip)


def _tables(recipe: Recipe) -> dict[str, TableSpec]:
    readers: dict[str, dict[str, Lookup]] = {}
    for name, word in recipe.lookups.items():
        readers.setdefault(word.table or name, {})[name] = word
    tables = {}
    for table, words in readers.items():
        shapes = {name: word.row_shape for name, word in words.items()}
        if len(set(shapes.values())) > 1:
            raise BadModel(
                f"table {table!r} of {place_of(recipe.function)} is shared with two widths: "
                + ", ".join(f"{name} reads rows of {shape}" for name, shape in shapes.items()),
                expected="one width for all arguments that read one table",
                mend="give them the same dim, or a table each",
            )
        starts = [word.init for word in words.values() if word.init is not None]
        first = next(iter(words.values()))
        tables[table] = TableSpec(
            name=table,
            row_shape=first.row_shape,
            init=starts[0] if starts else initializer("normal" if first.row_shape else "zeros"),
            l2=max(word.l2 for word in words.values()),
            trainable=all(word.trainable for word in words.values()),
            columns=tuple(dict.fromkeys(word.column for word in words.values())),
        )
    return tables


def _did_you_mean(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else ""
