"""What each primitive means in a spreadsheet: arrays of cells in, arrays of formulas out.

An array of cells is a NumPy array of objects, each a `Cell` (where a number stands), a number, or the text of a formula
without its equals sign. Primitives that only move numbers are NumPy's own moves of such arrays; they cost no cell.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import isfinite, prod
from typing import Any

import numpy as np

from rowwise.errors import BadModel
from rowwise.program import array_rules
from rowwise.program.primitives import ELEMENTWISE, MOVES, RULES, rule, unsupported
from rowwise.program.values import DimensionNumbers

Cells = np.ndarray  # of Element
EXACT = array_rules.Arrays(np, np.float64)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, counted from 0. `pin` says what a fill must not shift: "", "row", "column" or "both"."""

    row: int
    column: int
    sheet: str = ""  # empty: the sheet of the formula that reads it
    pin: str = ""

    def __str__(self) -> str:
        column = ("$" if self.pin in ("column", "both") else "") + letters(self.column)
        row = ("$" if self.pin in ("row", "both") else "") + str(self.row + 1)
        return f"{quoted(self.sheet)}!{column}{row}" if self.sheet else column + row


Element = Any  # Cell | str, the text of a formula | float | int | bool


@lru_cache(1 << 14)
def letters(column: int) -> str:
    """The name of a column counted from 0: A, B, …, Z, AA."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)


@lru_cache
def quoted(sheet: str) -> str:
    """A sheet's name as a formula writes it."""
    return sheet if re.fullmatch(r"[A-Za-z_]+", sheet) else "'" + sheet.replace("'", "''") + "'"


def area(first: Cell, last: Cell) -> str:
    """The range between two corners: B2:F2."""
    return f"{first}:{replace(last, sheet='')}"


def direction(elements: Sequence[Element]) -> str:
    """ "row" or "column" where the elements are neighbouring cells in a line, in order; else nothing."""
    first = elements[0]
    if not all(isinstance(e, Cell) and (e.sheet, e.pin) == (first.sheet, first.pin) for e in elements):
        return ""
    places = [(e.row - first.row, e.column - first.column) for e in elements]
    if places == [(0, k) for k in range(len(elements))]:
        return "row"
    return "column" if places == [(k, 0) for k in range(len(elements))] else ""


def text(element: Element) -> str:
    """An element as a formula writes it; numbers with all their digits."""
    if isinstance(element, bool | np.bool_):
        return "1" if element else "0"
    if isinstance(element, int | float | np.number):
        if not isfinite(element):
            raise BadModel(
                f"the model computes with {element}",
                expected="finite numbers: a sheet has no infinity",
                mend="write a large number in place of it, such as 1e30",
            )
        return repr(float(element)).removesuffix(".0").replace("e", "E")
    return str(element)


def is_number(element: Element) -> bool:
    return not isinstance(element, Cell | str)


def is_zero(element: Element) -> bool:
    return is_number(element) and element == 0


# A reference with its pins; a sheet's name and text match too, and are left alone.
REFERENCE = re.compile(r"'[^']*'!|\"[^\"]*\"|(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)(\d+)\b(?!\()")


def filled(element: Element, down: int, right: int = 0) -> Element:
    """An element as a fill would write it so many lines down and columns to the right: pinned parts stay."""
    if isinstance(element, Cell):
        moved_row = element.row + (0 if element.pin in ("row", "both") else down)
        moved_column = element.column + (0 if element.pin in ("column", "both") else right)
        return Cell(moved_row, moved_column, element.sheet, element.pin)
    if not isinstance(element, str):
        return element
    written, moving = _references(element)
    for column, from_column, row, from_row, after in moving:
        written += f"{column or letters(from_column + right)}{row or from_row + down}{after}"
    return written


