// A text, word by word: what each adds, in reading order; what is unknown, cut off and padded; and one word closely.

import { examples, model, page, vocabulary } from "./examples.js";
import { count, fill, make, place, shown } from "./make.js";
import { nearest } from "./near.js";
import { partsOf, rowsOf, scored, shares, usesOf } from "./parts.js";
import { number } from "./program.js";
import { rulers } from "./rulers.js";
import { draw, showText, state } from "./state.js";
import { strip } from "./weights.js";
import { canCut, cut, readers, told, withWords, wordsOf } from "./words.js";

const AT_ONCE = 30; // milliseconds after which the page may breathe
const [MOST_WORDS, MOST_NGRAMS, MOST_TILES, NEIGHBOURS] = [1500, 8, 24, 6];
let work = null; // { key, words, uses, parts, done }

export function drawTexts() {
  if (!told || !scored) return place("texts-part").setAttribute("hidden", "");
  const { words, isText } = wordsOf(state.at ?? 0, state.text),
    { example } = state;
  const key = `${words.join(" ")}\n${model.version} ${[...model.touched].join()}`;
  if (work?.key !== key) begin(key, words.slice(0, MOST_WORDS), example, isText);
  show(words.length);
}

function begin(key, words, example, isText) {
  const uses = isText ? usesOf(words, example) : rowsOf(example).slice(0, words.length);
  const mine = (work = { key, words, uses, isText, parts: new Float64Array(uses.length), n: 0 }),
    parts = partsOf(example, words, uses);
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
  const { words, uses, parts } = work,
    share = shares(uses),
    sums = new Float64Array(words.length);
  uses.forEach(({ at, n }, u) => {
    for (let k = at; k < at + n; k++) sums[k] += (parts[u] * share[u]) / n;
  });
  return sums;
}

// All that the words add, where all of it is worked out.
export const partsSum = () => (work && work.n >= work.uses.length ? ofWords().reduce((sum, x) => sum + x, 0) : NaN);

function show(n) {
  const { words, isText } = work,
    sums = ofWords(),
    [front, back] = isText ? cut(words) : [0, 0];
  fill(
    "texts",
    box(),
    make(
      "p",
      { id: "words", role: "group", "aria-label": "the words, in reading order" },
      ...padding(words, "front"),
      ...words.flatMap((word, k) => [wordButton(word, k, sums, k < front || k >= words.length - back), " "]),
      ...padding(words, "back"),
    ),
    n > words.length ? make("p", { class: "soft" }, `and ${count(n - words.length, "word")} more`) : null,
    make(
      "p",
      { class: "soft" },
      isText
        ? "Red words add, blue words take away; grey ones have no row of their own, those struck through are not read."
        : "The page does not hold this text: its words stand in the order of their rows.",
      work.n < work.uses.length ? ` ${Math.round((100 * work.n) / work.uses.length)}% worked out.` : "",
    ),
    course(sums),
    ...strongest(),
    ...closely(sums),
    ...rulers(),
  );
}

function box() {
  const text = state.text ?? (canCut ? told.texts?.[state.at + told.texts.length - examples.n] : null) ?? "";
  return canCut
    ? make(
        "label",
        { class: "text-box" },
        make("small", {}, "a text of your own"),
        make(
          "textarea",
          { id: "text", "data-hold": "text", rows: 3, onchange: ({ target }) => showText(target.value) },
          text,
        ),
      )
    : make(
        "p",
        { class: "soft" },
        "The texts of this model are cut by a function or a pattern of its own, which the page does not have.",
      );
}

const isUnknown = (k) => work.uses.some(({ at, n, row }) => at === k && n === 1 && row === told.rare);

function wordButton(word, k, sums, isCut) {
  const most = Math.max(1e-12, ...[...sums].map(Math.abs)),
    x = sums[k],
    kind = `word${isUnknown(k) ? " rare" : ""}${isCut ? " cut" : ""}${x < 0 ? " takes" : ""}${state.word === k ? " open" : ""}`;
  const element = make(
    "button",
    {
      class: kind,
      "data-hold": `word ${k}`,
      "data-of": `word${k}`,
      title: `${x < 0 ? "−" : "+"}${shown(Math.abs(Number(x.toPrecision(3))))}`,
      "aria-pressed": String(state.word === k),
      onclick: () => ((state.word = state.word === k ? null : k), draw()),
    },
    word,
  );
  element.style.background = `color-mix(in srgb, var(${x > 0 ? "--hot" : "--cold"}) ${(45 * Math.min(1, Math.abs(x) / most)).toFixed(0)}%, transparent)`;
  return element;
}

