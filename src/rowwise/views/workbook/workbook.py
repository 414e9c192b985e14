"""A fitted model in, a workbook out whose formulas are the model's own program."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rowwise.backends.sheet import lowering
from rowwise.data.ids import Id
from rowwise.errors import BadOption
from rowwise.forks import not_in_a_fork
from rowwise.options import place
from rowwise.screen import Bar
from rowwise.storage.whole import try_place
from rowwise.trained.trained import Trained
from rowwise.views import unfolded
from rowwise.views.workbook.book import Book, block, room, written
from rowwise.views.workbook.examples import write_examples
from rowwise.views.workbook.grid import LEFT, Grid
from rowwise.views.workbook.grid_page import write_grid
from rowwise.views.workbook.history import write_history
from rowwise.views.workbook.learn import write_learn
from rowwise.views.workbook.lines import Key
from rowwise.views.workbook.names import sheet_names
from rowwise.views.workbook.notes import write_notes
from rowwise.views.workbook.online import write_online
from rowwise.views.workbook.select import select
from rowwise.views.workbook.shown import Shown, label, two_keys
from rowwise.views.workbook.solver import MOST
from rowwise.views.workbook.tables import findable, write_tables
from rowwise.views.workbook.texts import places, text_columns
from rowwise.views.workbook.training import RATES, Learner, mover, of_column, of_weight
from rowwise.views.workbook.weights import write_weights
from rowwise.views.workbook.words import write_words

PATIENCE = 2.0  # seconds of writing before a bar shows how far it is
FACTORS = 5  # of a row in the grid that starts from random numbers
TAUGHT, TAUGHT_FACTORS = 12, 3  # examples, and factors of a row, in the sheets that show training
WIDEST = 250  # numbers that an example may read in the sheets that show training


@not_in_a_fork
def workbook(
    fitted: Trained,
    path: str | Path,
    *,
    data: object = None,
    items: object = None,
    users: int | Sequence[Id] = 15,
    films: int | Sequence[Id] = 15,
    examples: int = 60,
    texts: int = 10,
    length: int | None = None,
    optimizers: Sequence[str] = ("sgd", "adam"),
    n_steps: int = 30,
) -> Path:
    """Write `fitted` as a workbook with live formulas, ready for Solver; its path.

    Args:
        data: the ratings to show (a frame, a path, …); without them the grid holds predictions only.
        items: a frame of titles: the column of ids that the model reads, and `title`.
        users: how many ids of the first key the grid shows (the most active), or which.
        films: how many ids of the second key (the most rated), or which.
        examples: how many lines of data the sheet `examples` takes apart.
        texts: how many texts the sheet `words` takes apart, in its place for models of texts.
        length: how many words of a text that is read as `Rows` there is room for, at most; 60 where it is not given.
        optimizers: shown learning online, besides the optimizer that the model was fitted with.

    Raises:
        BadOption: the model does not fit a sheet; the message says what would.
    """
    if fitted.layout.labels is not None:
        raise BadOption(
            f"{fitted.name} predicts {fitted.layout.labels} labels",
            expected="a model of one number, or of classes: a workbook has one cell for a target",
            mend="fitted.steps(example) shows every number",
        )
    path = Path(place("path", path))
    try_place(path)
    fitted, data = unfolded.of_data(fitted, data, examples)
    lowering.check(fitted.program)
    shown = select(fitted, data, items, users=users, items=films, examples=examples, texts=texts, length=length)
    room(0, sum(i.value.size for i in fitted.program.lookups) + len(shown.items) + LEFT)
    sheets = _contents(fitted, shown, tuple(optimizers))
    with Bar("sheet", len(sheets) + 2, patience=PATIENCE) as bar, written(path, bar.begin) as book:
        _write(book, fitted, shown, sheets, n_steps, length)
    return path


def _write(book: Book, fitted: Trained, shown: Shown, sheets: dict[str, str], n_steps: int, length: int | None) -> None:
    """The pages in their order, then what stands on them: formulas read pages that come later."""
    for name in ("read me", *sheets):
        book.add(name)
    shared = write_weights(book.page("weights"), fitted) if "weights" in sheets else {}
    linked = {}
    if "grid" in sheets:
        grid = Grid(book.page("grid"), fitted, shown, shared, _trained(fitted), factors=10**6)
        write_grid(grid, title="The trained model: users at the left, items above, a prediction where they meet")
        linked = grid.linked
    if "grid from random" in sheets:
        factors, least = _factors(fitted, shown), -0.5 if fitted.program.statistics else 0.0  # a mean is added to them
        start = Grid(
            book.page("grid from random"), fitted, shown, shared, _random(fitted, factors, least=least), factors
        )
        cut = "" if factors >= _widest(fitted) else f" ({factors} factors of {_widest(fitted)}; the others are 0)"
        write_grid(start, title=f"The same model before training: random rows{cut}. Open Solver and press Solve")
    tables = write_tables(book, fitted, shown, linked)
    if "words" in sheets:
        write_words(book.page("words"), fitted, shown, tables, shared, length)
    if "examples" in sheets:
        write_examples(book.page("examples"), fitted, shown, tables, shared)
    if "learn" in sheets:
        write_learn(book.page("learn"), _learner(fitted, shown, fitted.program.optimizer), n_steps=n_steps)
    for name in sheets:
        if name.startswith("learn online"):
            learner = _learner(fitted, shown, name.removeprefix("learn online "))
            write_online(book.page(name), learner, epochs=max(1, round(4 * n_steps / (3 * len(learner.examples)))))
    if "loss" in sheets:
        write_history(book.page("loss"), fitted)
    write_notes(
        book.page("read me"),
        fitted,
        sheets,
        _left_out(fitted, shown, sheets, length),
        lesson={"grid from random", "learn", "learn online sgd"} <= set(sheets),
    )


def _contents(fitted: Trained, shown: Shown, optimizers: tuple[str, ...]) -> dict[str, str]:
    """The sheets that this model has, and what each shows."""
    program = fitted.program
    known = bool(np.isfinite(shown.ratings).any())
    found: dict[str, str] = {}
    if two_keys(fitted) and _fits_a_cell(fitted):
        found["grid"] = "the trained model at one glance: rows of users and items, a prediction where two meet, error"
        if known:
            found["grid from random"] = "the same with random rows: run Solver and watch the error fall"
    if text_columns(fitted) and program.prediction is not None:
        found["words"] = "texts taken apart: word, its line, its row, every step, prediction; type another word"
    elif shown.examples and program.prediction is not None:
        found["examples"] = "every step of the model for single examples: id, looked-up row, each step, prediction"
    if _can_learn(fitted, shown):
        found["learn"] = f"training as formulas: {program.optimizer}, all examples at every step"
        own = (program.optimizer,) if program.optimizer in RATES else ()
        reads = [str(i.table) for i in program.lookups]
        if len(set(reads)) == len(reads) and not program.dense:
            for name in dict.fromkeys((*own, *optimizers)):
                found[f"learn online {name}"] = f"training as formulas: {name}, one example at a time"
    for name, called in sheet_names(fitted.vocabularies).items():
        found[called] = f"the rows of the tables that {name} names"
    if program.weights or program.statistics:
        found["weights"] = "the numbers that every example shares"
    if len(fitted.history):
        found["loss"] = "how training went, epoch by epoch"
    return found


def _left_out(fitted: Trained, shown: Shown, sheets: dict[str, str], length: int | None) -> list[str]:
    """What this model's workbook does not show, and why."""
    found = []
    if two_keys(fitted) and "grid" not in sheets:
        found.append("grid: a whole prediction is longer than one formula may be; “examples” shows it step by step")
    for i in fitted.program.lookups:
        room = places(i, length)
        if i.column in text_columns(fitted) and room is not None and room < i.value.shape[0]:
            found.append(
                f"words {room + 1} to {i.value.shape[0]} of a text: there is room for {room}; longer texts are cut as "
                "the model cuts them, and the rest is padding, as the model pads short texts"
            )
    if "learn" not in sheets and any(example.target is not None for example in shown.examples):
        found.append(f"learn: a step of training reads lists of rows, or moves more than {WIDEST} numbers")
    if not any(example.target is not None for example in shown.examples):
        found.append("ratings, learn: they need data; give the ratings when the workbook is written")
    return found


