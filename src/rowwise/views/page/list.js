// What the model recommends to a user: the best items that it has not seen.

import { fill, make, shown } from "./make.js";
import { decoded } from "./model.js";
import { number } from "./program.js";
import { ITEM, USER, called, examples, model, ofUser, page, pair, show, state, vocabulary } from "./state.js";

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
export function drawList() {
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
