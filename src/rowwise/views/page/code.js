// The code line by line, forward and back: one line is active, and the steps go through all of them.

import { nudge } from "./chip.js";
import { model, page } from "./examples.js";
import { count, fill, make, shown } from "./make.js";
import { number } from "./program.js";
import { draw, state } from "./state.js";
import { cellOf } from "./sentence.js";
import { chosenOf, strip } from "./weights.js";

const MARKED = /\ue000(.*?)\ue001/;
const isRow = (x) => x?.data.length > 1;

export function drawCode(values, learns) {
  const isForward = (line) => line.gives.some(({ value }) => model.forward.some((step) => step.output.name === value));
  const lines = learns ? page.lines : page.lines.filter(isForward),
    back = learns ? page.derivatives : [];
  const last = lines.length + back.length,
    go = (to) => () => ((state.line = Math.min(Math.max(to, 1), last)), draw());
  fill(
    "walk",
    make(
      "button",
      { "data-hold": "back", disabled: (state.line ?? 0) <= 1 ? "" : null, onclick: go((state.line ?? 1) - 1) },
      "‹ back",
    ),
    " ",
    make(
      "button",
      { "data-hold": "forward", disabled: state.line >= last ? "" : null, onclick: go((state.line ?? 0) + 1) },
      "forward ›",
    ),
    make(
      "span",
      { class: "soft" },
      state.line ? ` line ${state.line} of ${last}` : ` ${count(last, "line")}, down to the loss and back up`,
    ),
  );
  fill("lines", ...lines.map((line, k) => codeLine(line, k + 1, values)), ...(learns ? costLines(values) : []));
  fill(
    "derivatives",
    ...(learns
      ? back.map((told, k) => derivativeLine(told, lines.length + k + 1, values))
      : [make("li", { class: "soft" }, `Without ${page.target} there is no loss, so nothing to learn.`)]),
  );
  fill("nudged", learns ? sayNudged() : null);
}

const kind = (at) => (at === state.line ? "open" : state.line && at > state.line ? "to-come" : null);

function codeLine(line, at, values) {
  const isOpen = state.line === at,
    toggle = () => ((state.line = isOpen ? null : at), draw());
  const found = line.gives.map(({ value, name, formula, filled }) => {
    const { data } = values[value],
      result = make("output", { "data-of": value }, data.length === 1 ? `= ${shown(data[0])}` : "");
    return make(
      "p",
      { class: "gives", "data-of": value },
      make("b", {}, name),
      ` = ${formula} `,
      data.length === 1 ? make("span", { class: "filled" }, "= ", ...filledIn(filled, values)) : null,
      " ",
      result,
      data.length > 1 ? strip(data, { label: name }) : null,
    );
  });
  return make(
    "li",
    { class: kind(at) },
    make(
      "button",
      { class: "code", "data-hold": `line ${at}`, "aria-expanded": String(isOpen), onclick: toggle },
      make("b", {}, String(line.number)),
      make("code", {}, line.code),
    ),
    ...found,
    isOpen ? make("div", { class: "steps" }, ...line.steps.flatMap((step) => opened(step, values))) : null,
  );
}

// A formula with its numbers: `3.542 + 1.058 · 0.1675`. The product of two rows is its sum; a row alone keeps its name.
function filledIn(text, values) {
  const parts = text.split(MARKED),
    found = []; // text, name, text, name, … text
  for (let k = 0; k < parts.length; k++) {
    const [x, y] = [values[parts[k]], values[parts[k + 2]]];
    if (k % 2 === 0) found.push(parts[k]);
    else if (isRow(x) && isRow(y) && parts[k + 1] === " @ " && x.data.length === y.data.length) {
      found.push(
        numberOf(
          `${parts[k]} ${parts[k + 2]}`,
          x.data.reduce((sum, each, c) => sum + each * y.data[c], 0),
        ),
      );
      k += 2;
    } else
      found.push(isRow(x) ? make("span", { "data-of": parts[k] }, parts[k]) : numberOf(parts[k], x?.data[0] ?? NaN));
  }
  return found;
}

