// Two people: what both rated, where they agree and where they differ, and how near their rows are.

import { ITEM, USER, called, isPairs, model, ofUser, page, pair, ratingsOf, vocabulary, widest } from "./examples.js";
import { fill, make, place, shown } from "./make.js";
import { cosine, nearest } from "./near.js";
import { draw, showPair, state } from "./state.js";

const MOST = 6;

// The other one: who is asked for, else the one with the nearest row.
function otherOf(user, table) {
  const { other } = state;
  if (other !== null && other !== user && other < vocabulary(USER).ids.length && other >= vocabulary(USER).first)
    return other;
  return nearest(table, user, 1)[0]?.[0] ?? null;
}

export function drawPeople() {
  const table = isPairs ? model.tables[widest(USER).table] : null;
  if (!table || !page.target || table.rows < 3) return place("people-part").setAttribute("hidden", "");
  const user = state.example.rows[USER],
    other = otherOf(user, table);
  const mine = new Map(ratingsOf(user)),
    theirs = new Map(other === null ? [] : ratingsOf(other));
  const both = [...mine]
    .filter(([item]) => theirs.has(item))
    .map(([item, rating]) => ({ item, mine: rating, theirs: theirs.get(item) }));
  const near = [...both].sort((a, b) => apart(a) - apart(b) || b.mine + b.theirs - a.mine - a.theirs),
    far = [...both].sort((a, b) => apart(b) - apart(a));
  fill(
    "people",
    make(
      "p",
      {},
      `${called(USER, user)} and `,
      otherBox(other),
      ` rated ${both.length.toLocaleString("en")} of the same; their ratings go together at ${shown(Number(correlation(both).toFixed(2)))}, their rows at ${other === null ? "–" : shown(Number(cosine(table, user, other).toFixed(2)))} (1 the same way, −1 opposite).`,
    ),
    ...(both.length
      ? [
          lines("they agree on", near.filter((each) => apart(each) < 1).slice(0, MOST), user, other),
          lines("they differ on", far.filter((each) => apart(each) >= 1).slice(0, MOST), user, other),
        ]
      : []),
  );
}

const apart = ({ mine, theirs }) => Math.abs(mine - theirs);

function correlation(both) {
  const mean = (name) => both.reduce((sum, each) => sum + each[name], 0) / both.length,
    [x, y] = [mean("mine"), mean("theirs")];
  const sum = (of) => both.reduce((total, each) => total + of(each.mine - x, each.theirs - y), 0);
  return sum((a, b) => a * b) / Math.sqrt(sum((a) => a * a) * sum((_, b) => b * b));
}

function lines(title, found, user, other) {
  const cell = (who, item, rating) =>
    make("td", {}, shown(rating), make("small", {}, ` ${model.predict(pair(who, item, rating))[0].toFixed(2)}`));
  const body = found.map(({ item, mine, theirs }) =>
    make(
      "tr",
      {},
      make(
        "th",
        { scope: "row" },
        make(
          "button",
          { class: "link", "data-hold": `both ${item}`, onclick: () => showPair(user, item) },
          called(ITEM, item),
        ),
      ),
      cell(user, item, mine),
      cell(other, item, theirs),
    ),
  );
  return make(
    "table",
    { class: "both" },
    make("caption", {}, title),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", {}, ITEM),
        make("th", { scope: "col" }, called(USER, user)),
        make("th", { scope: "col" }, called(USER, other)),
      ),
    ),
    make("tbody", {}, ...body),
  );
}

function otherBox(other) {
  const { ids } = vocabulary(USER),
    busiest = [...ofUser]
      .sort(([, a], [, b]) => b.length - a.length)
      .slice(0, 40)
      .map(([row]) => row)
      .filter((row) => row >= vocabulary(USER).first);
  const take = ({ target }) => {
    const found = ids.indexOf(target.value.trim());
    state.other = found > 0 ? found : null;
    draw();
  };
  return make(
    "span",
    {},
    make("input", {
      id: "other",
      "data-hold": "other",
      list: "other-list",
      "aria-label": `another ${USER}`,
      value: other === null ? "" : ids[other],
      onchange: take,
    }),
    make("datalist", { id: "other-list" }, ...busiest.map((row) => make("option", { value: ids[row] }))),
  );
}
