"""A model of Keras 3 in, a model of rows out: traced on the JAX backend, trained here, its weights written back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from rowwise.errors import BadData, BadModel, RowwiseError
from rowwise.imported.brought import Brought, Mask
from rowwise.keras_style.layer import penalty
from rowwise.keras_style.optimizers import NAMES, Optimizer
from rowwise.keras_style.session import identifier

if TYPE_CHECKING:
    import keras

TRIED = 3  # examples, each of ids and numbers one higher, that have to give together what each gives alone


def from_keras(model: "keras.Model", example: object = None, *, loss: str | None = None) -> Brought:
    """A Keras model with `Embedding` layers as a model of rows; `fit` writes the weights back to it.

    `loss` is the one that it was compiled with, else "mse". `example` is one row of each input, with an axis of
    examples in front: a model that was subclassed does not say what it reads.

    Raises:
        RowwiseError: Keras is not there, or runs on another backend than JAX.
        BadModel: a layer that cannot be brought along; it is named.
    """
    import jax

    keras = _keras()
    given = _example(model, example)
    frozen = [v for v in model.non_trainable_variables if not _is_seed(v)]
    variables = {_name_of(v): v for v in [*model.trainable_variables, *frozen]}
    dropped = {layer: Mask((), layer.rate) for layer in model._flatten_layers()
               if isinstance(layer, keras.layers.Dropout) and layer.rate}  # fmt: skip
    masks: dict[str, Mask] = {}
    order = [v for v in model.variables if not _is_seed(v)]

    def function(weights: Mapping[str, Any], one: object, drawn: Mapping[str, Any]) -> Any:
        batch = _as_read(keras, model, jax.tree.map(lambda array: array[None], one))
        scope = keras.StatelessScope([(v, weights[_name_of(v)]) for v in order])
        before = [scope.get_current_value(v) for v in order]
        with scope, _layers_told(keras, model, dropped, drawn, masks):
            out = model(batch)
        for v, value in zip(order, before, strict=True):
            if scope.get_current_value(v) is not value:
                raise BadModel(
                    f"layer {v.path.rpartition('/')[0]} changes {v.path} when it is called",
                    expected="layers whose weights change by training alone",
                    mend="leave the layer out",
                )
        return out[0]

    jax.eval_shape(lambda one: function(_arrays(variables), one, {}), given)  # finds the shapes of what is dropped

    def write_back(weights: Mapping[str, np.ndarray]) -> None:
        for name, v in variables.items():
            v.assign(weights[name])

    brought = Brought(
        function,
        _arrays(variables),
        given,
        loss=loss or _loss_of(model),
        l2={name: penalty(getattr(v, "regularizer", None), of=v.path) for name, v in variables.items()},
        masks=dict(masks),
        name=model.name,
        frozen=[_name_of(v) for v in frozen],
        optimizer=_optimizer_of(model),
        after=write_back,
    )
    _check_alone(keras, model, brought, given)
    return brought


def _keras() -> Any:
    try:
        import keras
    except ModuleNotFoundError:
        raise RowwiseError(
            "Keras is not installed", expected="the extra `keras`", mend="pip install 'rowwise[keras]'"
        ) from None
    if keras.backend.backend() != "jax":
        raise RowwiseError(
            f"Keras runs on {keras.backend.backend()}",
            expected="its backend on JAX, whose traces can be read",
            mend="set the environment variable KERAS_BACKEND=jax before Keras is imported",
        )
    return keras


@contextmanager
def _layers_told(
    keras: ModuleType,
    model: "keras.Model",
    dropped: Mapping[Any, Mask],
    drawn: Mapping[str, Any],
    masks: dict[str, Mask],
) -> Iterator:
    """While this lasts each layer says its name in the trace, and a Dropout multiplies by the mask that it is given."""
    import jax

    def told(layer: "keras.Layer", call: Callable[..., Any]) -> Any:
        def named(*args: Any, **options: Any) -> Any:
            with jax.named_scope(f"⟨{identifier(layer.name)}: {type(layer).__name__}⟩"):
                if layer not in dropped:
                    return call(*args, **options)
                name, (x, *_) = f"{identifier(layer.name)}_kept", args
                shape = _dropped_shape(keras, layer, x.shape[1:])
                masks[name] = Mask(shape, layer.rate)
                return x * drawn[name] if name in drawn else x

        return named

    with ExitStack() as stack:
        for layer in model._flatten_layers(include_self=False):
            if any(True for _ in layer._flatten_layers(include_self=False)):
                continue  # a model among the layers: its layers speak for themselves
            object.__setattr__(layer, "call", told(layer, layer.call))
            stack.callback(object.__delattr__, layer, "call")
        yield


def _dropped_shape(keras: ModuleType, layer: "keras.Layer", shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of what a Dropout draws for one example."""
    if isinstance(layer, keras.layers.SpatialDropout1D):
        return (1, shape[-1])
    noise = layer.noise_shape
    return tuple(n if k is None else k for n, k in zip(shape, noise[1:], strict=True)) if noise else tuple(shape)


