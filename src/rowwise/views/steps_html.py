"""The record of one example as HTML: a fragment for a notebook, or one offline page with keys, for one record or many.

A page of many plays through them: one example at chosen epochs, or several examples.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from rowwise.errors import BadOption
from rowwise.storage.whole import replaced_whole
from rowwise.trained.trained import Trained
from rowwise.views import says
from rowwise.views.markup import Html, join, table, tag
from rowwise.views.numbers import brief, one, whole
from rowwise.views.record import LineSeen, Move, ProductSeen, StepSeen, Walk
from rowwise.views.shapes import shape

CELLS = (8, 64)  # the most rows and columns of a heat strip; of a longer array evenly spaced ones are drawn
MOST_NUMBERS = 2_000  # of a longer array the page holds a summary only; the JSON holds all
KEYS = (
    ("↓ ↑", "next, previous step"),
    ("enter", "more of it"),
    ("o", "where a value came from"),
    ("g", "where it goes"),
    ("← →", "earlier, later"),
    ("space", "play"),
)


def fragment(walk: Walk) -> Html:
    """The steps as a piece of HTML with its style and without script."""
    return tag("div", tag("style", _asset("steps.css")), _Face(walk, {}).article("", 0), class_="rowwise")


def play(trained: Trained, path: str | Path) -> Path:
    """Write the steps of the watched example as one page that plays through the epochs.

    Raises:
        BadOption: no example was watched.
    """
    if not trained.watched:
        raise BadOption(
            f"{trained.name} kept no example while it was trained",
            expected="a model fitted with watch=",
            mend="fit(data, watch={'userId': 15, 'movieId': 32, 'rating': 4.5}) with columns of yours",
        )
    with replaced_whole(path) as file:
        file.write(page(trained.watched).encode())
    return Path(path)


def page(walks: Mapping[str, Walk]) -> str:
    """One whole offline page; `walks` are by what tells them apart, "epoch 3" or "user 15"."""
    greatest = _greatest(walks.values())
    first = next(iter(walks.values()))
    articles = [_Face(walk, greatest).article(label, k) for k, (label, walk) in enumerate(walks.items())]
    player = tag(
        "span",
        tag("button", "▶", id="play", title="play (space)"),
        Html(f'<input type="range" id="when" min="0" max="{len(walks) - 1}" value="0" aria-label="which">'),
        tag("output", next(iter(walks)), id="label"),
        id="player",
    )
    keys = KEYS if len(walks) > 1 else KEYS[:-2]
    header = tag(
        "header",
        tag("h1", first.model),
        player if len(walks) > 1 else "",
        tag("span", *(join((tag("kbd", key), f" {does}  ")) for key, does in keys), class_="keys"),
        _course(walks),
    )
    head = [
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
        Html(  # the browser itself refuses to fetch anything
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; "
            f"form-action 'none'; style-src '{_digest('steps.css')}'; script-src '{_digest('steps.js')}'\">"
        ),
        tag("title", f"{first.model}: steps"),
        tag("style", _asset("steps.css")),
    ]
    body = tag("div", header, *articles, class_="rowwise whole")
    html = tag("html", tag("head", *head), tag("body", body, tag("script", _asset("steps.js"))), lang="en")
    return f"<!doctype html>\n{html}\n"


class _Face:
    """One record as an article of cards: each makes values and reads others."""

    def __init__(self, walk: Walk, greatest: Mapping[str, float]):
        self.walk = walk
        self.greatest = greatest  # the number that is coloured fully, by value

    def article(self, label: str, k: int) -> Html:
        parts = [tag("section", tag("h2", title), tag("p", told), *cards) for title, told, cards in self.sections()]
        return tag("article", *parts, data_label=label, **({"hidden": ""} if k else {}))

    def sections(self) -> Iterator[tuple[str, str, list[Html]]]:
        walk = self.walk
        yield "One example", says.EXAMPLE, [self._example()]
        yield "The weights", says.about_weights(walk), [self._tables()]
        yield "What the function receives", says.about_rows(walk), [self._argument(a) for a in walk.arguments]
        yield "Forward: the function, line by line", says.FORWARD, [self._line(line) for line in walk.lines]
        if not walk.learns:
            yield "No derivative", says.no_derivative(walk), []
            return
        yield "Derivative: back through the lines, last line first", says.DERIVATIVE, list(self._derivatives())
        told = says.DENSE_UPDATE if walk.is_dense else says.UPDATE
        yield f"Update: {walk.optimizer}, learning rate {walk.rate:g}", told, list(self._updates())

    def _example(self) -> Html:
        rows = []
        for name, given in self.walk.example.items():
            rows.append((name, tag("b", says.raw(given)), says.about_column(self.walk, name)))
        for a in self.walk.arguments:
            if a.rows and a.of.is_drawn and a.name not in self.walk.example:
                rows.append((a.name, tag("b", a.ids[0]), f"→ {says.rows_of(a)}"))
        return _card(table(("column", "value", ""), rows))

    def _tables(self) -> Html:
        rows = []
        for t in self.walk.tables:
            columns = " × ".join(f"{n:,}" for n in t.row_shape) or "1"
            height, reads = ("dense", "all of it") if t.rows is None else (f"{t.rows:,}", says.listed(t.read))
            rows.append((t.name, height, columns, f"{t.weights:,}", reads))
        return _card(table(("table", "rows", "columns", "weights", "this example reads"), rows))

    def _argument(self, argument: Any) -> Html:
        name = says.name_of(self.walk, argument)
        lookup = f" ← {says.rows_of(argument)}" if argument.rows else ""
        return _card(self._made(name, lookup), tag("p", argument.says, class_="says"))

    def _line(self, line: LineSeen) -> Html:
        reads = tag("p", "reads ", *(self._read(name) for name in line.reads))
        notes = [tag("p", note, class_="says") for note in line.notes]
        made = [self._made(name, f" = {formula}", filled=line.filled.get(name, "")) for name, formula in line.gives]
        products = [self._product(product) for product in line.products]
        steps = tag("details", tag("summary", _counted(line.steps)), *map(self._step, line.steps)) if line.steps else ""
        where = tag("p", says.where(self.walk, line), class_="where")
        return _card(_code(line), where, reads, *notes, *products, *made, steps)

    def _product(self, product: ProductSeen) -> Html:
        rows = [
            (product.of, _strip(product.terms), brief(product.terms)),
            ("added up, one after another", _strip(product.running), brief(product.running)),
        ]
        return tag("div", table(("", "", ""), rows), class_="move")

    def _derivatives(self) -> Iterator[Html]:
        lines = {line.number: line for line in self.walk.lines}
        for number in dict.fromkeys(d.line for d in self.walk.derivatives):
            parts: list[Html] = []
            for d in self.walk.derivatives:
                if d.line == number:
                    parts.append(self._made(d.title, f" = {d.formula}", d.numbers))
                    parts.append(tag("p", "from ", *(self._read(name) for name in d.reads)))
            steps = [step for step in self.walk.derivative_steps if step.line == number]
            inside = tag("details", tag("summary", _counted(steps)), *map(self._step, steps)) if steps else ""
            yield _card(_code(lines[number]), *parts, inside)

    def _updates(self) -> Iterator[Html]:
        yield _card(*(tag("p", tag("code", f"{name} = {formula}")) for name, formula in self.walk.rules))
        for seen in self.walk.tables:
            moves = [move for move in self.walk.moves if move.table == seen.name]
            cards = [self._move(move) for move in moves]
            rest = cards[says.MOST :]
            more = [tag("details", tag("summary", f"{len(rest):,} more"), *rest)] if rest else []
            told = tag("p", says.about_moves(seen, is_dense=self.walk.is_dense), class_="says")
            yield _card(*cards[: says.MOST], *more, told)

    def _move(self, move: Move) -> Html:
        scale = max(np.abs(move.before).max(initial=0.0), self.greatest.get(move.table, 0.0))
        mine = [a.name for a in self.walk.arguments if (a.table or a.name) == move.table]
        slopes = {d.of: d.title for d in self.walk.derivatives}
        scales = {"before": scale, "after": scale}
        rows = [(name, _strip(numbers, scales.get(name)), brief(numbers)) for name, numbers in says.parts_of(move)]
        told = f"{says.move_title(move)} {says.about_distance(move)}"
        pulled = tag("p", "from ", *(self._read(slopes.get(name, f"d loss / d {name}")) for name in mine))
        return tag("div", tag("p", tag("b", move.table), told), pulled, table(("", "", ""), rows), class_="move")

    def _step(self, step: StepSeen) -> Html:
        numbers = self.walk.values[step.gives]
        title = tag("p", tag("code", f"{step.gives} {shape(numbers.shape)} = {step.formula}"), f" {step.primitive}")
        return tag("div", title, _strip(numbers), tag("span", brief(numbers), class_="numbers"), class_="step")

    def _made(self, name: str, told: str, numbers: np.ndarray | None = None, *, filled: str = "") -> Html:
        """A value where it is made: its name, shape, formula, heat strip and numbers; all of them on request."""
        numbers = self.walk.values[name] if numbers is None else numbers
        worked = f" = {filled}" if filled else ""
        number = join((worked, " = ", tag("b", brief(numbers)))) if not numbers.shape else ""
        title = tag("p", _value(name, "makes"), f" {shape(numbers.shape) if numbers.shape else ''}{told}", number)
        if not numbers.shape:
            return tag("div", title, class_="made")
        short = tag("span", brief(numbers), class_="numbers")
        strip = _strip(numbers, self.greatest.get(name))
        if numbers.size <= 1 or numbers.size > MOST_NUMBERS:
            return tag("div", title, strip, short, class_="made")
        every = tag("details", tag("summary", strip, short), tag("pre", whole(numbers)))
        return tag("div", title, every, class_="made")

    def _read(self, name: str) -> Html:
        return join((_value(name, "reads"), " "))


def _card(*parts: object) -> Html:
    return tag("div", *parts, class_="card", tabindex="-1")


def _code(line: LineSeen) -> Html:
    return tag("p", tag("b", line.number), " ", tag("code", line.code), class_="line")


def _value(name: str, how: str) -> Html:
    return tag("a", name, class_=f"value {how}", data_name=name, tabindex="0", role="button")


def _counted(steps: Sequence[object]) -> str:
    return f"{len(steps)} primitive{'s' * (len(steps) != 1)}"


def _strip(numbers: np.ndarray, scale: float | None = None) -> Html:
    """A cell for each number: red above 0, blue below, the fainter the nearer to 0."""
    if not numbers.shape or numbers.size < 2:
        return Html("")
    one_row = numbers.ndim == 1 or numbers.size == len(numbers)
    grid = np.asarray(numbers, np.float64).reshape(1 if one_row else len(numbers), -1)
    rows, columns = (
        np.unique(np.linspace(0, n - 1, min(n, most)).astype(int)) for n, most in zip(grid.shape, CELLS, strict=True)
    )
    grid = grid[np.ix_(rows, columns)]
    full = scale or float(np.abs(grid).max()) or 1.0
    cells = [
        f'<rect class="{"hot" if x > 0 else "cold"}" x="{c}" y="{r}" opacity="{min(1.0, abs(x) / full):.2f}"/>'
        for (r, c), x in np.ndenumerate(grid)
        if abs(x) / full >= 0.005
    ]
    height, width = grid.shape
    size = f'viewBox="0 0 {width} {height}" width="{7 * width}" height="{7 * height if height > 1 else 12}"'
    return Html(f'<svg class="strip" {size} preserveAspectRatio="none" aria-hidden="true">{"".join(cells)}</svg>')


def _course(walks: Mapping[str, Walk]) -> Html:
    """The prediction from record to record, a dot each, and the target as a line."""
    found = [(walk.values.get(walk.prediction or ""), walk.values.get(walk.target or "")) for walk in walks.values()]
    if len(found) < 2 or any(p is None or p.shape or t is None for p, t in found):
        return Html("")
    predictions, targets = (np.array([float(x) for x in column]) for column in zip(*found, strict=True))
    low, high = (f(np.concatenate([predictions, targets])) for f in (np.min, np.max))
    at = lambda y: 54 - 48 * (y - low) / ((high - low) or 1.0)  # noqa: E731
    step = 600 / (len(found) - 1)
    dots = [f'<circle cx="{10 + k * step:.1f}" cy="{at(p):.1f}" r="4"/>' for k, p in enumerate(predictions)]
    line = f'<line x1="0" x2="620" y1="{at(targets[0]):.1f}" y2="{at(targets[0]):.1f}"/>'
    target = next(iter(walks.values())).target
    course = f"{one(predictions[0])} at first, {one(predictions[-1])} at last"
    told = tag("p", f"dots: the prediction, {course}; line: {target} {one(targets[0])}")
    return tag("div", Html(f'<svg viewBox="0 0 620 60" role="img">{line}{"".join(dots)}</svg>'), told, class_="course")


def _greatest(walks: Iterable[Walk]) -> dict[str, float]:
    """The greatest size of each value over all records, so that a colour means the same in each."""
    found: dict[str, float] = {}
    for walk in walks:
        for move in walk.moves:
            found[move.table] = max(found.get(move.table, 0.0), float(np.abs(move.after).max(initial=0.0)))
        for name, numbers in walk.values.items():
            if numbers.shape and numbers.dtype.kind == "f":
                found[name] = max(found.get(name, 0.0), float(np.abs(numbers).max(initial=0.0)))
    return found


def _digest(name: str) -> str:
    """What a browser knows the only style and the only script of a page by; another one does not run."""
    return f"sha256-{b64encode(sha256(_asset(name).encode()).digest()).decode()}"


def _asset(name: str) -> Html:
    return Html(files("rowwise.views").joinpath(name).read_text("utf-8"))
