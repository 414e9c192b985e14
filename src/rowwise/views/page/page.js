// The page of a model: one example, one state, linked views. Text of the user's is set as text, never as markup.

import { Model, decoded } from "./model.js";
import { number } from "./program.js";

const page = JSON.parse(document.getElementById("model").textContent);
const model = new Model(page);
const examples = page.examples && readExamples(page.examples);
const state = { example: null, at: null, line: null, rate: page.rates[0], steps: 0, nudged: null };
const NUDGE = 0.01;

// Making things: whatever is shown or said goes through `make`, and no text of it acts.

const ACTS = /[\x00-\x1f\x7f-\x9f\xad\u180e\u200b\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff\u{e0000}-\u{e007f}]/gu;

// A text on one line, as `rowwise.inert` writes it: what moves a cursor or turns the line round is seen, not done.
function plain(text) {
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return String(text).replace(ACTS, (letter) => {
    const code = letter.codePointAt(0), [mark, width] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return short[letter] ?? `\\${mark}${code.toString(16).padStart(width, "0")}`;
  });
}

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "rect", "circle", "line", "polyline", "text", "title", "g"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, plain(value));
  element.append(...children.filter((child) => child !== null).map((child) => (typeof child === "string" ? plain(child) : child)));
  return element;
}

const place = (id) => document.getElementById(id);
const fill = (id, ...children) => place(id).replaceChildren(...make("p", {}, ...children).childNodes);

// A number as people write it: four digits, no sign of the machine.
export function shown(x) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? x.toExponential(3) : String(Number(x.toPrecision(4)));
  return text.replace("-", "−");
}

const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

// Who and what

const vocabulary = (column) => page.vocabularies[page.columns[column]];

