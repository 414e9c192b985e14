"""A traced function in, steps on a tape out: every equation a primitive of ours."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rowwise.capture.indexing import INDEXING
from rowwise.capture.jaxpr import Equation, Kind, Source, Traced, Walker
from rowwise.capture.loops import scan
from rowwise.capture.lowered import LOWERED, Writer
from rowwise.capture.tape import Arg, Known, Tape, no_such_type
from rowwise.errors import BadModel
from rowwise.program.primitives import ELEMENTWISE, PRIMITIVES, Move, known
from rowwise.program.program import Place, Shape
from rowwise.program.shape_rules import DTYPES

IDENTITIES = {"copy", "copy_p", "stop_gradient", "optimization_barrier", "reduce_precision"}
ALIASES = {"add_any": "add", "lt_to": "lt", "le_to": "le", "eq_to": "eq"}  # the last three put NaN in order too
ROUND_TO_EVEN = 1  # jax.lax.RoundingMethod.TO_NEAREST_EVEN
INSTEAD = {  # of what has no steps
    "while": "a loop of known length, jax.lax.scan",
    "scan": "a loop of at least one round",
    "conv_general_dilated": "rw.layers.convolution(rows, kernel)",
    "reduce_window_max": "rw.layers.max_pool(rows, size)",
}


class Flattener(Walker[Any, Place | None]):
    """Writes traced functions on a tape; `place_of` finds the line of the user's that an equation came from."""

    def __init__(self, tape: Tape, place_of: Callable[[Source], Place | None]):
        self.tape, self.place_of = tape, place_of

    def flatten(self, traced: Traced, inputs: Sequence[Any]) -> list[Any]:
        """The outputs of a traced function as tape values."""
        return self.walk(traced, inputs, None)

    def known(self, array: np.ndarray) -> Known:
        return Known(array)

    def place(self, equation: Equation, outer: Place | None) -> Place | None:
        """That of the outermost call that is the user's own line: bodies of library calls are not theirs."""
        return outer or self.place_of(equation.source)

    def _on(self, tape: Tape, traced: Traced, inputs: Sequence[Any]) -> list[Any]:
        """The outputs of a traced function written on another tape."""
        return Flattener(tape, self.place_of).flatten(traced, inputs)

    def operation(self, equation: Equation, args: list[Any], place: Place | None) -> list[Any]:
        if equation.name == "scan" and equation.params["length"]:
            _check_types("scan", equation.body.inputs, place)
            return scan(self.tape, equation, args, place, self._on)
        name, params, gives = equation.name, equation.params, equation.gives
        name = ALIASES.get(name, name)
        if name in IDENTITIES:
            return args
        indexing = INDEXING.get(name)
        folds = all(isinstance(arg, Known) for arg in args)
        if indexing and not (folds and name.startswith("scatter")) and indexing.is_known(args):
            return [indexing.write(self.tape, args, params, place)]
        if folds and not known(name):
            return [Known(_as_numbers(out)) for out in equation.run([arg.array for arg in args])]
        if name == "split":
            return self._split(args[0], params["axis"], params["sizes"], gives, place)
        if name == "unstack":
            return self._split(args[0], params["axis"], [1] * len(gives), gives, place)
        if name == "tile":
            return [self._tile(args[0], params["reps"], gives[0], place)]
        args, gives = _without_unsigned(name, args, gives)
        if not folds:  # numbers of any type may be worked out at capture
            _check_types(name, [*args, *gives], place)
        if name == "cond":
            return self._cond(equation.branches, args, gives, place)
        if name == "custom_linear_solve":
            return self.walk(*equation.solver(args), place)
        if name in LOWERED:
            return self._lowered(name, args, params, gives, place)
        (shape, dtype), *more = gives
        if more:
            raise _no_steps(name, place)
        if name == "round" and int(params["rounding_method"]) != ROUND_TO_EVEN:
            raise _no_steps(name, place, "halves away from zero; jnp.round rounds them to even")
        if not known(name) or name == "scan":
            raise _no_steps(name, place)
        if name in ELEMENTWISE:
            args = [self._as_wide(arg, shape, place) for arg in args]
        if name == "dot_general":  # JAX leaves it to the operation to multiply whole numbers with others
            args = [self._as_type(arg, dtype, place) for arg in args]
        return [self.tape.write(name, args, shape, dtype, _params(name, params, shape, dtype), place)]

    def _lowered(
        self, name: str, args: list[Any], params: Mapping[str, Any], gives: list[Kind], place: Place | None
    ) -> list[Any]:
        try:
            return LOWERED[name](Writer(self.tape, place), args, params, gives)
        except NotImplementedError as error:
            raise _no_steps(name, place, str(error)) from None

    def _cond(self, branches: list[Traced], args: list[Any], gives: list[Kind], place: Place | None) -> list[Any]:
        """Every branch is worked out, and one of them is taken: so it is with batches on any machine."""
        which, *inputs = args
        if isinstance(which, Known):
            return self.walk(branches[int(np.clip(which.array, 0, len(branches) - 1))], inputs, place)
        outs = [self.walk(branch, inputs, place) for branch in branches]
        write = Writer(self.tape, place)
        return [write.choose(which, cases, *kind) for cases, kind in zip(zip(*outs, strict=True), gives, strict=True)]

    def _as_wide(self, arg: Arg, shape: Shape, place: Place | None) -> Any:
        """An operand of one number along an axis, where JAX leaves it to the operation to repeat that number."""
        if arg.shape in ((), shape):
            return arg
        axes = [axis for axis, n in enumerate(arg.shape) if n == shape[axis]]
        kept, dtype = tuple(shape[axis] for axis in axes), arg.dtype
        flat = self.tape.write("reshape", [arg], kept, dtype, {"shape": kept}, place)
        spread = {"shape": shape, "broadcast_dimensions": tuple(axes)}
        return self.tape.write("broadcast_in_dim", [flat], shape, dtype, spread, place)

    def _as_type(self, arg: Arg, dtype: str, place: Place | None) -> Any:
        if arg.dtype == dtype:
            return arg
        return self.tape.write("convert_element_type", [arg], arg.shape, dtype, {"new_dtype": dtype}, place)

    def _split(self, x: Arg, axis: int, sizes: Sequence[int], gives: list[Kind], place: Place | None) -> list[Any]:
        """`split` and `unstack` have many outputs; a program's step has one, so they become slices."""
        whole, at, parts = x.shape, 0, []
        for (shape, dtype), size in zip(gives, map(int, sizes), strict=True):
            start = tuple(at if i == axis else 0 for i in range(len(whole)))
            limit = tuple(at + size if i == axis else n for i, n in enumerate(whole))
            at += size
            cut = {"start_indices": start, "limit_indices": limit, "strides": None}
            wide = tuple(end - begin for begin, end in zip(start, limit, strict=True))
            part = self.tape.write("slice", [x], wide, dtype, cut, place)
            parts.append(self.tape.write("reshape", [part], shape, dtype, {"shape": shape}, place))
        return parts

    def _tile(self, x: Arg, reps: Sequence[int], out: Kind, place: Place | None) -> Any:
        """`tile` repeats each axis as a whole: an axis before it, repeated, and the two as one."""
        (shape, dtype), pairs = out, [n for pair in zip(reps, x.shape, strict=True) for n in pair]
        spread = {"shape": tuple(pairs), "broadcast_dimensions": tuple(range(1, len(pairs), 2))}
        repeated = self.tape.write("broadcast_in_dim", [x], tuple(pairs), dtype, spread, place)
        return self.tape.write("reshape", [repeated], shape, dtype, {"shape": shape}, place)


