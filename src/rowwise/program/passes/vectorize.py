"""The steps for one example in, the same for several at once out: each value that differs has an axis of them in front.

What is the same for all keeps its shape, and is repeated only where a primitive needs it beside one that differs. The
gradients of dense weights are added up over the examples as `batch_sums` tells, so that none is made for each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from rowwise.program.inputs import Constant
from rowwise.program.passes.batch_sums import add_up, batch_axes, sum_of, to_weigh
from rowwise.program.primitives import PRIMITIVES, REDUCTIONS, ByNumber, unsupported
from rowwise.program.program import DERIVATIVE, Literal, Operand, Place, Program, Shape, Step, Value, needed
from rowwise.program.values import DimensionNumbers, Pair

SHARE = "share"  # what each example counts for: (examples,)
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Together:
    """Steps on the inputs of several examples and on `SHARE`."""

    steps: tuple[Step, ...]
    constants: tuple[Constant, ...]  # besides those of the program
    losses: Operand
    gradients: Mapping[str, Operand]  # of lookups, of each example for its share
    sums: Mapping[str, Operand]  # of dense weights, over the examples


def vectorize(program: Program, n: int) -> Together:
    """The loss and the gradients of a program for `n` examples at once.

    Raises:
        UnsupportedPrimitive: a step has no form for several examples; the error names its source line.
    """
    batch = Batch(program, n)
    for step in program.needed([program.loss, *program.gradients.values()]):
        batch.run(step)
    gradients: dict[str, Operand] = {}
    sums: dict[str, Operand] = {}
    for name, gradient in program.gradients.items():
        if program.input(name).is_shared:
            sums[name] = Summed(batch, batch.place_of(gradient)).sum(gradient)
        else:
            gradients[name] = batch.for_share(gradient)
    losses = batch.of(program.loss)
    steps = needed(batch.steps, [losses, *gradients.values(), *sums.values()])
    return Together(steps, tuple(batch.constants), losses, gradients, sums)


@dataclass(slots=True)
class Batch:
    """The steps written so far, and what the values of one example are called in them."""

    program: Program
    n: int
    steps: list[Step] = field(default_factory=list[Step])
    constants: list[Constant] = field(default_factory=list[Constant])
    known: dict[str, Operand] = field(default_factory=dict[str, Operand])
    axes: Mapping[str, int | None] = field(init=False)
    made: Mapping[str, Step] = field(init=False)
    share: Value = field(init=False)

    def __post_init__(self) -> None:
        self.axes = batch_axes(self.program)
        self.made = {step.output.name: step for step in self.program.steps}
        self.share = Value(SHARE, (self.n,), "float32")
        for i in self.program.inputs:
            self.known[i.value.name] = replace(i.value, shape=self.shape_of(i.value))

    def varies(self, operand: Operand) -> bool:
        return isinstance(operand, Value) and self.axes[operand.name] == 0

    def shape_of(self, operand: Operand) -> Shape:
        return (self.n, *operand.shape) if self.varies(operand) else operand.shape

    def of(self, operand: Operand) -> Operand:
        """An operand of one example as it is here."""
        return self.known[operand.name] if isinstance(operand, Value) else operand

    def place_of(self, operand: Operand) -> Place | None:
        return self.made[str(operand)].place if str(operand) in self.made else None

    def run(self, step: Step) -> None:
        """One step of one example, for all of them."""
        if not any(map(self.varies, step.inputs)):
            inputs = [self.of(operand) for operand in step.inputs]
            self.known[step.output.name] = self.write(step.primitive, inputs, step.output.shape, step.params, like=step)
            return
        rule = RULES.get(step.primitive)
        if rule is None:
            raise unsupported(step.primitive, "batch", step.place)
        self.known[step.output.name] = rule(self, step)

    def write(self, primitive: str, inputs: Sequence[Operand], shape: Shape, params: Params, *, like: Step) -> Value:
        """The output of a new step, of the type, the phase and the place of `like`."""
        output = Value(f"%{len(self.steps) + 1}", shape, like.output.dtype)
        self.steps.append(replace(like, primitive=primitive, inputs=tuple(inputs), output=output, params=params))
        return output

    def spread(self, x: Operand, shape: Shape, axes: tuple[int, ...], place: Place | None) -> Operand:
        """An operand in a shape, its own axes being `axes` there; the others repeat."""
        if not isinstance(x, Value):
            return replace(x, shape=shape)
        if x.shape == shape:
            return x
        params = {"shape": shape, "broadcast_dimensions": axes}
        return self.write("broadcast_in_dim", [x], shape, params, like=_blank(x.dtype, place))

    def reshaped(self, x: Operand, shape: Shape, place: Place | None) -> Operand:
        if x.shape == shape:
            return x
        return self.write("reshape", [x], shape, {"shape": shape}, like=_blank(x.dtype, place))

    def repeated(self, operand: Operand, place: Place | None) -> Operand:
        """An operand with the axis of examples, which it may have already."""
        if self.varies(operand):
            return self.of(operand)
        axes = tuple(range(1, 1 + len(operand.shape)))
        return self.spread(self.of(operand), (self.n, *operand.shape), axes, place)

    def beside(self, operand: Operand, shape: Shape, place: Place | None) -> Operand:
        """An operand of a step that takes numbers at the same place, of which one alone stands for any number."""
        if operand.shape == shape:
            return self.repeated(operand, place)
        one = self.of(operand)
        return self.spread(one, (self.n, *shape), (0,), place) if self.varies(operand) else one

    def for_share(self, gradient: Operand) -> Operand:
        """The gradient of each example for its share."""
        place = self.place_of(gradient)
        shape = (self.n, *gradient.shape)
        share = self.spread(self.share, shape, (0,), place)
        return self.write("mul", [self.repeated(gradient, place), share], shape, {}, like=_blank("float32", place))


def _blank(dtype: str, place: Place | None) -> Step:
    """What a step that no step of one example stands for is like."""
    return Step("", (), Value("", (), dtype), {}, DERIVATIVE, place)


# What a primitive becomes: (batch, its step for one example) -> its output for all of them


Rule = Callable[[Batch, Step], Operand]


def by_number(batch: Batch, step: Step) -> Operand:
    shape = step.output.shape
    inputs = [batch.beside(operand, shape, step.place) for operand in step.inputs]
    return batch.write(step.primitive, inputs, (batch.n, *shape), step.params, like=step)


def along(change: Callable[[Params, int], Params]) -> Rule:
    """The same primitive on all operands with the axis of examples; `change(params, n)` knows of that axis."""

    def rule(batch: Batch, step: Step) -> Operand:
        inputs = [batch.repeated(operand, step.place) for operand in step.inputs]
        params = dict(step.params) | dict(change(step.params, batch.n))
        return batch.write(step.primitive, inputs, (batch.n, *step.output.shape), params, like=step)

    return rule


def _later(name: str, more: Callable[[tuple[int, ...]], tuple[int, ...]] = tuple) -> Rule:
    """A parameter of axes, each one later than it was."""
    return along(lambda params, _: {name: more(tuple(axis + 1 for axis in params[name]))})


def _one_later(name: str) -> Rule:
    return along(lambda params, _: {name: params[name] + 1})


def _slice(params: Params, n: int) -> Params:
    strides = params.get("strides")
    return {
        "start_indices": (0, *params["start_indices"]),
        "limit_indices": (n, *params["limit_indices"]),
        "strides": strides if strides is None else (1, *strides),
    }


def pad(batch: Batch, step: Step) -> Operand:
    x, filling = step.inputs
    if batch.varies(filling):
        raise unsupported("pad by a number of the example", "batch", step.place)
    params = {"padding_config": ((0, 0, 0), *step.params["padding_config"])}
    shape = (batch.n, *step.output.shape)
    return batch.write("pad", [batch.repeated(x, step.place), batch.of(filling)], shape, params, like=step)


def take(batch: Batch, step: Step) -> Operand:
    """Flat places of one example, and after them those of the next."""
    size, shape = step.inputs[0].size, (batch.n, *step.output.shape)
    params = {"indices": _of_each(step.params["indices"], size, batch.n), "shape": shape}
    return batch.write("take", [batch.of(step.inputs[0])], shape, params, like=step)


def put_add(batch: Batch, step: Step) -> Operand:
    x, updates = (batch.repeated(operand, step.place) for operand in step.inputs)
    params = {"indices": _of_each(step.params["indices"], step.output.size, batch.n)}
    return batch.write("put_add", [x, updates], (batch.n, *step.output.shape), params, like=step)


def _of_each(indices: Sequence[int], size: int, n: int) -> tuple[int, ...]:
    return tuple(example * size + index for example in range(n) for index in indices)


def take_at(batch: Batch, step: Step) -> Operand:
    """Computed flat places: in numbers of the example itself, each is counted from where these begin."""
    x, places = step.inputs
    shape = (batch.n, *step.output.shape)
    if not batch.varies(x):
        return batch.write("take_at", [batch.of(x), batch.of(places)], shape, {}, like=step)
    return batch.write("take_at", [batch.of(x), _counted_on(batch, places, x.size, step.place)], shape, {}, like=step)


def put_add_at(batch: Batch, step: Step) -> Operand:
    x, places, updates = step.inputs
    inputs = [
        batch.repeated(x, step.place),
        _counted_on(batch, places, x.size, step.place),
        batch.repeated(updates, step.place),
    ]
    return batch.write("put_add_at", inputs, (batch.n, *step.output.shape), {}, like=step)


def _counted_on(batch: Batch, places: Operand, size: int, place: Place | None) -> Operand:
    """Places in the numbers of all examples; one that lies outside is the nearest of its own example."""
    shape, like = (batch.n, *places.shape), _blank("int32", place)
    low, high = (Literal(number, "int32", shape) for number in (0, size - 1))
    inside = batch.write("clamp", [low, batch.repeated(places, place), high], shape, {}, like=like)
    begins = Value(f"begins{len(batch.constants) + 1}", (batch.n,), "int32")
    batch.constants.append(Constant(begins, [example * size for example in range(batch.n)]))
    return batch.write("add", [inside, batch.spread(begins, shape, (0,), place)], shape, {}, like=like)


def dot_general(batch: Batch, step: Step) -> Operand:
    """Two that vary are paired by example; beside one that does not, the axis of examples is one more of the other."""
    numbers: DimensionNumbers = step.params["dimension_numbers"]
    (x, y), ((of_x, of_y), (paired_x, paired_y)) = step.inputs, numbers
    shape = (batch.n, *step.output.shape)

    def write(inputs: Sequence[Operand], contracted: Pair, paired: Pair = ((), ()), shape: Shape = shape) -> Value:
        return batch.write("dot_general", inputs, shape, {"dimension_numbers": (contracted, paired)}, like=step)

    if (batch.varies(x) and batch.varies(y)) or paired_x:
        pairs = ((0, *_up(paired_x)), (0, *_up(paired_y)))
        return write([batch.repeated(o, step.place) for o in step.inputs], (_up(of_x), _up(of_y)), pairs)
    if batch.varies(x):
        return write([batch.of(x), batch.of(y)], (_up(of_x), tuple(of_y)))
    n_x, n_y = len(x.shape) - len(of_x), len(y.shape) - len(of_y)
    turned = (batch.n, *step.output.shape[n_x:], *step.output.shape[:n_x])
    made = write([batch.of(y), batch.of(x)], (_up(of_y), tuple(of_x)), shape=turned)
    if not n_x or not n_y:
        return made
    order = (0, *range(1 + n_y, 1 + n_y + n_x), *range(1, 1 + n_y))
    return batch.write("transpose", [made], shape, {"permutation": order}, like=step)


def _up(axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(axis + 1 for axis in axes)


RULES: dict[str, Rule] = {
    **{row.name: by_number for row in PRIMITIVES.values() if isinstance(row, ByNumber)},
    **dict.fromkeys((*REDUCTIONS, "argmax", "argmin"), _later("axes")),
    **dict.fromkeys(("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp", "sort", "argsort"), _one_later("axis")),
    **dict.fromkeys(("reshape", "squeeze", "expand_dims"), along(lambda params, n: {"shape": (n, *params["shape"])})),
    "broadcast_in_dim": along(
        lambda params, n: {
            "shape": (n, *params["shape"]),
            "broadcast_dimensions": (0, *_up(params["broadcast_dimensions"])),
        }
    ),
    "transpose": _later("permutation", lambda axes: (0, *axes)),
    "rev": _later("dimensions"),
    "concatenate": _one_later("dimension"),
    "stack": _one_later("axis"),
    "slice": along(_slice),
    "pad": pad,
    "take": take,
    "put_add": put_add,
    "take_at": take_at,
    "put_add_at": put_add_at,
    "dot_general": dot_general,
}


@dataclass(frozen=True, slots=True)
class Summed:
    """An adder that writes steps: Σ share · value over the examples, at one place of the source."""

    batch: Batch
    place: Place | None

    def sum(self, gradient: Operand) -> Operand:
        return add_up(sum_of(gradient, self.batch.made, self.batch.varies), self)

    def read(self, operand: Operand) -> Operand:
        return self.batch.of(operand)

    def same(self, operand: Operand) -> Operand:
        total = self._write("reduce_sum", [self.batch.share], (), {"axes": (0,)})
        return self._write("mul", [self.batch.of(operand), total], operand.shape)

    def values_of(self, operand: Operand, axes: tuple[int, ...]) -> Operand:
        shape = tuple(n for axis, n in enumerate(operand.shape) if axis not in axes)
        front = self._in_front(operand, (0, *_up(axes)))
        return self._product(self._shares(front.shape[0]), front, shape)

    def product(self, step: Step, dimension_numbers: DimensionNumbers) -> Operand:
        axes, _ = dimension_numbers
        x, y = (self._in_front(operand, front) for operand, front in zip(step.inputs, axes, strict=True))
        share = self._shares(x.shape[0])
        x, y = (self._weighed(x, share), y) if to_weigh(step, self.batch.made) == 0 else (x, self._weighed(y, share))
        return self._product(x, y, step.output.shape)

    def step(self, step: Step, inputs: Sequence[Operand]) -> Operand:
        return self.batch.write(step.primitive, inputs, step.output.shape, step.params, like=step)

    def _write(self, primitive: str, inputs: Sequence[Operand], shape: Shape, params: Params | None = None) -> Value:
        return self.batch.write(primitive, inputs, shape, params or {}, like=_blank("float32", self.place))

    def _in_front(self, operand: Operand, axes: Sequence[int]) -> Operand:
        """A matrix: the examples and the contracted axes as its lines, (batch · contracted, rest)."""
        x = self.batch.repeated(operand, self.place)
        order = (*axes, *(axis for axis in range(len(x.shape)) if axis not in axes))
        turned = tuple(x.shape[axis] for axis in order)
        if order != tuple(range(len(order))):
            x = self._write("transpose", [x], turned, {"permutation": order})
        return self.batch.reshaped(x, (prod(turned[: len(axes)]), prod(turned[len(axes) :])), self.place)

    def _shares(self, n: int) -> Operand:
        """The share of the example that each of n lines belongs to."""
        lines = self.batch.spread(self.batch.share, (self.batch.n, n // self.batch.n), (0,), self.place)
        return self.batch.share if n == self.batch.n else self.batch.reshaped(lines, (n,), self.place)

    def _weighed(self, x: Operand, share: Operand) -> Operand:
        return self._write("mul", [x, self.batch.spread(share, x.shape, (0,), self.place)], x.shape)

    def _product(self, x: Operand, y: Operand, shape: Shape) -> Operand:
        """Σ over the lines of both, in a shape."""
        made = (*x.shape[1:], *y.shape[1:])
        params = {"dimension_numbers": (((0,), (0,)), ((), ()))}
        return self.batch.reshaped(self._write("dot_general", [x, y], made, params), shape, self.place)
