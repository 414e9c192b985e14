"""An optimizer's name, factory or object in, one with the learning rate left open out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from rowwise.capture.jaxpr import Equation, Traced, Walker, trace
from rowwise.errors import BadOption

if TYPE_CHECKING:
    pass

Tree = Any  # what Optax hands over: any tree of arrays, of which ours are single ones
# Each learning rate is a usual start for rows that are updated one at a time.
DEFAULT_RATES = {
    "sgd": 0.01,
    "paced_sgd": 0.01,
    "momentum": 0.005,
    "nesterov": 0.005,
    "adagrad": 0.05,
    "rmsprop": 0.001,
    "adam": 0.001,
    "keras_adam": 0.001,
    "adamw": 0.001,
}


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An Optax optimizer whose learning rate is an input of the program."""

    name: str
    make: Callable[[Any], Any]  # learning rate -> optax.GradientTransformation
    default_rate: float


class Paced(NamedTuple):
    """The state of `paced_sgd`."""

    pace: Tree


def paced_sgd(rate: Tree) -> Any:
    """Plain SGD in which each row has a pace of its own, 1 unless an initializer such as `log_count_ratio` says it."""
    import jax.numpy as jnp
    import optax

    def init(params: Tree) -> Any:
        return Paced(jnp.ones_like(params))

    def update(updates: Tree, state: Tree, params: Tree = None) -> tuple[Any, Any]:
        return -rate * state.pace * updates, state

    return optax.GradientTransformation(init, update)


def keras_adam(rate: Tree, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-7) -> Any:
    """Adam as Keras has it: `eps` is added before the correction for the first steps, Optax adds its eps after it.

    To rows that sit out most batches of a dense update, whose gradient is that of l2 alone, it makes a difference.
    """
    import jax.numpy as jnp
    import optax

    def init(params: Tree) -> Any:
        return optax.ScaleByAdamState(jnp.zeros((), jnp.int32), jnp.zeros_like(params), jnp.zeros_like(params))

    def update(updates: Tree, state: Tree, params: Tree = None) -> tuple[Any, Any]:
        count = state.count + 1
        mu = state.mu + (updates - state.mu) * (1 - b1)
        nu = state.nu + (updates**2 - state.nu) * (1 - b2)
        step = rate * jnp.sqrt(1 - b2**count) / (1 - b1**count)
        return -step * mu / (jnp.sqrt(nu) + eps), optax.ScaleByAdamState(count, mu, nu)

    return optax.GradientTransformation(init, update)


def optimizer_of(optimizer: str | Callable[[Any], Any] | Any) -> Optimizer:
    """From a name (Optax's, "momentum", "nesterov", "paced_sgd" or "keras_adam"), a factory of the learning rate
    (`optax.adam`, `functools.partial(optax.adam, b1=0.8)`), or an Optax object whose rate is its own.

    Raises:
        BadOption: a name that Optax does not have.
    """
    import optax

    if isinstance(optimizer, optax.GradientTransformation):
        return Optimizer("optax", lambda rate: optimizer, 1.0)
    if callable(optimizer):
        name = getattr(optimizer, "__name__", getattr(getattr(optimizer, "func", None), "__name__", "optax"))
        return Optimizer(name, _makes_one(name, optimizer), DEFAULT_RATES.get(name, 0.01))
    made: dict[str, Callable[[Any], Any]] = {
        "paced_sgd": paced_sgd,
        "keras_adam": keras_adam,
        "momentum": lambda rate: optax.sgd(rate, momentum=0.9),
        "nesterov": lambda rate: optax.sgd(rate, momentum=0.9, nesterov=True),
    }
    name = optimizer if isinstance(optimizer, str) else ""
    factory = made.get(name) or getattr(optax, name or "no name", None)
    if factory is None or not callable(factory):
        near = get_close_matches(str(optimizer), DEFAULT_RATES, n=1)
        raise BadOption(
            f"optimizer={optimizer!r} is not in Optax",
            expected=f"one of {', '.join(DEFAULT_RATES)}, another name of Optax, or an Optax optimizer",
            mend=f"did you mean {near[0]!r}?" if near else "optimizer='adagrad' suits most models of rows",
        )
    return Optimizer(str(optimizer), _makes_one(optimizer, factory), DEFAULT_RATES.get(str(optimizer), 0.01))