function called(column, row) {
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
function exampleOf(k) {
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

function targetOf(k) {
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
const ofUser = new Map();
if (examples && page.keys.length > 1)
  examples.rows[page.keys[0]].rows.data.forEach((row, k) => ofUser.set(row, [...(ofUser.get(row) ?? []), k]));

const [USER, ITEM] = page.keys;
const isPairs = page.keys.length === 2 && page.program.inputs.every((i) => !["rows", "bag", "value", "mask", "sampled"].includes(i.kind) || i.value.name === "sample weight");

function pair(user, item) {
  const at = (ofUser.get(user) ?? []).find((k) => examples.rows[ITEM].rows.data[k] === item);
  return { rows: { [USER]: user, [ITEM]: item }, weights: {}, values: {}, target: at === undefined ? null : targetOf(at) };
}

// The state, and its address

function show(example, more = {}) {
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

function fromAddress() {
  const told = new URLSearchParams(location.hash.slice(1)), row = (column) => vocabulary(column).ids.indexOf(told.get(column));
  state.line = Number(told.get("line")) || null;
  if (isPairs) {
    const first = examples ? [examples.rows[USER].rows.data[0], examples.rows[ITEM].rows.data[0]] : [1, 1];
    return show(pair(row(USER) > 0 ? row(USER) : first[0], row(ITEM) > 0 ? row(ITEM) : first[1]), { line: state.line });
  }
  const at = Math.min(Math.max(Number(told.get("example")) || 0, 0), (examples?.n ?? 1) - 1);
  if (examples) show(exampleOf(at), { at, line: state.line });
}

function draw() {
  const values = model.walk(state.example), learns = state.example.target !== null || !page.target;
  address();
  drawSentence(values);
  drawArguments(values);
  drawCode(values, learns);
  drawUpdate(values, learns);
  if (isPairs) later(drawList, drawGrid, drawMap);
  drawCurve();
}

// What may wait until the example itself is drawn: the newest wish counts.
let waiting = 0;
function later(...drawings) {
  const mine = ++waiting;
  drawings.forEach((drawing, k) => setTimeout(() => mine === waiting && drawing(), 20 * (k + 1)));
}

// The sentence

const of = (values, operand) => ("name" in operand ? values[operand.name].data[0] : Number(operand.value));

function termValue(values, term) {
  const up = term.times.reduce((product, factor) => product * of(values, factor), term.sign * of(values, term.value));
  return term.by.reduce((left, factor) => left / of(values, factor), up);
}

function drawSentence(values) {
  const found = page.program.prediction && number(values, page.program.prediction).data;
  const parts = [];
  if (isPairs) parts.push(chooser(USER), make("span", {}, " and "), chooser(ITEM), make("span", {}, ": "));
  else if (examples) parts.push(...exampleChooser(), make("span", {}, ": "));
  if (found?.length === 1) {
    const terms = page.terms.map((term) => ({ ...term, number: termValue(values, term) }));
    if (terms.length > 1)
      terms.forEach(({ number: x, formula, value }, k) => {
        parts.push(make("span", { class: "sign" }, k ? (x < 0 ? " − " : " + ") : x < 0 ? "−" : ""));
        parts.push(make("b", { class: "term", title: formula, "data-value": value.name ?? "" }, shown(Math.abs(x)), make("small", {}, formula)));
      });
    const sum = terms.reduce((total, term) => total + term.number, 0);
    const isClipped = terms.length > 1 && Math.abs(sum - found[0]) > 1e-9 * (1 + Math.abs(sum));
    parts.push(make("span", {}, terms.length > 1 ? ` = ${isClipped ? `${shown(sum)}, kept inside the range: ` : ""}` : ""));
    parts.push(make("output", { class: "prediction", id: "prediction" }, shown(found[0])));
  } else if (found) parts.push(make("output", { class: "prediction", id: "prediction" }, ...bars(found)));
  if (state.example.target !== null && page.target) parts.push(make("span", {}, `; ${page.target} `), targetBox());
  else if (page.target) parts.push(make("span", {}, `; ${page.target} unknown: `), targetBox());
  fill("sentence", ...parts);
  const changed = model.changed();
  fill("changed", changed.length ? make("span", {}, `What if: ${count(changed.length, "row")} hold other numbers than the model. `) : null,
    changed.length ? make("button", { onclick: () => (model.reset(), draw()) }, "reset") : null);
}

function bars(numbers) {
  const exp = [...numbers].map((x) => Math.exp(x - Math.max(...numbers))), sum = exp.reduce((a, b) => a + b, 0);
  return [...numbers].map((x, k) => make("span", { class: "class" }, `${page.classes[k] ?? k}: ${shown(x)} (${(100 * exp[k] / sum).toFixed(0)}%) `));
}

function targetBox() {
  return make("input", {
    type: "number", step: "any", id: "target", "aria-label": page.target ?? "target", value: state.example.target ?? "",
    onchange: (event) => show({ ...state.example, target: event.target.value === "" ? null : Number(event.target.value) }, { line: state.line }),
  });
}

// A box that finds an id or a title by its beginning or by a part of it.
function chooser(column) {
  const row = state.example.rows[column], { ids, titles } = vocabulary(column), list = `${column === USER ? "user" : "item"}-list`;
  const options = make("datalist", { id: list });
  const text = titles?.[row] ? `${ids[row]} · ${titles[row]}` : `${ids[row] ?? "unknown"}`;
  const pick = (event) => {
    const wanted = event.target.value.split(" · ")[0].trim(), found = ids.indexOf(wanted);
    if (found > 0) show(pair(column === USER ? found : state.example.rows[USER], column === ITEM ? found : state.example.rows[ITEM]), { line: state.line });
  };
  const suggest = (event) => {
    const asked = event.target.value.toLowerCase(), found = [];
    for (let k = 1; k < ids.length && found.length < 12; k++)
      if (ids[k]?.toLowerCase().startsWith(asked) || titles?.[k]?.toLowerCase().includes(asked)) found.push(k);
    options.replaceChildren(...found.map((k) => make("option", { value: titles?.[k] ? `${ids[k]} · ${titles[k]}` : ids[k] })));
  };
  return make("label", { class: "chooser" }, make("small", {}, column),
    make("input", { value: text, list, id: column === USER ? "user" : "item", onchange: pick, oninput: suggest, onfocus: (event) => event.target.select() }), options);
}

function exampleChooser() {
  const go = (at) => show(exampleOf(at), { at, line: state.line });
  return [make("label", { class: "chooser" }, make("small", {}, `example of ${examples.n.toLocaleString("en")}`),
    make("input", { type: "number", id: "example", min: 0, max: examples.n - 1, value: state.at, onchange: (event) => go(Math.min(Math.max(Number(event.target.value) || 0, 0), examples.n - 1)) }))];
}

// Numbers that can be moved

// A row as cells: red above 0, blue below. The arrow keys choose a cell and change its number; so does dragging one.
function strip(numbers, { edit = null, label = "", scale = null } = {}) {
  const full = scale ?? Math.max(1e-12, ...[...numbers].map(Math.abs).filter(Number.isFinite)), n = numbers.length;
  const svg = make("svg", { class: `strip${edit ? " live" : ""}`, viewBox: `0 0 ${n} 1`, preserveAspectRatio: "none", role: edit ? "slider" : "img", "aria-label": `${label}: ${count(n, "number")}`, tabindex: edit ? 0 : null });
  numbers.forEach((x, k) => svg.append(make("rect", { class: x > 0 ? "hot" : "cold", x: k, width: 1, height: 1, opacity: Math.min(1, Math.abs(x) / full).toFixed(3) }, make("title", {}, `${label}[${k}] = ${shown(x)}`))));
  if (edit) movable(svg, numbers, edit, label);
  return svg;
}

function movable(element, numbers, edit, label) {
  let cell = Math.min(edit.cell ?? 0, numbers.length - 1);
  const tell = () => {
    element.setAttribute("aria-valuenow", numbers[cell]);
    element.setAttribute("aria-valuetext", `${label}, number ${cell + 1} of ${numbers.length}: ${shown(numbers[cell])}`);
  };
  tell();
  element.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key], to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by && !to) return;
    event.preventDefault();
    if (to) cell = Math.min(Math.max(cell + to, 0), numbers.length - 1);
    else moveNumber(edit, cell, numbers[cell] + by * (event.shiftKey ? 0.1 : NUDGE));
    tell();
  });
  element.addEventListener("pointerdown", (down) => {
    const box = element.getBoundingClientRect(), from = down.clientY;
    cell = Math.min(numbers.length - 1, Math.max(0, Math.floor(((down.clientX - box.left) / box.width) * numbers.length)));
    const start = numbers[cell], move = (event) => moveNumber(edit, cell, start + (from - event.clientY) / 100);
    addEventListener("pointermove", move);
    addEventListener("pointerup", () => removeEventListener("pointermove", move), { once: true });
    tell();
  });
}