def _fits_a_cell(fitted: Trained) -> bool:
    """Whether a whole prediction is one formula of a length that a sheet takes."""
    program = fitted.program
    cells = {i.value.name: block(0, 0, i.value.shape, "both", "weights") for i in program.inputs}
    try:
        lowering.walk(program.needed([program.prediction, program.loss]), cells | lowering.constants(program.inputs))
    except BadOption:
        return False
    return True


def _can_learn(fitted: Trained, shown: Shown) -> bool:
    """Whether training fits a sheet: single rows, a target, no large dense weights."""
    program = fitted.program
    single = not any(i.is_list for i in program.lookups)
    width = sum(min(TAUGHT_FACTORS, i.value.size) for i in program.lookups) + sum(i.value.size for i in program.weights)
    taught = [example for example in shown.examples if example.target is not None]
    return single and width <= WIDEST and bool(taught) and bool(program.updates)


def _trained(fitted: Trained) -> dict[str, np.ndarray]:
    tables = {str(i.table) for i in fitted.program.lookups}
    return {t: fitted.parameters.tables[t].reshape(len(fitted.parameters.tables[t]), -1).astype(float) for t in tables}


def _random(fitted: Trained, factors: int, *, least: float = 0.0) -> dict[str, np.ndarray]:
    """Rows between `least` and 1 more as one would type them, 0 beyond `factors`."""
    random = np.random.default_rng(0)
    found = {}
    for table, values in sorted(_trained(fitted).items()):
        found[table] = np.zeros(values.shape)
        found[table][:, :factors] = random.uniform(
            least, least + 1, (len(values), min(factors, values.shape[1]))
        ).round(2)
    return found


