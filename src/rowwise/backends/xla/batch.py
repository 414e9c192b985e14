"""Program in, compiled batches out: XLA runs a whole epoch as one loop on CPU, GPU or TPU.

one example ──vmap──▶ a batch: rows gathered, steps run, gradients of rows out
            ──▶ summed by row (one that occurs twice gets the sum) ──▶ each distinct row updated ──▶ scattered back
scan over the batches of an epoch, tables kept on the device
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rowwise.backends.xla.inputs import Taken, columns_of, gradients_of_rows, kept_by, over, read, rows_of
from rowwise.backends.xla.sums import XLA, Batch, batch_values, exact
from rowwise.data import chunks
from rowwise.data.examples import Examples
from rowwise.errors import Diverged
from rowwise.program import draws
from rowwise.program.array_rules import number, run
from rowwise.program.inputs import Dropout, Lookup, SampledLookup
from rowwise.program.parameters import Parameters
from rowwise.program.passes.anonymous import anonymous
from rowwise.program.program import UPDATE, Operand, Program, Step, Update

Array = Any
MOST = 1 << 24  # numbers of one value in a batch of predictions: 64 MiB


class XlaBatch:
    """A trainer: moves `parameters` on `examples`, a compiled epoch at a time."""

    def __init__(
        self,
        program: Program,
        examples: Examples,
        parameters: Parameters,
        *,
        means: Mapping[str, float],
        batch_size: int,
        seed: int,
    ):
        ours = anonymous(program)
        self.program = ours.program
        self.examples = ours.examples(examples)
        self.parameters = ours.parameters(parameters)
        self.means = ours.means(means)
        self.batch_size = min(batch_size, examples.n)
        self.seed = seed

    def epoch(self, epoch: int, rate: float) -> float:
        """Move the parameters, in place, through all examples once; the mean loss.

        Raises:
            Diverged: the loss is no longer a finite number. The parameters are then worthless.
        """
        keys = [draws.key(self.seed, epoch, k) for k in range(len(self.program.inputs))]
        arrays = self.parameters.tables, self.parameters.states
        drawn_by = np.asarray(keys, np.uint32)
        means = {name: np.float32(mean) for name, mean in self.means.items()}
        moved, losses = _epoch(self.program)(
            arrays,
            self._data | self._drawn(),
            self._order(epoch),
            drawn_by,
            np.float32(rate),
            means,
            np.int32(self.examples.n),
        )
        losses = np.asarray(losses, np.float64)
        if not np.isfinite(losses).all():
            batch = int(np.argmin(np.isfinite(losses)))
            raise Diverged(
                f"the loss of batch {batch + 1} of epoch {epoch + 1} is {losses[batch]}",
                expected="a finite loss",
                mend=f"lower learning_rate (it was {rate:g}), or raise l2",
            )
        for mine, new in zip(jax.tree.leaves(arrays), jax.tree.leaves(moved), strict=True):
            mine[...] = np.asarray(new)
        return float(losses.sum() / self.examples.n)

    @cached_property
    def _data(self) -> dict[str, Any]:
        return jax.device_put(columns(self.program, replace(self.examples, drawn={})))

    def _drawn(self) -> dict[str, Any]:
        """The rows that this epoch draws."""
        of = [columns_of(i, self.examples) for i in self.program.inputs_of(SampledLookup)]
        return jax.device_put({name: column for found in of for name, column in found.items()})

    def _order(self, epoch: int) -> Array:
        return _order(self.examples.n, self.batch_size, np.uint32(draws.key(self.seed, epoch, draws.ORDER)))


@partial(jax.jit, static_argnums=(0, 1))
def _order(n: int, size: int, key: Array) -> Array:
    """(batches, size) of example numbers; places past the end hold n. As `draws.place`, where the epoch runs."""
    first = draws.sent(jnp.arange(n, dtype=jnp.uint32), n, key)
    order = jax.lax.while_loop(
        lambda x: (x >= n).any(), lambda x: jnp.where(x < n, x, draws.sent(x, n, key)), first
    ).astype(jnp.int32)
    return jnp.pad(order, (0, -n % size), constant_values=n).reshape(-1, size)


@lru_cache(maxsize=32)
def _epoch(program: Program) -> Callable[..., Any]:
    """The compiled epoch, for all trainings of the same program: XLA compiles it once for the shapes it meets.

    What it takes: (tables, states), columns, order, keys, rate, means, the number of examples; what it gives: tables
    and states, and the summed loss of each batch.
    """
    results = [program.loss, *program.gradients.values()]
    steps = program.needed(results)

    def batch(arrays, index, kept, data, rate, means, n):
        valid = index < n
        count = valid.sum()
        columns = {name: column[jnp.minimum(index, n - 1)] for name, column in data.items()}
        taken = Taken(program, columns, arrays[0], means, kept)
        values = batch_values(program, steps, _inputs(taken))
        losses = jnp.where(valid, _read(values, program.loss, (len(index),)), 0.0)
        weigh = Batch(program, values, jnp.where(valid, 1 / count, 0.0))
        gradients = {}
        for name, gradient in program.gradients.items():
            i = program.input(name)
            if i.is_shared:
                gradients[name] = weigh.sum(gradient)
                continue
            mean = _read(values, gradient, (len(index), *i.value.shape)) / count
            gradients[name] = jnp.where(valid.reshape(-1, *(1,) * len(i.value.shape)), mean, 0.0)
        return _update(program, arrays, gradients, valid, taken, rate), losses.sum()

    def epoch(arrays, data, order, keys, rate, means, n):
        def step(carried, indices):
            (arrays, kept), (index, following) = carried, indices
            arrays, loss = batch(arrays, index, kept, data, rate, means, n)
            return (arrays, _kept(program, following, keys)), loss

        # What dropout keeps is drawn a batch ahead: what is carried lies in memory, all else XLA works out anew
        # wherever it is read.
        first = arrays, _kept(program, order[0], keys)
        (arrays, _), losses = jax.lax.scan(step, first, (order, jnp.roll(order, -1, axis=0)))
        return arrays, losses

    return jax.jit(exact(epoch), donate_argnums=0)


def predict(
    program: Program,
    tables: Mapping[str, np.ndarray],
    examples: Examples,
    *,
    means: Mapping[str, float],
) -> np.ndarray:
    """The prediction for each example: (n,), or (n, classes)."""
    ours = anonymous(program)
    program, examples = ours.program, ours.examples(examples)
    assert program.prediction is not None
    widest = max((step.output.size for step in program.needed([program.prediction])), default=1)
    most = min(chunks.MOST, 1 << (MOST // widest).bit_length())
    batch = _prediction(program)
    arrays, known = jax.device_put(ours.tables(tables)), ours.means(means)
    parts = [np.zeros((0, *program.prediction.shape), np.float32)]
    for taken in chunks.chunks(columns(program, examples), examples.n, most=most):
        parts.append(np.asarray(batch(arrays, taken, known)))
    return np.concatenate(parts)[: examples.n]


@lru_cache(maxsize=16)
def _prediction(program: Program) -> Callable[..., Array]:
    """The compiled prediction of a batch, kept for the next batches of the same program."""
    prediction = program.prediction
    assert prediction is not None
    steps = program.needed([prediction])

    def batch(arrays, columns, means):
        taken = Taken(program, columns, arrays, means)
        values = batch_values(program, steps, _inputs(taken))
        return _read(values, prediction, (taken.size, *prediction.shape))

    return jax.jit(exact(batch))


def columns(program: Program, examples: Examples) -> dict[str, np.ndarray]:
    """The columns of the examples as dense arrays."""
    data: dict[str, np.ndarray] = {}
    for i in program.inputs:
        data |= columns_of(i, examples)
    return data if examples.target is None else data | {"target": examples.target}


def _inputs(taken: Taken) -> dict[str, Array]:
    """Everything the steps read, by name, with a leading batch axis but for what is the same for all."""
    return {i.value.name: read(i, taken) for i in taken.program.inputs if not i.is_written}


def _kept(program: Program, index: Array, keys: Array) -> dict[str, Array]:
    return {i.value.name: kept_by(i, keys[program.stream(i)], index) for i in program.inputs_of(Dropout)}


def _steps(program: Program, steps: Sequence[Step], inputs: Mapping[str, Array]) -> dict[str, Array]:
    values = dict(inputs)
    values |= {i.value.name: jnp.asarray(i.numbers, i.value.dtype) for i in program.constants}
    return run(XLA, steps, values)


def _read(values: Mapping[str, Array], operand: Operand, shape: tuple[int, ...] | None = None) -> Array:
    """An operand's numbers; a literal in the given shape, for a result that no example changes."""
    array = number(XLA, values, operand)
    return array if shape is None else jnp.broadcast_to(array, shape)