// Give one number of a row another value; the loss that follows is compared with what its derivative foretold.
function moveNumber({ table, row, of: argument }, k, to) {
  const before = model.walk(state.example), loss = number(before, page.program.loss).data[0];
  const gradient = page.program.gradients[argument], numbers = gradient && number(before, gradient).data;
  const by = to - model.tables[table].row(row)[k];
  model.tables[table].row(row)[k] = to;
  const after = number(model.walk(state.example), page.program.loss).data[0];
  state.nudged = numbers && { name: `${argument}[${k}]`, by, foretold: by * (numbers[k] ?? numbers[0]), moved: after - loss };
  state.cell = { table, row, k };
  draw();
  document.querySelector(`[data-row="${CSS.escape(`${table} ${row}`)}"]`)?.focus({ preventScroll: true });
}

// The weights of this example

function drawArguments() {
  const cards = page.program.inputs.filter((i) => model.isLookup(i) || i.kind === "weight").map((i) => {
    const { table, rows } = model.read(i, state.example), width = model.tables[table].width;
    const lines = rows.slice(0, 12).map((row) => {
      const numbers = model.tables[table].row(row), edit = { table, row, of: i.value.name, cell: state.cell?.table === table && state.cell.row === row ? state.cell.k : 0 };
      const live = strip(numbers, { label: i.value.name, edit: i.kind === "rows" || i.kind === "bag" ? null : edit });
      live.setAttribute("data-row", `${table} ${row}`);
      return make("div", { class: "line" }, make("span", { class: "id" }, i.column ? `${called(i.column, row)} → row ${row.toLocaleString("en")}` : "all of it"),
        live, make("output", { class: width === 1 ? "short" : null }, width === 1 ? shown(numbers[0]) : `${count(width, "number")}, ${shown(Math.min(...numbers))} to ${shown(Math.max(...numbers))}`));
    });
    const more = rows.length > 12 ? make("p", { class: "soft" }, `and ${count(rows.length - 12, "row")} more`) : null;
    return make("div", { class: "argument" }, make("h3", {}, make("code", {}, i.value.name), make("small", {}, ` of table ${table}`)), ...lines, more);
  });
  fill("arguments", ...cards);
}

