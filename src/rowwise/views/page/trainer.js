// Training in the page: the model's own kernel, from random rows, an epoch at a time and every epoch kept.

import { examples, model, page } from "./examples.js";
import { Kernel, bits, keyOf } from "./kernel.js";
import { drawnBy, isDrawn } from "./model.js";
import { decoded } from "./numbers.js";
import { InBatches, OneByOne } from "./schedule.js";

const ORDER = 0xffff; // the stream that shuffles the examples
const START = 0x5eed; // streams of the rows' start
const TYPES = { float32: Float32Array, int32: Int32Array };
const SCALE = 0.1; // of the numbers that a wide row starts with, before they are shared out over its width

export const [trains, predicts] = page.kernels;
export const canTrain = Boolean(trains && predicts && examples?.n > 1 && (examples.target || !page.target));

export class Trainer {
  // `held`: the share of the examples that is held back; `start`: tables to begin with, by name.
  constructor({ seed = 0, held = 0.1, start = {} } = {}) {
    this.seed = seed;
    const isHeld = (k) => bits(keyOf(seed, START), k, 0) < held * 2 ** 32,
      all = Array.from({ length: examples.n }, (_, k) => k);
    this.train = all.filter((k) => !isHeld(k));
    this.held = all.filter(isHeld);
    const tables = this.started(start),
      inputs = { ...tables, ...this.states(), ...columns(trains, this.train) };
    this.way =
      trains.function === "online" ? new OneByOne(this.train.length) : new InBatches(this.train.length, inputs);
    this.kernel = new Kernel(trains, { ...inputs, ...this.way.arrays });
    this.predict = this.held.length
      ? new Kernel(predicts, {
          ...tables,
          ...columns(predicts, this.held),
          "out  0": new Float32Array(this.held.length * outputs),
        })
      : null;
  }

  // Where tables start: rows of one number at 0, longer ones at random, what is not trained as it is.
  started(start) {
    return Object.fromEntries(
      Object.entries(model.tables).map(([name, table], t) => {
        const numbers = start[name] ? Float32Array.from(start[name]) : Float32Array.from(model.saved(name));
        if (start[name] || !model.program.updates[name]) return [`table ${name} 0`, numbers];
        const key = keyOf(this.seed, START, t + 1),
          wide = table.width > 1;
        const scale = SCALE / Math.sqrt(table.width);
        for (let k = 0; k < numbers.length; k++) numbers[k] = wide ? scale * normal(key, k) : 0;
        return [`table ${name} 0`, numbers];
      }),
    );
  }

  // The optimizer's numbers before the first step. How fast each row moves was found in the data, and stays.
  states() {
    const found = {};
    for (const [name, update] of Object.entries(model.program.updates))
      update.state.forEach((value, part) => {
        const { saved } = model.states[name][part],
          start = new TYPES[value.dtype](saved.length).fill(Number(update.start[part]));
        found[`state ${name} ${part}`] = value.name.endsWith(".pace") ? Float32Array.from(saved) : start;
      });
    return found;
  }

  // One pass over the examples, in parts; in the end the mean loss, NaN where a loss was not finite.
  *epoch(epoch, rate) {
    const numbers = { ...constants(), "rate  0": rate, ...this.keys(epoch) };
    this.draw(epoch);
    const loss = yield* this.way.epoch(this.kernel, numbers, keyOf(this.seed, epoch, ORDER));
    return loss / this.train.length;
  }

  keys(epoch) {
    return Object.fromEntries(
      trains.arguments
        .filter(({ role }) => role === "key")
        .map(({ part }) => [`key  ${part}`, keyOf(this.seed, epoch, part) | 0]),
    );
  }

  // The rows that an epoch draws, all alike, where the kernel reads them.
  draw(epoch) {
    for (const i of model.inputs.filter(isDrawn)) {
      const key = keyOf(this.seed, epoch, streamOf(i)),
        rows = this.kernel.arrays[`drawn ${i.column} 0`],
        count = drawnBy(i),
        known = model.tables[i.table].rows - 1;
      for (let k = 0; k < rows.length; k++) rows[k] = (bits(key, Math.floor(k / count), k % count) % known) + 1;
    }
  }

