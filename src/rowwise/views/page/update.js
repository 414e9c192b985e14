// One step of the model's own optimizer, and the rows that it moves.

import { count, fill, make, shown } from "./make.js";
import { draw, model, page, state } from "./state.js";
import { strip } from "./weights.js";

export function drawUpdate(values, learns) {
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
