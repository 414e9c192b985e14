// Two sizes that sound alike, over what each would keep of the training texts.

import { make } from "./make.js";
import { told } from "./words.js";

// Two sizes that sound alike: how many words have a row of their own, and how many of a text are read.
export function rulers() {
  const rows = told.own + 2,
    { coverage, lengths, length, distinct } = told;
  if (!distinct || !lengths.length) return [];
  const longest = lengths.at(-1)[0],
    share = (points, x) => (points.find(([at]) => at >= x) ?? points.at(-1))[1];
  return [
    make("h3", {}, "two sizes"),
    ruler(
      "vocabulary: rows of the table",
      coverage,
      rows,
      distinct + 2,
      told.recipe.orders.at(-1) > 1 ? "of running words (n-grams apart)" : "of running words have a row",
      share,
    ),
    ruler(
      "length: rows that a text reads",
      lengths,
      length ?? longest,
      longest,
      length === null ? "of texts whole: a bag reads all" : "of texts are read whole",
      share,
    ),
  ];
}

function ruler(title, points, now, most, says, share) {
  const x = (at) => (600 * Math.min(at, most)) / most,
    line = points.map(([at, part]) => `${x(at)},${44 - 38 * part}`).join(" ");
  return make(
    "div",
    { class: "ruler" },
    make("p", {}, `${title}: ${now.toLocaleString("en")}, ${(100 * share(points, now)).toFixed(0)}% ${says}`),
    make(
      "svg",
      { viewBox: "0 0 600 50", role: "img", "aria-label": `${title}, up to ${most.toLocaleString("en")}` },
      make("polyline", { class: "loss", points: line }),
      make("line", { class: "now", x1: x(now), x2: x(now), y1: 2, y2: 48 }),
    ),
  );
}
