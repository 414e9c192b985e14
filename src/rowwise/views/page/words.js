// A text on its way to rows, as `rowwise.data` takes it: tokens, n-grams, rows, as many as the model reads.

import { exampleOf, examples, model, page, vocabulary } from "./examples.js";
import { mix64 } from "./kernel.js";

const LETTER = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]"; // what \w means in Rust's regex
const WORD = `${LETTER}+(?:['’]${LETTER}+)*`;
const PATTERNS = {
  words: new RegExp(WORD, "gu"),
  "words and marks": new RegExp(`${WORD}|(?!${LETTER})\\P{White_Space}`, "gu"),
  characters: /./gsu,
};
const MARKUP = /<\/?(?:br|p|hr|i|b|u|em|strong|div|span|li|ul|ol|a)(?:\s[^<>]*)?\/?>/giu;
const ENTITY = /&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+\d*);/gu;

export const told = page.texts[0] ?? null; // the column of texts that is shown
const rowOf = new Map(
  told
    ? vocabulary(told.column)
        .ids.map((id, row) => [id, row])
        .filter(([id, row]) => id !== null && row >= 1 && row <= told.own)
    : [],
);

export const canCut = Boolean(told?.recipe.cut_by);

export function tokens(text) {
  const { recipe } = told;
  const plain = recipe.markup ? text.replace(MARKUP, " ").replace(ENTITY, unescaped) : text,
    normal = plain.normalize("NFC");
  return (recipe.lower ? normal.toLowerCase() : normal).match(PATTERNS[recipe.cut_by]) ?? [];
}

// An entity as the character it stands for; the parser makes a document of it that nobody sees.
const unescaped = (entity) => new DOMParser().parseFromString(entity, "text/html").documentElement.textContent;

// Every word and n-gram of a text that has a row, in reading order: { row, at, n }, `at` the place of its first word.
export function found(words) {
  const { recipe, own, rare } = told,
    [shortest] = recipe.orders,
    rows = [];
  const rowsOfWords = words.map((word) => rowOf.get(word) ?? rare);
  for (let at = 0; at < words.length; at++)
    for (const n of recipe.orders) {
      if (at + n > words.length) continue;
      const row =
        n > 1 && recipe.buckets
          ? own + 1 + Number(mix64(rowsOfWords.slice(at, at + n)) % BigInt(recipe.buckets))
          : rowOf.get(words.slice(at, at + n).join(recipe.joint));
      if (row !== undefined) rows.push({ row, at, n });
      else if (n === 1 && shortest === 1) rows.push({ row: rare, at, n });
    }
  return rows;
}

// What the model reads of them: [row, …], padded and cut where it has a length; each row once where only that counts.
export function read(words) {
  const rows = found(words).map(({ row }) => row),
    { recipe, length } = told;
  const counted = recipe.distinct ? [...new Set(rows)].sort((a, b) => a - b) : rows;
  if (length === null) return counted;
  const kept = recipe.cut === "front" ? counted.slice(Math.max(0, counted.length - length)) : counted.slice(0, length),
    padding = Array(length - kept.length).fill(0);
  return recipe.pad === "front" ? [...padding, ...kept] : [...kept, ...padding];
}

// How many words in front and behind the model does not read.
export function cut(words) {
  const n = told.length === null ? 0 : Math.max(0, words.length - told.length);
  return told.recipe.cut === "front" ? [n, 0] : [0, n];
}

// The example at a place with another text.
export const withWords = (at, words) => {
  const example = exampleOf(at);
  return { ...example, rows: { ...example.rows, [told.column]: read(words) } };
};

// The words of an example: of its text where the page holds it, else its rows' names in their order.
export function wordsOf(at, text) {
  const held = text ?? (canCut ? told.texts?.[at + told.texts.length - examples.n] : null);
  if (held !== null && held !== undefined && canCut) return { words: tokens(held), isText: true };
  const { ids } = vocabulary(told.column),
    rows = [exampleOf(at).rows[told.column]].flat().filter((row) => row > 0);
  return { words: rows.map((row) => ids[row] ?? "?"), isText: false };
}

// The arguments that read the column, which all look up the same rows.
export const readers = told ? model.inputs.filter((i) => i.column === told.column && model.isLookup(i)) : [];
