// A number that can be touched: it lights up wherever it stands, and one that the model holds can be moved.

import { act } from "./acts.js";
import { argumentsOf, model, page } from "./examples.js";
import { make, shown } from "./make.js";
import { number } from "./program.js";
import { draw, state } from "./state.js";

const NUDGE = 0.01;
const STRONG = 10; // times as much with Shift
const PER_UNIT = 100; // pixels of dragging for 1

// Lights. `data-of` names the values that a thing shows, first its own.

const keysOf = (element) => element?.closest?.("[data-of]")?.dataset.of.split(" ") ?? [];

function light(keys) {
  document.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
  for (const key of keys)
    document.querySelectorAll(`[data-of~="${CSS.escape(key)}"]`).forEach((element) => element.classList.add("lit"));
}

export function lightUp() {
  const held = () => keysOf(document.activeElement); // where the pointer says nothing, the keyboard does
  document.addEventListener("pointerover", ({ target }) => light(keysOf(target).length ? keysOf(target) : held()));
  document.addEventListener("focusin", ({ target }) => light(keysOf(target)));
  document.addEventListener("pointerleave", () => light(held()));
}

// What stands for the rows of a column: "user user_bias".
export const keysOfColumn = (column) =>
  argumentsOf(column)
    .map((i) => i.value.name)
    .join(" ");

// A number of a row as a slider: ↑ ↓ change it, and so does dragging it up or down.
// `cell` is { table, row, k, of }, `of` the argument that reads it.
export function chip(x, cell, { label, hold, text = shown(x) } = {}) {
  const now = model.tables[cell.table].row(cell.row)[cell.k];
  const element = make(
    "span",
    {
      class: "chip",
      role: "spinbutton",
      tabindex: 0,
      "aria-label": label ?? `${cell.of}[${cell.k}]`,
      "data-of": cell.of,
      "aria-valuenow": Number.isFinite(now) ? now : null,
      "aria-valuetext": shown(now),
      "data-hold": hold ?? `chip ${cell.of} ${cell.row} ${cell.k}`,
    },
    text,
  );
  element.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    push(cell, model.tables[cell.table].row(cell.row)[cell.k] + by * NUDGE * (event.shiftKey ? STRONG : 1));
  });
  dragged(element, () => cell);
  return element;
}

// Moved by the pointer: `cellAt(event)` is the number under it. What the loss does is told from where the drag began.
export function dragged(element, cellAt) {
  element.addEventListener("pointerdown", (down) => {
    if (down.button) return;
    const cell = cellAt(down),
      from = measured(cell),
      start = model.tables[cell.table].row(cell.row)[cell.k];
    // A finger that goes up or down moves the page, so it moves a number to the left and right.
    const way =
      down.pointerType === "touch" ? (event) => event.clientX - down.clientX : (event) => down.clientY - event.clientY;
    const move = (event) => way(event) && push(cell, start + way(event) / PER_UNIT, from);
    const end = () => (
      removeEventListener("pointermove", move),
      removeEventListener("pointerup", end),
      removeEventListener("pointercancel", end)
    );
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  });
}

// The cost of the example: its loss, and what its rows pay.
export function costOf(values) {
  return (
    number(values, page.program.loss).data[0] + model.penalties(values).reduce((sum, each) => sum + each.number, 0)
  );
}

// What is known of a number before it is pushed.
function measured({ table, row, k, of }) {
  const values = model.walk(state.example),
    gradient = page.program.gradients[of];
  const numbers = gradient && number(values, gradient).data;
  return { at: model.tables[table].row(row)[k], cost: costOf(values), slope: numbers && (numbers[k] ?? numbers[0]) };
}

// Give one number of a row another value; the cost that follows is compared with what its derivative foretold.
export function push(cell, to, from = measured(cell)) {
  act("set", cell.table, cell.row, cell.k, Number(to.toPrecision(7)));
  const by = to - from.at,
    moved = costOf(model.walk(state.example)) - from.cost;
  state.nudged =
    from.slope === undefined ? null : { name: `${cell.of}[${cell.k}]`, by, foretold: by * from.slope, moved };
  state.cell = cell;
  draw();
}

export const nudge = (cell) => push(cell, model.tables[cell.table].row(cell.row)[cell.k] + NUDGE);
