// The course of training: as it was recorded, and as the page itself trains. Every view shows the epoch that is chosen.

import { acts, again } from "./acts.js";
import { examples, model, page } from "./examples.js";
import { count, fill, make, place, shown } from "./make.js";
import { draw, refresh, state } from "./state.js";
import { Trainer, canTrain } from "./trainer.js";

const MOST_BYTES = 4e8; // of snapshots
const PACES = [0.25, 0.5, 1, 2, 4, 16];
const run = { trainer: null, kept: [], loss: [], validation: [], playing: false, until: 0, says: "" };

const paceOf = () => state.pace ?? 1;
const rateOf = (epoch) => page.rates[Math.min(epoch, page.rates.length - 1)] * paceOf();

function begin() {
  run.trainer = new Trainer({ seed: page.seed });
  Object.assign(run, { kept: [run.trainer.tables()], loss: [NaN], validation: [run.trainer.validate()], says: "" });
}

// Train until epoch `until`, a part of an epoch at a time: in between the page answers.
export function train(until) {
  if (!run.trainer) begin();
  run.until = until;
  if (run.playing) return;
  run.playing = true;
  const parts = (epoch) => run.trainer.epoch(epoch, rateOf(epoch));
  let part = parts(run.kept.length - 1);
  const some = () => {
    if (!run.playing) return;
    const { done, value } = part.next();
    if (done && !keep(value)) return;
    if (done && run.kept.length - 1 >= run.until) run.playing = false;
    if (done) part = parts(run.kept.length - 1);
    if (done) showEpoch(run.kept.length - 1);
    if (run.playing) setTimeout(some);
  };
  some();
}

// An epoch is kept, or, where a loss was not finite, taken back.
function keep(loss) {
  if (Number.isNaN(loss)) {
    run.trainer.goOn(run.kept.at(-1));
    Object.assign(run, {
      playing: false,
      says: `It diverged in epoch ${run.kept.length}: a loss is not finite. The rows are those of epoch ${run.kept.length - 1} again; train on at half the rate.`,
    });
    state.pace = paceOf() / 2;
    draw();
    return false;
  }
  run.loss.push(loss);
  run.validation.push(run.trainer.validate());
  run.kept.push(run.trainer.tables());
  const bytes = Object.values(run.kept[0]).reduce((sum, table) => sum + table.byteLength, 0);
  if (bytes * run.kept.length > MOST_BYTES)
    Object.assign(run, {
      playing: false,
      says: `The page keeps ${count(run.kept.length, "epoch")} and no more: they fill its memory.`,
    });
  return true;
}

// Show the rows of an epoch of this page's training, or those that were saved.
function showEpoch(epoch) {
  state.epoch = epoch;
  model.rebase(epoch === null ? null : run.kept[epoch]);
  again(acts.slice());
  refresh();
}

function forget() {
  Object.assign(run, { trainer: null, kept: [], loss: [], validation: [], playing: false, says: "" });
  showEpoch(null);
}

// The address may ask for an epoch that is not there yet: then it is trained.
export function drawCurve() {
  const wanted = state.epoch;
  if (canTrain && wanted !== null && wanted > run.kept.length - 1 && !run.playing && !run.says)
    setTimeout(() => train(Math.min(wanted, 1000)));
  const recorded = page.history,
    recordedLines = ["loss", "validation_mse"]
      .filter((name) => recorded[name]?.length > 1)
      .map((name) => [name, recorded[name].map(Number)]);
  const mine =
    run.kept.length > 1
      ? [
          ["here_loss", run.loss],
          ["here_validation", run.validation],
        ]
      : [];
  const lines = [...recordedLines.map(([name, numbers]) => [name, [NaN, ...numbers]]), ...mine];
  if (!lines.length && !canTrain) return place("curve-part").setAttribute("hidden", "");
  fill(
    "curve",
    lines.length ? chart(lines) : null,
    lines.length ? make("p", { class: "soft" }, ...legend(lines)) : null,
    ...(canTrain ? controls() : []),
  );
}

