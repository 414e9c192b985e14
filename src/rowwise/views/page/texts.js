// A text, word by word: what each adds, in reading order; what is unknown, cut off and padded; and one word closely.

import { examples, model, page, vocabulary } from "./examples.js";
import { count, fill, make, place, shown } from "./make.js";
import { nearest } from "./near.js";
import { array, number } from "./program.js";
import { draw, showText, state } from "./state.js";
import { strip } from "./weights.js";
import { canCut, cut, found, readers, told, withWords, wordsOf } from "./words.js";

const AT_ONCE = 30; // milliseconds after which the page may breathe
const [MOST_WORDS, MOST_NGRAMS, MOST_TILES, NEIGHBOURS] = [1500, 8, 24, 6];
const scored = page.order ?? page.program.prediction;
const steps = scored && model.needed([scored], model.steps);
let work = null; // { key, words, uses, parts, done }

// The score of an example; of several numbers the one of the class that comes first.
function scoreOf(values, k) {
  const { data } = number(model.run(steps, values), scored);
  return data[k ?? 0];
}

function topOf(values) {
  const { data } = number(model.run(steps, { ...values }), scored);
  return data.indexOf(Math.max(...data));
}

// What a row adds at one place: the score, less the score with zeros in place of that row's numbers.
function* partsOf(example, words, uses) {
  const given = model.given(example), top = topOf(given), whole = scoreOf({ ...given }, top), parts = new Float64Array(uses.length), rows = [example.rows[told.column]].flat();
  for (let u = 0; u < uses.length; u++) {
    const at = uses[u].place;
    if (at !== null) parts[u] = whole - scoreOf({ ...given, ...Object.fromEntries(readers.map((i) => [i.value.name, without(i, example, rows, at, given)])) }, top);
    yield parts;
  }
  return parts;
}

// What an argument receives when the row at one place of the list is zeros.
function without(i, example, rows, at, given) {
  const { data, shape } = given[i.value.name], { width } = model.tables[i.table], changed = data.slice();
  if (i.kind === "rows") return array(shape, changed.fill(0, at * width, (at + 1) * width));
  const { shares } = model.read(i, example), row = model.tables[i.table].row(rows[at]);
  for (let c = 0; c < width; c++) changed[c] -= shares[at] * row[c];
  return array(shape, changed);
}

// Each use of a row by the words, with its place in the list that the model reads; null where it is not read.
function usesOf(words, example) {
  const all = found(words), rows = [example.rows[told.column]].flat();
  if (told.recipe.distinct) return all.map((use) => ({ ...use, place: placeIn(rows, use.row) }));
  const [front] = told.length === null ? [0] : [told.recipe.cut === "front" ? Math.max(0, all.length - told.length) : 0];
  const padded = told.length !== null && told.recipe.pad === "front" ? Math.max(0, told.length - all.length) : 0;
  return all.map((use, k) => ({ ...use, place: k - front + padded >= 0 && k - front + padded < rows.length && k >= front ? k - front + padded : null }));
}

// The rows of an example whose text is not here, each a use of its own.
const rowsOf = (example) => example.rows[told.column].map((row, place) => ({ row, place, n: 1 })).filter(({ row }) => row > 0).map((use, at) => ({ ...use, at }));

const placeIn = (rows, row) => (rows.includes(row) ? rows.indexOf(row) : null);

// Where words count once, the part of a row is shared by all places where it stands.
function shares(uses) {
  const often = new Map();
  if (told.recipe.distinct) for (const { row } of uses) often.set(row, (often.get(row) ?? 0) + 1);
  return uses.map(({ row }) => 1 / (often.get(row) ?? 1));
}

export function drawTexts() {
  if (!told || !scored) return place("texts-part").setAttribute("hidden", "");
  const { words, isText } = wordsOf(state.at ?? 0, state.text), { example } = state;
  const key = `${words.join(" ")}\n${model.version} ${[...model.touched].join()}`;
  if (work?.key !== key) begin(key, words.slice(0, MOST_WORDS), example, isText);
  show(words.length);
}

function begin(key, words, example, isText) {
  const uses = isText ? usesOf(words, example) : rowsOf(example).slice(0, words.length);
  const mine = (work = { key, words, uses, isText, parts: new Float64Array(uses.length), n: 0 }), parts = partsOf(example, words, uses);
  const some = () => {
    if (work !== mine) return;
    for (const end = performance.now() + AT_ONCE; performance.now() < end; mine.n++) {
      const { value, done } = parts.next();
      mine.parts = value;
      if (done) break;
    }
    show(words.length);
    if (mine.n < uses.length) setTimeout(some);
  };
  some();
}