// The code, forward and back

function drawCode(values, learns) {
  const cost = learns ? page.lines : page.lines.filter((line) => line.gives.some((value) => model.forward.some((step) => step.output.name === value.value)));
  fill("lines", ...cost.map((line) => codeLine(line, values)));
  const loss = number(values, page.program.loss).data[0];
  fill("derivatives", ...(learns ? page.derivatives.map((told) => derivativeLine(told, values)) : [make("p", { class: "soft" }, `Without ${page.target} there is no loss, so nothing to learn.`)]));
  const { nudged } = state;
  fill("nudged", learns && nudged ? make("p", {}, `You moved ${nudged.name} by ${shown(nudged.by)}: its derivative foretold ${shown(nudged.foretold)} for the loss; it moved by ${shown(nudged.moved)}.`) : learns ? make("p", { class: "soft" }, `Loss ${shown(loss)}. Push a number of a row by an arrow key and see whether the loss moves as its derivative says.`) : null);
}

function codeLine(line, values) {
  const isOpen = state.line === line.number;
  const toggle = () => ((state.line = isOpen ? null : line.number), draw());
  const given = line.gives.map(({ value, name, formula }) => {
    const { data } = values[value];
    return make("p", { class: "gives" }, make("b", {}, name), ` = ${formula} `, data.length === 1 ? make("output", {}, `= ${shown(data[0])}`) : null, data.length > 1 ? strip(data, { label: name }) : null);
  });
  return make("li", { class: isOpen ? "open" : null },
    make("button", { class: "code", "aria-expanded": String(isOpen), onclick: toggle }, make("b", {}, String(line.number)), make("code", {}, line.code)),
    ...given, isOpen ? make("div", { class: "steps" }, ...line.steps.flatMap((step) => opened(step, values))) : null);
}

// One primitive; a product of two rows with its products and their running sum.
function opened(told, values) {
  const step = page.program.steps.find((each) => each.output.name === told.value), { data } = values[told.value];
  const found = [make("p", {}, make("code", {}, `${told.name} = ${told.formula}`), ` ${told.primitive} `, make("output", {}, data.length === 1 ? shown(data[0]) : ""))];
  const [x, y] = step.inputs.map((operand) => number(values, operand));
  if (told.primitive === "dot_general" && data.length === 1 && x.data.length > 1) {
    const products = x.data.map((number, k) => number * y.data[k]);
    let sum = 0;
    const running = products.map((product) => (sum += product));
    const named = (operand) => operand.name ?? "number";
    const rows = [[named(step.inputs[0]), x.data], [named(step.inputs[1]), y.data], ["products", products], ["running sum", running]];
    found.push(make("div", { class: "dot" }, ...rows.flatMap(([name, numbers]) => [make("span", {}, name), strip(numbers, { label: name })])));
  } else if (data.length > 1) found.push(strip(data, { label: told.name }));
  return found;
}

function derivativeLine({ name, line, value, formula }, values) {
  const { data } = number(values, value);
  return make("li", {}, make("span", { class: "soft" }, `line ${line} `), make("b", {}, `d loss / d ${name}`), ` = ${formula} `,
    data.length === 1 ? make("output", {}, `= ${shown(data[0])}`) : strip(data, { label: `d loss / d ${name}` }));
}

