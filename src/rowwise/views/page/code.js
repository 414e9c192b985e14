// The code line by line, forward and back.

import { fill, make, shown } from "./make.js";
import { number } from "./program.js";
import { draw, model, page, state } from "./state.js";
import { strip } from "./weights.js";

export function drawCode(values, learns) {
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