const numberOf = (keys, x) => make("span", { "data-of": keys }, shown(x));

// The penalty is a part of what is made small, so it stands among the lines.
function costLines(values) {
  const paid = model.penalties(values);
  if (!paid.length) return [];
  const loss = number(values, page.program.loss).data[0],
    total = paid.reduce((sum, each) => sum + each.number, loss);
  const parts = paid.flatMap(({ of, number: x }) => [" + ", make("span", { "data-of": of }, shown(x))]);
  return [
    make(
      "li",
      {},
      make("span", { class: "code" }, make("code", {}, "what is made small: the loss, and what rows pay to be long")),
      make(
        "p",
        { class: "gives" },
        make("b", {}, "cost"),
        ` = loss${paid.map(({ of, l2 }) => ` + ${l2} · sum(${of}²)`).join("")} = `,
        numberOf(page.program.loss.name ?? "", loss),
        ...parts,
        " ",
        make("output", { id: "cost" }, `= ${shown(total)}`),
      ),
    ),
  ];
}

// One primitive; a product of two rows with its products and their running sum.
function opened(told, values) {
  const step = page.program.steps.find((each) => each.output.name === told.value),
    { data } = values[told.value];
  const found = [
    make(
      "p",
      { "data-of": told.value },
      make("code", {}, `${told.name} = ${told.formula}`),
      ` ${told.primitive} `,
      make("output", {}, data.length === 1 ? shown(data[0]) : ""),
    ),
  ];
  const [x, y] = step.inputs.map((operand) => number(values, operand));
  if (told.primitive !== "dot_general" || data.length > 1 || x.data.length < 2)
    return data.length > 1 ? [...found, strip(data, { label: told.name })] : found;
  const products = x.data.map((each, k) => each * y.data[k]);
  let sum = 0;
  const running = products.map((product) => (sum += product)),
    named = (operand) => operand.name ?? "number";
  const rows = [
    [named(step.inputs[0]), x.data],
    [named(step.inputs[1]), y.data],
    ["products", products],
    ["running sum", running],
  ];
  found.push(
    make(
      "div",
      { class: "dot" },
      ...rows.flatMap(([name, numbers]) => [make("span", {}, name), strip(numbers, { label: name })]),
    ),
  );
  return found;
}

function derivativeLine({ of, name, line, value, formula }, at, values) {
  const { data } = number(values, value),
    pushed = pushable(of);
  return make(
    "li",
    { class: kind(at), "data-of": of },
    make("span", { class: "soft" }, `line ${line} `),
    make("b", {}, `d ${page.penalties[of] ? "cost" : "loss"} / d ${name}`),
    ` = ${formula} `,
    data.length === 1 ? make("output", {}, `= ${shown(data[0])}`) : strip(data, { label: `d loss / d ${name}` }),
    pushed
      ? make(
          "button",
          { class: "nudge", "data-hold": `nudge ${of}`, onclick: () => nudge(pushed) },
          `nudge ${of}${pushed.wide ? `[${pushed.k}]` : ""} by 0.01`,
        )
      : null,
  );
}

// The number of an argument's row that a nudge pushes.
function pushable(name) {
  const cell = cellOf(name);
  if (cell) return model.program.updates[cell.table] ? cell : null;
  const i = model.inputs.find((each) => each.value.name === name && (each.kind === "row" || each.kind === "weight"));
  if (!i || !model.program.updates[i.table ?? name]) return null;
  const { table, rows } = model.read(i, state.example);
  return { ...chosenOf(table, rows[0], name), wide: true };
}

function sayNudged() {
  const { nudged } = state;
  if (!nudged)
    return make(
      "p",
      { class: "soft" },
      "Nudge a number, or push it by an arrow key: the cost moves as the derivative says.",
    );
  return make(
    "p",
    {},
    `You moved ${nudged.name} by ${shown(nudged.by)}: its derivative foretold ${shown(nudged.foretold)} for the cost; it moved by ${shown(nudged.moved)}.`,
  );
}
