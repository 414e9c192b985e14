"""The form in which JAX traces a function, and the one walker of it: all that Rowwise needs of JAX's less stable parts.

A jaxpr is a list of equations: an operation, what it reads, what it gives. Nobody else looks inside of one, so that a
new version of JAX is met here and in `tests/capture/test_needs_of_jax.py`, which names each of the needs.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np

from rowwise.program.program import Shape

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr, JaxprEqn

CALLS = {"jit", "pjit", "closed_call", "core_call", "core_closed_call", "remat", "remat2", "checkpoint"}
CUSTOM = {"custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"}  # calls with a derivative of their own
BODIES = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # the parameters that may hold the body of a call


class Kind(NamedTuple):
    """What is known of a value before it is computed."""

    shape: Shape
    dtype: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an equation was written."""

    info: Any

    @property
    def scopes(self) -> str:
        """The names of `jax.named_scope` around it, outermost first."""
        return str(self.info.name_stack)

    @property
    def line(self) -> str:
        """The innermost line that is not JAX's, "file.py:5:11 (function)"."""
        from jax.extend import source_info_util

        return source_info_util.summarize(self.info)

    def lines(self, most: int = 50) -> list[str]:
        """The lines that called one another to write it, outermost first; none of JAX's own."""
        from jax.extend import source_info_util

        return source_info_util.summarize(self.info, most).splitlines()

    @contextmanager
    def again(self, scope: str) -> Iterator[None]:
        """What is traced meanwhile seems to come from here, and from inside `scope` if that is named."""
        import jax
        from jax.extend import source_info_util

        with ExitStack() as stack:
            stack.enter_context(source_info_util.user_context(self.info.traceback))
            if scope:
                stack.enter_context(jax.named_scope(scope))
            yield


@dataclass(frozen=True, slots=True)
class Traced:
    """A function as JAX traced it, with the numbers that it closes over."""

    closed: "ClosedJaxpr"

    @property
    def inputs(self) -> list[Kind]:
        return [_kind(v.aval) for v in self.closed.jaxpr.invars]

    @property
    def name(self) -> str:
        """What the function is called in the user's file."""
        return self.closed.jaxpr.debug_info.func_name


@dataclass(frozen=True, slots=True)
class Equation:
    """One operation of a traced function."""

    eqn: "JaxprEqn"

    @property
    def name(self) -> str:
        return self.eqn.primitive.name

    @property
    def params(self) -> Mapping[str, Any]:
        return self.eqn.params

    @property
    def gives(self) -> list[Kind]:
        return [_kind(v.aval) for v in self.eqn.outvars]

    @property
    def source(self) -> Source:
        return Source(self.eqn.source_info)

    @property
    def body(self) -> Traced:
        """What a call calls, or a loop does in one round."""
        return _closed(next(self.params[name] for name in BODIES if name in self.params))

    @property
    def branches(self) -> list[Traced]:
        """What a `cond` may do."""
        return [_closed(branch) for branch in self.params["branches"]]

    def solver(self, args: Sequence[Any]) -> tuple[Traced, list[Any]]:
        """Of the four functions that `jnp.linalg.solve` comes as, the one that solves, and what it reads of `args`."""
        lengths = list(self.params["const_lengths"])
        first = sum(lengths[:2])
        mine = [*args[first : first + lengths[2]], *args[sum(lengths) :]]
        return _closed(self.params["jaxprs"].solve), mine

    def run(self, values: Sequence[Any], **params: object) -> list[Any]:
        """What it gives for these arrays, with some of its parameters changed; traced, where they are."""
        primitive = self.eqn.primitive
        bound = primitive.get_bind_params({**self.params, **params})
        functions, rest = bound if isinstance(bound, tuple) else ((), bound)  # as JAX before 0.10 has it
        out = primitive.bind(*functions, *values, **rest)
        return list(out) if primitive.multiple_results else [out]


def trace(function: Callable[..., Any], *structs: object) -> tuple[Traced, Any]:
    """A function of arrays of these shapes and types, traced and not run; and the pytree of shapes that it gives."""
    import jax

    closed, shapes = jax.make_jaxpr(function, return_shape=True)(*structs)
    return Traced(closed), shapes


V = TypeVar("V")
P = TypeVar("P")


class Walker(ABC, Generic[V, P]):
    """Goes through a traced function once, in order, nested calls inlined.

    A subclass says what becomes of a number (`known`) and of an operation (`operation`). `V` is what stands for a
    value of the function, and `P` for the place of an operation, which calls hand down to what they call (`place`).
    """

    whole: frozenset[str] = frozenset()  # calls that are operations, not inlined

    @abstractmethod
    def known(self, array: np.ndarray) -> V:
        """What stands for numbers that are written in the function."""

    @abstractmethod
    def operation(self, equation: Equation, args: list[V], place: P) -> Sequence[V]:
        """What stands for each result of an operation."""

    def place(self, equation: Equation, outer: P) -> P:
        """The place of an operation inside a call that stands at `outer`."""
        return outer

    def walk(self, traced: Traced, inputs: Sequence[V], place: P) -> list[V]:
        """What stands for the outputs of a function whose inputs these stand for."""
        jaxpr = traced.closed.jaxpr
        there = dict(zip(jaxpr.constvars, (self.known(np.asarray(c)) for c in traced.closed.consts), strict=True))
        there |= zip(jaxpr.invars, inputs, strict=True)

        def read(atom: Any) -> V:
            return self.known(np.asarray(atom.val, atom.aval.dtype)) if hasattr(atom, "val") else there[atom]

        for eqn in jaxpr.eqns:
            equation, args = Equation(eqn), [read(atom) for atom in eqn.invars]
            here = self.place(equation, place)
            is_call = equation.name in CALLS | CUSTOM and equation.name not in self.whole
            outs = self.walk(equation.body, args, here) if is_call else self.operation(equation, args, here)
            there |= zip(eqn.outvars, outs, strict=True)
        return [read(atom) for atom in jaxpr.outvars]


def _kind(aval: Any) -> Kind:
    return Kind(tuple(aval.shape), str(aval.dtype))


def _closed(jaxpr: Any) -> Traced:
    """Bodies of calls come with the numbers that they close over, or close over none."""
    import jax.extend.core as core

    return Traced(jaxpr if hasattr(jaxpr, "consts") else core.ClosedJaxpr(jaxpr, ()))
