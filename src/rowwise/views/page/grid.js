// The grid: predictions for some users and some items, and what was given.

import { fill, make, shown } from "./make.js";
import { ITEM, USER, called, examples, isPairs, model, page, pair, show, state, vocabulary } from "./state.js";

function most(column, n) {
  if (!examples) return Array.from({ length: Math.min(n, vocabulary(column).ids.length - 1) }, (_, k) => k + 1);
  const counts = new Map();
  examples.rows[column].rows.data.forEach((row) => row && counts.set(row, (counts.get(row) ?? 0) + 1));
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, n).map(([row]) => row);
}

const crowd = isPairs && { users: most(USER, 10), items: most(ITEM, 8) };

export function drawGrid() {
  const { rows } = state.example, users = [...new Set([rows[USER], ...crowd.users])].slice(0, 10), items = [...new Set([rows[ITEM], ...crowd.items])].slice(0, 8);
  const spread = Math.max(1e-9, page.means["target.spread"] ?? 1);
  const cell = (user, item) => {
    const example = pair(user, item), predicted = model.predict(example)[0], { target } = example;
    const error = target === null ? 0 : (predicted - target) / spread, here = user === rows[USER] && item === rows[ITEM];
    const found = make("td", { class: `${here ? "here " : ""}${error > 0 ? "over" : "under"}` },
      make("button", { class: "link", onclick: () => show(pair(user, item), { line: state.line }), "aria-label": `${called(USER, user)}, ${called(ITEM, item)}: predicted ${shown(predicted)}${target === null ? "" : `, given ${shown(target)}`}` }, predicted.toFixed(2)), make("sub", {}, target === null ? "" : shown(target)));
    found.style.setProperty("--error", Math.min(1, Math.abs(error) / 2).toFixed(2)); // an attribute would need leave
    return found;
  };
  fill("grid", make("table", {}, make("thead", {}, make("tr", {}, make("th", {}, `${USER} \\ ${ITEM}`), ...items.map((item) => make("th", { scope: "col", title: called(ITEM, item) }, called(ITEM, item))))),
    make("tbody", {}, ...users.map((user) => make("tr", {}, make("th", { scope: "row" }, called(USER, user)), ...items.map((item) => cell(user, item)))))));
}
