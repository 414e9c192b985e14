"""What a wrong prediction costs: (score, target) in, one number out.

A model returns a *score*; `output` turns it into the *prediction* a person reads (a rating, a probability).
The loss is computed from the score, because log-probabilities are exact there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from rowwise.data.targets import TARGETS, Number
from rowwise.errors import BadOption
from rowwise.options import one_of

Array = Any  # a traced JAX array


def same(score: Array) -> Array:
    return score


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of one example.

    `of(score, target)` is the cost, a scalar; `output(score)` the prediction; `targets` says what a target may be:
    "number", "binary" (0 or 1, the prediction its probability), "margin" (0 or 1, the prediction's sign the class),
    "class" (0, 1, 2, …), "labels" (a list of 0 and 1, as long as the score) or "count" (0 or more).
    """

    name: str
    of: Callable[[Array, Array], Array]
    output: Callable[[Array], Array] = same
    targets: str = "number"

    def __post_init__(self) -> None:
        one_of("Loss(targets", self.targets, TARGETS, mend="targets='number' suits numbers of any size")

    @property
    def kind(self) -> Number:
        """What its targets are."""
        return TARGETS[self.targets]

    def __call__(self, score: Array, target: Array) -> Array:
        return self.of(score, target)

    def __repr__(self) -> str:
        return self.name


def _squared_error(score, target):
    return (score - target) ** 2


def _absolute_error(score, target):
    return jnp.abs(score - target)


@jax.custom_jvp
def softplus(x):
    """log(1 + exp(x)), exact at both ends. Its derivative is stated, so that it reads as what it is: the sigmoid."""
    return jnp.maximum(x, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


@softplus.defjvp
def _softplus_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    return softplus(x), jax.nn.sigmoid(x) * dx


def _binary_cross_entropy(score, target):
    return softplus(score) - target * score


def _categorical_cross_entropy(scores, target):
    shifted = scores - jax.lax.stop_gradient(jnp.max(scores))
    chosen = jnp.where(jnp.arange(scores.shape[0]) == target, shifted, 0.0)
    return jnp.log(jnp.sum(jnp.exp(shifted))) - jnp.sum(chosen)


def _multilabel_cross_entropy(scores, target):
    return jnp.sum(softplus(scores) - target * scores)


def _poisson(score, target):
    return jnp.exp(score) - target * score


def _hinge(score, target):
    return jnp.maximum(0.0, 1.0 - (2.0 * target - 1.0) * score)


squared_error = Loss("squared_error", _squared_error)
"""(prediction - target)²."""

absolute_error = Loss("absolute_error", _absolute_error)
"""|prediction - target|."""

binary_cross_entropy = Loss("binary_cross_entropy", _binary_cross_entropy, jax.nn.sigmoid, "binary")
"""-log of the probability given to what happened; the score is the log odds, the prediction a probability."""

categorical_cross_entropy = Loss("categorical_cross_entropy", _categorical_cross_entropy, jax.nn.softmax, "class")
"""-log of the probability given to the right class; the score is one number a class, (classes,)."""

multilabel_cross_entropy = Loss("multilabel_cross_entropy", _multilabel_cross_entropy, jax.nn.sigmoid, "labels")
"""The sum of the binary cross-entropy of several labels, (labels,): each learns as it would alone."""

poisson = Loss("poisson", _poisson, jnp.exp, "count")
"""exp(score) - target · score, the Poisson log likelihood without its constant; the score is a log rate."""

hinge = Loss("hinge", _hinge, same, "margin")
"""max(0, 1 - y · score) with y = ±1 for targets 1 and 0; the sign of the prediction is the class."""


def loss_of(loss: Loss | Callable[[Array, Array], Array]) -> Loss:
    """A loss as it is, or a plain function of (prediction, target) as a loss."""
    if isinstance(loss, Loss):
        return loss
    if not callable(loss):
        known = [name for name, value in globals().items() if isinstance(value, Loss)]
        is_known = isinstance(loss, str) and loss in known
        raise BadOption(
            f"loss={loss!r}",
            expected=f"one of {', '.join(f'rw.{name}' for name in known)}, or a function of (prediction, target)",
            mend=f"write loss=rw.{loss}" if is_known else "loss=rw.squared_error suits ratings",
        )
    return Loss(getattr(loss, "__name__", "loss"), loss)
