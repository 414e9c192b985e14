// What the page is about: the model and its examples, what is shown of them, and the address that says so.

import { Model, decoded } from "./model.js";

export const page = JSON.parse(document.getElementById("model").textContent);
export const model = new Model(page);
export const examples = page.examples && readExamples(page.examples);
export const state = { example: null, at: null, line: null, rate: page.rates[0], steps: 0, nudged: null };
export const views = []; // each is called with the values of the example, and whether there is something to learn

// Who and what

export const vocabulary = (column) => page.vocabularies[page.columns[column]];

export function called(column, row) {
  const { ids, titles, first } = vocabulary(column);
  if (row < first) return row === 0 && first === 1 ? "unknown" : "—";
  return titles?.[row] ?? `${ids[row]}`;
}

function readExamples({ n, rows, values, target }) {
  const list = (told) => ({ starts: told.starts && decoded(told.starts).data, rows: decoded(told.rows), weights: told.weights });
  return {
    n,
    rows: Object.fromEntries(Object.entries(rows).map(([column, told]) => [column, list(told)])),
    values: Object.fromEntries(Object.entries(values).map(([column, told]) => [column, decoded(told)])),
    target: target && decoded(target),
  };
}

// Example k of the data as the model takes it.
export function exampleOf(k) {
  const rows = {}, weights = {}, values = {};
  for (const [column, { starts, rows: held, weights: weighing }] of Object.entries(examples.rows)) {
    const width = held.shape[1], [from, to] = starts ? [starts[k], starts[k + 1]] : [k * (width ?? 1), (k + 1) * (width ?? 1)];
    rows[column] = starts || width ? [...held.data.slice(from, to)] : held.data[k];
    for (const [of, told] of Object.entries(weighing ?? {})) weights[of] = [...decoded(told).data.slice(from, to)];
  }
  for (const [column, { shape, data }] of Object.entries(examples.values)) {
    const width = shape[1] ?? 1;
    values[column] = shape[1] ? [...data.slice(k * width, (k + 1) * width)] : data[k];
  }
  return { rows: drawn(rows), weights, values, target: targetOf(k) };
}

export function targetOf(k) {
  if (!examples?.target) return null;
  const { shape, data } = examples.target, width = shape[1];
  return width ? [...data.slice(k * width, (k + 1) * width)] : data[k];
}

// Arguments that training draws at random stand for the first id here.
function drawn(rows) {
  for (const i of page.program.inputs) if (i.kind === "sampled") rows[i.value.name] = vocabulary(i.column).first;
  return rows;
}

// The examples of a user, as places in the data: found once.
export const ofUser = new Map();
if (examples && page.keys.length > 1)
  examples.rows[page.keys[0]].rows.data.forEach((row, k) => ofUser.set(row, [...(ofUser.get(row) ?? []), k]));

export const [USER, ITEM] = page.keys;
export const isPairs = page.keys.length === 2 && page.program.inputs.every((i) => !["rows", "bag", "value", "mask", "sampled"].includes(i.kind) || i.value.name === "sample weight");

export function pair(user, item) {
  const at = (ofUser.get(user) ?? []).find((k) => examples.rows[ITEM].rows.data[k] === item);
  return { rows: { [USER]: user, [ITEM]: item }, weights: {}, values: {}, target: at === undefined ? null : targetOf(at) };
}

// The state, and its address

export function show(example, more = {}) {
  Object.assign(state, { example, steps: 0, nudged: null }, more);
  draw();
}

function address() {
  const told = new URLSearchParams();
  if (isPairs) {
    told.set(USER, vocabulary(USER).ids[state.example.rows[USER]] ?? "");
    told.set(ITEM, vocabulary(ITEM).ids[state.example.rows[ITEM]] ?? "");
  } else if (state.at !== null) told.set("example", state.at);
  if (state.line) told.set("line", state.line);
  history.replaceState(null, "", `#${told}`);
}

export function fromAddress() {
  const told = new URLSearchParams(location.hash.slice(1)), row = (column) => vocabulary(column).ids.indexOf(told.get(column));
  state.line = Number(told.get("line")) || null;
  if (isPairs) {
    const first = examples ? [examples.rows[USER].rows.data[0], examples.rows[ITEM].rows.data[0]] : [1, 1];
    return show(pair(row(USER) > 0 ? row(USER) : first[0], row(ITEM) > 0 ? row(ITEM) : first[1]), { line: state.line });
  }
  const at = Math.min(Math.max(Number(told.get("example")) || 0, 0), (examples?.n ?? 1) - 1);
  if (examples) show(exampleOf(at), { at, line: state.line });
}

export function draw() {
  const values = model.walk(state.example), learns = state.example.target !== null || !page.target;
  address();
  views.forEach((view) => view(values, learns));
}

// What may wait until the example itself is drawn: the newest wish counts.
let waiting = 0;
export function later(...drawings) {
  const mine = ++waiting;
  drawings.forEach((drawing, k) => setTimeout(() => mine === waiting && drawing(), 20 * (k + 1)));
}
