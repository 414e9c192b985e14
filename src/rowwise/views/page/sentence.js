// The sentence: the prediction as the sum that it is, of whom and of what.

import { acts, reset, saysOf, undo } from "./acts.js";
import { chip } from "./chip.js";
import { ITEM, USER, called, exampleOf, examples, isPairs, model, page, pair, vocabulary } from "./examples.js";
import { count, fill, make, shown } from "./make.js";
import { number } from "./program.js";
import { draw, show, showPair, state } from "./state.js";

const of = (values, operand) => ("name" in operand ? values[operand.name].data[0] : Number(operand.value));

function termValue(values, term) {
  const up = term.times.reduce((product, factor) => product * of(values, factor), term.sign * of(values, term.value));
  return term.by.reduce((left, factor) => left / of(values, factor), up);
}

// The number of a row that a value is, if it is one.
export function cellOf(name) {
  const i = model.inputs.find((each) => each.value.name === name && (each.kind === "row" || each.kind === "weight"));
  if (!i) return null;
  const { table, rows } = model.read(i, state.example);
  return model.tables[table].width === 1 ? { table, row: rows[0], k: 0, of: name } : null;
}

// The arguments that a value is made of.
function sources(name) {
  const steps = model.needed([{ name }], model.steps),
    read = new Set(steps.flatMap((step) => step.inputs.map((each) => each.name)));
  return model.inputs.map((i) => i.value.name).filter((each) => read.has(each) || each === name);
}

export function drawSentence(values) {
  const found = page.program.prediction && number(values, page.program.prediction).data;
  const parts = [];
  if (isPairs) parts.push(chooser(USER), make("span", {}, " and "), chooser(ITEM), make("span", {}, ": "));
  else if (examples) parts.push(exampleChooser(), make("span", {}, ": "));
  if (found?.length === 1) parts.push(...sum(values, found[0]));
  else if (found) parts.push(make("output", { class: "prediction", id: "prediction" }, ...bars(found)));
  if (page.target)
    parts.push(
      make("span", {}, state.example.target === null ? `; ${page.target} unknown: ` : `; ${page.target} `),
      targetBox(),
    );
  fill("sentence", ...parts);
  drawActs();
}

// The prediction before it is kept inside the range.
export function unclipped(values) {
  if (!page.terms.length) return number(values, page.program.prediction).data[0];
  return page.terms.reduce((total, term) => total + termValue(values, term), 0);
}

function sum(values, found) {
  const terms = page.terms.map((term) => ({ ...term, number: termValue(values, term) })),
    parts = [];
  if (terms.length > 1)
    terms.forEach((term, k) =>
      parts.push(
        make("span", { class: "sign" }, k ? (term.number < 0 ? " − " : " + ") : term.number < 0 ? "−" : ""),
        termOf(term),
      ),
    );
  const total = terms.reduce((all, term) => all + term.number, 0);
  const isClipped = terms.length > 1 && Math.abs(total - found) > 1e-9 * (1 + Math.abs(total));
  parts.push(
    make("span", {}, terms.length > 1 ? ` = ${isClipped ? `${shown(total)}, kept inside the range: ` : ""}` : ""),
  );
  parts.push(
    make("output", { class: "prediction", id: "prediction", "data-of": page.program.prediction.name }, shown(found)),
  );
  return parts;
}

function termOf({ number: x, formula, value }) {
  const cell = cellOf(value.name),
    text = shown(Math.abs(x)),
    keys = [value.name, ...(value.name ? sources(value.name) : [])].join(" ");
  const moved =
    cell && model.program.updates[cell.table]
      ? chip(x, cell, { label: formula, text, hold: `term ${value.name}` })
      : make("span", {}, text);
  return make(
    "b",
    { class: "term", title: formula, "data-of": value.name ? keys : null },
    moved,
    make("small", {}, formula),
  );
}

const isChance = ["class", "labels"].includes(page.targets);

