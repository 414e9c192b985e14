// What is shown, the address that says all of it, and the views that are drawn from it.

import { acts, read, written } from "./acts.js";
import { ITEM, USER, exampleOf, examples, isPairs, model, page, pair, vocabulary } from "./examples.js";
import { canCut, tokens, withWords } from "./words.js";

export const state = { example: null, at: null, nudged: null, cell: null, rate: page.rates[0] };
export const views = []; // each is called with the values of the example, and whether there is something to learn

// What else the address holds, and how its text is read.
const whole = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null);
const KEPT = {
  line: whole,
  rate: (text) => (Number(text) > 0 && Number.isFinite(Number(text)) ? Number(text) : null),
  axes: (text) => text,
  colour: (text) => text,
  of: (text) => text,
  other: whole,
  epoch: whole,
  pace: (text) => (Number(text) > 0 && Number(text) <= 1000 ? Number(text) : null),
  tour: whole,
  text: (text) => text,
  word: whole,
};
for (const name of Object.keys(KEPT)) state[name] ??= null;

export function show(example, more = {}) {
  Object.assign(state, { example, nudged: null }, more);
  draw();
}

export function showPair(user, item, more = {}) {
  show(pair(user, item), more);
}

const OFTEN = 200; // milliseconds between addresses: a browser takes no more than so many
let [saidAt, timer, said] = [-Infinity, 0, null];

// A link that was followed in the meantime is not overwritten: its example is shown first.
function address() {
  clearTimeout(timer);
  const wait = saidAt + OFTEN - performance.now();
  if (wait > 0) return (timer = setTimeout(() => location.hash === said && address(), wait));
  saidAt = performance.now();
  said = addressWith({});
  if (location.hash !== said) history.replaceState(null, "", said);
  said = location.hash;
}

// The address of what is shown, with some of it set otherwise.
export function addressWith(more) {
  const told = new URLSearchParams(),
    now = { ...state, ...more };
  if (isPairs) {
    told.set("user", vocabulary(USER).ids[state.example.rows[USER]] ?? "");
    told.set("item", vocabulary(ITEM).ids[state.example.rows[ITEM]] ?? "");
  } else if (state.at !== null) told.set("example", state.at);
  for (const name of Object.keys(KEPT))
    if (now[name] !== null && !(name === "rate" && now.rate === page.rates[0])) told.set(name, now[name]);
  if (isAsked()) told.set("target", state.example.target);
  if (acts.length) told.set("do", written());
  return `#${told}`;
}

// Whether the target is not what the data say.
function isAsked() {
  const { rows, target } = state.example;
  return (
    typeof target === "number" &&
    target !== (isPairs ? pair(rows[USER], rows[ITEM]).target : exampleAt(state.at).target)
  );
}

export function fromAddress() {
  const told = new URLSearchParams(location.hash.slice(1)),
    row = (column, word) => vocabulary(column).ids.indexOf(told.get(word));
  for (const [name, reads] of Object.entries(KEPT)) state[name] = told.has(name) ? reads(told.get(name)) : null;
  state.rate ??= page.rates[0];
  read(told.get("do") ?? "");
  const asked =
    told.has("target") && Number.isFinite(Number(told.get("target"))) ? { target: Number(told.get("target")) } : {};
  if (isPairs) {
    const first = examples?.n
      ? [examples.rows[USER].rows.data[0], examples.rows[ITEM].rows.data[0]]
      : [firstOf(USER), firstOf(ITEM)];
    const [user, item] = [row(USER, "user"), row(ITEM, "item")];
    return show({ ...pair(user > 0 ? user : first[0], item > 0 ? item : first[1]), ...asked });
  }
  const at = Math.min(Math.max(Number(told.get("example")) || 0, 0), (examples?.n ?? 1) - 1);
  if (examples?.n) show({ ...exampleAt(at), ...asked }, { at });
}

// An example of the data, or with the text that is asked for in place of its own.
const exampleAt = (at) =>
  state.text === null || !canCut ? exampleOf(at) : { ...withWords(at, tokens(state.text)), target: null };

// A text of one's own; an empty one is the example's.
export function showText(text) {
  Object.assign(state, { text: text.trim() === "" ? null : text, word: null });
  show(exampleAt(state.at));
}

const firstOf = (column) => Math.min(vocabulary(column).first, vocabulary(column).ids.length - 1);

// The same example of what has become of the model.
export function refresh() {
  const { rows, target } = state.example;
  if (isPairs) state.example = pair(rows[USER], rows[ITEM], target);
  state.nudged = null;
  draw();
}

export function draw() {
  const values = model.walk(state.example),
    learns = state.example.target !== null || !page.target;
  address();
  keepingFocus(() => views.forEach((view) => view(values, learns)));
}

// A drawing that makes things anew leaves the keyboard where it was.
function keepingFocus(drawing) {
  const held = document.activeElement,
    hold = held?.dataset?.hold;
  drawing();
  if (hold && !held.isConnected)
    document.querySelector(`[data-hold="${CSS.escape(hold)}"]`)?.focus({ preventScroll: true });
}

// What may wait until the example itself is drawn: the newest wish counts.
let waiting = 0;
export function later(...drawings) {
  const mine = ++waiting;
  drawings.forEach((drawing, k) => setTimeout(() => mine === waiting && keepingFocus(drawing), 20 * (k + 1)));
}