def _makes_one(name: str, factory: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The factory itself, if it makes an optimizer of a learning rate."""
    import optax

    why = "it gives no optax.GradientTransformation"
    try:
        if isinstance(factory(0.1), optax.GradientTransformation):
            return factory
    except (TypeError, ValueError) as error:
        why = str(error)
    raise BadOption(
        f"optimizer={name!r} makes no optimizer of a learning rate ({why})",
        expected=f"one of {', '.join(DEFAULT_RATES)}, another optimizer of Optax, or a function of the learning rate",
        mend="functools.partial(optax.adam, b1=0.8) fixes the other settings",
    )


def check_rowwise(name: str, make: Callable[[Any], Any]) -> None:
    """Refuse an optimizer that means something else where each row has a state of its own.

    A row that is looked up moves alone: it knows nothing of other rows, and counts its own updates. What reads all
    gradients at once (a global norm), keeps a clock for a schedule, draws numbers, needs the loss itself (a line
    search), or wraps another optimizer would silently mean another thing.

    Raises:
        BadOption: it is such an optimizer, with what to use in its place.
    """
    import jax.numpy as jnp

    optimizer = make(jnp.float32(0.1))
    pair = {"one": jnp.zeros(2), "other": jnp.zeros(2)}

    def traced(rows: object) -> tuple[Any, Traced]:
        state = optimizer.init(rows)
        return state, trace(lambda gradients: optimizer.update(gradients, state, rows)[0], rows)[0]

    try:
        try:
            state, update = traced(pair)
        except (TypeError, AttributeError):  # one that a user wrote for a single array
            state, update = traced(pair["one"])
    except Exception as error:  # whatever an optimizer asks for: the value of the loss, a key
        why = str(error).partition("\n")[0]
        raise _not_rowwise(
            name, f"asks for more than a gradient ({why})", "optimizer='adagrad' needs no more"
        ) from None
    for kept in _states(state):
        _check_state(name, kept)
    first, *others = _Reads().walk(update, [frozenset({k}) for k in range(len(update.inputs))], None)
    if others and 1 in first:
        why = "reads the gradients of all rows at once, as a global norm does"
        raise _not_rowwise(name, why, "leave that part out; optax.clip(1.0) limits each number by itself")


def _check_state(name: str, state: Sequence[object]) -> None:
    """Refuse a state that is no number of a row: another optimizer's, a key, or a clock and nothing else."""
    import jax

    kind, leaves = type(state).__name__, jax.tree.leaves(state)
    if any(_is_state(value) for value in state):
        raise _not_rowwise(name, f"wraps another optimizer ({kind})", "give the optimizer that is inside")
    if any(jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key) for leaf in leaves):
        raise _not_rowwise(name, "draws random numbers", "leave that part out")
    if leaves and all(leaf.ndim == 0 and leaf.dtype.kind == "i" for leaf in leaves):
        mend = "fit(optimizer=optax.adam, learning_rate=schedule): a schedule is called with the epoch"
        raise _not_rowwise(name, f"counts steps for a schedule ({kind})", mend)


def _not_rowwise(name: str, why: str, mend: str) -> BadOption:
    return BadOption(
        f"the optimizer {name!r} {why}",
        expected="one that moves each row by its own gradient and its own state",
        mend=mend,
    )


class _Reads(Walker[frozenset[int], None]):
    """By number, the inputs of a function that each value depends on."""

    def known(self, array: object) -> frozenset[int]:
        return frozenset()

    def operation(self, equation: Equation, args: list[frozenset[int]], place: None) -> list[frozenset[int]]:
        if equation.name != "cond":
            return [frozenset[int]().union(*args)] * len(equation.gives)
        which, *read = args  # the first input chooses the branch
        branches = [self.walk(branch, read, None) for branch in equation.branches]
        return [which.union(*of_each) for of_each in zip(*branches, strict=True)]


def _is_state(value: object) -> bool:
    """A state of Optax is a named tuple; a chain of them is a plain tuple."""
    return isinstance(value, tuple) and (hasattr(value, "_fields") or any(map(_is_state, value)))


def _states(state: object) -> list[Any]:
    if hasattr(state, "_fields"):
        return [state]
    return [found for one in state for found in _states(one)] if isinstance(state, tuple) else []
