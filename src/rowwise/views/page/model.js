// A trained model that answers and learns: its tables, its ids, and one example at a time.
// An example is { rows: {column: row or list of rows}, weights: {column: numbers}, values: {column: number}, target },
// its target null where it is not known.

import { array, nested } from "./arrays.js";
import { decoded } from "./numbers.js";
import { lacks, number, run } from "./program.js";

export const isDrawn = (i) => i.kind.startsWith("sampled");

// Whether its rows come one below the other, each with a gradient of its own.
export const hasRows = (i) => i.kind === "rows" || i.kind === "sampled rows";

// How many ids it draws for an example.
export const drawnBy = (i) => (i.kind === "sampled" ? 1 : i.value.shape[0]);

// The numbers of a table in float64, one row after another.
class Table {
  constructor(told) {
    const { shape, data } = decoded(told);
    [this.rowShape, this.start, this.saved] = [shape.slice(1), data, data];
    this.rows = shape[0] ?? 1;
    this.width = data.length / this.rows || 0;
    this.data = Float64Array.from(data);
  }

  row(k) {
    return this.data.subarray(k * this.width, (k + 1) * this.width);
  }

  // Other numbers to begin with: those of an epoch, or without any those that were saved.
  rebase(numbers) {
    this.start = numbers ?? this.saved;
    this.data.set(this.start);
  }

  before(k) {
    return this.start.subarray(k * this.width, (k + 1) * this.width);
  }
}

// A dense weight: all of it is one row.
class Weight extends Table {
  constructor(told) {
    super({ ...told, shape: [1, ...told.shape] });
  }
}

const SHARES = {
  mean: (weights) => weights.reduce((sum, w) => sum + w, 0),
  sqrtn: (weights) => Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0)),
  sum: () => 1,
};

export class Model {
  constructor(page) {
    this.page = page;
    this.program = page.program;
    this.inputs = page.program.inputs;
    const dense = new Set(this.inputs.filter((i) => i.kind === "weight").map((i) => i.value.name));
    const kind = (name) => (dense.has(name) ? Weight : Table);
    const made = (of) => Object.fromEntries(Object.entries(page.tables).map(([name]) => [name, of(name)]));
    this.histories = page.seen && {
      starts: decoded(page.seen.starts).data,
      rows: decoded(page.seen.rows).data,
      worth: page.seen.weights.worth && decoded(page.seen.weights.worth).data,
    };
    this.tables = made((name) => new (kind(name))(page.tables[name]));
    this.states = made((name) => (page.states[name] ?? []).map((state) => new (kind(name))(state)));
    this.steps = this.program.steps.filter((step) => step.phase !== "update");
    this.forward = this.needed([this.program.prediction], this.steps);
    this.readers = this.inputs.filter((i) => i.kind === "weight" || this.isLookup(i));
    this.lacking = lacks(this.program.steps);
    this.version = 0; // of what all rows begin with
    this.touched = new Set(); // rows that may hold other numbers than the model, each as "table\nrow"
  }

  saved(name) {
    return this.tables[name].saved;
  }

  // The tables of an epoch by name, or none for the saved ones: all that was changed is forgotten.
  rebase(tables) {
    this.reset();
    for (const [name, table] of Object.entries(this.tables)) table.rebase(tables?.[name]);
    this.version++;
  }

  // Another number in place k of a row; other numbers in all of it.
  put(table, row, k, to) {
    this.tables[table].row(row)[k] = to;
    this.touched.add(`${table}\n${row}`);
  }

  rewrite(table, row, numbers) {
    this.tables[table].row(row).set(numbers);
    this.touched.add(`${table}\n${row}`);
  }

  // What the rows of an example pay besides its loss: l2 times the sum of their squares, for each argument that pays.
  penalties(values) {
    return Object.entries(this.page.penalties).map(([of, l2]) => ({
      of,
      l2,
      number: l2 * values[of].data.reduce((sum, x) => sum + x * x, 0),
    }));
  }

  isLookup(i) {
    return ["row", "rows", "bag", "sampled", "sampled rows"].includes(i.kind);
  }

  // The steps that results are computed from, in order; no others.
  needed(results, steps) {
    const wanted = new Set(results.filter((result) => result?.name).map((result) => result.name));
    const kept = steps.toReversed().filter((step) => {
      if (!wanted.has(step.output.name)) return false;
      step.inputs.forEach((operand) => operand.name && wanted.add(operand.name));
      return true;
    });
    return kept.toReversed();
  }

  // Which rows an argument reads of its table, and what each counts for.
  read(i, example) {
    if (i.kind === "weight") return { table: i.value.name, rows: [0], shares: [1] };
    const given = example.rows[isDrawn(i) ? i.value.name : i.column];
    const rows = [given].flat();
    if (i.kind !== "bag") return { table: i.table, rows, shares: rows.map(() => 1) };
    const weights = i.weights ? example.weights[i.weights] : rows.map(() => 1);
    const total = SHARES[i.combine](weights);
    return { table: i.table, rows, shares: weights.map((w) => w / (total > 0 || i.combine === "sum" ? total : 1)) };
  }

  // What each thing that a user has says of an item: [thing, what it is worth, what it adds].
  said(i, user, item) {
    const { starts, rows, worth } = this.histories,
      found = [];
    for (let k = starts[user]; k < starts[user + 1]; k++)
      found.push([rows[k], worth[k], worth[k] * this.tables[i.table].row(rows[k])[item]]);
    return found;
  }

