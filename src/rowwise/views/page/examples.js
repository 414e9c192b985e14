// What the page holds: the model, what people call its rows, and the examples that it can show.

import { Model, drawnBy, isDrawn } from "./model.js";
import { decoded } from "./numbers.js";

export const page = JSON.parse(document.getElementById("model").textContent);
export const model = new Model(page);
export const examples = page.examples && readExamples(page.examples);
export const [USER, ITEM] = page.keys;
const LISTS = ["rows", "bag", "value", "mask", "sampled", "sampled rows"];
export const isPairs =
  page.keys.length === 2 &&
  page.program.inputs.every((i) => !LISTS.includes(i.kind) || i.value.name === "sample weight");

// Who and what

export const vocabulary = (column) => page.vocabularies[page.columns[column]];

export function called(column, row) {
  const { ids, titles, first } = vocabulary(column);
  if (row < first) return row === 0 && first === 1 ? "unknown" : "—";
  return titles?.[row] ?? `${ids[row]}`;
}

// The arguments that a column's row stands behind: `user` and `user_bias` of userId.
export const argumentsOf = (column) => model.inputs.filter((i) => i.column === column && model.isLookup(i));

// The column's table with the longest rows, and the one of one number a row.
export const widest = (column) =>
  argumentsOf(column).sort((a, b) => model.tables[b.table].width - model.tables[a.table].width)[0];
export const biasOf = (column) => argumentsOf(column).find((i) => model.tables[i.table].width === 1);

// Examples

function readExamples({ n, rows, values, target }) {
  const list = (told) => ({
    starts: told.starts && decoded(told.starts).data,
    rows: decoded(told.rows),
    weights: told.weights,
  });
  return {
    n,
    rows: Object.fromEntries(Object.entries(rows).map(([column, told]) => [column, list(told)])),
    values: Object.fromEntries(Object.entries(values).map(([column, told]) => [column, decoded(told)])),
    target: target && decoded(target),
  };
}

// Example k of the data as the model takes it.
export function exampleOf(k) {
  const rows = {},
    weights = {},
    values = {};
  for (const [column, { starts, rows: held, weights: weighing }] of Object.entries(examples.rows)) {
    const width = held.shape[1],
      [from, to] = starts ? [starts[k], starts[k + 1]] : [k * (width ?? 1), (k + 1) * (width ?? 1)];
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
  const { shape, data } = examples.target,
    width = shape[1];
  return width ? [...data.slice(k * width, (k + 1) * width)] : data[k];
}

// Arguments that training draws at random stand for the first id here.
function drawn(rows) {
  for (const i of page.program.inputs.filter(isDrawn))
    rows[i.value.name] =
      i.kind === "sampled" ? vocabulary(i.column).first : Array(drawnBy(i)).fill(vocabulary(i.column).first);
  return rows;
}

// Pairs: what a user gave to an item, in the data or as it was typed here.

function placesBy(column) {
  const found = new Map();
  if (examples && page.keys.length > 1)
    examples.rows[column].rows.data.forEach((row, k) =>
      found.has(row) ? found.get(row).push(k) : found.set(row, [k]),
    );
  return found;
}

export const ofUser = placesBy(USER);
export const ofItem = placesBy(ITEM);
export const typed = new Map(); // "user item" -> rating

export const itemAt = (k) => examples.rows[ITEM].rows.data[k];
export const userAt = (k) => examples.rows[USER].rows.data[k];

// Where the first rating of an item by a user stands in the data: one number stands for both.
const many = isPairs ? model.tables[argumentsOf(ITEM)[0].table].rows : 0;
const places = new Map();
if (isPairs && examples) for (let k = examples.n - 1; k >= 0; k--) places.set(userAt(k) * many + itemAt(k), k);

export function given(user, item) {
  const word = typed.size ? typed.get(`${user} ${item}`) : undefined;
  if (word !== undefined) return word;
  const at = places.get(user * many + item);
  return at === undefined ? null : targetOf(at);
}

export const pair = (user, item, target = given(user, item)) => ({
  rows: { [USER]: user, [ITEM]: item },
  weights: {},
  values: {},
  target,
});

// All that a user gave: [item, rating].
export function ratingsOf(user) {
  const found = new Map((ofUser.get(user) ?? []).map((k) => [itemAt(k), targetOf(k)]));
  for (const [key, rating] of typed) {
    const [who, item] = key.split(" ").map(Number);
    if (who === user) found.set(item, rating);
  }
  return [...found];
}
