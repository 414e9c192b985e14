// The map: the rows of a table, on the two directions in which they differ most or on two numbers of a row.
// Dots are painted number by number into one picture, so that 100,000 of them move while one drags.

import { keysOfColumn } from "./chip.js";
import { errorsBy } from "./errors.js";
import { ITEM, USER, biasOf, called, isPairs, model, ofItem, ofUser, vocabulary, widest } from "./examples.js";
import { count, fill, make, place, shown } from "./make.js";
import { nearest } from "./near.js";
import { draw, showPair, state } from "./state.js";

const NEAR = 5; // neighbours that lines lead to
const LABELS = 14;
const TRIED = 200; // rows that may get one
const [LETTER, HIGH] = [6.2, 13]; // pixels of a letter of a label
const ZOOM = 1.25;
const view = { zoom: 1, x: 0, y: 0, side: 0 }; // what of the map is seen; how far one looks is no state of the model's
const painted = { column: null, axes: null, points: null, reach: 1, shares: [] };

const column = () => (state.of === "user" ? USER : ITEM);
const tableOf = () => model.tables[widest(column())?.table];

// The directions

const MANY = 2000; // rows that a covariance is counted from
const TURNS = 60;

// The two directions in which rows differ most, by turning a guess with their covariance again and again.
// `before` are those of an epoch before: the map does not turn round from one to the next.
export function directions(table, first = 1, before = null) {
  const { width, rows } = table, n = Math.max(1, rows - first), mean = new Float64Array(width), covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (let k = first; k < rows; k++) table.row(k).forEach((x, c) => (mean[c] += x / n));
  for (let k = first; k < rows; k += Math.max(1, Math.floor(rows / MANY))) {
    const row = table.row(k).map((x, c) => x - mean[c]);
    for (let c = 0; c < width; c++) for (let d = 0; d <= c; d++) covariance[c][d] += row[c] * row[d];
  }
  for (let c = 0; c < width; c++) for (let d = 0; d < c; d++) covariance[d][c] = covariance[c][d];
  const total = covariance.reduce((sum, line, c) => sum + line[c], 0) || 1, found = [];
  for (let f = 0; f < Math.min(2, width); f++) {
    let v = before?.[f]?.v ?? Float64Array.from({ length: width }, (_, c) => Math.cos(c * (f + 1)) + 0.1), size = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      const next = covariance.map((line) => line.reduce((sum, x, c) => sum + x * v[c], 0));
      for (const other of found) {
        const along = next.reduce((sum, x, c) => sum + x * other.v[c], 0);
        next.forEach((_, c) => (next[c] -= along * other.v[c]));
      }
      size = Math.hypot(...next) || 1;
      v = Float64Array.from(next, (x) => x / size);
    }
    found.push({ v, share: size / total });
  }
  return { mean, found };
}

// Two numbers of a row as axes: "3.7".
function chosenAxes(table) {
  const found = (state.axes ?? "").split(".").map(Number);
  return found.length === 2 && found.every((c) => Number.isInteger(c) && c >= 0 && c < table.width) ? found : null;
}

function along(table) {
  const chosen = chosenAxes(table), mean = new Float64Array(table.width);
  if (!chosen) return directions(table, vocabulary(column()).first, painted.table === table ? painted.along?.found : null);
  return { mean, found: chosen.map((c) => ({ v: Float64Array.from({ length: table.width }, (_, d) => (c === d ? 1 : 0)), share: null })) };
}

// The place of every row, found once for each choice of axes; rows that changed are placed anew.
function placed(table) {
  if (painted.column !== column() || painted.axes !== state.axes || painted.table !== table || painted.version !== model.version) {
    Object.assign(painted, { along: along(table) }, { column: column(), axes: state.axes, table, version: model.version, points: new Float64Array(2 * table.rows), moved: new Set() });
    for (let row = 0; row < table.rows; row++) put(table, row);
    painted.reach = painted.points.reduce((most, x) => (Math.abs(x) > most && Number.isFinite(x) ? Math.abs(x) : most), 1e-9);
  }
  const name = widest(column()).table, now = model.changed().filter((each) => each.table === name).map(({ row }) => row);
  for (const row of new Set([...painted.moved, ...now])) put(table, row);
  painted.moved = new Set(now);
}

function put(table, row) {
  const { mean, found } = painted.along, numbers = table.row(row);
  for (let axis = 0; axis < 2; axis++) {
    const v = found[axis]?.v;
    let sum = 0;
    if (v) for (let c = 0; c < v.length; c++) sum += (numbers[c] - mean[c]) * v[c];
    painted.points[2 * row + axis] = sum;
  }
}

// Colours: from blue over grey to red, by a number a row.

const COLOURS = {
  "nothing": null,
  "bias": () => biasOf(column()) && ((row) => model.tables[biasOf(column()).table].row(row)[0]),
  "how often it was rated": () => (row) => Math.log1p((column() === USER ? ofUser : ofItem).get(row)?.length ?? 0),
  "how wrong": () => errorsBy(column()),
};