// What each word adds: an n-gram's part is shared out over its words.
function ofWords() {
  const { words, uses, parts } = work, share = shares(uses), sums = new Float64Array(words.length);
  uses.forEach(({ at, n }, u) => {
    for (let k = at; k < at + n; k++) sums[k] += (parts[u] * share[u]) / n;
  });
  return sums;
}

// All that the words add, where all of it is worked out.
export const partsSum = () => (work && work.n >= work.uses.length ? ofWords().reduce((sum, x) => sum + x, 0) : NaN);

function show(n) {
  const { words, isText } = work, sums = ofWords(), [front, back] = isText ? cut(words) : [0, 0];
  fill("texts", box(), make("p", { id: "words", role: "group", "aria-label": "the words, in reading order" }, ...padding(words, "front"), ...words.flatMap((word, k) => [wordButton(word, k, sums, k < front || k >= words.length - back), " "]), ...padding(words, "back")),
    n > words.length ? make("p", { class: "soft" }, `and ${count(n - words.length, "word")} more`) : null,
    make("p", { class: "soft" }, isText ? "Red words add, blue words take away; grey ones have no row of their own, those struck through are not read." : "The page does not hold this text: its words stand in the order of their rows.", work.n < work.uses.length ? ` ${Math.round((100 * work.n) / work.uses.length)}% worked out.` : ""),
    course(sums), ...strongest(), ...closely(sums), ...rulers());
}

function box() {
  const text = state.text ?? (canCut ? told.texts?.[state.at + told.texts.length - examples.n] : null) ?? "";
  return canCut ? make("label", { class: "text-box" }, make("small", {}, "a text of your own"), make("textarea", { id: "text", "data-hold": "text", rows: 3, onchange: ({ target }) => showText(target.value) }, text)) : make("p", { class: "soft" }, "The texts of this model are cut by a function or a pattern of its own, which the page does not have.");
}

const isUnknown = (k) => work.uses.some(({ at, n, row }) => at === k && n === 1 && row === told.rare);

function wordButton(word, k, sums, isCut) {
  const most = Math.max(1e-12, ...[...sums].map(Math.abs)), x = sums[k], kind = `word${isUnknown(k) ? " rare" : ""}${isCut ? " cut" : ""}${x < 0 ? " takes" : ""}${state.word === k ? " open" : ""}`;
  const element = make("button", { class: kind, "data-hold": `word ${k}`, "data-of": `word${k}`, title: `${x < 0 ? "−" : "+"}${shown(Math.abs(Number(x.toPrecision(3))))}`, "aria-pressed": String(state.word === k), onclick: () => ((state.word = state.word === k ? null : k), draw()) }, word);
  element.style.background = `color-mix(in srgb, var(${x > 0 ? "--hot" : "--cold"}) ${(45 * Math.min(1, Math.abs(x) / most)).toFixed(0)}%, transparent)`;
  return element;
}

function padding(words, side) {
  const n = told.length === null || told.recipe.pad !== side ? 0 : Math.max(0, told.length - words.length);
  if (!n) return [];
  return [...Array.from({ length: Math.min(n, MOST_TILES) }, () => make("span", { class: "tile", "aria-hidden": "true" })), make("small", {}, ` ${count(n, "empty place")} `)];
}

const chance = (values) => number(values, page.program.prediction).data;
const saidOf = (data) => (data.length === 1 ? shown(data[0]) : `${page.classes[data.indexOf(Math.max(...data))] ?? ""} ${shown(Math.max(...data))}`);
const predictedBy = (words) => chance(model.run(model.forward, model.given(withWords(state.at ?? 0, words))));