// The update

function drawUpdate(values, learns) {
  if (!learns) return fill("update");
  const step = (times) => () => (model.learn(state.example, state.rate, times), (state.steps += times), (state.nudged = null), draw());
  const moves = model.moves(state.example, state.rate, values).slice(0, 12);
  fill("update",
    make("p", {}, ...[1, 10, 100].map((times) => make("button", { id: `learn-${times}`, onclick: step(times) }, times === 1 ? "take the step" : `× ${times}`)),
      make("label", {}, " learning rate ", make("input", { type: "number", step: "any", min: 0, value: state.rate, id: "rate", onchange: (event) => ((state.rate = Number(event.target.value)), draw()) })),
      make("span", { class: "soft" }, state.steps ? ` ${count(state.steps, "step")} taken` : "")),
    make("p", { class: "soft" }, `${page.optimizer}: ${page.rules.map(([name, formula]) => `${name} = ${formula}`).join("; ")}`),
    ...moves.map(({ table, row, gradient, before, after, states }) => make("div", { class: "move" }, make("h3", {}, `${table}, row ${row}`),
      moveLine("before", before), moveLine("derivative", gradient), ...states.flatMap(({ name, before: old, after: fresh }) => [moveLine(`${name} before`, old), moveLine(`${name} after`, fresh)]), moveLine("after", after))));
}

const moveLine = (name, numbers) => make("div", { class: "line" }, make("span", {}, name), strip(numbers, { label: name }), make("output", {}, numbers.length === 1 ? shown(numbers[0]) : ""));

// The list

const seenBy = (user) => new Set((ofUser.get(user) ?? []).map((k) => examples.rows[ITEM].rows.data[k]).concat(seenInTraining(user)));
const seenHeld = page.seen && { starts: decoded(page.seen.starts).data, rows: decoded(page.seen.rows).data };
function seenInTraining(user) {
  return seenHeld && user + 1 < seenHeld.starts.length ? [...seenHeld.rows.slice(seenHeld.starts[user], seenHeld.starts[user + 1])] : [];
}

const order = page.order && model.needed([page.order], model.steps);

function scores(user, items) {
  const given = model.given({ rows: { [USER]: user, [ITEM]: 0 }, weights: {}, values: {}, target: null });
  const mine = model.inputs.filter((i) => i.column === ITEM && model.isLookup(i));
  return items.map((item) => {
    const values = { ...given }, example = { rows: { [USER]: user, [ITEM]: item }, weights: {} };
    mine.forEach((i) => (values[i.value.name] = model.received(i, example)));
    return number(model.run(order, values), page.order).data[0];
  });
}

let ranks = new Map();
function drawList() {
  const user = state.example.rows[USER], { first, ids } = vocabulary(ITEM), seen = seenBy(user);
  const items = Array.from({ length: ids.length - first }, (_, k) => k + first).filter((row) => !seen.has(row));
  const found = scores(user, items), best = items.map((item, k) => [item, found[k]]).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 10);
  const was = ranks.user === user ? ranks.of : new Map();
  fill("list", ...best.map(([item], k) => {
    const before = was.get(item), arrow = !was.size || before === k ? "" : before === undefined ? " new" : before > k ? ` ↑${before - k}` : ` ↓${k - before}`;
    const predicted = model.predict(pair(user, item))[0];
    return make("li", {}, make("button", { class: "link", onclick: () => show(pair(user, item), { line: state.line }) }, called(ITEM, item)), make("output", {}, shown(predicted)), make("small", {}, arrow));
  }));
  if (ranks.user !== user) ranks = { user, of: new Map(best.map(([item], k) => [item, k])) };
}

// The grid

function most(column, n) {
  if (!examples) return Array.from({ length: Math.min(n, vocabulary(column).ids.length - 1) }, (_, k) => k + 1);
  const counts = new Map();
  examples.rows[column].rows.data.forEach((row) => row && counts.set(row, (counts.get(row) ?? 0) + 1));
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, n).map(([row]) => row);
}

const crowd = isPairs && { users: most(USER, 10), items: most(ITEM, 8) };

