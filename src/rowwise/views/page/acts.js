// What was done to the model, in order. The address holds it, so a link shows the same numbers, and undoing the last
// act is doing all the others again. A kind of act is a row of ACTS: what it does, and how a person reads it.

import { ITEM, USER, called, exampleOf, isPairs, model, page, pair, typed } from "./examples.js";
import { fold } from "./fold.js";
import { count, shown } from "./make.js";
import { told } from "./words.js";

const [MOST_STEPS, MOST_ACTS] = [10_000, 500]; // that an address may ask for

const ACTS = {
  set: {
    does: ([table, row, k, to]) => model.put(table, row, k, to),
    says: ([table, row, k, to]) => `${table}, row ${row}, number ${k + 1} is ${shown(to)}`,
    isSame: (a, b) => a.slice(0, 3).join() === b.slice(0, 3).join(),
  },
  learn: {
    does: ([times, rate, which, target]) => model.learn(exampleNamed(which, target), rate, times),
    says: ([times, rate]) => `${count(times, "step")} of ${page.optimizer} at rate ${shown(rate)}`,
  },
  rate: {
    does: ([user, item, rating]) => (typed.set(`${user} ${item}`, rating), fold(user)),
    says: ([user, item, rating]) =>
      `${called(USER, user)} gives ${called(ITEM, item)} ${shown(rating)}, and the rows of ${called(USER, user)} are solved for anew`,
    isSame: (a, b) => a.slice(0, 2).join() === b.slice(0, 2).join(),
  },
};

export const acts = []; // each [kind, …]

export const saysOf = ([kind, ...done]) => ACTS[kind].says(done);

const does = ([kind, ...done]) => ACTS[kind].does(done);

// An example as an act names it: its rows as "15.3798", or its number in the data.
export const nameOf = ({ example, at, text }) => {
  if (isPairs) return `${example.rows[USER]}.${example.rows[ITEM]}`;
  return text === null ? at : `~${[example.rows[told.column]].flat().join(".")}`; // a text by its rows
};

const rowsNamed = (which) =>
  told && String(which).startsWith("~") ? String(which).slice(1).split(".").filter(Boolean).map(Number) : null;

function exampleNamed(which, target) {
  if (rowsNamed(which))
    return { ...exampleOf(0), rows: { ...exampleOf(0).rows, [told.column]: rowsNamed(which) }, target };
  if (!isPairs) return { ...exampleOf(Number(which)), target };
  const [user, item] = String(which).split(".").map(Number);
  return pair(user, item, target);
}

export function act(...done) {
  const last = acts.at(-1),
    [kind, ...more] = done;
  if (last?.[0] === kind && ACTS[kind].isSame?.(last.slice(1), more)) acts.pop();
  acts.push(done);
  does(done);
}

export function undo() {
  const kept = acts.slice(0, -1);
  reset();
  redo(kept);
}

export function reset() {
  acts.length = 0;
  typed.clear();
  model.reset();
}

// The same acts on other rows.
export function again(all) {
  reset();
  redo(all);
}

function redo(all) {
  for (const done of all) (acts.push(done), does(done));
}

// As the address has it: parts with ":", acts with ";".

export const written = () => acts.map((done) => done.map(encodeURIComponent).join(":")).join(";");

export function read(text) {
  if (text === written()) return;
  reset();
  redo(affordable(text.split(";", MOST_ACTS).map(parsed).filter(isPossible)));
}

// Of a link that asks for more steps than a browser takes at once, those that it does.
function affordable(all) {
  let steps = 0;
  return all.filter(([kind, times]) => kind !== "learn" || (steps += times) <= MOST_STEPS);
}

function decodedOrNone(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return ""; // no text at all, of an address that was cut or made up
  }
}

const parsed = (text) =>
  text.split(":").map((part) => {
    const word = decodedOrNone(part);
    return word.trim() !== "" && Number.isFinite(Number(word)) ? Number(word) : word;
  });

// An address may be written by anyone: what names no row of the model is left out.
function isPossible([kind, ...done]) {
  const isRow = (table, row) => Number.isInteger(row) && row >= 0 && row < table?.rows;
  const tableOf = (column) => model.tables[model.inputs.find((i) => i.column === column && model.isLookup(i))?.table];
  if (kind === "set")
    return (
      isRow(model.tables[done[0]], done[1]) && done[2] in model.tables[done[0]].row(done[1]) && Number.isFinite(done[3])
    );
  if (kind === "rate")
    return isPairs && isRow(tableOf(USER), done[0]) && isRow(tableOf(ITEM), done[1]) && Number.isFinite(done[2]);
  if (kind !== "learn" || !(done[0] > 0 && done[0] <= MOST_STEPS) || !(done[1] > 0)) return false;
  const [user, item] = String(done[2]).split(".").map(Number),
    named = rowsNamed(done[2]);
  if (isPairs) return isRow(tableOf(USER), user) && isRow(tableOf(ITEM), item);
  if (named)
    return (
      (told.length === null || named.length === told.length) && named.every((row) => isRow(tableOf(told.column), row))
    );
  return Number.isInteger(done[2]) && done[2] >= 0 && done[2] < (page.examples?.n ?? 0);
}
