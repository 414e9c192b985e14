"""Keras' optimizers with Keras' settings, each as an optimizer of Optax: what a row becomes, number for number."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from rowwise.capture.optimizers import Tree, keras_adam
from rowwise.errors import BadOption
from rowwise.keras_style.spelling import spelt
from rowwise.options import number, said

if TYPE_CHECKING:
    pass


class Velocity(NamedTuple):
    """The state of SGD with momentum."""

    velocity: Tree


def keras_momentum(rate: Tree, momentum: float = 0.9, nesterov: bool = False) -> Any:
    """SGD with momentum as Keras has it: the velocity is in steps, Optax keeps it in gradients."""
    import jax.numpy as jnp
    import optax

    def init(params: Tree) -> Any:
        return Velocity(jnp.zeros_like(params))

    def update(updates: Tree, state: Tree, params: Tree = None) -> tuple[Any, Any]:
        velocity = momentum * state.velocity - rate * updates
        return momentum * velocity - rate * updates if nesterov else velocity, Velocity(velocity)

    return optax.GradientTransformation(init, update)


def _optax(name: str, rate: object, **settings: object) -> Any:
    import optax

    return getattr(optax, name)(rate, **settings)


class Optimizer:
    """An optimizer of Keras: `lr` may be changed between two calls of `fit`, its state stays."""

    def __init__(self, lr: float, name: str, make: Callable[[Any], Any]):
        make.__name__ = name  # pyright: ignore[reportFunctionMemberAccess, reportAttributeAccessIssue]
        self.lr, self.name, self.make = lr, name, make

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._lr

    @lr.setter
    def lr(self, rate: float) -> None:
        self._lr = number("lr", rate, mend="lr=0.001 is usual")

    learning_rate = lr  # as Keras 3 spells it

    def __repr__(self) -> str:
        return f"{self.name}, learning rate {self.lr:g}"


@spelt("decay", "amsgrad", learning_rate="lr")
def Adam(lr: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7) -> Optimizer:
    """Adam. Source: Kingma & Ba 2015, before section 2.1, with epsilon before the correction."""
    return Optimizer(lr, "keras_adam", partial(keras_adam, b1=beta_1, b2=beta_2, eps=epsilon))


@spelt("decay", learning_rate="lr")
def SGD(lr: float = 0.01, momentum: float = 0.0, nesterov: bool = False) -> Optimizer:
    """Gradient descent, with momentum if it is told."""
    if number("momentum", momentum, below=1.0):
        return Optimizer(lr, "keras_momentum", partial(keras_momentum, momentum=momentum, nesterov=nesterov))
    return Optimizer(lr, "sgd", partial(_optax, "sgd"))


@spelt("decay", learning_rate="lr")
def Adagrad(lr: float = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7) -> Optimizer:
    """Each number is slowed down by its own past gradients. Source: Duchi et al. 2011."""
    settings = {"initial_accumulator_value": initial_accumulator_value, "eps": epsilon}
    return Optimizer(lr, "adagrad", partial(_optax, "adagrad", **settings))


@spelt("decay", learning_rate="lr")
def RMSprop(lr: float = 0.001, rho: float = 0.9, epsilon: float = 1e-7) -> Optimizer:
    """Each number is slowed down by its own late gradients. Source: Tieleman & Hinton 2012."""
    return Optimizer(lr, "rmsprop", partial(_optax, "rmsprop", decay=rho, eps=epsilon, eps_in_sqrt=True))


NAMES: dict[str, Callable[[], Optimizer]] = {"adam": Adam, "sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop}


def optimizer_of(given: str | Optimizer) -> Optimizer:
    """An optimizer as it is, or Keras' by name.

    Raises:
        BadOption: a name that is not here.
    """
    if isinstance(given, Optimizer):
        return given
    name = given.lower() if isinstance(given, str) else ""
    if name not in NAMES:
        raise BadOption(
            said("optimizer", given),
            expected=f"one of {', '.join(NAMES)}, or Adam(…), SGD(…), Adagrad(…), RMSprop(…)",
            mend="optimizer='adam' is the lesson's",
        )
    return NAMES[name]()
