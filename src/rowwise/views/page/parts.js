// What each row that a text reads adds to its score.

import { array } from "./arrays.js";
import { model, page } from "./examples.js";
import { hasRows } from "./model.js";
import { number } from "./program.js";
import { found, readers, told } from "./words.js";

export const scored = page.order ?? page.program.prediction;
const steps = scored && model.needed([scored], model.steps);

// What words add up to: of chances their logarithm, less that of the others, so that a row adds to it what it adds to
// the score beneath; else the score itself.
function scores(values) {
  const { data } = number(model.run(steps, values), scored);
  if (data.length === 1) return data;
  if (page.targets === "labels") return data.map((p) => Math.log(p / (1 - p)));
  const logs = data.map(Math.log),
    mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  return page.targets === "class" ? logs.map((x) => x - mean) : data;
}

// Of several scores the one of the class that comes first.
const scoreOf = (values, k) => scores(values)[k];

function topOf(values) {
  const found = scores(values);
  return found.indexOf(Math.max(...found));
}

// What a row adds at one place: the score, less the score with zeros in place of that row's numbers.
export function* partsOf(example, words, uses) {
  const given = model.given(example),
    top = topOf(given),
    whole = scoreOf({ ...given }, top),
    parts = new Float64Array(uses.length),
    rows = [example.rows[told.column]].flat();
  for (let u = 0; u < uses.length; u++) {
    const at = uses[u].place;
    if (at !== null)
      parts[u] =
        whole -
        scoreOf(
          { ...given, ...Object.fromEntries(readers.map((i) => [i.value.name, without(i, example, rows, at, given)])) },
          top,
        );
    yield parts;
  }
  return parts;
}

// What an argument receives when the row at one place of the list is zeros.
function without(i, example, rows, at, given) {
  const { data, shape } = given[i.value.name],
    { width } = model.tables[i.table],
    changed = data.slice();
  if (hasRows(i)) return array(shape, changed.fill(0, at * width, (at + 1) * width));
  const { shares } = model.read(i, example),
    row = model.tables[i.table].row(rows[at]);
  for (let c = 0; c < width; c++) changed[c] -= shares[at] * row[c];
  return array(shape, changed);
}

// Each use of a row by the words, with its place in the list that the model reads; null where it is not read.
export function usesOf(words, example) {
  const all = found(words),
    rows = [example.rows[told.column]].flat();
  if (told.recipe.distinct) return all.map((use) => ({ ...use, place: placeIn(rows, use.row) }));
  const [front] =
    told.length === null ? [0] : [told.recipe.cut === "front" ? Math.max(0, all.length - told.length) : 0];
  const padded = told.length !== null && told.recipe.pad === "front" ? Math.max(0, told.length - all.length) : 0;
  return all.map((use, k) => ({
    ...use,
    place: k - front + padded >= 0 && k - front + padded < rows.length && k >= front ? k - front + padded : null,
  }));
}

// The rows of an example whose text is not here, each a use of its own.
export const rowsOf = (example) =>
  example.rows[told.column]
    .map((row, place) => ({ row, place, n: 1 }))
    .filter(({ row }) => row > 0)
    .map((use, at) => ({ ...use, at }));

const placeIn = (rows, row) => (rows.includes(row) ? rows.indexOf(row) : null);

// Where words count once, the part of a row is shared by all places where it stands.
export function shares(uses) {
  const often = new Map();
  if (told.recipe.distinct) for (const { row } of uses) often.set(row, (often.get(row) ?? 0) + 1);
  return uses.map(({ row }) => 1 / (often.get(row) ?? 1));
}
