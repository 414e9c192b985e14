// The dots of the map: painted number by number into one picture, so that 100,000 of them move while one drags.

import { errorsBy } from "./errors.js";
import { USER, biasOf, model, ofItem, ofUser, vocabulary } from "./examples.js";
import { column, painted, view } from "./places.js";
import { state } from "./state.js";

// Colours: from blue over grey to red, by a number a row.

export const COLOURS = {
  nothing: null,
  bias: () => biasOf(column()) && ((row) => model.tables[biasOf(column()).table].row(row)[0]),
  "how often it was rated": () => (row) => Math.log1p((column() === USER ? ofUser : ofItem).get(row)?.length ?? 0),
  "how wrong": () => errorsBy(column()),
};

function tints(table) {
  const by = COLOURS[state.colour]?.();
  if (!by) return null;
  const numbers = Float64Array.from({ length: table.rows }, (_, row) => by(row) ?? NaN);
  const sorted = numbers.filter(Number.isFinite).sort(),
    middle = sorted[sorted.length >> 1] ?? 0;
  const full = Math.max(
    1e-9,
    middle - (sorted[Math.floor(sorted.length * 0.05)] ?? 0),
    (sorted[Math.floor(sorted.length * 0.95)] ?? 0) - middle,
  );
  return {
    at: (row) => Math.max(-1, Math.min(1, (numbers[row] - middle) / full)),
    low: middle - full,
    high: middle + full,
  };
}

const rgb = (text) => [1, 3, 5].map((k) => parseInt(text.trim().slice(k, k + 2), 16));
const packed = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r; // as a picture's memory holds it: little end first

// Seven colours, from cold over soft to hot.
function palette(style) {
  const [cold, soft, hot] = ["--cold", "--dot", "--hot"].map((name) => rgb(style.getPropertyValue(name)));
  const between = (a, b, t) => a.map((x, k) => Math.round(x + (b[k] - x) * t));
  return [-3, -2, -1, 0, 1, 2, 3].map((step) => packed(between(soft, step < 0 ? cold : hot, Math.abs(step) / 3)));
}

export function paint(canvas, side, table) {
  const scale = Math.min(2, devicePixelRatio || 1),
    n = Math.round(side * scale),
    pen = canvas.getContext("2d");
  if (canvas.width !== n) [canvas.width, canvas.height] = [n, n];
  const picture = pen.createImageData(n, n),
    dots = new Uint32Array(picture.data.buffer),
    size = Math.max(1, Math.round(1.5 * scale));
  const tint = tints(table),
    colours = (painted.colours ??= palette(getComputedStyle(canvas))),
    { points } = painted;
  const far = ((n / 2 - 8 * scale) / painted.reach) * view.zoom;
  for (let row = vocabulary(column()).first; row < table.rows; row++) {
    const x = Math.round(n / 2 + (points[2 * row] - view.x) * far),
      y = Math.round(n / 2 - (points[2 * row + 1] - view.y) * far);
    if (!(x >= 0 && y >= 0 && x + size <= n && y + size <= n)) continue;
    const of = tint ? tint.at(row) : 0,
      colour = colours[Number.isNaN(of) ? 3 : Math.round(of * 3) + 3];
    for (let dy = 0; dy < size; dy++) for (let dx = 0; dx < size; dx++) dots[(y + dy) * n + x + dx] = colour;
  }
  pen.putImageData(picture, 0, 0);
  return tint;
}
