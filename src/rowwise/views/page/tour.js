// The tour: ten questions about embeddings. A stop is a link: it sets what is shown, and says two sentences.

import { isPairs, model, page } from "./examples.js";
import { fill, make, place } from "./make.js";
import { addressWith, draw, state } from "./state.js";
import { canTrain } from "./trainer.js";

const weights = () =>
  Object.values(model.tables)
    .reduce((sum, table) => sum + table.data.length, 0)
    .toLocaleString("en");
const read = () =>
  model.inputs
    .filter((i) => model.isLookup(i) || i.kind === "weight")
    .reduce((sum, i) => {
      const { table, rows } = model.read(i, state.example);
      return sum + rows.length * model.tables[table].width;
    }, 0)
    .toLocaleString("en");
const line = (of) => () => (of === "loss" ? page.lines.length : of === "back" ? page.lines.length + 1 : 1);

// In order: the question, where it is answered, what is set there, two sentences, and for which models it is a question.
const STOPS = [
  [
    "What is a user to the model?",
    "arguments-title",
    {},
    () =>
      "An id is a name: all that it does is say which row of a table to read. Whatever the model knows of somebody stands in that row.",
    () => isPairs,
  ],
  [
    "What becomes of a text?",
    "texts-title",
    {},
    () =>
      "A text is a list of words, and each word names a row. How many rows there are and how many of them a text reads are two sizes of their own.",
    () => page.texts.length,
  ],
  [
    "Where are the weights?",
    "arguments-title",
    {},
    () =>
      `The rows are the weights: ${weights()} numbers in all, and training moves nothing else. This example reads ${read()} of them.`,
    () => true,
  ],
  [
    "How does a prediction come about?",
    "lines-title",
    { line: line("first") },
    () =>
      "Two rows are multiplied number by number and the products are added up: rows that point the same way give a large sum. Open a line to see every product.",
    () => isPairs,
  ],
  [
    "How do words make a prediction?",
    "lines-title",
    { line: line("first") },
    () =>
      "The rows of the words are looked up and combined, and the rest of the function makes one number of them. Open a line to see every step.",
    () => page.texts.length,
  ],
  [
    "What is a bias for?",
    "map-title",
    { colour: () => "bias" },
    () =>
      "A bias is one number a row: how generous a user is, or how good an item, whoever meets it. What is left is what the long rows have to tell.",
    () => isPairs && page.terms.length > 1,
  ],
  [
    "What is made small?",
    "lines-title",
    { line: line("loss") },
    () =>
      "The loss is how far the prediction is from what was given, and most often its square. What rows pay for being long is added, so that few ratings do not make long rows.",
    () => true,
  ],
  [
    "How does it know which way to go?",
    "derivatives-title",
    { line: line("back") },
    () =>
      "Each line knows its derivative: how the loss moves when its value does. Nudge a number by 0.01, and see the cost move by as much as was foretold.",
    () => true,
  ],
  [
    "What happens in one step?",
    "update-title",
    {},
    () =>
      "Each row that was read goes a little against its derivative, and no other row moves. Take ten steps, and see the prediction come nearer to what was given.",
    () => true,
  ],
  [
    "How do rows fill a grid of ratings?",
    "grid-title",
    {},
    () =>
      "Each cell is the product of the row at its left and the row above it. So a few numbers for each user and each item stand for all ratings, also for those that nobody gave.",
    () => isPairs,
  ],
  [
    "What do the numbers mean?",
    "map-title",
    { colour: () => null },
    () =>
      "Nobody said what a number of a row is to mean: items that the same people like get rows that point the same way. The map shows two directions of many, and the lines where it lies.",
    () => isPairs,
  ],
  [
    "Was it learnt, or learnt by heart?",
    "curve-title",
    {},
    () =>
      `The loss falls for as long as one trains; the error on what was held back tells whether anything was learnt.${canTrain ? " Train the model here, from random rows, and see both." : ""}`,
    () => true,
  ],
];

export const stops = STOPS.filter(([, , , , isAsked]) => isAsked());

const settings = ([, , sets], k) => ({
  tour: k + 1,
  ...Object.fromEntries(Object.entries(sets).map(([name, of]) => [name, of()])),
});

let told = null;

export function drawTour() {
  const at = stops[state.tour - 1];
  const link = (stop, k, text = stop[0]) =>
    make(
      "a",
      {
        href: addressWith(settings(stop, k)),
        "data-hold": `tour ${k + 1} ${text}`,
        "aria-current": at === stop ? "step" : null,
      },
      text,
    );
  fill("tour", make("ol", {}, ...stops.map((stop, k) => make("li", {}, link(stop, k)))));
  place("stop").toggleAttribute("hidden", !at);
  document.querySelectorAll(".toured").forEach((part) => part.classList.remove("toured"));
  if (!at) return (told = null);
  const k = state.tour - 1,
    part = place(at[1]);
  fill(
    "stop",
    make("b", {}, `${k + 1}. ${at[0]} `),
    make("span", { id: "stop-says" }, at[3]()),
    " ",
    k > 0 ? link(stops[k - 1], k - 1, "‹ before") : null,
    " ",
    k + 1 < stops.length ? link(stops[k + 1], k + 1, "next ›") : null,
    " ",
    make("button", { "data-hold": "end of tour", onclick: () => ((state.tour = null), draw()) }, "end"),
  );
  part.closest("section").classList.add("toured");
  if (told !== k) part.scrollIntoView({ block: "center" });
  told = k;
}
