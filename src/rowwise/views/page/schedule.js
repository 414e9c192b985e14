// How an epoch goes through its examples: one after another, or in batches, with the room that each kernel needs.
// Each is a few calls, between which the page may breathe, and gives the sum of the losses, NaN where one is not finite.

import { model, page } from "./examples.js";
import { hasRows } from "./model.js";

const RUN = 4096; // examples whose order a kernel makes at once
const RUNS = 16; // in one call
const WORK = 1 << 22; // numbers read in one call

export class OneByOne {
  constructor(n) {
    this.n = n;
    const runs = Math.min(RUNS, Math.ceil(n / RUN));
    this.arrays = { "runs  0": new BigInt64Array(5 * runs), "losses  0": new Float64Array(runs) };
  }

  *epoch(kernel, numbers, key) {
    const { n } = this,
      told = kernel.arrays["runs  0"],
      losses = kernel.arrays["losses  0"];
    let loss = 0;
    for (let first = 0; first < n; first += RUN * RUNS) {
      const runs = Math.min(RUNS, Math.ceil((n - first) / RUN));
      for (let k = 0; k < runs; k++) {
        const from = first + k * RUN;
        told.set([0n, BigInt(from), BigInt(Math.min(RUN, n - from)), BigInt(n), BigInt(key)], 5 * k);
      }
      if (kernel.call({ ...numbers, "n_runs  0": runs }) >= 0n) return NaN;
      for (let k = 0; k < runs; k++) loss += losses[k];
      yield Math.min(1, (first + runs * RUN) / n);
    }
    return loss;
  }
}

// Batches of one piece each. The buffers are those of `rowwise.backends.llvm.codegen.buffers`.
export class InBatches {
  constructor(n, inputs) {
    this.n = n;
    this.size = Math.min(page.batch_size, n);
    this.arrays = {
      "order  0": new Int32Array(this.size + 16),
      "losses  0": new Float64Array(1),
      "total  0": new Float64Array(1),
    };
    this.numbers = { "n_pieces  0": 1, "piece_size  0": this.size, "batch_size  0": this.size, "n_examples  0": n };
    for (const name of Object.keys(model.program.updates)) this.makeRoom(name, inputs);
    const read = model.inputs.reduce((sum, i) => sum + i.value.shape.reduce((product, d) => product * d, 1), 0);
    this.atOnce = Math.max(1, Math.floor(WORK / (this.size * read * (this.longest ?? 1))));
  }

  makeRoom(name, inputs) {
    const readers = model.inputs.filter((i) => model.isLookup(i) && i.table === name),
      { width, rows } = model.tables[name];
    if (!readers.length) return (this.arrays[`sums ${name} 0`] = new Float32Array(width));
    const gradients = readers.reduce((sum, i) => sum + (hasRows(i) ? i.value.shape[0] : 1), 0);
    const room = readers.reduce((sum, i) => sum + this.mostRows(i, inputs), 0);
    this.numbers[`room ${name} 0`] = room;
    for (const role of ["rows", "sources", "nexts"]) this.arrays[`${role} ${name} 0`] = new Int32Array(room);
    Object.assign(this.arrays, {
      [`gradients ${name} 0`]: new Float32Array(this.size * gradients * width),
      [`counts ${name} 0`]: new BigInt64Array(1),
      [`heads ${name} 0`]: new Int32Array(rows).fill(-1),
      [`row_weights ${name} 0`]: new Float32Array(room),
    });
  }

  // The most rows that a lookup can ask for in one batch.
  mostRows(i, inputs) {
    if (i.kind !== "bag") return this.size * (hasRows(i) ? i.value.shape[0] : 1);
    const starts = inputs[`starts ${i.column} 0`],
      lengths = Array.from({ length: starts.length - 1 }, (_, k) => Number(starts[k + 1] - starts[k])).sort(
        (a, b) => b - a,
      );
    this.longest = Math.max(this.longest ?? 1, lengths.reduce((sum, n) => sum + n, 0) / (lengths.length || 1));
    return lengths.slice(0, this.size).reduce((sum, n) => sum + n, 0);
  }

  *epoch(kernel, numbers, key) {
    const batches = Math.ceil(this.n / this.size),
      total = kernel.arrays["total  0"];
    total[0] = 0;
    for (let first = 0; first < batches; first += this.atOnce) {
      const last = Math.min(batches, first + this.atOnce);
      if (
        kernel.call({ ...numbers, ...this.numbers, "first  0": first, "last  0": last, "order_key  0": key | 0 }) >= 0n
      )
        return NaN;
      yield last / batches;
    }
    return total[0];
  }
}