def _update(program, arrays, gradients, valid, taken, rate) -> tuple[dict[str, Array], dict[str, tuple]]:
    tables, states = map(dict, arrays)
    distinct: dict[tuple[str, ...], tuple[Array, Array]] = {}  # rows read by the same lookups are sorted once
    for name, update in program.updates.items():
        readers = [i for i in program.lookups if i.table == name]
        old = [tables[name], *states[name]]
        if not readers:  # a dense weight
            new = _moved(program, update, old[0], gradients[name], rate, old[1:])
        else:
            spread = [_spread(i, gradients[i.value.name], valid, taken) for i in readers]
            ids, flat = (jnp.concatenate(parts) for parts in zip(*spread, strict=True))
            if program.dense or len(ids) >= len(old[0]):  # to go over the whole table is cheaper than to sort
                summed = jnp.zeros_like(old[0]).at[ids].add(flat, mode="drop")
                new = _each_moved(program, update, old[0], summed, rate, old[1:])
                if not program.dense:
                    is_read = jnp.zeros(len(old[0]), bool).at[ids].set(True, mode="drop")
                    new = [jnp.where(over(is_read, o), n, o) for o, n in zip(old, new, strict=True)]
            else:
                columns = tuple(i.value.name if i.is_drawn else i.column for i in readers)
                if columns not in distinct:
                    distinct[columns] = _distinct(ids, past=len(old[0]))
                chosen, inverse = distinct[columns]
                summed = jnp.zeros_like(flat).at[inverse].add(flat)
                taken_rows = [array.at[chosen].get(mode="fill", fill_value=1) for array in old]
                each = _each_moved(program, update, taken_rows[0], summed, rate, taken_rows[1:])
                new = [array.at[chosen].set(n, mode="drop") for array, n in zip(old, each, strict=True)]
        tables[name], states[name] = new[0], tuple(new[1:])
    return tables, states


