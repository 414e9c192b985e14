// The grid: some users, some items, their rows at the sides, and in each cell the product of its row and its column.

import { act } from "./acts.js";
import { keysOfColumn } from "./chip.js";
import {
  ITEM,
  USER,
  called,
  given,
  isPairs,
  model,
  ofItem,
  ofUser,
  page,
  pair,
  vocabulary,
  widest,
} from "./examples.js";
import { fill, make, shown } from "./make.js";
import { draw, showPair, state } from "./state.js";
import { strip } from "./weights.js";

const [N_USERS, N_ITEMS] = [10, 8];

// The rows with the most examples, then the others in their order.
function most(column, places, n) {
  const busy = [...places]
    .filter(([row]) => row)
    .sort(([a, x], [b, y]) => y.length - x.length || a - b)
    .map(([row]) => row);
  const all = Array.from({ length: Math.min(n, vocabulary(column).ids.length) }, (_, k) => k).filter(
    (row) => row >= vocabulary(column).first,
  );
  return [...new Set([...busy.slice(0, n), ...all])].slice(0, n);
}

const crowd = isPairs && { users: most(USER, ofUser, N_USERS), items: most(ITEM, ofItem, N_ITEMS) };

export function drawGrid() {
  const { rows } = state.example,
    users = [...new Set([rows[USER], ...crowd.users])].slice(0, N_USERS),
    items = [...new Set([rows[ITEM], ...crowd.items])].slice(0, N_ITEMS);
  const head = items.map((item) =>
    make(
      "th",
      { scope: "col", title: called(ITEM, item), "data-of": item === rows[ITEM] ? keysOfColumn(ITEM) : null },
      called(ITEM, item),
      factors(ITEM, item),
    ),
  );
  const body = users.map((user) =>
    make(
      "tr",
      {},
      make(
        "th",
        { scope: "row", "data-of": user === rows[USER] ? keysOfColumn(USER) : null },
        called(USER, user),
        factors(USER, user),
      ),
      ...items.map((item) => cell(user, item)),
    ),
  );
  fill(
    "grid",
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, make("th", {}, `${USER} \\ ${ITEM}`), ...head)),
      make("tbody", {}, ...body),
    ),
  );
}

function factors(column, row) {
  const i = widest(column),
    numbers = i && model.tables[i.table].row(row);
  return numbers?.length > 1 ? strip(numbers, { label: `${i.value.name} of ${called(column, row)}` }) : null;
}

function cell(user, item) {
  const predicted = model.predict(pair(user, item))[0],
    target = given(user, item),
    { rows } = state.example;
  const spread = Math.max(1e-9, page.means["target.spread"] ?? 1),
    error = target === null ? 0 : (predicted - target) / spread;
  const isHere = user === rows[USER] && item === rows[ITEM],
    said = target === null ? "" : `, given ${shown(target)}`;
  const sign = target === null || Math.abs(error) < 0.5 ? "" : error > 0 ? "▲" : "▼"; // beside the colour
  const found = make(
    "td",
    {
      class: `${isHere ? "here " : ""}${error > 0 ? "over" : "under"}`,
      "data-of": isHere ? page.program.prediction.name : null,
    },
    make(
      "button",
      {
        class: "link",
        "data-hold": `cell ${user} ${item}`,
        onclick: () => showPair(user, item),
        "aria-label": `${called(USER, user)}, ${called(ITEM, item)}: predicted ${predicted.toFixed(2)}${said}`,
      },
      predicted.toFixed(2),
    ),
    user === rows[USER] && page.target
      ? ratingBox(user, item, target)
      : make("sub", {}, target === null ? "" : shown(target)),
    make("i", { "aria-hidden": "true" }, sign),
  );
  found.style.setProperty("--error", Math.min(1, Math.abs(error) / 2).toFixed(2)); // an attribute would need leave
  return found;
}

// A rating that is typed: the user's rows are solved for with it, and all that is predicted for the user follows.
function ratingBox(user, item, target) {
  const rate = (event) => {
    if (event.target.value === "") return draw();
    act("rate", user, item, Number(event.target.value));
    showPair(state.example.rows[USER], state.example.rows[ITEM]);
  };
  return make("input", {
    class: "rating",
    type: "number",
    step: "any",
    value: target ?? "",
    "data-hold": `rating ${item}`,
    "aria-label": `${page.target} of ${called(ITEM, item)} by ${called(USER, user)}`,
    onchange: rate,
  });
}
