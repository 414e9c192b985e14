// The rows that an example reads, as cells that can be moved.

import { count, fill, make, shown } from "./make.js";
import { number } from "./program.js";
import { called, draw, model, page, state } from "./state.js";

const NUDGE = 0.01;

// A row as cells: red above 0, blue below. The arrow keys choose a cell and change its number; so does dragging one.
export function strip(numbers, { edit = null, label = "", scale = null } = {}) {
  const full = scale ?? Math.max(1e-12, ...[...numbers].map(Math.abs).filter(Number.isFinite)), n = numbers.length;
  const svg = make("svg", { class: `strip${edit ? " live" : ""}`, viewBox: `0 0 ${n} 1`, preserveAspectRatio: "none", role: edit ? "slider" : "img", "aria-label": `${label}: ${count(n, "number")}`, tabindex: edit ? 0 : null });
  numbers.forEach((x, k) => svg.append(make("rect", { class: x > 0 ? "hot" : "cold", x: k, width: 1, height: 1, opacity: Math.min(1, Math.abs(x) / full).toFixed(3) }, make("title", {}, `${label}[${k}] = ${shown(x)}`))));
  if (edit) movable(svg, numbers, edit, label);
  return svg;
}

function movable(element, numbers, edit, label) {
  let cell = Math.min(edit.cell ?? 0, numbers.length - 1);
  const tell = () => {
    element.setAttribute("aria-valuenow", numbers[cell]);
    element.setAttribute("aria-valuetext", `${label}, number ${cell + 1} of ${numbers.length}: ${shown(numbers[cell])}`);
  };
  tell();
  element.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key], to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by && !to) return;
    event.preventDefault();
    if (to) cell = Math.min(Math.max(cell + to, 0), numbers.length - 1);
    else moveNumber(edit, cell, numbers[cell] + by * (event.shiftKey ? 0.1 : NUDGE));
    tell();
  });
  element.addEventListener("pointerdown", (down) => {
    const box = element.getBoundingClientRect(), from = down.clientY;
    cell = Math.min(numbers.length - 1, Math.max(0, Math.floor(((down.clientX - box.left) / box.width) * numbers.length)));
    const start = numbers[cell], move = (event) => moveNumber(edit, cell, start + (from - event.clientY) / 100);
    addEventListener("pointermove", move);
    addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
    tell();
  });
}

// Give one number of a row another value; the loss that follows is compared with what its derivative foretold.
function moveNumber({ table, row, of: argument }, k, to) {
  const before = model.walk(state.example), loss = number(before, page.program.loss).data[0];
  const gradient = page.program.gradients[argument], numbers = gradient && number(before, gradient).data;
  const by = to - model.tables[table].row(row)[k];
  model.tables[table].row(row)[k] = to;
  const after = number(model.walk(state.example), page.program.loss).data[0];
  state.nudged = numbers && { name: `${argument}[${k}]`, by, foretold: by * (numbers[k] ?? numbers[0]), moved: after - loss };
  state.cell = { table, row, k };
  draw();
  document.querySelector(`[data-row="${CSS.escape(`${table} ${row}`)}"]`)?.focus({ preventScroll: true });
}

export function drawArguments() {
  const cards = page.program.inputs.filter((i) => model.isLookup(i) || i.kind === "weight").map((i) => {
    const { table, rows } = model.read(i, state.example), width = model.tables[table].width;
    const lines = rows.slice(0, 12).map((row) => {
      const numbers = model.tables[table].row(row), edit = { table, row, of: i.value.name, cell: state.cell?.table === table && state.cell.row === row ? state.cell.k : 0 };
      const live = strip(numbers, { label: i.value.name, edit: i.kind === "rows" || i.kind === "bag" ? null : edit });
      live.setAttribute("data-row", `${table} ${row}`);
      return make("div", { class: "line" }, make("span", { class: "id" }, i.column ? `${called(i.column, row)} → row ${row.toLocaleString("en")}` : "all of it"),
        live, make("output", { class: width === 1 ? "short" : null }, width === 1 ? shown(numbers[0]) : `${count(width, "number")}, ${shown(Math.min(...numbers))} to ${shown(Math.max(...numbers))}`));
    });
    const more = rows.length > 12 ? make("p", { class: "soft" }, `and ${count(rows.length - 12, "row")} more`) : null;
    return make("div", { class: "argument" }, make("h3", {}, make("code", {}, i.value.name), make("small", {}, ` of table ${table}`)), ...lines, more);
  });
  fill("arguments", ...cards);
}
