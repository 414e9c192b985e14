"""An optimizer's name, factory or object in, one with the learning rate left open out."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

from rowwise.errors import BadOption

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

    pace: Any


def paced_sgd(rate: Any) -> Any:
    """Plain SGD in which each row has a pace of its own, 1 unless an initializer such as `log_count_ratio` says it."""
    import jax.numpy as jnp
    import optax

    def init(params: Any) -> Any:
        return Paced(jnp.ones_like(params))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        return -rate * state.pace * updates, state

    return optax.GradientTransformation(init, update)


def keras_adam(rate: Any, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-7) -> Any:
    """Adam as Keras has it: `eps` is added before the correction for the first steps, Optax adds its eps after it.

    To rows that sit out most batches of a dense update, whose gradient is that of l2 alone, it makes a difference.
    """
    import jax.numpy as jnp
    import optax

    def init(params: Any) -> Any:
        return optax.ScaleByAdamState(jnp.zeros((), jnp.int32), jnp.zeros_like(params), jnp.zeros_like(params))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
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
    factory = made.get(optimizer) or getattr(optax, str(optimizer), None)
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