def _distinct(rows: Array, *, past: int) -> tuple[Array, Array]:
    """Each row once, filled up with `past` to the same length; and the place there of each row given."""
    order = jnp.argsort(rows)
    ordered = rows[order]
    place = jnp.cumsum(jnp.concatenate([jnp.zeros(1, bool), ordered[1:] != ordered[:-1]]))
    return jnp.full_like(rows, past).at[place].set(ordered), jnp.zeros_like(rows).at[order].set(place)


def _spread(i: Lookup, gradient: Array, valid: Array, taken: Taken) -> tuple[Array, Array]:
    """Row numbers (m,) and the gradient of each (m, *row shape); what counts for nothing names a row past the end."""
    table, rows = taken.tables[i.table], rows_of(i, taken)
    mask = valid.reshape(-1, *(1,) * (rows.ndim - 1))
    kept = jnp.where(mask & (rows >= 0), rows, len(table))
    return kept.reshape(-1), gradients_of_rows(i, gradient, taken).reshape(-1, *table.shape[1:])


def _each_moved(program: Program, update: Update, rows, gradients, rate, states) -> list[Array]:
    return jax.vmap(lambda row, g, *state: _moved(program, update, row, g, rate, state))(rows, gradients, *states)


def _moved(program: Program, update: Update, row, gradient, rate, states) -> list[Array]:
    values = dict(zip((v.name for v in update.inputs), (row, gradient, rate, *states), strict=True))
    steps = [s for s in program.needed(update.outputs) if s.phase == UPDATE]
    values = _steps(program, steps, values)
    shapes = (update.row.shape, *(s.shape for s in update.state))
    return [_read(values, o, shape) for o, shape in zip(update.outputs, shapes, strict=True)]