def _check_types(name: str, values: Sequence[Any], place: Place | None) -> None:
    """Refuse numbers that no step holds."""
    others = sorted({value.dtype for value in values} - set(DTYPES))
    if others:
        raise no_such_type(name, others[0], place)


def _without_unsigned(name: str, args: list[Any], gives: list[Kind]) -> tuple[list[Any], list[Kind]]:
    """Places that JAX counts in uint32, as int32, which holds those of any array here."""
    moves = isinstance(PRIMITIVES.get(name), Move) or name in LOWERED or name in ("add", "mul")
    if not moves or all(isinstance(arg, Known) for arg in args):
        return args, gives

    def signed(arg: object) -> Any:
        return Known(arg.array.astype(np.int32)) if isinstance(arg, Known) and arg.dtype == "uint32" else arg

    return [signed(arg) for arg in args], [Kind(shape, "int32" if d == "uint32" else d) for shape, d in gives]


def _no_steps(name: str, place: Place | None, why: str = "") -> BadModel:
    where = f"{place}: `{place.text}`" if place else "the model's function"
    return BadModel(
        f"{name!r} at {where} cannot be written as steps" + (f" ({why})" if why else ""),
        expected="operations of docs/primitives.md: arithmetic, products, sums, indexing by constants",
        mend=f"write {INSTEAD.get(name, 'the line with those operations')}",
    )


def _params(name: str, params: Mapping[str, Any], shape: Shape, dtype: str) -> dict[str, Any]:
    """Those that mean something in every backend; the rest (sharding, precision, accuracy) are hints to XLA."""
    told = {**params, "shape": shape, "new_dtype": dtype}
    return {key: _plain(told[key]) for key in PRIMITIVES[name].params if key in told}


def _plain(value: object) -> Any:
    if isinstance(value, tuple | list):
        return tuple(_plain(v) for v in value)
    return value.item() if isinstance(value, np.generic) else value


def _as_numbers(array: Any) -> Any:
    """An array of NumPy; a key of `jax.random` stays what it is until numbers are drawn by it."""
    return np.asarray(array) if isinstance(array.dtype, np.dtype) else array