@lru_cache(1 << 14)
def _references(formula: str) -> tuple[str, list[tuple[str, int, str, int, str]]]:
    """A formula up to its first reference that moves; then of each its column, if pinned, and the number of it, the
    same of its row, and the text behind it."""
    found = [match for match in REFERENCE.finditer(formula) if match[2] and not (match[1] and match[3])]
    ends = [match.start() for match in found[1:]] + [len(formula)]
    moving = []
    for match, end in zip(found, ends, strict=False):
        pinned_column, column, pinned_row, row = match.groups()
        pinned = (f"${column}" if pinned_column else ""), (f"${row}" if pinned_row else "")
        moving.append((pinned[0], place_of(column), pinned[1], int(row), formula[match.end() : end]))
    return formula[: found[0].start() if found else None], moving


@lru_cache(1 << 14)
def place_of(column: str) -> int:
    """The number of a column counted from 0: the inverse of `letters`."""
    place = 0
    for letter in column:
        place = 26 * place + ord(letter) - 64
    return place - 1


@lru_cache(1 << 16)
def strength(formula: str) -> int:
    """How tightly the loosest operator outside brackets binds: 0 comparison, 1 sum, 2 product, 3 power, 4 none."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|E[+-]\d+", "", formula)
    minus, bare = bare.startswith("-"), bare.removeprefix("-")
    loosest, depth = 2 if minus else 4, 0  # in a sheet -A1^2 is (-A1)^2
    for letter in bare:
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter in "<>=+-*/^":
            loosest = min(loosest, 0 if letter in "<>=" else 1 if letter in "+-" else 2 if letter in "*/" else 3)
    return loosest


class _Operand:
    """An operand of a template: `{0:2}` puts it in brackets unless it binds at least as tightly as 2."""

    def __init__(self, element: Element):
        self.text = text(element)
        self.atom = isinstance(element, Cell)

    def __format__(self, needed: str) -> str:
        return self.text if self.atom or not needed or strength(self.text) >= int(needed) else f"({self.text})"


def write(template: str, *operands: Element) -> str:
    """A formula from a template of the table."""
    return template.format(*map(_Operand, operands))


def apply(primitive: str, inputs: tuple[Cells, ...], params: Mapping[str, Any], place: object = None) -> Cells:
    """`primitive` applied to arrays of cells.

    Raises:
        UnsupportedPrimitive: a sheet has no formula for it; the error names the source line.
    """
    row = ELEMENTWISE.get(primitive)
    if row is not None and row.sheet:
        alike = inputs if len({x.shape for x in inputs}) == 1 else np.broadcast_arrays(*inputs)
        return _map(partial(_number_by_number, primitive, row.sheet), *alike)
    meaning = RULES["sheet"].get(primitive)
    if meaning is None:
        raise unsupported(primitive, "sheet", place)
    return cells_of(meaning(*inputs, **params))


def has_formula(primitive: str) -> bool:
    """Whether a sheet can compute it."""
    row = ELEMENTWISE.get(primitive)
    return bool(row and row.sheet) or primitive in RULES["sheet"]


def cells_of(elements: object) -> Cells:
    """An array of objects, also where it has no axis."""
    return np.asarray(elements, object)


def _map(function: Callable[..., Element], *inputs: Cells) -> Cells:
    known = _Once(lambda elements: function(*elements))
    out = np.empty(inputs[0].size, object)
    out[:] = [known[elements] for elements in zip(*(x.ravel().tolist() for x in inputs), strict=True)]
    return out.reshape(inputs[0].shape)


class _Once(dict):
    """What a function gives, worked out once for elements that are alike: most of a padded text is padding."""

    def __init__(self, function: Callable[[tuple[Element, ...]], Any]):
        self.function = function

    def __missing__(self, elements: tuple[Element, ...]) -> Any:
        found = self[elements] = self.function(elements)
        return found


def _number_by_number(primitive: str, template: str, *operands: Element) -> Element:
    if all(map(is_number, operands)):
        return array_rules.apply(EXACT, primitive, tuple(map(np.asarray, operands)), {}).item()
    if primitive in ("add", "sub", "mul", "neg"):
        return _arithmetic(primitive, *operands)
    return write(template, *operands)


def _arithmetic(primitive: str, x: Element, y: Element = 0) -> Element:
    """Sums and products as a person writes them: no 0+x, no 1*x, and a-b for a+-b."""
    if primitive == "neg" or (primitive == "mul" and -1 in (x, y)):
        return write("-{0:4}", y if x == -1 else x)
    if primitive == "mul":
        return 0.0 if 0 in (x, y) else y if x == 1 else x if y == 1 else write("{0:2}*{1:2}", x, y)
    if y == 0:
        return x
    if x == 0:
        return y if primitive == "add" else write("-{0:4}", y)
    minus = text(y).startswith("-") and strength(text(y)) >= 2
    other = text(y)[1:] if minus else y
    return write("{0:1}+{1:1}" if (primitive == "add") != minus else "{0:1}-{1:2}", x, other)


def dot(xs: Iterable[Element], ys: Iterable[Element]) -> Element:
    """Σ x·y, as functions of two ranges where the cells lie in lines; products with 0 are left out."""
    terms = [(x, y) for x, y in zip(xs, ys, strict=True) if not (is_zero(x) or is_zero(y))]
    runs: list[list[tuple[Element, Element]]] = []
    ways = ("", "")
    for term in terms:
        if runs:
            found = tuple(direction(pair) for pair in zip(runs[-1][-1], term, strict=True))
            if all(found) and (found == ways or len(runs[-1]) == 1):
                ways = found
                runs[-1].append(term)
                continue
        runs.append([term])
    return total(_dot_of_run(run) for run in runs)


def _dot_of_run(run: list[tuple[Element, Element]]) -> Element:
    """Σ x·y of cells that lie in two lines."""
    (x, y), (last_x, last_y) = run[0], run[-1]
    if len(run) == 1:
        return x * y if is_number(x) and is_number(y) else _arithmetic("mul", x, y)
    ways = direction([x, run[1][0]]), direction([y, run[1][1]])
    if ways[0] == ways[1]:
        return f"SUMPRODUCT({area(x, last_x)},{area(y, last_y)})"
    (row, last_row), (column, last_column) = (
        ((x, last_x), (y, last_y)) if ways[0] == "row" else ((y, last_y), (x, last_x))
    )
    return f"SUM(MMULT({area(row, last_row)},{area(column, last_column)}))"


def total(terms: Iterable[Element]) -> Element:
    """The sum of elements: SUM of a range where they lie in a line."""
    terms = [term for term in terms if not is_zero(term)]
    if len(terms) > 2 and direction(terms):
        return f"SUM({area(terms[0], terms[-1])})"
    known = sum(term for term in terms if is_number(term))
    written: Element = 0.0
    for term, times in Counter(term for term in terms if not is_number(term)).items():
        written = _arithmetic("add", written, _arithmetic("mul", times, term))
    return _arithmetic("add", written, known) if isinstance(written, Cell | str) else known


def _listed(elements: Sequence[Element]) -> str:
    """Arguments of MAX or MIN."""
    elements = [*dict.fromkeys(elements)]
    return (
        area(elements[0], elements[-1]) if len(elements) > 1 and direction(elements) else ",".join(map(text, elements))
    )


def _reduce(x: Cells, axes: Sequence[int], function: Callable[[list[Element]], Element]) -> Cells:
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    lines = np.transpose(x, [*kept, *axes]).reshape(*(x.shape[axis] for axis in kept), -1)
    known = _Once(lambda elements: function([*elements]))
    out = np.empty(lines.shape[:-1], object)
    for index in np.ndindex(out.shape):
        out[index] = known[tuple(lines[index].tolist())]
    return out


for _name in MOVES:
    RULES["sheet"][_name] = partial(RULES["arrays"][_name], EXACT)


@rule("integer_pow", backend="sheet")
def integer_pow(x: Cells, *, y: int) -> Cells:
    template = f"{{0:4}}^{y}" if y >= 0 else f"1/{{0:4}}^{-y}"
    return _map(lambda element: element**y if is_number(element) else write(template, element), x)


@rule("convert_element_type", backend="sheet")
def convert_element_type(x: Cells, *, new_dtype: str) -> Cells:
    """A truth value becomes 1 or 0, which is also what a whole number stays."""
    return _map(lambda element: element if is_number(element) else write("{0:2}*1", element), x)


@rule("select_n", backend="sheet")
def select_n(which: Cells, first: Cells, second: Cells) -> Cells:
    """`second` where `which` is true, `first` elsewhere."""

    def choose(condition, no, yes):
        return (yes if condition else no) if is_number(condition) else write("IF({0},{1},{2})", condition, yes, no)

    return _map(choose, np.broadcast_to(which, first.shape), first, second)


@rule("dot_general", backend="sheet")
def dot_general(x: Cells, y: Cells, *, dimension_numbers: DimensionNumbers) -> Cells:
    """Contract some axes of x and y, pair others: (batch, rest of x, rest of y)."""
    (x_contracted, y_contracted), (x_batch, y_batch) = dimension_numbers
    x_lines, x_free = _lines(x, x_batch, x_contracted)
    y_lines, y_free = _lines(y, y_batch, y_contracted)
    out = np.empty((x_lines.shape[0], x_lines.shape[1], y_lines.shape[1]), object)
    for b in range(len(out)):
        of_x, of_y = _numbered(x_lines[b]), _numbered(y_lines[b])
        known = _Once(lambda pair, b=b: dot(x_lines[b, pair[0]], y_lines[b, pair[1]]))
        for i, j in np.ndindex(out[b].shape):
            out[b, i, j] = known[of_x[i], of_y[j]]
    return out.reshape([x.shape[axis] for axis in x_batch] + x_free + y_free)


def _numbered(lines: Cells) -> list[int]:
    """For each line the first one that is like it."""
    first: dict[tuple[Element, ...], int] = {}
    return [first.setdefault(tuple(line), k) for k, line in enumerate(lines.tolist())]


def _lines(x: Cells, batch: Sequence[int], contracted: Sequence[int]) -> tuple[Cells, list[int]]:
    """(batch, rest, contracted) and the shape of the rest."""
    free = [axis for axis in range(x.ndim) if axis not in (*batch, *contracted)]
    sizes = [prod(x.shape[axis] for axis in axes) for axes in (batch, free, contracted)]
    return np.transpose(x, [*batch, *free, *contracted]).reshape(sizes), [x.shape[axis] for axis in free]


@rule("reduce_sum", backend="sheet")
def reduce_sum(x: Cells, *, axes: Sequence[int]) -> Cells:
    return _reduce(x, axes, total)


@rule("reduce_max", backend="sheet")
def reduce_max(x: Cells, *, axes: Sequence[int]) -> Cells:
    return _reduce(x, axes, lambda elements: f"MAX({_listed(elements)})")


@rule("reduce_min", backend="sheet")
def reduce_min(x: Cells, *, axes: Sequence[int]) -> Cells:
    return _reduce(x, axes, lambda elements: f"MIN({_listed(elements)})")


@rule("reduce_prod", "reduce_and", backend="sheet")
def reduce_prod(x: Cells, *, axes: Sequence[int]) -> Cells:
    return _reduce(x, axes, lambda elements: "*".join(write("{0:2}", element) for element in elements))


@rule("reduce_or", backend="sheet")
def reduce_or(x: Cells, *, axes: Sequence[int]) -> Cells:
    return _reduce(x, axes, lambda elements: "+".join(write("{0:2}", element) for element in elements) + ">0")


@rule("cumsum", backend="sheet")
def cumsum(x: Cells, *, axis: int, reverse: bool) -> Cells:
    return _accumulate(x, axis, reverse, total)


@rule("cummax", backend="sheet")
def cummax(x: Cells, *, axis: int, reverse: bool) -> Cells:
    return _accumulate(x, axis, reverse, lambda elements: f"MAX({_listed(elements)})")


@rule("cummin", backend="sheet")
def cummin(x: Cells, *, axis: int, reverse: bool) -> Cells:
    return _accumulate(x, axis, reverse, lambda elements: f"MIN({_listed(elements)})")


@rule("cumprod", backend="sheet")
def cumprod(x: Cells, *, axis: int, reverse: bool) -> Cells:
    return _accumulate(x, axis, reverse, lambda elements: "*".join(write("{0:2}", element) for element in elements))


@rule("sort", backend="sheet")
def sort(x: Cells, *, axis: int) -> Cells:
    """The k-th smallest of a line of cells; of others neighbours change places until all are in order."""
    lines = np.moveaxis(x, axis, -1)
    out = np.empty(lines.shape, object)
    for index in np.ndindex(lines.shape[:-1]):
        out[index] = _sorted(lines[index].tolist())
    return np.moveaxis(out, -1, axis)


def _sorted(elements: list[Element]) -> list[Element]:
    if len(elements) > 1 and direction(elements):
        return [f"SMALL({area(elements[0], elements[-1])},{k + 1})" for k in range(len(elements))]
    for turn in range(len(elements)):
        for k in range(turn % 2, len(elements) - 1, 2):
            pair = _listed(elements[k : k + 2])
            elements[k : k + 2] = [f"MIN({pair})", f"MAX({pair})"]
    return elements


@rule("take_at", backend="sheet")
def take_at(x: Cells, places: Cells) -> Cells:
    """INDEX counts from 1; a place outside is moved to the nearest."""
    elements = x.ravel().tolist()

    def choose(place: Element) -> Element:
        if is_number(place):
            return elements[min(max(int(place), 0), len(elements) - 1)]
        at = f"1+MIN(MAX({text(place)},0),{len(elements) - 1})"
        return f"INDEX({area(elements[0], elements[-1])},{at})" if direction(elements) else _nested(place, elements)

    return _map(choose, places)


def _nested(place: Element, elements: Sequence[Element]) -> Element:
    found = elements[-1]
    for k, element in reversed(list(enumerate(elements[:-1]))):
        found = write(f"IF({{0:1}}<={k},{{1}},{{2}})", place, element, found)
    return found


@rule("put_add_at", backend="sheet")
def put_add_at(x: Cells, places: Cells, updates: Cells) -> Cells:
    """Each element, and every update whose place it is."""
    last = x.size - 1

    def met(k: int, place: Element, update: Element) -> Element:
        if is_number(place):
            return update if min(max(int(place), 0), last) == k else 0.0
        sign = "<=" if k == 0 else ">=" if k == last else "="
        return (
            0.0 if is_zero(update) else update if last == 0 else write(f"IF({{0:1}}{sign}{k},{{1}},0)", place, update)
        )

    pairs = list(zip(places.ravel().tolist(), updates.ravel().tolist(), strict=True))
    found = [total([element, *(met(k, *pair) for pair in pairs)]) for k, element in enumerate(x.ravel().tolist())]
    return cells_of(found).reshape(x.shape)


def _accumulate(x: Cells, axis: int, reverse: bool, function: Callable[[list[Element]], Element]) -> Cells:
    """Each what the function makes of a line up to its own place."""
    x = np.flip(x, axis) if reverse else x
    lines = np.moveaxis(x, axis, -1)
    out = np.empty(lines.shape, object)
    for index in np.ndindex(lines.shape):
        out[index] = function(list(lines[index[:-1]][: index[-1] + 1][:: -1 if reverse else 1]))
    out = np.moveaxis(out, -1, axis)
    return np.flip(out, axis) if reverse else out


@rule("put_add", backend="sheet")
def put_add(x: Cells, updates: Cells, *, indices: Sequence[int]) -> Cells:
    """Each element of `updates` added to x at its fixed flat place: the derivative of `take`."""
    found: list[list[Element]] = [[element] for element in x.ravel()]
    for place, update in zip(indices, updates.ravel(), strict=True):
        found[place].append(update)
    return cells_of([total(terms) for terms in found]).reshape(x.shape)