  // What the function receives for one argument.
  received(i, example) {
    const { shape } = i.value;
    if (i.kind === "constant") return nested(i.numbers, shape);
    if (i.kind === "statistic") return nested(this.page.means[i.value.name], shape);
    if (i.kind === "target") return nested(example.target ?? 0, shape);
    if (i.kind === "dropout") return array(shape, new Float64Array(shape.reduce((n, d) => n * d, 1)).fill(1));
    if (i.kind === "value")
      return nested(example.values[i.column] ?? (i.value.name === "sample weight" ? 1 : 0), shape);
    if (i.kind === "mask")
      return array(
        shape,
        example.rows[i.mask_of].map((row) => (row === 0 ? 0 : 1)),
      );
    if (i.kind === "history") {
      const said = this.said(i, example.rows[i.of], example.rows[i.column]);
      return nested(
        said.reduce((sum, [, , adds]) => sum + adds, 0),
        shape,
      );
    }
    const { table, rows, shares } = this.read(i, example),
      numbers = this.tables[table];
    if (hasRows(i))
      return array(
        shape,
        rows.flatMap((row) => [...numbers.row(row)]),
      );
    const sum = new Float64Array(numbers.width);
    rows.forEach((row, k) => numbers.row(row).forEach((x, c) => (sum[c] += shares[k] * x)));
    return array(shape, sum);
  }

  // Some of the steps, on values that are known.
  run(steps, values) {
    return run(steps, values);
  }

  given(example) {
    return Object.fromEntries(this.inputs.map((i) => [i.value.name, this.received(i, example)]));
  }

  // Every value of the forward and derivative steps, by name.
  walk(example) {
    return run(this.steps, this.given(example));
  }

  // The numbers of the prediction.
  predict(example) {
    const values = run(this.forward, this.given(example));
    return number(values, this.program.prediction).data;
  }

  // What each row that the example reads would be pulled by: {table, row, gradient}; a row read twice gets the sum.
  gradients(example, values) {
    const found = new Map();
    for (const i of this.readers) {
      const gradient = this.program.gradients[i.value.name];
      if (!gradient) continue;
      const numbers = number(values, gradient).data,
        { table, rows, shares } = this.read(i, example);
      rows.forEach((row, k) => {
        const key = `${row} ${table}`,
          width = this.tables[table].width;
        if (!found.has(key)) found.set(key, { table, row, gradient: new Float64Array(width) });
        const sum = found.get(key).gradient,
          at = hasRows(i) ? k * width : 0;
        for (let c = 0; c < width; c++) sum[c] += shares[k] * (numbers.length === 1 ? numbers[0] : numbers[at + c]);
      });
    }
    return [...found.values()];
  }

  // What the optimizer would make of each row: {table, row, gradient, before, after, states}.
  moves(example, rate, values = this.walk(example)) {
    return this.gradients(example, values).flatMap((move) => {
      const update = this.program.updates[move.table];
      if (!update) return [];
      const table = this.tables[move.table],
        states = this.states[move.table],
        shape = update.row.shape;
      const known = {
        [update.row.name]: array(shape, table.row(move.row)),
        [update.gradient.name]: array(shape, move.gradient),
        [update.learning_rate.name]: array([], [rate]),
      };
      update.state.forEach((value, k) => (known[value.name] = array(value.shape, states[k].row(move.row))));
      run(this.needed([update.new_row, ...update.new_state], this.program.steps), known);
      const after = number(known, update.new_row).data;
      const told = update.state.map((value, k) => ({
        name: value.name.split(".").at(-1),
        before: [...states[k].row(move.row)],
        after: number(known, update.new_state[k]).data,
      }));
      return [{ ...move, before: [...table.row(move.row)], after, states: told }];
    });
  }

  // Take the optimizer's step.
  learn(example, rate, times = 1) {
    for (let k = 0; k < times; k++)
      for (const move of this.moves(example, rate)) {
        this.rewrite(move.table, move.row, move.after);
        move.states.forEach((state, s) => this.states[move.table][s].row(move.row).set(state.after));
      }
  }

  // The rows that hold other numbers than they did when the page was written.
  changed() {
    return [...this.touched]
      .map((key) => key.split("\n"))
      .map(([table, row]) => ({ table, row: Number(row) }))
      .filter(({ table, row }) =>
        this.tables[table].row(row).some((x, c) => !Object.is(x, this.tables[table].before(row)[c])),
      );
  }

  // What `work` finds with the numbers that the model had.
  asBefore(work) {
    const now = this.changed().map(({ table, row }) => ({ table, row, numbers: this.tables[table].row(row).slice() }));
    now.forEach(({ table, row }) => this.tables[table].row(row).set(this.tables[table].before(row)));
    const found = work();
    now.forEach(({ table, row, numbers }) => this.tables[table].row(row).set(numbers));
    return found;
  }

  reset() {
    for (const { table, row } of this.changed()) this.tables[table].row(row).set(this.tables[table].before(row));
    for (const key of this.touched) {
      const [table, row] = key.split("\n");
      this.states[table].forEach((state) => state.row(Number(row)).set(state.before(Number(row))));
    }
    this.touched.clear();
  }
}