// A number for each class: chances as percents.
const bars = (numbers) =>
  [...numbers].map((x, k) =>
    make("span", { class: "class" }, `${page.classes[k] ?? k} ${isChance ? `${(100 * x).toFixed(1)}%` : shown(x)} `),
  );

// What the prediction should have been: a number, one of the classes, or, where there are several at once, their names.
function targetBox() {
  const { target } = state.example,
    told = { id: "target", "data-hold": "target", "aria-label": page.target ?? "target" };
  const take = ({ target: box }) => show({ ...state.example, target: box.value === "" ? null : Number(box.value) });
  if (Array.isArray(target))
    return make(
      "span",
      {},
      target
        .map((x, k) => (x ? (page.classes[k] ?? k) : null))
        .filter((name) => name !== null)
        .join(", ") || "none",
    );
  if (!page.classes.length)
    return make("input", { ...told, type: "number", step: "any", value: target ?? "", onchange: take });
  const option = (value, name) => make("option", { value, selected: value === String(target ?? "") ? "" : null }, name);
  return make(
    "select",
    { ...told, onchange: take },
    option("", "unknown"),
    ...page.classes.map((name, k) => option(String(k), String(name))),
  );
}

// What if: what was done to the numbers, and the way back.
function drawActs() {
  const changed = model.changed();
  if (!acts.length && !changed.length) return fill("changed");
  const said = acts.length ? `${saysOf(acts.at(-1))}. ` : "";
  fill(
    "changed",
    make(
      "span",
      {},
      make("b", {}, "What if: "),
      `${said}${count(changed.length, "row")} ${changed.length === 1 ? "holds" : "hold"} other numbers than the model. `,
    ),
    make("button", { "data-hold": "undo", onclick: () => (undo(), again()) }, "undo"),
    " ",
    make("button", { "data-hold": "reset", onclick: () => (reset(), again()) }, "reset"),
  );
}

function again() {
  state.nudged = null;
  if (isPairs) state.example = { ...pair(state.example.rows[USER], state.example.rows[ITEM]) };
  draw();
}

// A box that finds an id or a title by its beginning or by a part of it.
function chooser(column) {
  const row = state.example.rows[column],
    { ids, titles } = vocabulary(column),
    id = column === USER ? "user" : "item";
  const options = make("datalist", { id: `${id}-list` });
  const text = titles?.[row] ? `${ids[row]} · ${titles[row]}` : `${ids[row] ?? called(column, row)}`;
  const pick = (event) => {
    const wanted = event.target.value.split(" · ")[0].trim(),
      found = ids.indexOf(wanted);
    if (found > 0)
      showPair(column === USER ? found : state.example.rows[USER], column === ITEM ? found : state.example.rows[ITEM]);
  };
  const suggest = (event) => {
    const asked = event.target.value.toLowerCase(),
      found = [];
    for (let k = 1; k < ids.length && found.length < 12; k++)
      if (ids[k]?.toLowerCase().startsWith(asked) || titles?.[k]?.toLowerCase().includes(asked)) found.push(k);
    options.replaceChildren(
      ...found.map((k) => make("option", { value: titles?.[k] ? `${ids[k]} · ${titles[k]}` : ids[k] })),
    );
  };
  return make(
    "label",
    { class: "chooser" },
    make("small", {}, column),
    make("input", {
      value: text,
      list: `${id}-list`,
      id,
      "data-hold": id,
      onchange: pick,
      oninput: suggest,
      onfocus: (event) => event.target.select(),
    }),
    options,
  );
}

function exampleChooser() {
  const go = ({ target }) => {
    const at = Math.min(Math.max(Number(target.value) || 0, 0), examples.n - 1);
    show(exampleOf(at), { at, text: null, word: null });
  };
  return make(
    "label",
    { class: "chooser" },
    make("small", {}, `example of ${examples.n.toLocaleString("en")}`),
    make("input", {
      type: "number",
      id: "example",
      "data-hold": "example",
      min: 0,
      max: examples.n - 1,
      value: state.at ?? 0,
      onchange: go,
    }),
  );
}
