// What the model recommends to a user: the best items that it has not seen, and how their ranks moved.

import { ITEM, USER, called, model, ofUser, page, pair, itemAt, typed, vocabulary } from "./examples.js";
import { fill, make, shown } from "./make.js";
import { decoded } from "./numbers.js";
import { number } from "./program.js";
import { showPair, state } from "./state.js";

const LONG = 10;
const seenHeld = page.seen && { starts: decoded(page.seen.starts).data, rows: decoded(page.seen.rows).data };
const order = page.order && model.needed([page.order], model.steps);

function seenBy(user) {
  const inTraining =
    seenHeld && user + 1 < seenHeld.starts.length
      ? [...seenHeld.rows.slice(seenHeld.starts[user], seenHeld.starts[user + 1])]
      : [];
  const here = [...typed.keys()]
    .map((key) => key.split(" ").map(Number))
    .filter(([who]) => who === user)
    .map(([, item]) => item);
  return new Set([...(ofUser.get(user) ?? []).map(itemAt), ...inTraining, ...here]);
}

function scores(user, items) {
  const given = model.given({ rows: { [USER]: user, [ITEM]: items[0] ?? 0 }, weights: {}, values: {}, target: null });
  const mine = model.inputs.filter((i) => i.column === ITEM && (model.isLookup(i) || i.kind === "history"));
  return items.map((item) => {
    const values = { ...given },
      example = { rows: { [USER]: user, [ITEM]: item }, weights: {} };
    mine.forEach((i) => (values[i.value.name] = model.received(i, example)));
    return number(model.run(order, values), page.order).data[0];
  });
}

// The items that a user has not seen, best first.
export function ranked(user) {
  const { first, ids } = vocabulary(ITEM),
    seen = seenBy(user);
  const items = Array.from({ length: ids.length - first }, (_, k) => k + first).filter((row) => !seen.has(row)),
    found = scores(user, items);
  return items
    .map((item, k) => [item, found[k]])
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([item]) => item);
}

let was = {};

function ranksBefore(user) {
  if (was.user !== user || was.version !== model.version)
    was = {
      user,
      version: model.version,
      ranks: new Map(model.asBefore(() => ranked(user)).map((item, k) => [item, k])),
    };
  return was.ranks;
}

export function drawList() {
  if (!order) return;
  const user = state.example.rows[USER],
    before = model.changed().length ? ranksBefore(user) : new Map();
  fill(
    "list",
    ...ranked(user)
      .slice(0, LONG)
      .map((item, k) => {
        const predicted = model.predict(pair(user, item))[0];
        return make(
          "li",
          {},
          make(
            "button",
            { class: "link", "data-hold": `list ${item}`, onclick: () => showPair(user, item) },
            called(ITEM, item),
          ),
          make("output", {}, shown(predicted)),
          make("small", {}, arrow(before.get(item), k)),
        );
      }),
  );
}

const arrow = (before, now) =>
  before === undefined || before === now ? "" : before > now ? `↑${before - now}` : `↓${now - before}`;