function tints(table) {
  const by = COLOURS[state.colour]?.();
  if (!by) return null;
  const numbers = Float64Array.from({ length: table.rows }, (_, row) => by(row) ?? NaN);
  const sorted = numbers.filter(Number.isFinite).sort(), middle = sorted[sorted.length >> 1] ?? 0;
  const full = Math.max(1e-9, middle - (sorted[Math.floor(sorted.length * 0.05)] ?? 0), (sorted[Math.floor(sorted.length * 0.95)] ?? 0) - middle);
  return { at: (row) => Math.max(-1, Math.min(1, (numbers[row] - middle) / full)), low: middle - full, high: middle + full };
}

const rgb = (text) => [1, 3, 5].map((k) => parseInt(text.trim().slice(k, k + 2), 16));
const packed = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r; // as a picture's memory holds it: little end first

// Seven colours, from cold over soft to hot.
function palette(style) {
  const [cold, soft, hot] = ["--cold", "--dot", "--hot"].map((name) => rgb(style.getPropertyValue(name)));
  const between = (a, b, t) => a.map((x, k) => Math.round(x + (b[k] - x) * t));
  return [-3, -2, -1, 0, 1, 2, 3].map((step) => packed(between(soft, step < 0 ? cold : hot, Math.abs(step) / 3)));
}

// Painting

const seen = (side) => (row) => {
  const far = (painted.reach / view.zoom) || 1;
  return [side / 2 + ((painted.points[2 * row] - view.x) / far) * (side / 2 - 8), side / 2 - ((painted.points[2 * row + 1] - view.y) / far) * (side / 2 - 8)];
};

function paint(canvas, side, table) {
  const scale = Math.min(2, devicePixelRatio || 1), n = Math.round(side * scale), pen = canvas.getContext("2d");
  if (canvas.width !== n) [canvas.width, canvas.height] = [n, n];
  const picture = pen.createImageData(n, n), dots = new Uint32Array(picture.data.buffer), size = Math.max(1, Math.round(1.5 * scale));
  const tint = tints(table), colours = painted.colours ??= palette(getComputedStyle(canvas)), { points } = painted;
  const far = ((n / 2 - 8 * scale) / painted.reach) * view.zoom;
  for (let row = vocabulary(column()).first; row < table.rows; row++) {
    const x = Math.round(n / 2 + (points[2 * row] - view.x) * far), y = Math.round(n / 2 - (points[2 * row + 1] - view.y) * far);
    if (!(x >= 0 && y >= 0 && x + size <= n && y + size <= n)) continue;
    const of = tint ? tint.at(row) : 0, colour = colours[Number.isNaN(of) ? 3 : Math.round(of * 3) + 3];
    for (let dy = 0; dy < size; dy++) for (let dx = 0; dx < size; dx++) dots[(y + dy) * n + x + dx] = colour;
  }
  pen.putImageData(picture, 0, 0);
  return tint;
}

export function drawMap() {
  const table = tableOf(), canvas = place("map");
  if (!isPairs || !table || table.width < 2) return place("map-part").setAttribute("hidden", "");
  placed(table);
  const side = (view.side ||= canvas.clientWidth || 320), tint = paint(canvas, side, table), here = state.example.rows[column()], near = nearest(table, here, NEAR);
  over(side, here, near);
  controls(table, tint);
  says(table, near);
}

// Over the dots: the row of the example, the rows truly nearest to it, and the names of the busiest that find room.
function over(side, here, near) {
  const at = seen(side), [x, y] = at(here), labels = [];
  const isIn = ([u, v]) => u > 0 && u < side && v > 0 && v < side;
  for (const row of [here, ...near.map(([row]) => row), ...busiest(column())])
    if (labels.length < LABELS && isIn(at(row)) && labels.every((other) => isApart(other, labelOf(row, at, side)))) labels.push(labelOf(row, at, side));
  place("map-over").setAttribute("viewBox", `0 0 ${side} ${side}`);
  if (![x, y].every(Number.isFinite)) return fill("map-over");
  fill("map-over", ...near.filter(([row]) => at(row).every(Number.isFinite)).map(([row]) => make("line", { x1: x, y1: y, x2: at(row)[0], y2: at(row)[1] })),
    ...labels.map(({ row, text, from, low, to, isEnd }) => make("text", { x: isEnd ? to : from, y: low, class: row === here ? "here" : "soft", "text-anchor": isEnd ? "end" : "start" }, text)),
    make("circle", { cx: x, cy: y, r: 6, "data-of": keysOfColumn(column()) }));
}

const busy = new Map();

// The rows with the most ratings, found once.
function busiest(of) {
  if (!busy.has(of)) {
    const places = [...(of === USER ? ofUser : ofItem)].filter(([row]) => row >= vocabulary(of).first);
    busy.set(of, places.sort(([, a], [, b]) => b.length - a.length).slice(0, TRIED).map(([row]) => row));
  }
  return busy.get(of);
}

function labelOf(row, at, side) {
  const [x, y] = at(row), isEnd = x > side * 0.6, text = called(column(), row).slice(0, 28), wide = text.length * LETTER;
  return { row, text, isEnd, from: isEnd ? x - 5 - wide : x + 5, to: isEnd ? x - 5 : x + 5 + wide, low: y - 4 };
}

