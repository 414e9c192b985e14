// One step of the model's own optimizer, and the rows that it moves.

import { act, acts, nameOf } from "./acts.js";
import { called, model, page } from "./examples.js";
import { count, fill, make, shown } from "./make.js";
import { draw, state } from "./state.js";
import { strip } from "./weights.js";

const MOST_MOVES = 5;

export function drawUpdate(values, learns) {
  if (!Object.keys(model.program.updates).length)
    return fill("update", make("p", { class: "soft" }, "Nothing of this model moves by an example."));
  if (!learns)
    return fill(
      "update",
      make(
        "p",
        { class: "soft" },
        `Say what ${page.target} should have been, in the sentence: then there is something to learn.`,
      ),
    );
  const step = (times) => () => (
    act("learn", times, state.rate, nameOf(state), state.example.target),
    (state.nudged = null),
    draw()
  );
  const all = model.moves(state.example, state.rate, values),
    moves = all.slice(0, MOST_MOVES);
  const taken = acts.filter(([kind]) => kind === "learn").reduce((sum, [, times]) => sum + times, 0);
  const setRate = ({ target }) => (Number(target.value) > 0 && (state.rate = Number(target.value)), draw());
  fill(
    "update",
    make(
      "p",
      {},
      ...[1, 10, 100].map((times) =>
        make(
          "button",
          { id: `learn-${times}`, "data-hold": `learn ${times}`, onclick: step(times) },
          times === 1 ? "take the step" : `× ${times}`,
        ),
      ),
      make(
        "label",
        {},
        " learning rate ",
        make("input", {
          type: "number",
          step: "any",
          min: 0,
          value: state.rate,
          id: "rate",
          "data-hold": "rate",
          onchange: setRate,
        }),
      ),
      make("span", { class: "soft" }, taken ? ` ${count(taken, "step")} taken` : ""),
    ),
    make(
      "p",
      { class: "soft" },
      `${page.optimizer}: ${page.rules.map(([name, formula]) => `${name} = ${formula}`).join("; ")}`,
    ),
    ...moves.map(moved),
    all.length > moves.length
      ? make("p", { class: "soft" }, `and ${count(all.length - moves.length, "more row")}`)
      : null,
  );
}

function moved({ table, row, gradient, before, after, states }) {
  const reader = model.readers.find((i) => model.isLookup(i) && i.table === table);
  const old = states.flatMap(({ name, before: was, after: is }) => [
    moveLine(`${name} before`, was),
    moveLine(`${name} after`, is),
  ]);
  const whose = reader ? ` (${called(reader.column, row)})` : "";
  return make(
    "div",
    { class: "move", "data-of": reader?.value.name ?? table },
    make("h3", {}, reader ? `${table}, row ${row}${whose}` : table),
    moveLine("before", before),
    moveLine("derivative", gradient),
    ...old,
    moveLine("after", after),
  );
}

const moveLine = (name, numbers) =>
  make(
    "div",
    { class: "line moved" },
    make("span", {}, name),
    strip(numbers, { label: name }),
    make("output", {}, numbers.length === 1 ? shown(numbers[0]) : ""),
  );
