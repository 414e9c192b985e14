// The map: the rows of a table, on the two directions in which they differ most or on two numbers of a row.

import { keysOfColumn } from "./chip.js";
import { ITEM, USER, called, isPairs, ofItem, ofUser, vocabulary, widest } from "./examples.js";
import { count, fill, make, place, shown } from "./make.js";
import { nearest } from "./near.js";
import { COLOURS, paint } from "./paint.js";
import { chosenAxes, column, painted, placed, seen, tableOf, view } from "./places.js";
import { draw, showPair, state } from "./state.js";

const NEAR = 5; // neighbours that lines lead to
const LABELS = 14;
const TRIED = 200; // rows that may get one
const [LETTER, HIGH] = [6.2, 13]; // pixels of a letter of a label
const ZOOM = 1.25;

export function drawMap() {
  const table = tableOf(),
    canvas = place("map");
  if (!isPairs || !table || table.width < 2) return place("map-part").setAttribute("hidden", "");
  placed(table);
  const side = (view.side ||= canvas.clientWidth || 320),
    tint = paint(canvas, side, table),
    here = state.example.rows[column()],
    near = nearest(table, here, NEAR);
  over(side, here, near);
  controls(table, tint);
  says(table, near);
}

// Over the dots: the row of the example, the rows truly nearest to it, and the names of the busiest that find room.
function over(side, here, near) {
  const at = seen(side),
    [x, y] = at(here),
    labels = [];
  const isIn = ([u, v]) => u > 0 && u < side && v > 0 && v < side;
  for (const row of [here, ...near.map(([row]) => row), ...busiest(column())])
    if (labels.length < LABELS && isIn(at(row)) && labels.every((other) => isApart(other, labelOf(row, at, side))))
      labels.push(labelOf(row, at, side));
  place("map-over").setAttribute("viewBox", `0 0 ${side} ${side}`);
  if (![x, y].every(Number.isFinite)) return fill("map-over");
  fill(
    "map-over",
    ...near
      .filter(([row]) => at(row).every(Number.isFinite))
      .map(([row]) => make("line", { x1: x, y1: y, x2: at(row)[0], y2: at(row)[1] })),
    ...labels.map(({ row, text, from, low, to, isEnd }) =>
      make(
        "text",
        { x: isEnd ? to : from, y: low, class: row === here ? "here" : "soft", "text-anchor": isEnd ? "end" : "start" },
        text,
      ),
    ),
    make("circle", { cx: x, cy: y, r: 6, "data-of": keysOfColumn(column()) }),
  );
}

const busy = new Map();

// The rows with the most ratings, found once.
function busiest(of) {
  if (!busy.has(of)) {
    const places = [...(of === USER ? ofUser : ofItem)].filter(([row]) => row >= vocabulary(of).first);
    busy.set(
      of,
      places
        .sort(([, a], [, b]) => b.length - a.length)
        .slice(0, TRIED)
        .map(([row]) => row),
    );
  }
  return busy.get(of);
}

function labelOf(row, at, side) {
  const [x, y] = at(row),
    isEnd = x > side * 0.6,
    text = called(column(), row).slice(0, 28),
    wide = text.length * LETTER;
  return { row, text, isEnd, from: isEnd ? x - 5 - wide : x + 5, to: isEnd ? x - 5 : x + 5 + wide, low: y - 4 };
}

const isApart = (a, b) => a.row !== b.row && (a.to < b.from || b.to < a.from || Math.abs(a.low - b.low) > HIGH);

