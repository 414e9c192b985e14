// The sentence: the prediction as the sum that it is, of whom and of what.

import { count, fill, make, shown } from "./make.js";
import { number } from "./program.js";
import { ITEM, USER, draw, exampleOf, examples, isPairs, model, page, pair, show, state, vocabulary } from "./state.js";

const of = (values, operand) => ("name" in operand ? values[operand.name].data[0] : Number(operand.value));

function termValue(values, term) {
  const up = term.times.reduce((product, factor) => product * of(values, factor), term.sign * of(values, term.value));
  return term.by.reduce((left, factor) => left / of(values, factor), up);
}

export function drawSentence(values) {
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
