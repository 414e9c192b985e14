// The page of a model: one example, one state, linked views. Text of the user's is set as text, never as markup.

import { lightUp, push } from "./chip.js";
import { drawCode } from "./code.js";
import { drawCurve } from "./curve.js";
import { drawErrors } from "./errors.js";
import { exampleOf, examples, isPairs, model, page, pair } from "./examples.js";
import { fold } from "./fold.js";
import { drawGrid } from "./grid.js";
import { drawList } from "./list.js";
import { fill, place, plain } from "./make.js";
import { drawMap, watchMap } from "./map.js";
import { drawPeople } from "./people.js";
import { drawSentence } from "./sentence.js";
import { fromAddress, later, show, showText, state, views } from "./state.js";
import { drawTexts, partsSum } from "./texts.js";
import { drawTour } from "./tour.js";
import { Trainer } from "./trainer.js";
import { drawUpdate } from "./update.js";
import { drawArguments } from "./weights.js";
import { drawWhy, pushes } from "./why.js";
import { read, tokens } from "./words.js";

views.push(drawSentence, drawArguments, drawCode, drawUpdate, drawCurve, drawTour);
views.push(isPairs ? drawTexts : () => later(drawTexts)); // of pairs there is no text, and the part goes
if (isPairs) views.push(drawGrid, () => later(drawMap, drawList, drawErrors, drawPeople, drawWhy));

globalThis.rowwise = {
  model,
  page,
  state,
  show,
  exampleOf,
  pair,
  read,
  tokens,
  showText,
  partsSum,
  drawMap,
  push,
  fold,
  pushes,
  Trainer,
}; // for the browser's console
place("signature").textContent = page.signature.split("\n").map(plain).join("\n");
fill(
  "kept",
  ...Object.entries(page.kept).map(
    ([name, [n, all]]) =>
      `The page holds ${n.toLocaleString("en")} of the ${all.toLocaleString("en")} rows of ${name}, the most frequent; all others are answered from the unknown row. `,
  ),
  page.halved.length
    ? `The numbers of ${page.halved.join(", ")} stand here in 16 bits each, so that the file is no larger: what the page says differs from the model in the fourth digit.`
    : null,
);
if (model.lacking.length)
  fill("sentence", `This page has no meaning for ${model.lacking.join(", ")}: rowwise steps shows such a model.`);
else if (!isPairs && !examples?.n) fill("sentence", "This page holds no example of this model: write it with data.");
else {
  if (isPairs) watchMap();
  else document.querySelectorAll(".pairs").forEach((part) => part.setAttribute("hidden", ""));
  lightUp();
  addEventListener("hashchange", fromAddress);
  fromAddress();
}