  // The mean squared error on what is held back.
  validate() {
    if (!this.predict || !examples.target || outputs > 1) return NaN;
    for (const [key, array] of Object.entries(this.predict.arrays))
      if (key.startsWith("table ")) array.set(this.kernel.arrays[key]);
    this.predict.call({ ...constants(), "first  0": 0, "last  0": this.held.length });
    const { data } = examples.target,
      out = this.predict.arrays["out  0"];
    return this.held.reduce((sum, k, j) => sum + (out[j] - data[k]) ** 2, 0) / this.held.length;
  }

  // The tables as they are now, by name. An unknown row that no example read is the mean of the rows that were.
  tables() {
    const names = Object.keys(model.tables).filter((name) => `table ${name} 0` in this.kernel.arrays);
    return Object.fromEntries(
      names.map((name) => [name, this.mended(name, this.kernel.arrays[`table ${name} 0`].slice())]),
    );
  }

  mended(name, numbers) {
    const read = model.inputs.find((i) => i.kind === "row" && i.table === name),
      ids = read && this.kernel.arrays[`ids ${read.column} 0`];
    if (!ids || !model.program.updates[name]) return numbers;
    const rows = new Set(ids),
      { width } = model.tables[name];
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

// What is the same for every example: statistics.
function constants() {
  return Object.fromEntries(Object.entries(page.means).map(([name, mean]) => [`mean ${name} 0`, mean]));
}

// The random stream that an input draws from: that of the first which draws from its column.
const streamOf = (i) => model.inputs.findIndex((other) => isDrawn(other) && other.column === i.column);

const outputs = (page.program.prediction?.shape ?? []).reduce((product, n) => product * n, 1);

// The columns that a kernel reads, of some of the examples.
function columns(kernel, places) {
  const found = {};
  for (const { role, name, part } of kernel.arguments)
    Object.assign(found, { [`${role} ${name} ${part}`]: column(role, name, places) });
  return Object.fromEntries(Object.entries(found).filter(([, array]) => array));
}

function column(role, name, places) {
  const lists = examples.rows[name]?.starts;
  if (role === "starts") return starts(lists, places);
  if (role === "drawn") return new Int32Array(places.length * countOf(name));
  if (role === "ids" && lists) return gathered(examples.rows[name].rows.data, lists, places);
  if (role === "id_weights") {
    const of = Object.values(examples.rows).find(({ weights }) => weights && name in weights);
    return gathered(decoded(of.weights[name]).data, of.starts, places);
  }
  const held = { ids: examples.rows[name]?.rows, values: examples.values[name], target: examples.target }[role];
  if (!held) return null;
  const width = held.shape.slice(1).reduce((product, n) => product * n, 1),
    data = new held.data.constructor(places.length * width);
  places.forEach((k, j) => data.set(held.data.subarray(k * width, (k + 1) * width), j * width));
  const dtype = role === "target" ? model.inputs.find((i) => i.kind === "target").value.dtype : null;
  return dtype === "int32" ? Int32Array.from(data) : data;
}

const countOf = (column) => drawnBy(model.inputs.find((i) => isDrawn(i) && i.column === column));

// Lists of some of the examples, end to end, and where each begins.
function starts(of, places) {
  const found = new BigInt64Array(places.length + 1);
  places.forEach((k, j) => (found[j + 1] = found[j] + BigInt(of[k + 1] - of[k])));
  return found;
}

function gathered(data, of, places) {
  const found = new data.constructor(places.reduce((sum, k) => sum + of[k + 1] - of[k], 0));
  places.reduce((at, k) => (found.set(data.subarray(of[k], of[k + 1]), at), at + of[k + 1] - of[k]), 0);
  return found;
}

// A normal number by the polar turn of two even ones. Source: Box & Muller 1958.
function normal(key, k) {
  const [u, v] = [0, 1].map((lane) => (bits(key, k, lane) + 0.5) / 2 ** 32);
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}
