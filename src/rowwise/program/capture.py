"""A model in, its program out: traced by JAX, flattened, folded, named.

Three traces make a program: *loss and prediction of what is looked up*, its gradient with respect to the looked-up
rows and dense weights (never the tables), and the optimizer's update of one row. The passes stand in a row:

    trace ──▶ flatten (nested calls inlined, places handed down, constants folded) ──▶ simplify
          ──▶ keep what a result needs, tell forward from derivative ──▶ name ──▶ check
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rowwise.errors import BadModel, BadOption
from rowwise.models.model import Model, first_line, input_shapes, module_arrays, place_of, raised_at
from rowwise.models.words import Lookup, Mask, Module, Number
from rowwise.primitives import arrays
from rowwise.program.check import check
from rowwise.program.optimizers import optimizer_of
from rowwise.program.places import find_place
from rowwise.program.program import (
    DERIVATIVE,
    FORWARD,
    UPDATE,
    Input,
    Literal,
    Operand,
    Place,
    Program,
    Shape,
    Step,
    Update,
    Value,
)

IDENTITIES = {"copy", "copy_p", "stop_gradient", "optimization_barrier", "reduce_precision"}
INLINED = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # parameters that hold the body of a nested call
ALIASES = {"add_any": "add"}
# The parameters that mean something in every target; the rest (sharding, precision, accuracy) are hints to XLA.
PARAMS = {
    "integer_pow": ("y",),
    "convert_element_type": ("new_dtype",),
    "dot_general": ("dimension_numbers",),
    "reduce_sum": ("axes",),
    "reduce_max": ("axes",),
    "reduce_min": ("axes",),
    "reduce_prod": ("axes",),
    "reduce_and": ("axes",),
    "reduce_or": ("axes",),
    "argmax": ("axes",),
    "argmin": ("axes",),
    "cumsum": ("axis", "reverse"),
    "broadcast_in_dim": ("shape", "broadcast_dimensions"),
    "transpose": ("permutation",),
    "rev": ("dimensions",),
    "concatenate": ("dimension",),
    "stack": ("axis",),
    "slice": ("start_indices", "limit_indices", "strides"),
    "pad": ("padding_config",),
}
ROUND_TO_EVEN = 1  # jax.lax.RoundingMethod.TO_NEAREST_EVEN
RESHAPES = {"reshape", "squeeze", "expand_dims"}


def capture(model: Model, *, optimizer: Any = "adagrad", update: str = "sparse") -> Program:
    """The program of one example of `model`.

    `update="sparse"`: the example's loss pays `l2` for the rows it looked up. `update="dense"`: every row of a table
    moves at every batch and pays `l2` in its update, as Keras does.

    Raises:
        BadModel: the function does something that has no steps, such as a loop over data.
    """
    return check(_Capture(model, update).program(optimizer))


@dataclass(frozen=True, slots=True)
class _Known:
    """A value that is the same for every example: its numbers, folded at capture."""

    array: Any

    @property
    def shape(self) -> Shape:
        return self.array.shape


class _Tape:
    """Steps being written, with fresh names; `_Known` operands never become steps."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.constants: list[Input] = []
        self.negated: dict[str, Any] = {}  # by the name of -x, x
        self.count = 0

    def fresh(self, shape: Shape, dtype: str) -> Value:
        self.count += 1
        return Value(f"%{self.count}", shape, dtype)

    def operand(self, value: Any) -> Operand:
        """A step's operand: known numbers become a literal where all are one, else a constant of the program."""
        if not isinstance(value, _Known):
            return value
        array = np.asarray(value.array)
        if array.size and (array == array.flat[0]).all():
            first = array.flat[0]  # 0.1 as the user wrote it, not the float32 nearest to it; float32 targets agree
            number = float(str(first)) if array.dtype == np.float32 else first.item()
            return Literal(number, _dtype(array.dtype), array.shape)
        numbers = array.tolist()
        for there in self.constants:
            if there.constant == numbers and there.value.dtype == _dtype(array.dtype):
                return there.value
        constant = Value(f"constant{len(self.constants) + 1}", array.shape, _dtype(array.dtype))
        self.constants.append(Input(constant, "constant", constant=numbers))
        return constant

    def write(self, primitive, inputs, shape, dtype, params, place) -> Any:
        """The output of one step, or known numbers where all its inputs are known."""
        if all(isinstance(i, _Known) for i in inputs):
            with np.errstate(all="ignore"):
                out = arrays.apply(FOLD, primitive, tuple(i.array for i in inputs), params, place)
            return _Known(np.broadcast_to(np.asarray(out, dtype), shape))
        simple = _simplify(primitive, inputs, shape, params)
        if simple is not None:
            return simple
        primitive, inputs = self.plainer(primitive, inputs, shape)
        output = self.fresh(shape, dtype)
        operands = tuple(self.operand(i) for i in inputs)
        self.steps.append(Step(primitive, operands, output, params, FORWARD, place))
        if primitive == "neg":
            self.negated[output.name] = inputs[0]
        return output

    def plainer(self, primitive: str, inputs: Sequence[Any], shape: Shape) -> tuple[str, Sequence[Any]]:
        """The same numbers as a person would write them: -1 · x as -x, and x + -y as x - y."""
        for one, other in (inputs, inputs[::-1]) if len(inputs) == 2 else ():
            if primitive == "mul" and _is_all(one, -1) and _has_shape(other, shape):
                return "neg", [other]
            if primitive == "add" and isinstance(other, Value) and other.name in self.negated:
                return "sub", [one, self.negated[other.name]]
        return primitive, inputs


