// The rows that an example reads, as cells that can be moved.

import { chip, dragged, push } from "./chip.js";
import { called, model } from "./examples.js";
import { count, fill, make, shown } from "./make.js";
import { hasRows } from "./model.js";
import { draw, state } from "./state.js";

const NUDGE = 0.01;
const MOST_ROWS = 8;
const reach = (numbers) => Math.max(1e-12, ...[...numbers].map(Math.abs).filter(Number.isFinite));

// A row as cells: red above 0, blue below, full colour at the number farthest from 0. It is one element, whose background
// has a band for each number: an element for each would be ten thousand of them.
export function strip(numbers, { label = "", of = null, chosen = null, live = false } = {}) {
  const full = reach(numbers),
    n = numbers.length;
  const element = make("div", {
    class: `strip${live ? " live" : ""}`,
    role: live ? "slider" : "img",
    "aria-label": `${label}: ${said(numbers)}`,
    tabindex: live ? 0 : null,
    "data-of": of,
  });
  element.style.background = n === 1 ? bar(numbers[0]) : bands(numbers, full); // by the page's own script: it needs no leave
  element.addEventListener(
    "pointermove",
    (event) => (element.title = told(label, numbers, placeIn(element, event, n))),
  );
  if (chosen !== null && n > 1) element.append(mark(chosen, n));
  return element;
}

const bands = (numbers, full) =>
  `linear-gradient(to right, ${[...numbers].map((x, k) => `${colour(x, full)} ${(100 * k) / numbers.length}% ${(100 * (k + 1)) / numbers.length}%`).join(", ")})`;

// One number: a bar from the middle, to the right above 0 and to the left below; the whole half is 1, or more.
function bar(x) {
  const end = 50 + 50 * Math.max(-1, Math.min(1, x)),
    [from, to] = [Math.min(50, end), Math.max(50, end)];
  if (!Number.isFinite(x)) return colour(x, 1);
  return `linear-gradient(to right, transparent ${from}%, ${colour(x, Math.abs(x))} ${from}% ${to}%, transparent ${to}%)`;
}

const said = (numbers) =>
  numbers.length === 1
    ? shown(numbers[0])
    : `${count(numbers.length, "number")}, ${shown(Math.min(...numbers))} to ${shown(Math.max(...numbers))}`;

const told = (label, numbers, k) => `${label}${numbers.length > 1 ? `[${k}]` : ""} = ${shown(numbers[k])}`;

const colour = (x, full) =>
  `color-mix(in srgb, var(${x > 0 ? "--hot" : "--cold"}) ${Number.isFinite(x) ? (100 * Math.min(1, Math.abs(x) / full)).toFixed(1) : 100}%, transparent)`;

function placeIn(element, { clientX }, n) {
  const box = element.getBoundingClientRect();
  return Math.min(n - 1, Math.max(0, Math.floor(((clientX - box.left) / box.width) * n)));
}

function mark(k, n) {
  const element = make("span", { class: "chosen" });
  Object.assign(element.style, { left: `${(100 * k) / n}%`, width: `${100 / n}%` });
  return element;
}

// The arrow keys choose a cell and change its number; so does dragging one.
function movable(cell) {
  const numbers = model.tables[cell.table].row(cell.row),
    { k } = cell;
  const element = strip(numbers, { label: cell.of, of: cell.of, chosen: k, live: true });
  element.setAttribute("aria-valuenow", Number.isFinite(numbers[k]) ? numbers[k] : 0);
  element.setAttribute("aria-valuetext", `number ${k + 1} of ${numbers.length}: ${shown(numbers[k])}`);
  element.setAttribute("data-hold", `row ${cell.table} ${cell.row}`);
  element.setAttribute("data-row", `${cell.table} ${cell.row}`);
  element.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key],
      to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by && !to) return;
    event.preventDefault();
    if (by) return push(cell, numbers[k] + by * (event.shiftKey ? 10 * NUDGE : NUDGE));
    state.cell = { ...cell, k: Math.min(Math.max(k + to, 0), numbers.length - 1) };
    draw();
  });
  dragged(element, (event) => (state.cell = { ...cell, k: placeIn(element, event, numbers.length) }));
  return element;
}

// The number of a row that is chosen: the last one touched, else its first.
export const chosenOf = (table, row, of) =>
  state.cell?.table === table && state.cell.row === row ? { ...state.cell, of } : { table, row, k: 0, of };

function rowLine(i, table, row, isLive) {
  const numbers = model.tables[table].row(row),
    cell = chosenOf(table, row, i.value.name),
    width = numbers.length;
  const named = make(
    "span",
    { class: "id" },
    i.column ? `${called(i.column, row)} → row ${row.toLocaleString("en")}` : "all of it",
  );
  if (!isLive)
    return make(
      "div",
      { class: "line" },
      named,
      strip(numbers, { label: i.value.name, of: i.value.name }),
      make("output", {}, width === 1 ? shown(numbers[0]) : ""),
    );
  const touch = chip(numbers[cell.k], cell, { hold: `cell ${table} ${row}` });
  if (width === 1) return make("div", { class: "line" }, named, movable(cell), make("span", { class: "short" }, touch));
  return make(
    "div",
    { class: "line" },
    named,
    movable(cell),
    make(
      "span",
      { class: "scale" },
      make("code", {}, `${i.value.name}[${cell.k}] = `),
      touch,
      make(
        "small",
        {},
        ` of ${count(width, "number")}, ${shown(Math.min(...numbers))} to ${shown(Math.max(...numbers))}`,
      ),
    ),
  );
}

export function drawArguments() {
  const cards = model.inputs
    .filter((i) => model.isLookup(i) || i.kind === "weight")
    .map((i) => {
      const { table, rows } = model.read(i, state.example),
        isLive = !hasRows(i) && i.kind !== "bag" && Boolean(model.program.updates[table]);
      const lines = rows.slice(0, MOST_ROWS).map((row) => rowLine(i, table, row, isLive));
      const more =
        rows.length > MOST_ROWS
          ? make("p", { class: "soft" }, `and ${count(rows.length - MOST_ROWS, "more row")}`)
          : null;
      return make(
        "div",
        { class: "argument" },
        make("h3", {}, make("code", {}, i.value.name), make("small", {}, ` of table ${table}`)),
        ...lines,
        more,
      );
    });
  fill("arguments", ...cards);
}
