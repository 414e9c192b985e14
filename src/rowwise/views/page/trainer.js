// Training in the page: the model's own kernel, from random rows, an epoch at a time and every epoch kept.

import { examples, model, page } from "./examples.js";
import { Kernel, bits, keyOf } from "./kernel.js";

const RUN = 4096; // examples whose order a kernel makes at once
const AT_ONCE = 16; // runs after which the page may breathe
const ORDER = 0xffff; // the stream that shuffles the examples
const START = 0x5eed; // streams of the rows' start
const TYPES = { float32: Float32Array, int32: Int32Array };
const SCALE = 0.1; // of the numbers that a wide row starts with, before they are shared out over its width

export const [online, predicts] = ["online", "predict"].map((name) => page.kernels.find((each) => each.function === name));
export const canTrain = Boolean(online && predicts && examples?.n > 1 && (examples.target || !page.target));

export class Trainer {
  // `held`: the share of the examples that is held back; `start`: tables to begin with, by name.
  constructor({ seed = 0, held = 0.1, start = {} } = {}) {
    this.seed = seed;
    const isHeld = (k) => bits(keyOf(seed, START), k, 0) < held * 2 ** 32, all = Array.from({ length: examples.n }, (_, k) => k);
    this.train = all.filter((k) => !isHeld(k));
    this.held = all.filter(isHeld);
    const runs = Math.ceil(this.train.length / RUN), tables = this.started(start);
    this.kernel = new Kernel(online, { ...tables, ...this.states(), ...columns(online, this.train), "runs  0": new BigInt64Array(5 * Math.min(runs, AT_ONCE)), "losses  0": new Float64Array(Math.min(runs, AT_ONCE)) });
    this.predict = this.held.length ? new Kernel(predicts, { ...tables, ...columns(predicts, this.held), "out  0": new Float32Array(this.held.length) }) : null;
  }

  // Where tables start: rows of one number at 0, longer ones at random, what is not trained as it is.
  started(start) {
    return Object.fromEntries(Object.entries(model.tables).map(([name, table], t) => {
      const numbers = start[name] ? Float32Array.from(start[name]) : Float32Array.from(model.saved(name));
      if (start[name] || !model.program.updates[name]) return [`table ${name} 0`, numbers];
      const key = keyOf(this.seed, START, t + 1), wide = table.width > 1;
      const scale = SCALE / Math.sqrt(table.width);
      for (let k = 0; k < numbers.length; k++) numbers[k] = wide ? scale * normal(key, k) : 0;
      return [`table ${name} 0`, numbers];
    }));
  }

  // The optimizer's numbers before the first step.
  states() {
    const found = {};
    for (const [name, update] of Object.entries(model.program.updates))
      update.state.forEach((value, part) => {
        const n = model.states[name][part].data.length;
        found[`state ${name} ${part}`] = new TYPES[value.dtype](n).fill(Number(update.start[part]));
      });
    return found;
  }

  // One pass over the examples, in parts; in the end the mean loss, NaN where a loss was not finite.
  *epoch(epoch, rate) {
    const n = this.train.length, key = keyOf(this.seed, epoch, ORDER), { arrays } = this.kernel;
    const numbers = { ...constants(), "rate  0": rate, ...this.keys(epoch) };
    let loss = 0;
    for (let first = 0; first < n; first += RUN * AT_ONCE) {
      const runs = Math.min(AT_ONCE, Math.ceil((n - first) / RUN));
      for (let k = 0; k < runs; k++) {
        const from = first + k * RUN;
        arrays["runs  0"].set([0n, BigInt(from), BigInt(Math.min(RUN, n - from)), BigInt(n), BigInt(key)], 5 * k);
      }
      if (this.kernel.call({ ...numbers, "n_runs  0": runs }) >= 0n) return NaN;
      for (let k = 0; k < runs; k++) loss += arrays["losses  0"][k];
      yield Math.min(1, (first + runs * RUN) / n);
    }
    return loss / n;
  }

  keys(epoch) {
    return Object.fromEntries(online.arguments.filter(({ role }) => role === "key").map(({ part }) => [`key  ${part}`, keyOf(this.seed, epoch, part) | 0]));
  }

  // The mean squared error on what is held back.
  validate() {
    if (!this.predict || !examples.target) return NaN;
    for (const [key, array] of Object.entries(this.predict.arrays)) if (key.startsWith("table ")) array.set(this.kernel.arrays[key]);
    this.predict.call({ ...constants(), "first  0": 0, "last  0": this.held.length });
    const { data } = examples.target, out = this.predict.arrays["out  0"];
    return this.held.reduce((sum, k, j) => sum + (out[j] - data[k]) ** 2, 0) / this.held.length;
  }

  // The tables as they are now, by name. An unknown row that no example read is the mean of the rows that were.
  tables() {
    const names = Object.keys(model.tables).filter((name) => `table ${name} 0` in this.kernel.arrays);
    return Object.fromEntries(names.map((name) => [name, this.mended(name, this.kernel.arrays[`table ${name} 0`].slice())]));
  }

  mended(name, numbers) {
    const read = model.inputs.find((i) => i.kind === "row" && i.table === name), ids = read && this.kernel.arrays[`ids ${read.column} 0`];
    if (!ids || !model.program.updates[name]) return numbers;
    const rows = new Set(ids), { width } = model.tables[name];
    if (rows.has(0) || !rows.size) return numbers;
    for (let c = 0; c < width; c++) {
      let sum = 0;
      for (const row of rows) sum += numbers[row * width + c];
      numbers[c] = sum / rows.size;
    }
    return numbers;
  }

  goOn(tables) {
    for (const [name, numbers] of Object.entries(tables)) this.kernel.arrays[`table ${name} 0`].set(numbers);
  }
}

// What is the same for every example: statistics, and how many rows there are to draw from.
function constants() {
  const means = Object.entries(page.means).map(([name, mean]) => [`mean ${name} 0`, mean]);
  const rows = Object.entries(model.tables).map(([name, table]) => [`n_rows ${name} 0`, table.rows]);
  return Object.fromEntries([...means, ...rows]);
}

// The columns that a kernel reads, of some of the examples.
function columns(kernel, places) {
  const found = {};
  for (const { role, name, part } of kernel.arguments) {
    const held = role === "ids" ? examples.rows[name].rows : role === "values" ? examples.values[name] : role === "target" ? examples.target : null;
    if (!held) continue;
    const width = held.shape.slice(1).reduce((product, n) => product * n, 1), data = new held.data.constructor(places.length * width);
    places.forEach((k, j) => data.set(held.data.subarray(k * width, (k + 1) * width), j * width));
    const dtype = role === "target" ? model.inputs.find((i) => i.kind === "target").value.dtype : null;
    found[`${role} ${name} ${part}`] = dtype === "int32" ? Int32Array.from(data) : data;
  }
  return found;
}

// A normal number by the polar turn of two even ones. Source: Box & Muller 1958.
function normal(key, k) {
  const [u, v] = [0, 1].map((lane) => (bits(key, k, lane) + 0.5) / 2 ** 32);
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}