function padding(words, side) {
  const n = told.length === null || told.recipe.pad !== side ? 0 : Math.max(0, told.length - words.length);
  if (!n) return [];
  return [
    ...Array.from({ length: Math.min(n, MOST_TILES) }, () => make("span", { class: "tile", "aria-hidden": "true" })),
    make("small", {}, ` ${count(n, "empty place")} `),
  ];
}

const chance = (values) => number(values, page.program.prediction).data;
const saidOf = (data) =>
  data.length === 1
    ? shown(data[0])
    : `${page.classes[data.indexOf(Math.max(...data))] ?? ""} ${shown(Math.max(...data))}`;
const predictedBy = (words) => chance(model.run(model.forward, model.given(withWords(state.at ?? 0, words))));

// From a text without words to the whole of it.
function course(sums) {
  const total = sums.reduce((all, x) => all + x, 0),
    running = [0];
  for (const x of sums) running.push(running.at(-1) + (Number.isFinite(x) ? x : 0));
  const [low, high] = [Math.min(...running), Math.max(...running)],
    y = (x) => 44 - (38 * (x - low)) / (high - low || 1);
  const points = running.map((x, k) => `${(600 * k) / (running.length - 1 || 1)},${y(x)}`).join(" "),
    empty = predictedBy([]),
    whole = chance(model.run(model.forward, model.given(state.example)));
  return make(
    "div",
    {},
    make(
      "p",
      {},
      "without a word ",
      make("output", {}, saidOf(empty)),
      ", with all of them ",
      make("output", { id: "text-prediction" }, saidOf(whole)),
      make("small", {}, ` (the words here add ${shown(Number(total.toPrecision(3)))} to the score)`),
    ),
    make(
      "svg",
      {
        viewBox: "0 0 600 50",
        role: "img",
        "aria-label": `the score as the text is read, from ${shown(running[0])} to ${shown(Number(total.toPrecision(3)))}`,
      },
      make("polyline", { class: "loss", points }),
    ),
  );
}

// The n-grams that add or take most.
function strongest() {
  const { words, uses, parts } = work,
    share = shares(uses);
  const long = uses
    .map((use, u) => ({ ...use, part: parts[u] * share[u] }))
    .filter(({ n, part }) => n > 1 && part)
    .sort((a, b) => Math.abs(b.part) - Math.abs(a.part))
    .slice(0, MOST_NGRAMS);
  if (!long.length) return [];
  return [
    make(
      "p",
      {},
      "runs of words: ",
      ...long.flatMap(({ at, n, part }, k) => [
        k ? ", " : "",
        make(
          "span",
          { class: "ngram", tabindex: 0, "data-of": Array.from({ length: n }, (_, j) => `word${at + j}`).join(" ") },
          words.slice(at, at + n).join(told.recipe.joint),
        ),
        ` ${part < 0 ? "−" : "+"}${shown(Number(Math.abs(part).toPrecision(2)))}`,
      ]),
    ),
  ];
}

// One word: its row, what is like it, and the text without it.
function closely(sums) {
  const k = state.word,
    word = work.words[k];
  if (k === null || word === undefined) return [];
  const use = work.uses.find(({ at, n }) => at === k && n === 1),
    i = readers[0],
    table = model.tables[i.table],
    row = use?.row;
  const less = work.words.filter((_, j) => j !== k),
    { ids } = vocabulary(told.column);
  const near =
    row === undefined || table.width < 2 || row === told.rare
      ? []
      : nearest(table, row, NEIGHBOURS).filter(([other]) => ids[other] !== null);
  return [
    make(
      "div",
      { class: "argument", id: "word" },
      make(
        "h3",
        {},
        word,
        make(
          "small",
          {},
          row === undefined
            ? " has no row by itself"
            : row === told.rare
              ? ` → row ${row.toLocaleString("en")}, that of every rare word`
              : ` → row ${row.toLocaleString("en")}, ${count(told.counts[row] ?? 0, "time")} in the texts`,
        ),
      ),
      row === undefined
        ? null
        : table.width === 1
          ? make("p", {}, `its number: ${shown(table.row(row)[0])}`)
          : strip(table.row(row), { label: word }),
      make(
        "p",
        {},
        `it adds ${shown(Number(sums[k].toPrecision(3)))} to the score; without it: `,
        make("output", { id: "without" }, work.isText ? saidOf(predictedBy(less)) : "–"),
      ),
      near.length
        ? make(
            "p",
            {},
            "its neighbours: ",
            near.map(([other, cosine]) => `${ids[other]} ${cosine.toFixed(2)}`).join(", "),
          )
        : null,
    ),
  ];
}
