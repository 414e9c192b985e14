// Why: which of the user's own ratings push a prediction up or down.
// How the prediction would move without a rating is told by the curvature of the cost of all the user's ratings.
// Source: Koh & Liang 2017, "Understanding black-box predictions via influence functions".

import { ITEM, USER, called, isPairs, model, page, pair, ratingsOf } from "./examples.js";
import { CostOfUser, solve } from "./fold.js";
import { count, fill, make, place, shown } from "./make.js";
import { unclipped } from "./sentence.js";
import { showPair, state } from "./state.js";

const [MANY, MOST] = [300, 5]; // ratings beyond which one has to ask; lines shown up and down
const STEP = 1e-4;

// How the prediction rises with each number of the user's rows.
function rise(cost, item) {
  const given = model.given(pair(cost.user, item, null)),
    at = (rows) => unclipped(model.run(model.forward, { ...given, ...cost.received(rows) }));
  const { rows } = cost;
  return rows.map((x, k) => {
    const [up, down] = [rows.slice(), rows.slice()];
    [up[k], down[k]] = [x + STEP, x - STEP];
    return (at(up) - at(down)) / (2 * STEP);
  });
}

// What each rating of a user adds to a prediction: [item, rating, by], the strongest first.
export function pushes(user, item) {
  const cost = new CostOfUser(user),
    { rows } = cost,
    way = solve(cost, rows, rise(cost, item)),
    received = cost.received(rows);
  const by = cost.ratings.map(
    (_, k) => -cost.addSlope(k, received, new Float64Array(cost.size)).reduce((sum, x, c) => sum + x * way[c], 0),
  );
  return cost.ratings
    .map(([other, rating], k) => [other, rating, by[k]])
    .filter(([other]) => other !== item)
    .sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
}

const told = {}; // what was found, and of what
const history = page.program.inputs.find((i) => i.kind === "history");

// Of a model that answers from what a user has, exactly: what each of it adds.
function drawBecause() {
  const { rows } = state.example,
    said = model.said(history, rows[USER], rows[ITEM]).toSorted((a, b) => b[2] - a[2]),
    ups = said.filter(([, , adds]) => adds > 0).slice(0, MOST),
    downs = said.filter(([, , adds]) => adds < 0).slice(-MOST);
  fill(
    "why",
    make(
      "p",
      {},
      `${called(USER, rows[USER])} has ${count(said.length, "item")}, and what each says of ${called(ITEM, rows[ITEM])} adds up to ${history.value.name}, with nothing left over:`,
    ),
    ...listed("adds most", ups, has),
    ...listed("takes away most", downs.toReversed(), has),
  );
}

export function drawWhy() {
  if (history) return drawBecause();
  if (!isPairs || !page.target || page.program.prediction?.shape.length)
    return place("why-part").setAttribute("hidden", "");
  const { rows } = state.example,
    key = `${rows[USER]} ${rows[ITEM]} ${model.version} ${[...model.touched].join()}`,
    n = ratingsOf(rows[USER]).length;
  if (!n) return fill("why", `${called(USER, rows[USER])} has rated nothing that this page holds.`);
  const work = () => (Object.assign(told, { key, found: pushes(rows[USER], rows[ITEM]) }), drawWhy());
  if (told.key !== key && n > MANY)
    return fill(
      "why",
      make("button", { id: "ask-why", "data-hold": "why", onclick: work }, `work it out from ${count(n, "rating")}`),
    );
  if (told.key !== key) return work();
  const [up, down] = [1, -1].map((sign) => told.found.filter(([, , by]) => by * sign > 0).slice(0, MOST));
  fill(
    "why",
    make(
      "p",
      {},
      `What ${called(USER, rows[USER])} gave to other items moves the rows of ${called(USER, rows[USER])}, and so this prediction. Without a rating it would be about as much lower, or higher:`,
    ),
    ...listed("pushed up by", up, gave),
    ...listed("pushed down by", down, gave),
  );
}

const gave = (rating) => `gave ${shown(rating)}`;
const has = (worth) => `worth ${shown(worth)}`;

const listed = (title, lines, told) => [
  make("h3", {}, title),
  lines.length ? make("ol", {}, ...lines.map((each) => line(each, told))) : make("p", { class: "soft" }, "nothing"),
];

const line = ([item, rating, by], told) =>
  make(
    "li",
    { class: "pushes" },
    make(
      "button",
      { class: "link", "data-hold": `why ${item}`, onclick: () => showPair(state.example.rows[USER], item) },
      called(ITEM, item),
    ),
    make("small", {}, told(rating)),
    make("output", {}, `${by > 0 ? "+" : "−"}${shown(Number(Math.abs(by).toPrecision(2)))}`),
  );