FOLD = arrays.Arrays(np, np.float32)


class _Capture:
    def __init__(self, model: Model, update: str):
        if update not in ("sparse", "dense"):
            raise BadOption(
                f"update={update!r}",
                expected="'sparse' (only looked-up rows move) or 'dense' (every row moves at every batch, as in Keras)",
                mend="leave it out for 'sparse'",
            )
        self.model = model
        self.dense = update == "dense"
        self.tape = _Tape()
        self.loss = model.loss.of if model.loss else None

    def program(self, optimizer: Any) -> Program:
        import jax
        import jax.numpy as jnp

        model = self.model
        inputs = _inputs(model)
        learnt = self._learnt()
        is_class = model.loss is not None and model.loss.targets == "class"
        struct = {i.value.name: jax.ShapeDtypeStruct(i.value.shape, jnp.float32) for i in inputs if i.kind != "target"}
        target = jax.ShapeDtypeStruct((), jnp.int32 if is_class else jnp.float32)

        def loss(moving, fixed, target):
            prediction, cost = model.outcome(moving | fixed, target)
            penalty = _penalty(model, moving) if not self.dense else 0.0
            return cost + penalty, (prediction, cost)

        def example(moving, fixed, target):
            (_, (prediction, cost)), gradients = jax.value_and_grad(loss, has_aux=True)(moving, fixed, target)
            return prediction, cost, gradients

        moving = {name: s for name, s in struct.items() if name in learnt}
        fixed = {name: s for name, s in struct.items() if name not in learnt}
        try:
            closed, out_shape = jax.make_jaxpr(example, return_shape=True)(moving, fixed, target)
        except Exception as error:  # the function alone can be computed: its model was made
            raise BadModel(
                f"{raised_at(error, model.function)} has no derivative: {first_line(error)}",
                expected="operations that JAX can differentiate backwards",
                mend="write a loop of known length with jnp or lax.scan, or stop the gradient there",
            ) from error
        values = {i.value.name: i.value for i in inputs}
        values.setdefault("target", Value("target", (), _dtype(target.dtype)))  # traced, though nothing may read it
        in_order = jax.tree.leaves((_named(moving), _named(fixed), "target"))
        outs = [self.tape.operand(out) for out in self.flatten(closed, [values[name] for name in in_order])]
        prediction, cost, gradients = jax.tree.unflatten(jax.tree.structure(out_shape), outs)
        updates = self._updates(optimizer_of(optimizer))
        constants = tuple(self.tape.constants)
        program = _renumber(
            Program(
                name=model.name,
                inputs=inputs + constants,
                steps=_phased(self.tape.steps, [prediction, cost], list(gradients.values())),
                prediction=prediction,
                loss=cost,
                gradients={name: gradients[name] for name in learnt},
                updates=updates,
                optimizer=optimizer_of(optimizer).name,
                dense=self.dense,
            )
        )
        for i in program.reads([program.prediction]):
            if i.kind == "sampled":
                raise BadModel(
                    f"the prediction of {place_of(model.function)} reads {i.value.name!r}, which is drawn at random",
                    expected="a prediction from what an example names; drawn rows are for the loss",
                    mend="return (prediction, loss), and let only the loss read it",
                )
        return program

    def _learnt(self) -> list[str]:
        model = self.model
        rows = [n for n, word in model.lookups.items() if model.tables[word.table or n].trainable]
        return rows + [n for n, word in model.dense.items() if word.trainable]

    def _updates(self, optimizer) -> dict[str, Update]:
        model = self.model
        shapes = {n: t.row_shape for n, t in model.tables.items() if t.trainable}
        shapes |= {n: w.shape for n, w in model.dense.items() if w.trainable}
        return {name: self._update(name, shape, optimizer) for name, shape in shapes.items()}

    def _update(self, table: str, shape: Shape, optimizer) -> Update:
        import jax
        import jax.numpy as jnp
        import optax

        l2 = (self.model.tables.get(table) or self.model.dense[table]).l2 if self.dense else 0.0
        row = jnp.zeros(shape, jnp.float32)
        named, tree = jax.tree_util.tree_flatten_with_path(optimizer.make(jnp.float32(0.1)).init(row))
        states = [state for _, state in named]

        def move(row, gradient, rate, *states):
            if l2:
                gradient = gradient + 2 * l2 * row
            updates, state = optimizer.make(rate).update(gradient, jax.tree.unflatten(tree, states), row)
            return optax.apply_updates(row, updates), jax.tree.leaves(state)

        closed = jax.make_jaxpr(move)(row, row, jnp.float32(0.1), *states)
        dtypes = [_dtype(s.dtype) for s in states]
        names = ["row", "gradient", "learning_rate", *_state_names([path for path, _ in named])]
        kinds = [(shape, "float32"), (shape, "float32"), ((), "float32")]
        kinds += [(s.shape, d) for s, d in zip(states, dtypes, strict=True)]
        values = [Value(f"{table}.{name}", *kind) for name, kind in zip(names, kinds, strict=True)]
        before = len(self.tape.steps)
        new_row, *new_states = map(self.tape.operand, self.flatten(closed, values))
        assert isinstance(new_row, Value)  # where a row goes depends on where it is
        self.tape.steps[before:] = [replace(step, phase=UPDATE) for step in self.tape.steps[before:]]
        return Update(
            table=table,
            row=values[0],
            gradient=values[1],
            learning_rate=values[2],
            state=tuple(values[3:]),
            start=tuple(_start(table, state) for state in states),
            new_row=new_row,
            new_state=tuple(new_states),
        )

    def flatten(self, closed: Any, inputs: Sequence[Any], place: Place | None = None) -> list[Any]:
        """The outputs of a closed jaxpr as tape values; nested calls are inlined with the outer call's place."""
        jaxpr = closed.jaxpr
        env: dict[Any, Any] = dict(zip(jaxpr.constvars, (_Known(np.asarray(c)) for c in closed.consts), strict=True))
        env |= dict(zip(jaxpr.invars, inputs, strict=True))

        def read(atom):
            return _Known(np.asarray(atom.val, atom.aval.dtype)) if hasattr(atom, "val") else env[atom]

        for eqn in jaxpr.eqns:
            # The place of the outermost call that is the user's own line wins: bodies of library calls are not theirs.
            here = place or find_place(eqn.source_info, self.model.function, self.loss, tracer=__file__)
            args = [read(atom) for atom in eqn.invars]
            inner = next((eqn.params[key] for key in INLINED if key in eqn.params), None)
            if inner is not None and eqn.primitive.name not in ("scan", "while"):
                outs = self.flatten(_closed(inner), args, here)
            else:
                outs = self._equation(eqn, args, here)
            env |= dict(zip(eqn.outvars, outs, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def _equation(self, eqn: Any, args: list[Any], place: Place | None) -> list[Any]:
        name: str = eqn.primitive.name
        name = ALIASES.get(name, name)
        if name in IDENTITIES:
            return args
        shapes = [(tuple(out.aval.shape), _dtype(out.aval.dtype)) for out in eqn.outvars]
        if all(isinstance(arg, _Known) for arg in args) and not arrays_know(name):
            out = eqn.primitive.bind(*(arg.array for arg in args), **eqn.params)
            return [_Known(np.asarray(o)) for o in (out if eqn.primitive.multiple_results else [out])]
        if name == "split":
            return self._split(args[0], eqn.params["axis"], eqn.params["sizes"], shapes, place)
        if name == "unstack":
            return self._split(args[0], eqn.params["axis"], [1] * len(shapes), shapes, place)
        if name == "tile":
            return [self._tile(args[0], eqn.params["reps"], shapes[0], place)]
        (shape, dtype), *more = shapes
        if more:
            raise _no_steps(name, place)
        if name == "select_n" and len(args) > 3:
            raise _no_steps(name, place, "a choice among more than two; nest jnp.where")
        if name == "round" and int(eqn.params["rounding_method"]) != ROUND_TO_EVEN:
            raise _no_steps(name, place, "halves away from zero; jnp.round rounds them to even")
        if name in ("gather", "dynamic_slice", "scatter-add", "scatter_add"):
            return [self._indexed(eqn, name, args, shape, dtype, place)]
        if not arrays_know(name):
            raise _no_steps(name, place)
        return [self.tape.write(name, args, shape, dtype, _params(name, eqn.params, shape), place)]

    def _split(self, x: Any, axis: int, sizes: Sequence[int], shapes: list, place: Place | None) -> list[Any]:
        """`split` and `unstack` have many outputs; a program's step has one, so they become slices."""
        whole, at, parts = x.shape, 0, []
        for (shape, dtype), size in zip(shapes, sizes, strict=True):
            start = tuple(at if i == axis else 0 for i in range(len(whole)))
            limit = tuple(at + size if i == axis else n for i, n in enumerate(whole))
            at += size
            cut = {"start_indices": start, "limit_indices": limit, "strides": None}
            wide = tuple(end - begin for begin, end in zip(start, limit, strict=True))
            part = self.tape.write("slice", [x], wide, dtype, cut, place)
            parts.append(self.tape.write("reshape", [part], shape, dtype, {"shape": shape}, place))
        return parts

    def _tile(self, x: Any, reps: Sequence[int], out: tuple[Shape, str], place: Place | None) -> Any:
        """`tile` repeats each axis as a whole: an axis before it, repeated, and the two as one."""
        (shape, dtype), pairs = out, [n for pair in zip(reps, x.shape, strict=True) for n in pair]
        spread = {"shape": tuple(pairs), "broadcast_dimensions": tuple(range(1, len(pairs), 2))}
        repeated = self.tape.write("broadcast_in_dim", [x], tuple(pairs), dtype, spread, place)
        return self.tape.write("reshape", [repeated], shape, dtype, {"shape": shape}, place)

    def _indexed(self, eqn: Any, name: str, args: list[Any], shape: Shape, dtype: str, place: Place | None) -> Any:
        """Indexing by constants, as flat places worked out by indexing the places themselves."""
        moving = [k for k, arg in enumerate(args) if not isinstance(arg, _Known)]
        bind = eqn.primitive.bind
        if name in ("gather", "dynamic_slice") and moving == [0]:
            source = args[0]
            places = np.arange(source.size, dtype=np.float32).reshape(source.shape)
            found = np.asarray(bind(places, *(a.array for a in args[1:]), **eqn.params))
            params = {"indices": tuple(int(k) for k in found.ravel()), "shape": shape}
            return self.tape.write("take", [source], shape, dtype, params, place)
        if name in ("scatter-add", "scatter_add") and 1 not in moving:
            operand, indices, updates = args
            target_size = int(np.prod(shape, dtype=int))
            size = int(np.prod(eqn.invars[2].aval.shape, dtype=int))
            zeros = np.zeros(shape, np.float32)
            found = []
            for one_hot in np.eye(size, dtype=np.float32):
                marked = bind(zeros, indices.array, one_hot.reshape(eqn.invars[2].aval.shape), **eqn.params)
                found.append(int(np.argmax(np.asarray(marked).ravel())) if target_size else 0)
            return self.tape.write("put_add", [operand, updates], shape, dtype, {"indices": tuple(found)}, place)
        raise _no_steps(name, place, "an index that depends on the example's numbers")


def arrays_know(name: str) -> bool:
    from rowwise.primitives.table import known

    return known(name)


def _no_steps(name: str, place: Place | None, why: str = "") -> BadModel:
    where = f"{place}: `{place.text}`" if place else "the model's function"
    return BadModel(
        f"{name!r} at {where} cannot be written as steps" + (f" ({why})" if why else ""),
        expected="operations of docs/primitives.md: arithmetic, products, sums, indexing by constants",
        mend="write the line with those operations",
    )


def _inputs(model: Model) -> tuple[Input, ...]:
    """What one example brings, in the order of the signature, dense weights of modules by path, the target last."""
    shapes = input_shapes(model)
    found: list[Input] = []
    for name, word in model.words.items():
        match word:
            case Lookup():
                value = Value(name, word.shape, "float32")
                found.append(Input(value, word.kind, word.column, word.table or name, word.combine))
            case Number():
                found.append(Input(Value(name, word.shape, "float32"), word.kind, word.column))
            case Mask():
                found.append(Input(Value(name, word.shape, "float32"), word.kind, rate=word.rate))
            case Module():
                paths = module_arrays(name, word.module)
                found += [Input(Value(path, shapes[path], "float32"), "weight") for path in paths]
            case _:
                found.append(Input(Value(name, word.shape, "float32"), "weight"))
    if model.loss is not None:
        dtype = "int32" if model.loss.targets == "class" else "float32"
        found.append(Input(Value("target", (), dtype), "target", model.target))
    return tuple(found)


def _penalty(model: Model, moving: Mapping[str, Any]) -> Any:
    """l2 · (sum of squares) of every row the example looked up and every dense weight."""
    import jax
    import jax.numpy as jnp

    weights = {name: word.l2 for name, word in model.lookups.items()} | {n: w.l2 for n, w in model.dense.items()}
    cost: Any = 0.0
    for name, l2 in weights.items():
        if l2 and name in moving:
            with jax.named_scope(f"⟨l2: {l2:g} · sum({name}²)⟩"):
                cost += l2 * jnp.sum(moving[name] ** 2)
    return cost


def _named(struct: Mapping[str, Any]) -> dict[str, str]:
    return {name: name for name in struct}


def _closed(jaxpr: Any) -> Any:
    import jax.extend.core as core

    return jaxpr if hasattr(jaxpr, "consts") else core.ClosedJaxpr(jaxpr, ())


def _dtype(dtype: Any) -> str:
    return str(np.dtype(dtype))


def _params(name: str, params: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    if name in RESHAPES:
        return {"shape": shape}
    kept = {key: _plain(params[key]) for key in PARAMS.get(name, ()) if key in params}
    if name == "convert_element_type":
        kept["new_dtype"] = _dtype(params["new_dtype"])
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(_plain(v) for v in value)
    return value.item() if isinstance(value, np.generic) else value


def _state_names(paths: Sequence[Sequence[Any]]) -> list[str]:
    """What Optax calls each number of a state (`mu`, `nu`, `count`), numbered where a name comes twice."""
    names: list[str] = []
    for k, path in enumerate(paths):
        name = next((key.name for key in reversed(path) if hasattr(key, "name")), "state")
        names.append(f"{name}{k + 1}" if name in names else name)
    return names


def _start(table: str, state: Any) -> float:
    numbers = np.asarray(state)
    if numbers.size and (numbers != numbers.flat[0]).any():
        raise BadOption(
            f"the optimizer starts the state of {table!r} with several numbers",
            expected="an optimizer whose state starts as one number everywhere, as Optax's do",
            mend="use another optimizer",
        )
    return numbers.flat[0].item() if numbers.size else 0.0


def _simplify(primitive: str, inputs: Sequence[Any], shape: Shape, params: Mapping[str, Any]) -> Any:
    """The operand that a step which changes nothing stands for, or None."""

    def is_all(k: int, number: float) -> bool:
        return _is_all(inputs[k], number)

    def same(k: int) -> Any:
        return inputs[k] if _has_shape(inputs[k], shape) else None

    match primitive:
        case "mul":
            return same(1) if is_all(0, 1) else same(0) if is_all(1, 1) else None
        case "add":
            return same(1) if is_all(0, 0) else same(0) if is_all(1, 0) else None
        case "sub":
            return same(0) if is_all(1, 0) else None
        case "div":
            return same(0) if is_all(1, 1) else None
        case "integer_pow":
            return same(0) if params["y"] == 1 else None
        case "convert_element_type":
            return same(0) if isinstance(inputs[0], Value) and inputs[0].dtype == params["new_dtype"] else None
        case "max":  # jax.nn.logsumexp guards against an empty maximum
            return same(1) if is_all(0, -np.inf) else same(0) if is_all(1, -np.inf) else None
        case "select_n" if isinstance(inputs[0], _Known) and len(inputs) == 3:
            return same(2) if inputs[0].array.all() else same(1) if not inputs[0].array.any() else None
        case "reshape" | "squeeze" | "expand_dims" | "broadcast_in_dim" | "slice":
            return same(0)
        case "concatenate":
            return same(0) if len(inputs) == 1 else None
        case "reduce_sum" | "reduce_max" | "reduce_min":
            return same(0) if not params["axes"] else None
    return None


def _is_all(operand: Any, number: float) -> bool:
    return isinstance(operand, _Known) and bool(np.all(np.asarray(operand.array) == number))


def _has_shape(operand: Any, shape: Shape) -> bool:
    return isinstance(operand, Value) and operand.shape == shape


def _phased(steps: Sequence[Step], forward: list[Operand | None], backward: list[Operand]) -> tuple[Step, ...]:
    """Drop what no result needs; what the loss needs is forward, what only a gradient needs is derivative."""
    wanted: dict[str, str] = {o.name: DERIVATIVE for o in backward if isinstance(o, Value)}
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
    order = {FORWARD: 0, DERIVATIVE: 1, UPDATE: 2}
    return tuple(sorted(kept, key=lambda step: order[step.phase]))


def _renumber(program: Program) -> Program:
    """Values named %1, %2, … in the order of the steps; steps that no result needs are gone."""
    results = [program.prediction, program.loss, *program.gradients.values()]
    results += [o for update in program.updates.values() for o in update.outputs]
    steps = program.needed(results)
    names = {step.output.name: f"%{k + 1}" for k, step in enumerate(steps)}

    def new(o: Any) -> Any:
        return replace(o, name=names.get(o.name, o.name)) if isinstance(o, Value) else o

    used = {i.name for step in steps for i in step.inputs if isinstance(i, Value)}
    used |= {o.name for o in results if isinstance(o, Value)}
    return replace(
        program,
        inputs=tuple(i for i in program.inputs if i.kind != "constant" or i.value.name in used),
        steps=tuple(replace(s, inputs=tuple(map(new, s.inputs)), output=new(s.output)) for s in steps),
        prediction=new(program.prediction),
        loss=new(program.loss),
        gradients={name: new(g) for name, g in program.gradients.items()},
        updates={
            name: replace(u, new_row=new(u.new_row), new_state=tuple(map(new, u.new_state)))
            for name, u in program.updates.items()
        },
    )
