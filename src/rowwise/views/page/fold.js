// A user's rows solved for: those that make the cost of all that the user gave the least, with the items held still.

import { USER, argumentsOf, model, pair, ratingsOf } from "./examples.js";
import { array } from "./arrays.js";
import { number } from "./program.js";

const ROUNDS = 60;
const ENOUGH = 1e-14; // of the square of the slope at the start

// The cost of all that a user gave, as a function of the user's rows, which are one line of numbers here.
export class CostOfUser {
  constructor(user) {
    this.user = user;
    this.read = argumentsOf(USER).filter(
      (i) => model.program.gradients[i.value.name] && model.program.updates[i.table],
    );
    this.tables = [...new Set(this.read.map((i) => i.table))];
    const widths = this.tables.map((table) => model.tables[table].width);
    this.from = Object.fromEntries(
      this.tables.map((table, k) => [table, widths.slice(0, k).reduce((sum, n) => sum + n, 0)]),
    );
    this.size = widths.reduce((sum, n) => sum + n, 0);
    this.ratings = ratingsOf(user);
    this.given = this.ratings.map(([item, rating]) => model.given(pair(user, item, rating)));
    this.steps = model.needed(
      this.read.map((i) => model.program.gradients[i.value.name]),
      model.steps,
    );
  }

  get rows() {
    return Float64Array.from(this.tables.flatMap((table) => [...model.tables[table].row(this.user)]));
  }

  set rows(numbers) {
    for (const table of this.tables) model.rewrite(table, this.user, this.part(numbers, table));
  }

  part = (numbers, table) => numbers.subarray(this.from[table], this.from[table] + model.tables[table].width);

  // What the rows are as arguments of the function.
  received(numbers) {
    return Object.fromEntries(this.read.map((i) => [i.value.name, array(i.value.shape, this.part(numbers, i.table))]));
  }

  // The slope of the cost of one rating, added to `sum`. The cost of an example holds its penalty.
  addSlope(k, received, sum) {
    const values = model.run(this.steps, { ...this.given[k], ...received });
    for (const i of this.read) {
      const { data } = number(values, model.program.gradients[i.value.name]),
        into = this.part(sum, i.table);
      for (let c = 0; c < into.length; c++) into[c] += data.length === 1 ? data[0] : data[c];
    }
    return sum;
  }

  slope(numbers) {
    const received = this.received(numbers),
      sum = new Float64Array(this.size);
    for (let k = 0; k < this.ratings.length; k++) this.addSlope(k, received, sum);
    return sum;
  }
}

const dot = (x, y) => x.reduce((sum, each, k) => sum + each * y[k], 0);

// What, times the curvature of the cost at `at`, gives `wanted`. By conjugate gradients: exact where the cost is quadratic
// in the rows, as it is where the loss is and the score is linear in them. Source: Hestenes & Stiefel 1952.
export function solve(cost, at, wanted) {
  const slope = cost.slope(at),
    found = new Float64Array(cost.size);
  let left = wanted.slice(),
    way = left.slice(),
    size = dot(left, left);
  const enough = size * ENOUGH;
  for (let round = 0; round < ROUNDS && size > enough; round++) {
    const bend = cost.slope(at.map((x, k) => x + way[k])).map((x, k) => x - slope[k]),
      curve = dot(way, bend);
    if (!(curve > 0)) break;
    const step = size / curve;
    for (let k = 0; k < found.length; k++) ((found[k] += step * way[k]), (left[k] -= step * bend[k]));
    const next = dot(left, left);
    way = left.map((x, k) => x + (next / size) * way[k]);
    size = next;
  }
  return found;
}

export function fold(user) {
  const cost = new CostOfUser(user);
  if (!cost.ratings.length) return;
  const { rows } = cost,
    change = solve(
      cost,
      rows,
      cost.slope(rows).map((x) => -x),
    );
  cost.rows = rows.map((x, k) => x + change[k]);
}
