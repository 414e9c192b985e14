"""A model, a program and a trained model as HTML, for a notebook."""

from typing import TYPE_CHECKING

from rowwise.displays import html
from rowwise.program.program import Program
from rowwise.trained.trained import Trained
from rowwise.views.markup import Html, join, table, tag
from rowwise.views.shapes import shape

if TYPE_CHECKING:
    from rowwise.models.recipe import Recipe  # which stands on JAX: a trained model answers without it


def model_card(recipe: "Recipe") -> Html:
    """The formula, and each argument with its shape, its table and the column that names its rows."""
    from rowwise.models.arguments import Lookup

    rows = []
    for name, word in recipe.words.items():
        source = f"table {word.table or name}, by {word.column}" if isinstance(word, Lookup) else ""
        rows.append((tag("code", name), word.shown, word.means, source))
    learns = f"target {recipe.target}, loss {recipe.loss}" if recipe.loss else "returns its own loss"
    title = tag("p", tag("b", recipe.name), " = ", tag("code", recipe.formula))
    return tag("div", title, table(("argument", "shape", "what it is", ""), rows), tag("p", learns))


@html.register
def program_card(program: Program) -> Html:
    """Every step, with the source line it came from."""
    rows = []
    for step in program.steps:
        written = f"{step.primitive}({', '.join(map(str, step.inputs))})"
        where = tag("code", step.place.text) if step.place else ""
        rows.append((step.phase, tag("code", step.output), shape(step.output.shape), tag("code", written), where))
    title = tag("p", tag("b", program.name), f": {len(program.steps)} steps, optimizer {program.optimizer}")
    return tag("div", join((title, table(("phase", "value", "shape", "step", "source"), rows))))


def fitted_card(trained: Trained) -> Html:
    """The trained tables with their sizes, how they were trained, and the last epoch's errors."""
    rows = [
        (tag("code", name), " × ".join(f"{n:,}" for n in values.shape) or "one number", f"{values.size:,}")
        for name, values in trained.parameters.tables.items()
    ]
    told = tag("p", str(trained.settings.get("engine", "")))
    learnt = table(("table", "rows × columns", "numbers"), rows)
    last = trained.history.tail(1).to_dicts()
    errors = [(name.replace("_", " "), f"{value:.5g}") for name, value in last[0].items()] if last else []
    title = tag("p", tag("b", trained.name), f": {trained.report}")
    return tag("div", join((title, learnt, told, table(("last epoch", ""), errors))))