function drawGrid() {
  const { rows } = state.example, users = [...new Set([rows[USER], ...crowd.users])].slice(0, 10), items = [...new Set([rows[ITEM], ...crowd.items])].slice(0, 8);
  const spread = Math.max(1e-9, page.means["target.spread"] ?? 1);
  const cell = (user, item) => {
    const example = pair(user, item), predicted = model.predict(example)[0], { target } = example;
    const error = target === null ? 0 : (predicted - target) / spread, here = user === rows[USER] && item === rows[ITEM];
    const found = make("td", { class: `${here ? "here " : ""}${error > 0 ? "over" : "under"}` },
      make("button", { class: "link", onclick: () => show(pair(user, item), { line: state.line }), "aria-label": `${called(USER, user)}, ${called(ITEM, item)}: predicted ${shown(predicted)}${target === null ? "" : `, given ${shown(target)}`}` }, predicted.toFixed(2)), make("sub", {}, target === null ? "" : shown(target)));
    found.style.setProperty("--error", Math.min(1, Math.abs(error) / 2).toFixed(2)); // an attribute would need leave
    return found;
  };
  fill("grid", make("table", {}, make("thead", {}, make("tr", {}, make("th", {}, `${USER} \\ ${ITEM}`), ...items.map((item) => make("th", { scope: "col", title: called(ITEM, item) }, called(ITEM, item))))),
    make("tbody", {}, ...users.map((user) => make("tr", {}, make("th", { scope: "row" }, called(USER, user)), ...items.map((item) => cell(user, item)))))));
}

// The map: the rows of the widest table of the item, on their two directions of greatest variance

const mapped = isPairs && model.inputs.filter((i) => i.column === ITEM && model.isLookup(i)).sort((a, b) => model.tables[b.table].width - model.tables[a.table].width)[0];
let axes = null;

// The two directions in which rows differ most, by turning a guess with their covariance again and again.
function directions(table) {
  const { width, rows } = table, mean = new Float64Array(width), covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (let k = 1; k < rows; k++) table.row(k).forEach((x, c) => (mean[c] += x / (rows - 1)));
  const step = Math.max(1, Math.floor(rows / 2000));
  for (let k = 1; k < rows; k += step) {
    const row = table.row(k).map((x, c) => x - mean[c]);
    for (let c = 0; c < width; c++) for (let d = 0; d <= c; d++) covariance[c][d] += row[c] * row[d];
  }
  for (let c = 0; c < width; c++) for (let d = 0; d < c; d++) covariance[d][c] = covariance[c][d];
  const total = covariance.reduce((sum, line, c) => sum + line[c], 0) || 1, found = [];
  for (let f = 0; f < Math.min(2, width); f++) {
    let v = Float64Array.from({ length: width }, (_, c) => Math.cos(c * (f + 1)) + 0.1), size = 0;
    for (let turn = 0; turn < 60; turn++) {
      const next = covariance.map((line) => line.reduce((sum, x, c) => sum + x * v[c], 0));
      found.forEach((other) => { const along = next.reduce((sum, x, c) => sum + x * other.v[c], 0); next.forEach((_, c) => (next[c] -= along * other.v[c])); });
      size = Math.hypot(...next) || 1;
      v = Float64Array.from(next, (x) => x / size);
    }
    found.push({ v, share: size / total });
  }
  return { mean, found };
}

