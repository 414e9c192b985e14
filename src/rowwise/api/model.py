"""A function of rows as people hold it: `@model` makes it, `.fit` trains it, `.steps` shows what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rowwise.data.source import Source
from rowwise.errors import BadModel
from rowwise.models.arguments import Dense, Lookup, Word
from rowwise.models.losses import Loss
from rowwise.models.recipe import KEEP, Clip, Recipe, TableSpec, recipe_of
from rowwise.options import whole
from rowwise.program.program import Program
from rowwise.views.cards import model_card

if TYPE_CHECKING:
    from rowwise.api.fitted import Fitted
    from rowwise.views.record import Walk


@dataclass(frozen=True)
class Model:
    """A function of rows with a target and a loss: nothing trained. Made by `@model`."""

    recipe: Recipe

    @property
    def name(self) -> str:
        """What the function is called."""
        return self.recipe.name

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself."""
        return self.recipe.function

    @property
    def words(self) -> Mapping[str, Word]:
        """What each argument asks for."""
        return self.recipe.words

    @property
    def target(self) -> str | None:
        """The column to be predicted."""
        return self.recipe.target

    @property
    def loss(self) -> Loss | None:
        """What a prediction costs; None where the function returns its own loss."""
        return self.recipe.loss

    @property
    def range(self) -> tuple[float, float] | None:
        """The lowest and the highest score, where a sigmoid squashes it."""
        return self.recipe.range

    @property
    def clip(self) -> Clip:
        """The lowest and the highest prediction, where it is cut."""
        return self.recipe.clip

    @property
    def standardize(self) -> bool:
        """Whether the score is learnt in units of the target's spread."""
        return self.recipe.standardize

    @property
    def lookups(self) -> Mapping[str, Lookup]:
        """The arguments that read rows, in the order of the signature."""
        return self.recipe.lookups

    @property
    def dense(self) -> Mapping[str, Dense]:
        """The dense weights by name."""
        return self.recipe.dense

    @property
    def tables(self) -> Mapping[str, TableSpec]:
        """The tables that the arguments read."""
        return self.recipe.tables

    @property
    def vocabularies(self) -> Mapping[str, str]:
        """For each column of ids, the vocabulary that turns its ids into rows."""
        return self.recipe.vocabularies

    @property
    def formula(self) -> str:
        """The source of the function's return expression, or its name where there is no source to read."""
        return self.recipe.formula

    def replace(
        self,
        *,
        target: str | None = KEEP,
        loss: Loss | Callable[[Any, Any], Any] | None = KEEP,
        range: tuple[float, float] | None = KEEP,
        clip: Clip = KEEP,
        standardize: bool = KEEP,
        **words: Word,
    ) -> "Model":
        """The same function with other words, another target or another loss: `m.replace(user=Row("reader", 8))`."""
        recipe = self.recipe.replace(target=target, loss=loss, range=range, clip=clip, standardize=standardize, **words)
        return Model(recipe)

    def program(self, **options: Any) -> Program:
        """This model as one flat list of steps: loss, derivative and update. See `rowwise.capture.capture`."""
        from rowwise.capture.capture import capture

        return capture(self.recipe, **options)

    def kernel(self, *, optimizer: object = "adagrad", batch_size: int = 1) -> str:
        """The machine-code kernel of this model as LLVM IR, each step under the source line it came from.

        Raises:
            UnsupportedPrimitive: a step has no form in machine code; the error names its source line.
        """
        from rowwise.backends.llvm.kernel import ir

        size = whole("batch_size", batch_size, least=1, mend="batch_size=1 is the default")
        return ir(self.program(optimizer=optimizer), batch_size=size)

    def fit(self, data: Source, **options: object) -> "Fitted":
        """Train on `data` and return the fitted model. See `rowwise.train.train` for what comes of it.

        The options by name, with their defaults: `rowwise.train.options.FitOptions`.
        """
        from rowwise.api.fitted import Fitted, diverged_with_face
        from rowwise.train.train import train
        from rowwise.views.walk import walk_trained

        with diverged_with_face():
            return Fitted(train(self.recipe, data, look=walk_trained, **options))

    def steps(self, example: Mapping[str, Any], *, optimizer: object = "adagrad", seed: int = 0) -> "Walk":
        """One example walked through the untrained model, line by line. See `rowwise.views.record.Walk`."""
        from rowwise.views.walk import walk_untrained

        return walk_untrained(self.recipe, example, optimizer=optimizer, seed=seed)

    def __str__(self) -> str:
        return str(self.recipe)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return model_card(self.recipe)


def model(
    *given: object,
    target: str | None = None,
    loss: Loss | Callable[[Any, Any], Any] | None = None,
    range: tuple[float, float] | None = None,
    clip: Clip = None,
    standardize: bool = False,
) -> Callable[[Callable[..., Any]], Model]:
    """Make a `Model` of a function of rows, written for one example in `jax.numpy`.

    The function returns a score, from which `loss(score, target)` is computed; without a loss it returns its own
    loss, or (prediction, loss). `range=(low, high)` squashes the score through a sigmoid; `clip=(low, high)` cuts
    the prediction only, and leaves training alone; `clip="data"` cuts to the range of the targets in the training data.
    With `standardize=True` the score is learnt in units of the target's spread: the loss compares it with
    (target - mean) / spread, and the prediction is mean + spread · score. A rate, an l2 and a start then mean the same
    whatever the target is measured in.

    Raises:
        BadModel: a parameter without a word, a table shared with two widths, a result that is not one number.
    """
    if given:
        raise BadModel(
            "@model has no parentheses", expected="its options, even where there are none", mend="@rw.model()"
        )

    def make(function: Callable[..., Any]) -> Model:
        return Model(recipe_of(function, target=target, loss=loss, range=range, clip=clip, standardize=standardize))

    return make
