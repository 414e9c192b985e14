// The map: the rows of the widest table of the item, on their two directions of greatest variance.

import { count, fill, make, place } from "./make.js";
import { ITEM, USER, called, isPairs, model, pair, show, state } from "./state.js";

const mapped = isPairs && model.inputs.filter((i) => i.column === ITEM && model.isLookup(i)).sort((a, b) => model.tables[b.table].width - model.tables[a.table].width)[0];
let axes = null;

// The two directions in which rows differ most, by turning a guess with their covariance again and again.
function directions(table) {
  const { width, rows } = table, mean = new Float64Array(width), covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (let k = 1; k < rows; k++) table.row(k).forEach((x, c) => (mean[c] += x / (rows - 1)));
  const step = Math.max(1, Math.floor(rows / 2000));
  for (let k = 1; k < rows; k += step) {
    const row = table.row(k).map((x, c) => x - mean[c]);
    for (let c = 0; c < width; c++) for (let d = 0; d <= c; d++) covariance[c][d] += row[c] * row[d];
  }
  for (let c = 0; c < width; c++) for (let d = 0; d < c; d++) covariance[d][c] = covariance[c][d];
  const total = covariance.reduce((sum, line, c) => sum + line[c], 0) || 1, found = [];
  for (let f = 0; f < Math.min(2, width); f++) {
    let v = Float64Array.from({ length: width }, (_, c) => Math.cos(c * (f + 1)) + 0.1), size = 0;
    for (let turn = 0; turn < 60; turn++) {
      const next = covariance.map((line) => line.reduce((sum, x, c) => sum + x * v[c], 0));
      found.forEach((other) => { const along = next.reduce((sum, x, c) => sum + x * other.v[c], 0); next.forEach((_, c) => (next[c] -= along * other.v[c])); });
      size = Math.hypot(...next) || 1;
      v = Float64Array.from(next, (x) => x / size);
    }
    found.push({ v, share: size / total });
  }
  return { mean, found };
}

export function drawMap() {
  const table = mapped && model.tables[mapped.table], canvas = place("map");
  if (!table || table.width < 2) return place("map-part").setAttribute("hidden", "");
  axes ??= directions(table);
  const at = (row) => axes.found.map(({ v }) => table.row(row).reduce((sum, x, c) => sum + (x - axes.mean[c]) * v[c], 0));
  const points = Array.from({ length: table.rows - 1 }, (_, k) => at(k + 1)), reach = Math.max(1e-9, ...points.map(([x, y]) => Math.max(Math.abs(x), Math.abs(y))));
  const scale = devicePixelRatio || 1, side = canvas.clientWidth || 320, pen = canvas.getContext("2d");
  [canvas.width, canvas.height] = [side * scale, side * scale];
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  const put = ([x, y]) => [side / 2 + (x / reach) * (side / 2 - 8), side / 2 - (y / reach) * (side / 2 - 8)];
  const style = getComputedStyle(canvas), ink = style.getPropertyValue("--soft"), mark = style.getPropertyValue("--mark"), here = state.example.rows[ITEM];
  pen.fillStyle = ink;
  pen.globalAlpha = 0.35;
  points.forEach((point) => { const [x, y] = put(point); pen.fillRect(x - 1, y - 1, 2, 2); });
  pen.globalAlpha = 1;
  [pen.strokeStyle, pen.fillStyle] = [mark, mark];
  const [x, y] = put(points[here - 1] ?? [0, 0]);
  const near = nearest(table, here, 5);
  near.forEach(([row]) => { const [u, v] = put(points[row - 1]); pen.beginPath(); pen.moveTo(x, y); pen.lineTo(u, v); pen.stroke(); });
  pen.beginPath(); pen.arc(x, y, 5, 0, 7); pen.fill();
  const share = axes.found.reduce((sum, each) => sum + each.share, 0);
  fill("map-says", `${count(table.rows - 1, "row")} of table ${mapped.table} on two of their ${table.width} dimensions, which hold ${(100 * share).toFixed(0)}% of the variance. Lines lead to the true nearest rows, in all dimensions: `,
    ...near.flatMap(([row, cosine], k) => [k ? ", " : "", make("button", { class: "link", onclick: () => show(pair(state.example.rows[USER], row), { line: state.line }) }, called(ITEM, row)), ` ${cosine.toFixed(2)}`]), ".");
}

function nearest(table, row, n) {
  const mine = table.row(row), length = Math.hypot(...mine), found = [];
  for (let k = 1; k < table.rows; k++) {
    if (k === row) continue;
    let dot = 0, square = 0;
    table.row(k).forEach((x, c) => ((dot += x * mine[c]), (square += x * x)));
    found.push([k, square && length ? dot / (length * Math.sqrt(square)) : 0]);
  }
  return found.sort((a, b) => b[1] - a[1]).slice(0, n);
}