const NAMES = {
  loss: "loss",
  validation_mse: "validation error",
  here_loss: "loss, trained here",
  here_validation: "error on a tenth held back, trained here",
};

function chart(lines) {
  const all = lines.flatMap(([, numbers]) => numbers).filter(Number.isFinite),
    low = Math.min(...all),
    high = Math.max(...all),
    last = Math.max(...lines.map(([, numbers]) => numbers.length)) - 1;
  const x = (k) => 20 + (560 * k) / (last || 1),
    y = (number) => 130 - (110 * (number - low)) / (high - low || 1);
  const points = (numbers) =>
    numbers
      .map((number, k) => (Number.isFinite(number) ? `${x(k)},${y(number)}` : ""))
      .filter(Boolean)
      .join(" ");
  const here =
    state.epoch === null
      ? null
      : make("line", { class: "now", x1: x(state.epoch), x2: x(state.epoch), y1: 10, y2: 132 });
  return make(
    "svg",
    {
      viewBox: "0 0 600 140",
      role: "img",
      "aria-label": lines.map(([name, numbers]) => saysOf(name, numbers)).join("; "),
    },
    here,
    ...lines.map(([name, numbers]) => make("polyline", { class: name, points: points(numbers) })),
  );
}

const saysOf = (name, numbers) =>
  `${NAMES[name]} ${shown(numbers.find(Number.isFinite) ?? NaN)} to ${shown(numbers.at(-1))} in ${count(numbers.length - 1, "epoch")}`;

const legend = (lines) =>
  lines.flatMap(([name, numbers], k) => [k ? "; " : "", make("span", { class: name }, saysOf(name, numbers))]);

function controls() {
  const last = run.kept.length - 1,
    { epoch } = state,
    go = () =>
      run.playing
        ? ((run.playing = false), draw())
        : train(last < page.epochs ? Math.max(page.epochs, last + 1) : last + 10);
  const scrub = make("input", {
    type: "range",
    id: "epoch",
    "data-hold": "epoch",
    min: 0,
    max: Math.max(last, 0),
    value: epoch ?? last,
    disabled: last < 1 ? "" : null,
    "aria-label": "epoch",
    oninput: ({ target }) => ((run.playing = false), showEpoch(Number(target.value))),
  });
  return [
    make(
      "p",
      {},
      make(
        "button",
        { id: "train", "data-hold": "train", onclick: go },
        run.playing ? "pause" : last < 0 ? "train here, from random rows" : "train on",
      ),
      make(
        "button",
        { id: "one-epoch", "data-hold": "one epoch", onclick: () => train(Math.max(last, 0) + 1) },
        "one epoch",
      ),
      make(
        "label",
        {},
        " rate × ",
        make(
          "select",
          {
            id: "pace",
            "data-hold": "pace",
            onchange: ({ target }) => (
              (state.pace = Number(target.value) === 1 ? null : Number(target.value)),
              (run.says = ""),
              draw()
            ),
          },
          ...[...new Set([...PACES, paceOf()])]
            .sort((a, b) => a - b)
            .map((pace) => make("option", { value: pace, selected: pace === paceOf() ? "" : null }, String(pace))),
        ),
      ),
      last >= 0
        ? make("button", { id: "as-saved", "data-hold": "as saved", onclick: forget }, "back to the saved model")
        : null,
    ),
    make(
      "p",
      {},
      make(
        "label",
        { class: "scrubber" },
        scrub,
        make(
          "span",
          { id: "epoch-says" },
          epoch === null
            ? "the model as it was saved"
            : `epoch ${epoch} of ${Math.max(last, epoch)}, trained here: the loss was ${shown(run.loss[epoch] ?? NaN)}, the error on what is held back ${shown(run.validation[epoch] ?? NaN)}`,
        ),
      ),
    ),
    make(
      "p",
      { class: "soft", "aria-live": "polite" },
      run.says ||
        `${count(examples.n, "example")} in this page, a tenth held back; the model's own kernel in WebAssembly, ${page.batch_size === 1 ? "one example at a time" : `in batches of ${page.batch_size}`}.`,
    ),
  ];
}