function controls(table, tint) {
  const option = (value, text, now) => make("option", { value, selected: value === now ? "" : null }, text);
  const choose =
    (name) =>
    ({ target }) => (
      (state[name] = target.value === "" ? null : target.value),
      Object.assign(view, { zoom: 1, x: 0, y: 0 }),
      draw()
    );
  const [a, b] = chosenAxes(table) ?? [],
    numbers = Array.from({ length: table.width }, (_, c) => c);
  const axis = (which, now) =>
    make(
      "select",
      {
        "data-hold": `axis ${which}`,
        "aria-label": `axis ${which}`,
        onchange: ({ target }) =>
          choose("axes")({
            target: {
              value: target.value === "" ? "" : which ? `${a ?? 0}.${target.value}` : `${target.value}.${b ?? 1}`,
            },
          }),
      },
      option("", "most different", now === undefined ? "" : null),
      ...numbers.map((c) => option(String(c), `number ${c}`, String(now))),
    );
  fill(
    "map-controls",
    make(
      "select",
      { "data-hold": "map of", "aria-label": "rows of", onchange: choose("of") },
      option("", ITEM, state.of ?? ""),
      option("user", USER, state.of),
    ),
    axis(0, a),
    axis(1, b),
    make(
      "label",
      {},
      " colour ",
      make(
        "select",
        { "data-hold": "colour", onchange: choose("colour") },
        ...Object.keys(COLOURS).map((name, k) => option(k ? name : "", name, state.colour ?? "")),
      ),
    ),
    ...[
      ["+", ZOOM],
      ["−", 1 / ZOOM],
    ].map(([sign, by]) =>
      make(
        "button",
        { "data-hold": `zoom ${sign}`, "aria-label": by > 1 ? "zoom in" : "zoom out", onclick: () => zoom(by) },
        sign,
      ),
    ),
    make(
      "button",
      { "data-hold": "whole map", onclick: () => (Object.assign(view, { zoom: 1, x: 0, y: 0 }), drawMap()) },
      "all",
    ),
    tint ? make("small", {}, ` blue ${shown(tint.low)} to red ${shown(tint.high)}`) : null,
  );
}

function says(table, near) {
  const shares = painted.along.found.map(({ share }) => share),
    part = shares.some((share) => share === null)
      ? "two of their numbers"
      : `two of their ${table.width} dimensions, which hold ${(100 * shares.reduce((sum, x) => sum + x, 0)).toFixed(0)}% of the variance`;
  fill(
    "map-says",
    `${count(table.rows - vocabulary(column()).first, "row")} of table ${widest(column()).table} on ${part}. Lines lead to the true nearest rows, in all dimensions: `,
    ...near.flatMap(([row, cosine], k) => [
      k ? ", " : "",
      make("button", { class: "link", "data-hold": `near ${row}`, onclick: () => go(row) }, called(column(), row)),
      ` ${cosine.toFixed(2)}`,
    ]),
    ".",
  );
}

const go = (row) =>
  column() === USER ? showPair(row, state.example.rows[ITEM]) : showPair(state.example.rows[USER], row);

// Looking closer

function zoom(by) {
  view.zoom = Math.min(200, Math.max(1, view.zoom * by));
  drawMap();
}

export function watchMap() {
  // To ask how wide it is, or which colours it has, would lay the whole page out anew for every move of a drag.
  new ResizeObserver(
    ([
      {
        contentRect: { width },
      },
    ]) => width && width !== view.side && ((view.side = width), state.example && drawMap()),
  ).observe(place("map-frame"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => ((painted.colours = null), drawMap()));
  const frame = place("map-frame"),
    side = () => frame.clientWidth || 1,
    move = (dx, dy) => {
      const far = painted.reach / view.zoom / (side() / 2);
      Object.assign(view, { x: view.x - dx * far, y: view.y + dy * far });
      drawMap();
    };
  frame.addEventListener("wheel", (event) => (event.preventDefault(), zoom(event.deltaY < 0 ? ZOOM : 1 / ZOOM)), {
    passive: false,
  });
  frame.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [30, 0], ArrowRight: [-30, 0], ArrowUp: [0, 30], ArrowDown: [0, -30] }[event.key],
      by = { "+": ZOOM, "-": 1 / ZOOM }[event.key];
    if (way) move(...way);
    else if (by) zoom(by);
    else return;
    event.preventDefault();
  });
  frame.addEventListener("pointerdown", (down) => {
    let [x, y, far] = [down.clientX, down.clientY, 0];
    const drag = (event) => (
      move(event.clientX - x, event.clientY - y),
      (far += Math.hypot(event.clientX - x, event.clientY - y)),
      ([x, y] = [event.clientX, event.clientY])
    );
    const end = (event) => (
      removeEventListener("pointermove", drag),
      removeEventListener("pointerup", end),
      far < 4 && pick(frame, event)
    );
    addEventListener("pointermove", drag);
    addEventListener("pointerup", end);
  });
}

// The dot nearest to where one pressed becomes the example's row.
function pick(frame, { clientX, clientY }) {
  const box = frame.getBoundingClientRect(),
    at = seen(box.width),
    [x, y] = [clientX - box.left, clientY - box.top];
  let best = [12, null];
  for (let row = vocabulary(column()).first; row < tableOf().rows; row++) {
    const [u, v] = at(row),
      far = Math.hypot(u - x, v - y);
    if (far < best[0]) best = [far, row];
  }
  if (best[1] !== null) go(best[1]);
}
