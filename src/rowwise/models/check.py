"""A recipe in, nothing out: its names mean one thing each, and its function is tried once, on shapes alone."""

from typing import TYPE_CHECKING

from rowwise.errors import BadModel
from rowwise.models.arguments import Lookup
from rowwise.models.clash import shapes_so_far
from rowwise.models.losses import Loss
from rowwise.models.raised import computed, first_line, place_of, raised_at
from rowwise.options import flag, text

if TYPE_CHECKING:
    import jax

    from rowwise.models.recipe import Recipe


def check(recipe: "Recipe") -> None:
    """Try the function once on shapes alone, so that a mistake is told where it is made.

    Raises:
        BadModel: a name that means two things, a result that is no number, a loss that cannot be computed.
    """
    import jax
    import jax.numpy as jnp

    _check_names(recipe)
    if recipe.target is not None:
        text("target", recipe.target, expected="the name of a column, as text", mend="target='rating'")
    flag("standardize", recipe.standardize)
    if (recipe.loss is None) != (recipe.target is None):
        raise BadModel(
            f"{place_of(recipe.function)} has target={recipe.target!r} and loss={recipe.loss}",
            expected="a target and a loss, or neither where the function returns its own loss",
            mend="write @rw.model(target='rating', loss=rw.squared_error)",
        )
    _check_units(recipe)
    struct = {name: jax.ShapeDtypeStruct(shape, jnp.float32) for name, shape in recipe.input_shapes.items()}
    with computed(recipe.function, facts=lambda error: shapes_so_far(error, recipe.function, recipe.words)):
        result = jax.eval_shape(recipe.score, struct)
    _check_result(recipe, result)
    if recipe.loss is not None:
        _check_loss(recipe, recipe.loss, result)


def _check_units(recipe: "Recipe") -> None:
    if recipe.clip == "data" and recipe.loss is None:
        raise BadModel(
            f"{place_of(recipe.function)} has clip='data' and no target",
            expected="a target and a loss: the range is that of the targets",
            mend="leave clip out",
        )
    if not recipe.standardize:
        return
    if recipe.loss is None or not recipe.loss.kind.has_unit:
        raise BadModel(
            f"{place_of(recipe.function)} has standardize=True and "
            + (f"the loss {recipe.loss}" if recipe.loss else "returns its own loss"),
            expected="a loss of numbers, which may be measured in any unit",
            mend="leave standardize out",
        )
    if recipe.range is not None:
        raise BadModel(
            f"{place_of(recipe.function)} has standardize=True and range={recipe.range}",
            expected="one of them: a range says in which unit the score is",
            mend="leave standardize out",
        )


def _check_result(recipe: "Recipe", result: object) -> None:
    wanted = "one number: a scalar score"
    parts = result if isinstance(result, tuple) and recipe.loss is None else (result,)
    if recipe.loss is not None and recipe.loss.kind.score is not None:
        wanted = f"one score a {recipe.loss.kind.score}"
        good = getattr(result, "ndim", None) == 1
    else:
        good = len(parts) in (1, 2) and all(getattr(part, "shape", None) == () for part in parts)
    if not good:
        shapes = " and ".join(str(getattr(part, "shape", type(part).__name__)) for part in parts)
        raise BadModel(
            f"{place_of(recipe.function)} returns {shapes}",
            expected=wanted,
            mend="contract the axis that is left, for example with @ or jnp.sum",
        )


def _check_loss(recipe: "Recipe", loss: Loss, score: "jax.Array") -> None:
    import jax

    shape = loss.kind.shape(score.shape)
    target = jax.ShapeDtypeStruct(shape, loss.kind.dtype)
    try:
        cost = jax.eval_shape(loss.of, score, target)
    except Exception as error:  # whatever the user's loss raises
        raise BadModel(
            f"{raised_at(error, loss.of)}, the loss of {recipe.name}, cannot be computed: {first_line(error)}",
            expected=f"a function of (prediction, target), where prediction is {score.shape} and target is {shape}",
            mend="write it with jax.numpy, for one prediction and one target, and no batch axis",
        ) from error
    if getattr(cost, "shape", None) != ():
        raise BadModel(
            f"{place_of(loss.of)}, the loss of {recipe.name}, returns {getattr(cost, 'shape', type(cost).__name__)}",
            expected="one number: what this prediction costs",
            mend="jnp.sum(…) of it is one number, and so is jnp.mean(…)",
        )


def _check_names(recipe: "Recipe") -> None:
    """Refuse names that would mean two things."""
    if "target" in recipe.words:
        raise BadModel(
            f"{place_of(recipe.function)} has an argument 'target'",
            expected="another name: 'target' is what the loss compares the prediction with",
            mend="rename the argument",
        )
    for table in recipe.tables:
        if table in recipe.dense:
            raise BadModel(
                f"table {table!r} of {place_of(recipe.function)} has the name of a dense weight",
                expected="a name for each",
                mend=f"table={f'{table}_rows'!r} is another name",
            )
    forms: dict[str, tuple[str, Lookup]] = {}
    for name, word in recipe.lookups.items():
        first, other = forms.setdefault(word.column, (name, word))
        drawn = word.is_drawn or other.is_drawn
        if drawn and any(each.is_list and not each.is_drawn for each in (word, other)):
            raise BadModel(
                f"{place_of(recipe.function)} draws single ids from column {word.column!r}, which holds lists",
                expected="a column of one id an example to draw from, such as the item's",
                mend=f"leave the Sampled out, or read {word.column!r} with a Row, one id an example",
            )
        if word.is_drawn == other.is_drawn and word.form != other.form:
            raise BadModel(
                f"column {word.column!r} of {place_of(recipe.function)} is read in two forms: "
                f"{first} is {other.form}, {name} is {word.form}",
                expected="one form for each column: one id, a list of ids, or a list padded to one length",
                mend="copy the column under a second name, and let one argument read that",
            )