function drawMap() {
  const table = mapped && model.tables[mapped.table], canvas = place("map");
  if (!table || table.width < 2) return place("map-part").setAttribute("hidden", "");
  axes ??= directions(table);
  const at = (row) => axes.found.map(({ v }) => table.row(row).reduce((sum, x, c) => sum + (x - axes.mean[c]) * v[c], 0));
  const points = Array.from({ length: table.rows - 1 }, (_, k) => at(k + 1)), reach = Math.max(1e-9, ...points.map(([x, y]) => Math.max(Math.abs(x), Math.abs(y))));
  const scale = devicePixelRatio || 1, side = canvas.clientWidth || 320, pen = canvas.getContext("2d");
  [canvas.width, canvas.height] = [side * scale, side * scale];
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  const put = ([x, y]) => [side / 2 + (x / reach) * (side / 2 - 8), side / 2 - (y / reach) * (side / 2 - 8)];
  const style = getComputedStyle(canvas), ink = style.getPropertyValue("--soft"), mark = style.getPropertyValue("--mark"), here = state.example.rows[ITEM];
  pen.fillStyle = ink;
  pen.globalAlpha = 0.35;
  points.forEach((point) => { const [x, y] = put(point); pen.fillRect(x - 1, y - 1, 2, 2); });
  pen.globalAlpha = 1;
  [pen.strokeStyle, pen.fillStyle] = [mark, mark];
  const [x, y] = put(points[here - 1] ?? [0, 0]);
  const near = nearest(table, here, 5);
  near.forEach(([row]) => { const [u, v] = put(points[row - 1]); pen.beginPath(); pen.moveTo(x, y); pen.lineTo(u, v); pen.stroke(); });
  pen.beginPath(); pen.arc(x, y, 5, 0, 7); pen.fill();
  const share = axes.found.reduce((sum, each) => sum + each.share, 0);
  fill("map-says", `${count(table.rows - 1, "row")} of table ${mapped.table} on two of their ${table.width} dimensions, which hold ${(100 * share).toFixed(0)}% of the variance. Lines lead to the true nearest rows, in all dimensions: `,
    ...near.flatMap(([row, cosine], k) => [k ? ", " : "", make("button", { class: "link", onclick: () => show(pair(state.example.rows[USER], row), { line: state.line }) }, called(ITEM, row)), ` ${cosine.toFixed(2)}`]), ".");
}

function nearest(table, row, n) {
  const mine = table.row(row), length = Math.hypot(...mine), found = [];
  for (let k = 1; k < table.rows; k++) {
    if (k === row) continue;
    let dot = 0, square = 0;
    table.row(k).forEach((x, c) => ((dot += x * mine[c]), (square += x * x)));
    found.push([k, square && length ? dot / (length * Math.sqrt(square)) : 0]);
  }
  return found.sort((a, b) => b[1] - a[1]).slice(0, n);
}

// The course of training

function drawCurve() {
  const lines = Object.entries(page.history).filter(([name, numbers]) => (name === "loss" || name === "validation_mse") && numbers.length > 1).map(([name, numbers]) => [name, numbers.map(Number)]);
  if (!lines.length) return place("curve-part").setAttribute("hidden", "");
  const all = lines.flatMap(([, numbers]) => numbers).filter(Number.isFinite), low = Math.min(...all), high = Math.max(...all);
  const at = (numbers) => numbers.map((y, k) => `${20 + (560 * k) / (numbers.length - 1)},${130 - (110 * (y - low)) / (high - low || 1)}`).join(" ");
  const told = lines.map(([name, numbers]) => `${name.replace("_", " ")} ${shown(numbers[0])} to ${shown(numbers.at(-1))}`).join("; ");
  fill("curve", make("svg", { viewBox: "0 0 600 140", role: "img", "aria-label": told }, ...lines.map(([name, numbers]) => make("polyline", { class: name, points: at(numbers) }))),
    make("p", { class: "soft" }, ...lines.flatMap(([name], k) => [k ? ", " : "", make("span", { class: name }, name.replace("_", " "))]), ` in ${count(lines[0][1].length, "epoch")}: ${told}`));
}

globalThis.rowwise = { model, page, state, show, exampleOf, pair }; // for the browser's console
place("signature").textContent = page.signature.split("\n").map(plain).join("\n");
if (model.lacking.length) fill("sentence", `This page has no meaning for ${model.lacking.join(", ")}: rowwise steps shows such a model.`);
else if (!isPairs && !examples) fill("sentence", "This page holds no example of this model: write it with data.");
else {
  if (!isPairs) document.querySelectorAll(".pairs").forEach((part) => part.setAttribute("hidden", ""));
  addEventListener("hashchange", fromAddress);
  fromAddress();
}