def _check_alone(keras: ModuleType, model: "keras.Model", brought: Brought, given: object) -> None:
    """Refuse a model in which the examples of a batch have to do with one another."""
    import jax

    batch = jax.tree.map(lambda array: np.stack([array + array.dtype.type(k) for k in range(TRIED)]), given)
    wanted = np.asarray(model(_as_read(keras, model, batch)))
    try:
        found = brought.predict(batch)
    except BadData:  # a table of fewer rows, or ids that do not begin at 0
        return
    if wanted.shape != found.shape or not np.allclose(wanted, found, atol=1e-4, equal_nan=True):
        raise BadModel(
            f"{model.name} gives {wanted.ravel()[0]:.5g} for an example of a batch of {TRIED}, "
            f"and {found.ravel()[0]:.5g} for the same example alone",
            expected="predictions that do not depend on what else is in a batch",
            mend="leave out what goes over axis 0, the examples': a sum, a mean, a normalization of the batch",
        )


def _example(model: "keras.Model", example: object) -> Any:
    """One example, without the axis of examples; of zeros by the name of each input, where the model says them."""
    import jax

    if example is not None:
        return jax.tree.map(lambda array: np.asarray(array)[0], example)
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise BadModel(
            f"{model.name} does not say what it reads",
            expected="an example of its inputs",
            mend="from_keras(model, example=x[:1])",
        )
    shapes = {}
    for k in inputs:
        if None in k.shape[1:]:
            raise BadModel(
                f"input {k.name} of {model.name} has the shape {k.shape}",
                expected="lists of one length",
                mend="give the Input a shape, such as (500,)",
            )
        shapes[k.name] = np.zeros(k.shape[1:], k.dtype)
    return shapes


def _as_read(keras: ModuleType, model: "keras.Model", given: Mapping[str, Any]) -> Any:
    """The inputs of a model in the form in which it was written: by name, in a list, or one alone."""
    if not getattr(model, "inputs", None):
        return given
    return keras.tree.map_structure(lambda k: given[k.name], model.input)


def _arrays(variables: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.array(v.value, np.float32) for name, v in variables.items()}


def _name_of(variable: "keras.Variable") -> str:
    """`embedding_1/embeddings` -> "embedding_1", `dense/kernel` -> "dense_kernel"."""
    return identifier(variable.path.removesuffix("/embeddings").replace("/", "_"))


def _is_seed(variable: "keras.Variable") -> bool:
    return "seed_generator" in variable.path


def _loss_of(model: object) -> str:
    loss = getattr(model, "loss", None)
    return loss if isinstance(loss, str) else getattr(loss, "name", "mse")


def _optimizer_of(model: object) -> Optimizer | None:
    """The optimizer that a model was compiled with, where it is one that is known here."""
    theirs = getattr(model, "optimizer", None)
    make = NAMES.get(type(theirs).__name__.lower())
    if theirs is None or make is None:
        return None
    made = make()
    made.lr = float(theirs.learning_rate)
    return made