def _widest(fitted: Trained) -> int:
    return max(i.value.size for i in fitted.program.lookups)


def _factors(fitted: Trained, shown: Shown) -> int:
    """As many factors as Solver can change in the whole grid, at least one."""
    pair = two_keys(fitted) or ("", "")
    sizes = {
        str(i.table): (i.value.size, len(shown.users if i.column == pair[0] else shown.items))
        for i in fitted.program.lookups
    }
    for factors in range(min(FACTORS, _widest(fitted)), 1, -1):
        if sum(min(size, factors) * n for size, n in sizes.values()) <= MOST:
            return factors
    return 1


def _learner(fitted: Trained, shown: Shown, optimizer: str) -> Learner:
    """A few of the examples shown, from random rows."""
    program = fitted.program
    chosen = [example for example in shown.examples if example.target is not None][:TAUGHT]
    own: dict[str, list[int]] = {}
    for example in chosen:
        for i in program.lookups:
            rows = own.setdefault(str(i.column), [])
            row = int(example.rows[i.value.name][0])
            if row not in rows:
                rows.append(row)
    ids: dict[Key, list[Any]] = {}
    for column, rows in own.items():
        named = [label(fitted.vocabularies[fitted.column_vocabulary[column]], row) for row in rows]
        ids[of_column(column)] = named if len(findable(named)) == len(named) else [f"row {row}" for row in rows]
    columns = {i.value.name: str(i.column) for i in program.lookups}
    mine = [
        replace(e, rows={n: np.array([own[columns[n]].index(int(r[0]))]) for n, r in e.rows.items()}) for e in chosen
    ]
    random = _random(fitted, TAUGHT_FACTORS)
    start = {str(i.table): random[str(i.table)][: len(own[str(i.column)])] for i in program.lookups}
    for i in program.weights:
        draw = np.random.default_rng(1).normal(0, 1 / max(1, i.value.size) ** 0.5, (1, i.value.size)).round(2)
        start[i.value.name], ids[of_weight(i.value.name)] = draw, [i.value.name]
    widths = {t: min(TAUGHT_FACTORS, v.shape[1]) if t in random else v.shape[1] for t, v in start.items()}
    moved = mover(program, optimizer)
    return Learner(fitted, moved, mine, ids, start, widths, RATES.get(optimizer, 0.05))