// From a text without words to the whole of it.
function course(sums) {
  const total = sums.reduce((all, x) => all + x, 0), running = [0];
  for (const x of sums) running.push(running.at(-1) + (Number.isFinite(x) ? x : 0));
  const [low, high] = [Math.min(...running), Math.max(...running)], y = (x) => 44 - (38 * (x - low)) / (high - low || 1);
  const points = running.map((x, k) => `${(600 * k) / (running.length - 1 || 1)},${y(x)}`).join(" "), empty = predictedBy([]), whole = chance(model.run(model.forward, model.given(state.example)));
  return make("div", {}, make("p", {}, "without a word ", make("output", {}, saidOf(empty)), ", with all of them ", make("output", { id: "text-prediction" }, saidOf(whole)), make("small", {}, ` (the words here add ${shown(Number(total.toPrecision(3)))} to the score)`)),
    make("svg", { viewBox: "0 0 600 50", role: "img", "aria-label": `the score as the text is read, from ${shown(running[0])} to ${shown(Number(total.toPrecision(3)))}` }, make("polyline", { class: "loss", points })));
}

// The n-grams that add or take most.
function strongest() {
  const { words, uses, parts } = work, share = shares(uses);
  const long = uses.map((use, u) => ({ ...use, part: parts[u] * share[u] })).filter(({ n, part }) => n > 1 && part).sort((a, b) => Math.abs(b.part) - Math.abs(a.part)).slice(0, MOST_NGRAMS);
  if (!long.length) return [];
  return [make("p", {}, "runs of words: ", ...long.flatMap(({ at, n, part }, k) => [k ? ", " : "", make("span", { class: "ngram", tabindex: 0, "data-of": Array.from({ length: n }, (_, j) => `word${at + j}`).join(" ") }, words.slice(at, at + n).join(told.recipe.joint)), ` ${part < 0 ? "−" : "+"}${shown(Number(Math.abs(part).toPrecision(2)))}`]))];
}

// One word: its row, what is like it, and the text without it.
function closely(sums) {
  const k = state.word, word = work.words[k];
  if (k === null || word === undefined) return [];
  const use = work.uses.find(({ at, n }) => at === k && n === 1), i = readers[0], table = model.tables[i.table], row = use?.row;
  const less = work.words.filter((_, j) => j !== k), { ids } = vocabulary(told.column);
  const near = row === undefined || table.width < 2 || row === told.rare ? [] : nearest(table, row, NEIGHBOURS).filter(([other]) => ids[other] !== null);
  return [make("div", { class: "argument", id: "word" }, make("h3", {}, word, make("small", {}, row === undefined ? " has no row by itself" : row === told.rare ? ` → row ${row.toLocaleString("en")}, that of every rare word` : ` → row ${row.toLocaleString("en")}, ${count(told.counts[row] ?? 0, "time")} in the texts`)),
    row === undefined ? null : table.width === 1 ? make("p", {}, `its number: ${shown(table.row(row)[0])}`) : strip(table.row(row), { label: word }),
    make("p", {}, `it adds ${shown(Number(sums[k].toPrecision(3)))} to the score; without it: `, make("output", { id: "without" }, work.isText ? saidOf(predictedBy(less)) : "–")),
    near.length ? make("p", {}, "its neighbours: ", near.map(([other, cosine]) => `${ids[other]} ${cosine.toFixed(2)}`).join(", ")) : null)];
}

// Two sizes that sound alike: how many words have a row of their own, and how many of a text are read.
function rulers() {
  const rows = told.own + 2, { coverage, lengths, length, distinct } = told;
  if (!distinct || !lengths.length) return [];
  const longest = lengths.at(-1)[0], share = (points, x) => (points.find(([at]) => at >= x) ?? points.at(-1))[1];
  return [make("h3", {}, "two sizes"), ruler("vocabulary: rows of the table", coverage, rows, distinct + 2, told.recipe.orders.at(-1) > 1 ? "of running words (n-grams apart)" : "of running words have a row", share),
    ruler("length: rows that a text reads", lengths, length ?? longest, longest, length === null ? "of texts whole: a bag reads all" : "of texts are read whole", share)];
}

function ruler(title, points, now, most, says, share) {
  const x = (at) => (600 * Math.min(at, most)) / most, line = points.map(([at, part]) => `${x(at)},${44 - 38 * part}`).join(" ");
  return make("div", { class: "ruler" }, make("p", {}, `${title}: ${now.toLocaleString("en")}, ${(100 * share(points, now)).toFixed(0)}% ${says}`),
    make("svg", { viewBox: "0 0 600 50", role: "img", "aria-label": `${title}, up to ${most.toLocaleString("en")}` }, make("polyline", { class: "loss", points: line }), make("line", { class: "now", x1: x(now), x2: x(now), y1: 2, y2: 48 })));
}