const isApart = (a, b) => a.row !== b.row && (a.to < b.from || b.to < a.from || Math.abs(a.low - b.low) > HIGH);

function controls(table, tint) {
  const option = (value, text, now) => make("option", { value, selected: value === now ? "" : null }, text);
  const choose = (name) => ({ target }) => ((state[name] = target.value === "" ? null : target.value), Object.assign(view, { zoom: 1, x: 0, y: 0 }), draw());
  const [a, b] = chosenAxes(table) ?? [], numbers = Array.from({ length: table.width }, (_, c) => c);
  const axis = (which, now) => make("select", { "data-hold": `axis ${which}`, "aria-label": `axis ${which}`, onchange: ({ target }) => choose("axes")({ target: { value: target.value === "" ? "" : which ? `${a ?? 0}.${target.value}` : `${target.value}.${b ?? 1}` } }) },
    option("", "most different", now === undefined ? "" : null), ...numbers.map((c) => option(String(c), `number ${c}`, String(now))));
  fill("map-controls",
    make("select", { "data-hold": "map of", "aria-label": "rows of", onchange: choose("of") }, option("", ITEM, state.of ?? ""), option("user", USER, state.of)), axis(0, a), axis(1, b),
    make("label", {}, " colour ", make("select", { "data-hold": "colour", onchange: choose("colour") }, ...Object.keys(COLOURS).map((name, k) => option(k ? name : "", name, state.colour ?? "")))),
    ...[["+", ZOOM], ["−", 1 / ZOOM]].map(([sign, by]) => make("button", { "data-hold": `zoom ${sign}`, "aria-label": by > 1 ? "zoom in" : "zoom out", onclick: () => zoom(by) }, sign)),
    make("button", { "data-hold": "whole map", onclick: () => (Object.assign(view, { zoom: 1, x: 0, y: 0 }), drawMap()) }, "all"),
    tint ? make("small", {}, ` blue ${shown(tint.low)} to red ${shown(tint.high)}`) : null);
}

function says(table, near) {
  const shares = painted.along.found.map(({ share }) => share), part = shares.some((share) => share === null) ? "two of their numbers" : `two of their ${table.width} dimensions, which hold ${(100 * shares.reduce((sum, x) => sum + x, 0)).toFixed(0)}% of the variance`;
  fill("map-says", `${count(table.rows - vocabulary(column()).first, "row")} of table ${widest(column()).table} on ${part}. Lines lead to the true nearest rows, in all dimensions: `,
    ...near.flatMap(([row, cosine], k) => [k ? ", " : "", make("button", { class: "link", "data-hold": `near ${row}`, onclick: () => go(row) }, called(column(), row)), ` ${cosine.toFixed(2)}`]), ".");
}

const go = (row) => (column() === USER ? showPair(row, state.example.rows[ITEM]) : showPair(state.example.rows[USER], row));

// Looking closer

function zoom(by) {
  view.zoom = Math.min(200, Math.max(1, view.zoom * by));
  drawMap();
}

export function watchMap() {
  // To ask how wide it is, or which colours it has, would lay the whole page out anew for every move of a drag.
  new ResizeObserver(([{ contentRect: { width } }]) => width && width !== view.side && ((view.side = width), state.example && drawMap())).observe(place("map-frame"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => ((painted.colours = null), drawMap()));
  const frame = place("map-frame"), side = () => frame.clientWidth || 1, move = (dx, dy) => {
    const far = painted.reach / view.zoom / (side() / 2);
    Object.assign(view, { x: view.x - dx * far, y: view.y + dy * far });
    drawMap();
  };
  frame.addEventListener("wheel", (event) => (event.preventDefault(), zoom(event.deltaY < 0 ? ZOOM : 1 / ZOOM)), { passive: false });
  frame.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [30, 0], ArrowRight: [-30, 0], ArrowUp: [0, 30], ArrowDown: [0, -30] }[event.key], by = { "+": ZOOM, "-": 1 / ZOOM }[event.key];
    if (way) move(...way);
    else if (by) zoom(by);
    else return;
    event.preventDefault();
  });
  frame.addEventListener("pointerdown", (down) => {
    let [x, y, far] = [down.clientX, down.clientY, 0];
    const drag = (event) => (move(event.clientX - x, event.clientY - y), (far += Math.hypot(event.clientX - x, event.clientY - y)), ([x, y] = [event.clientX, event.clientY]));
    const end = (event) => (removeEventListener("pointermove", drag), removeEventListener("pointerup", end), far < 4 && pick(frame, event));
    addEventListener("pointermove", drag);
    addEventListener("pointerup", end);
  });
}

// The dot nearest to where one pressed becomes the example's row.
function pick(frame, { clientX, clientY }) {
  const box = frame.getBoundingClientRect(), at = seen(box.width), [x, y] = [clientX - box.left, clientY - box.top];
  let best = [12, null];
  for (let row = vocabulary(column()).first; row < tableOf().rows; row++) {
    const [u, v] = at(row), far = Math.hypot(u - x, v - y);
    if (far < best[0]) best = [far, row];
  }
  if (best[1] !== null) go(best[1]);
}
