// Where the model is wrong: the error of every example that the page holds, worked out bit by bit once it is asked for.

import {
  ITEM,
  USER,
  called,
  examples,
  isPairs,
  itemAt,
  model,
  ofItem,
  ofUser,
  pair,
  targetOf,
  userAt,
} from "./examples.js";
import { count, fill, make, shown } from "./make.js";
import { draw, showPair } from "./state.js";

const AT_ONCE = 12; // milliseconds of work between which the page is free
const WORST = 5;
const found = { errors: null, n: 0, version: 0 };

export const isDone = () => found.errors !== null && found.n === examples.n;

// Of each example, prediction minus what was given; NaN until it is worked out.
export function workOut() {
  if (found.errors && found.version === model.version) return;
  found.n = 0;
  found.version = model.version;
  found.errors = new Float64Array(examples.n).fill(NaN);
  const { version } = model,
    some = () => {
      if (version !== model.version) return;
      for (const end = performance.now() + AT_ONCE; found.n < examples.n && performance.now() < end; found.n++)
        found.errors[found.n] =
          model.asBefore(() => model.predict(pair(userAt(found.n), itemAt(found.n), targetOf(found.n)))[0]) -
          targetOf(found.n);
      drawErrors();
      if (found.n < examples.n) setTimeout(some);
      else draw();
    };
  some();
}

// The mean absolute error of a row of a column, as far as it is known.
export function errorsBy(column) {
  workOut();
  const places = column === USER ? ofUser : ofItem;
  return (row) => meanOf(places.get(row) ?? []);
}

function meanOf(places) {
  const sizes = places.map((k) => Math.abs(found.errors[k])).filter(Number.isFinite);
  return sizes.length ? sizes.reduce((sum, x) => sum + x, 0) / sizes.length : NaN;
}

// Groups of examples: [name, places].
const GROUPS = {
  "what was given": () => grouped((k) => targetOf(k), shown),
  "how often the item was rated": () =>
    grouped(
      (k) => Math.floor(Math.log10(ofItem.get(itemAt(k)).length)),
      (size) => `${10 ** size} to ${10 ** (size + 1) - 1} times`,
    ),
  "how much the user rated": () =>
    grouped(
      (k) => Math.floor(Math.log10(ofUser.get(userAt(k)).length)),
      (size) => `${10 ** size} to ${10 ** (size + 1) - 1} times`,
    ),
};

function grouped(by, name) {
  const groups = new Map();
  for (let k = 0; k < examples.n; k++) {
    const key = by(k);
    groups.has(key) ? groups.get(key).push(k) : groups.set(key, [k]);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .slice(0, 12)
    .map(([key, places]) => [name(key), places]);
}

export function drawErrors() {
  if (!isPairs || !examples?.target || examples.target.shape.length > 1)
    return document.getElementById("errors-part").setAttribute("hidden", "");
  if (!found.errors || found.version !== model.version)
    return fill(
      "errors",
      make(
        "button",
        { "data-hold": "errors", onclick: workOut },
        `work out the error of ${count(examples.n, "example")}`,
      ),
    );
  if (!isDone())
    return fill(
      "errors",
      make("progress", { max: examples.n, value: found.n, "aria-label": "examples worked out" }),
      ` ${found.n.toLocaleString("en")} of ${count(examples.n, "example")}`,
    );
  fill(
    "errors",
    make("p", {}, `Off by ${shown(meanOf([...found.errors.keys()]))} on average, over all that this page holds.`),
    ...Object.entries(GROUPS).flatMap(groupLines),
    ...worst(),
  );
}

function groupLines([title, groups]) {
  const told = groups().map(([name, places]) => [name, places, meanOf(places)]),
    most = Math.max(...told.map(([, , size]) => size));
  return [
    make("h3", {}, `by ${title}`),
    make(
      "div",
      { class: "bars" },
      ...told.flatMap(([name, places, size]) => {
        const farthest = places.reduce((a, b) => (Math.abs(found.errors[b]) > Math.abs(found.errors[a]) ? b : a));
        return [
          make("span", {}, name),
          make("meter", { min: 0, max: most, value: size, "aria-label": `mean error, ${name}` }),
          make(
            "button",
            {
              class: "link",
              title: "the worst of them",
              "data-hold": `worst ${title} ${name}`,
              onclick: () => showPair(userAt(farthest), itemAt(farthest)),
            },
            `${shown(Number(size.toFixed(3)))} (${places.length.toLocaleString("en")})`,
          ),
        ];
      }),
    ),
  ];
}

function worst() {
  const order = [...found.errors.keys()]
    .sort((a, b) => Math.abs(found.errors[b]) - Math.abs(found.errors[a]))
    .slice(0, WORST);
  return [
    make("h3", {}, "the worst"),
    make(
      "ol",
      {},
      ...order.map((k) =>
        make(
          "li",
          {},
          make(
            "button",
            { class: "link", "data-hold": `worst ${k}`, onclick: () => showPair(userAt(k), itemAt(k)) },
            `${called(USER, userAt(k))}, ${called(ITEM, itemAt(k))}`,
          ),
          ` gave ${shown(targetOf(k))}, predicted ${shown(targetOf(k) + found.errors[k])}`,
        ),
      ),
    ),
  ];
}
