"""A recipe in, its program out: traced by JAX, flattened, folded, named.

Three traces make a program: *loss and prediction of what is looked up*, its gradient with respect to the looked-up
rows and dense weights (never the tables), and the optimizer's update of one row. The passes stand in a row:

    trace ──▶ flatten (nested calls inlined, places handed down, constants folded) ──▶ simplify
          ──▶ keep what a result needs, tell forward from derivative ──▶ name ──▶ verify
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from rowwise.capture.flatten import Flattener
from rowwise.capture.jaxpr import trace
from rowwise.capture.optimizers import check_rowwise, optimizer_of
from rowwise.capture.places import find_place
from rowwise.capture.tape import Known, Tape, dtype_of
from rowwise.data.layout import WEIGHT
from rowwise.errors import BadModel, BadOption
from rowwise.forks import not_in_a_fork
from rowwise.models.raised import first_line, place_of, raised_at
from rowwise.models.recipe import Recipe
from rowwise.options import one_of
from rowwise.program.inputs import (
    ExampleValue,
    Input,
    Statistic,
    Target,
)
from rowwise.program.passes.freeze import moving
from rowwise.program.passes.prune import renumber
from rowwise.program.program import DERIVATIVE, FORWARD, UPDATE, Operand, Phase, Program, Shape, Step, Update, Value
from rowwise.program.verify import verify


@not_in_a_fork
def capture(
    recipe: Recipe, *, optimizer: object = "adagrad", update: str = "sparse", weight: str | None = None
) -> Program:
    """The program of one example of `recipe`.

    `update="sparse"`: the example's loss pays `l2` for the rows it looked up. `update="dense"`: every row of a table
    moves at every batch and pays `l2` in its update, as Keras does. `weight` names a column of factors of the loss.

    Raises:
        BadModel: the function does something that has no steps, such as a loop over data.
    """
    return moving(capture_whole(recipe, optimizer=optimizer, update=update, weight=weight), recipe.trained)


@not_in_a_fork
def capture_whole(
    recipe: Recipe, *, optimizer: object = "adagrad", update: str = "sparse", weight: str | None = None
) -> Program:
    """The program that moves frozen tables and dense weights too: of it, `moving` makes what trains some of them."""
    return verify(_Capture(recipe, update, weight).program(optimizer))


class _Capture:
    def __init__(self, recipe: Recipe, update: str, weight: str | None):
        one_of("update", update, ("sparse", "dense"))
        self.recipe = recipe
        self.weight = weight
        self.dense = update == "dense"
        self.tape = Tape()
        loss = recipe.loss.of if recipe.loss else None
        line_of = partial(find_place, function=recipe.function, loss=loss, tracer=__file__)
        self.flatten = Flattener(self.tape, line_of).flatten

    def program(self, optimizer: object) -> Program:
        chosen, inputs = optimizer_of(optimizer), self._inputs()
        prediction, cost, gradients = self._outcome(inputs)
        updates = self._updates(chosen)
        program = Program(
            name=self.recipe.name,
            inputs=(*inputs, *self.tape.constants),
            steps=_phased(self.tape.steps, [prediction, cost], list(gradients.values())),
            prediction=prediction,
            loss=cost,
            gradients={name: gradients[name] for name in self.learnt},
            updates=updates,
            optimizer=chosen.name,
            dense=self.dense,
        )
        return _without_draws(renumber(program), self.recipe)

    @property
    def learnt(self) -> list[str]:
        """The arguments that have a derivative: rows and dense weights."""
        return [*self.recipe.lookups, *self.recipe.dense]

    def _inputs(self) -> tuple[Input, ...]:
        inputs = _inputs(self.recipe)
        return inputs if self.weight is None else (ExampleValue(Value(WEIGHT, (), "float32"), self.weight), *inputs)

    def _outcome(self, inputs: Sequence[Input]) -> tuple[Operand | None, Operand, dict[str, Operand]]:
        """The prediction, the loss and its derivatives, written on the tape."""
        import jax
        import jax.numpy as jnp

        struct = {
            i.value.name: jax.ShapeDtypeStruct(i.value.shape, jnp.float32) for i in inputs if not isinstance(i, Target)
        }
        target = jax.ShapeDtypeStruct(self.recipe.target_shape, self.recipe.targets.dtype)
        moving = {name: s for name, s in struct.items() if name in self.learnt}
        fixed = {name: s for name, s in struct.items() if name not in self.learnt}
        try:
            traced, out_shape = trace(self._example, moving, fixed, target)
        except Exception as error:  # the function alone can be computed: its model was made
            raise BadModel(
                f"{raised_at(error, self.recipe.function)} has no derivative: {first_line(error)}",
                expected="operations that JAX can differentiate backwards",
                mend="write a loop of known length with jnp or lax.scan, or stop the gradient there",
            ) from error
        values = {"target": Value("target", target.shape, dtype_of(target.dtype))}  # though nothing may read it
        values |= {i.value.name: i.value for i in inputs}
        in_order = jax.tree.leaves((_named(moving), _named(fixed), "target"))
        outs = [self.tape.operand(out) for out in self.flatten(traced, [values[name] for name in in_order])]
        return jax.tree.unflatten(jax.tree.structure(out_shape), outs)

    def _example(self, moving: object, fixed: object, target: object) -> tuple[Any, Any, Any]:
        """The function that is traced: prediction, loss, and derivatives with respect to what is `moving`."""
        import jax

        (_, (prediction, cost)), gradients = jax.value_and_grad(self._loss, has_aux=True)(moving, fixed, target)
        return prediction, cost, gradients

    def _loss(self, moving: dict[str, Any], fixed: dict[str, Any], target: Any) -> tuple[Any, Any]:
        """What is differentiated, the penalty with it, beside the prediction and the loss alone."""
        import jax

        prediction, cost = self.recipe.outcome(moving | fixed, target)
        if self.weight is not None:
            with jax.named_scope(f"⟨weight: {WEIGHT} · loss⟩"):
                cost = fixed[WEIGHT] * cost
        penalty = _penalty(self.recipe, moving) if not self.dense else 0.0
        return cost + penalty, (prediction, cost)

    def _updates(self, optimizer) -> dict[str, Update]:
        check_rowwise(optimizer.name, optimizer.make)
        shapes = {n: t.row_shape for n, t in self.recipe.tables.items()}
        shapes |= {n: w.shape for n, w in self.recipe.dense.items()}
        return {name: self._update(name, shape, optimizer) for name, shape in shapes.items()}

    def _update(self, table: str, shape: Shape, optimizer) -> Update:
        import jax
        import jax.numpy as jnp
        import optax

        l2 = (self.recipe.tables.get(table) or self.recipe.dense[table]).l2 if self.dense else 0.0
        row, rate = jax.ShapeDtypeStruct(shape, jnp.float32), jax.ShapeDtypeStruct((), jnp.float32)
        # Traced, not run: JAX compiles what it runs anew for each shape, and keeps that for good.
        begun, first = trace(optimizer.make(0.1).init, row)
        named, tree = jax.tree_util.tree_flatten_with_path(first)
        states = [state for _, state in named]
        starts = Flattener(Tape(), lambda _: None).flatten(begun, [Value("row", shape, "float32")])

        def move(row, gradient, rate, *states):
            if l2:
                gradient = gradient + 2 * l2 * row
            updates, state = optimizer.make(rate).update(gradient, jax.tree.unflatten(tree, states), row)
            return optax.apply_updates(row, updates), jax.tree.leaves(state)

        moved, _ = trace(move, row, row, rate, *states)
        dtypes = [dtype_of(s.dtype) for s in states]
        names = ["row", "gradient", "learning_rate", *_state_names([path for path, _ in named])]
        kinds = [(shape, "float32"), (shape, "float32"), ((), "float32")]
        kinds += [(s.shape, d) for s, d in zip(states, dtypes, strict=True)]
        values = [Value(f"{table}.{name}", *kind) for name, kind in zip(names, kinds, strict=True)]
        before = len(self.tape.steps)
        new_row, *new_states = map(self.tape.operand, self.flatten(moved, values))
        assert isinstance(new_row, Value)  # where a row goes depends on where it is
        self.tape.steps[before:] = [replace(step, phase=UPDATE) for step in self.tape.steps[before:]]
        return Update(
            table=table,
            row=values[0],
            gradient=values[1],
            learning_rate=values[2],
            state=tuple(values[3:]),
            start=tuple(_start(table, state) for state in starts),
            new_row=new_row,
            new_state=tuple(new_states),
        )


def _inputs(recipe: Recipe) -> tuple[Input, ...]:
    """What one example brings, in the order of the signature, dense weights of modules by path, the target last."""
    found = [i for name, word in recipe.words.items() for i in word.inputs(name)]
    if recipe.target is not None:
        for name in recipe.known_of_target:
            found.append(Statistic(Value(f"target.{name}", (), "float32"), recipe.target, name))
    if recipe.loss is not None and recipe.target is not None:
        value = Value("target", recipe.target_shape, dtype_of(recipe.loss.kind.dtype))
        found.append(Target(value, recipe.target))
    return tuple(found)


def _penalty(recipe: Recipe, moving: Mapping[str, Any]) -> Any:
    """l2 · (sum of squares) of every row the example looked up and every dense weight."""
    import jax
    import jax.numpy as jnp

    weights = {name: word.l2 for name, word in recipe.lookups.items()} | {n: w.l2 for n, w in recipe.dense.items()}
    cost: Any = 0.0
    for name, l2 in weights.items():
        if l2 and name in moving:
            with jax.named_scope(f"⟨l2: {l2:g} · sum({name}²)⟩"):
                cost += l2 * jnp.sum(moving[name] ** 2)
    return cost


def _named(struct: Mapping[str, Any]) -> dict[str, str]:
    return {name: name for name in struct}


def _state_names(paths: Sequence[Sequence[Any]]) -> list[str]:
    """What Optax calls each number of a state (`mu`, `nu`, `count`), numbered where a name comes twice."""
    names: list[str] = []
    for k, path in enumerate(paths):
        name = next((key.name for key in reversed(path) if hasattr(key, "name")), "state")
        names.append(f"{name}{k + 1}" if name in names else name)
    return names


def _start(table: str, state: object) -> float:
    numbers = np.asarray(state.array) if isinstance(state, Known) else np.arange(2)  # it depends on the row
    if numbers.size and (numbers != numbers.flat[0]).any():
        raise BadOption(
            f"the optimizer starts the state of {table!r} with several numbers",
            expected="an optimizer whose state starts as one number everywhere, as Optax's do",
            mend="optimizer='adagrad' starts with one number",
        )
    return numbers.flat[0].item() if numbers.size else 0.0


def _without_draws(program: Program, recipe: Recipe) -> Program:
    """The program, unless its prediction reads what is known only while a model learns."""
    for i in program.reads([program.prediction]):
        if not i.is_known:
            raise BadModel(
                f"the prediction of {place_of(recipe.function)} reads {i.value.name!r}, which is drawn at random",
                expected="a prediction from what an example names; drawn rows are for the loss",
                mend="return (prediction, loss), and let only the loss read it",
            )
    return program


def _phased(steps: Sequence[Step], forward: list[Operand | None], backward: list[Operand]) -> tuple[Step, ...]:
    """Drop what no result needs; what the loss needs is forward, what only a gradient needs is derivative."""
    wanted: dict[str, Phase] = {o.name: DERIVATIVE for o in backward if isinstance(o, Value)}
    wanted |= {o.name: FORWARD for o in forward if isinstance(o, Value)}
    kept: list[Step] = []
    for step in reversed(steps):
        phase = wanted.get(step.output.name)
        if phase is None:
            if step.phase != UPDATE:
                continue
            phase = UPDATE
        kept.append(replace(step, phase=phase))
        for i in step.inputs:
            if isinstance(i, Value) and phase != UPDATE and wanted.get(i.name) != FORWARD:
                wanted[i.name] = phase
    kept.reverse()
    return tuple(sorted(kept, key=lambda step: list(Phase).index(step.phase)))
