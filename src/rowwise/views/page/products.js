// Products of arrays, and small matrices: rules as those of program.js.

import { size, strides } from "./arrays.js";

// Where each place on some of the axes lies among the numbers.
function offsets(shape, axes) {
  const steps = strides(shape);
  const along = (found, axis) =>
    found.flatMap((at) => Array.from({ length: shape[axis] }, (_, k) => at + k * steps[axis]));
  return axes.reduce(along, [0]);
}

// Where the numbers of a product lie: what is summed, paired and free in x and in y. Of one step it is always the same.
const plans = new WeakMap();

function planned(x, y, params) {
  if (plans.has(params)) return plans.get(params);
  const [[xSummed, ySummed], [xBatch, yBatch]] = params.dimension_numbers;
  const free = (a, ...taken) => a.shape.map((_, axis) => axis).filter((axis) => !taken.flat().includes(axis));
  const places = (a, summed, batch) => ({
    sums: offsets(a.shape, summed),
    pairs: offsets(a.shape, batch),
    free: offsets(a.shape, free(a, summed, batch)),
  });
  const plan = [places(x, xSummed, xBatch), places(y, ySummed, yBatch)];
  plans.set(params, plan);
  return plan;
}

// Contract some axes of x and y, pair others: (batch, rest of x, rest of y).
export function dotGeneral([x, y], params, shape) {
  const [ofX, ofY] = planned(x, y, params),
    data = new Float64Array(size(shape)),
    n = ofX.sums.length;
  let k = 0;
  for (let pair = 0; pair < ofX.pairs.length; pair++)
    for (const i of ofX.free)
      for (const j of ofY.free) {
        const [xFrom, yFrom] = [ofX.pairs[pair] + i, ofY.pairs[pair] + j];
        let sum = 0;
        for (let s = 0; s < n; s++) sum += x.data[xFrom + ofX.sums[s]] * y.data[yFrom + ofY.sums[s]];
        data[k++] = sum;
      }
  return data;
}

// The matrices on the last two axes, one after another, as lists of lines.
function matrices(x) {
  const [rows, columns] = x.shape.slice(-2);
  const one = (k, i) =>
    Array.from(x.data.subarray(k * rows * columns + i * columns, k * rows * columns + (i + 1) * columns));
  return Array.from({ length: x.data.length / (rows * columns) || 0 }, (_, k) =>
    Array.from({ length: rows }, (_, i) => one(k, i)),
  );
}

const turned = (m) => m[0].map((_, j) => m.map((line) => line[j]));

export function cholesky([x]) {
  return matrices(x).flatMap((a) => {
    const n = a.length,
      l = a.map(() => new Array(n).fill(0));
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        let left = a[i][j];
        for (let k = 0; k < j; k++) left -= l[i][k] * l[j][k];
        l[i][j] = i === j ? Math.sqrt(left) : left / l[j][j]; // of what is not positive, NaN
      }
    const good = l.every((line, i) => line[i] > 0);
    return l.flatMap((line, i) => line.map((number, j) => (good || j > i ? number : NaN)));
  });
}

export function triangularSolve([a, b], { left_side, lower, transpose_a, unit_diagonal }) {
  const right = matrices(b);
  return matrices(a).flatMap((m, k) => {
    const across = transpose_a !== !left_side;
    const t = across ? turned(m) : m,
      isLower = lower !== across;
    const x = left_side ? right[k] : turned(right[k]),
      n = t.length;
    for (let r = 0; r < n; r++) {
      const i = isLower ? r : n - 1 - r;
      x[i] = x[i].map((number, c) => {
        for (let j = isLower ? 0 : i + 1; j < (isLower ? i : n); j++) number -= t[i][j] * x[j][c];
        return unit_diagonal ? number : number / t[i][i];
      });
    }
    return (left_side ? x : turned(x)).flat();
  });
}

// 0: L below the diagonal and U above; 1: what each line was exchanged for; 2: the lines in their new order.
export function lu([x], { result }) {
  return matrices(x).flatMap((m) => {
    const order = m.map((_, i) => i),
      pivots = [];
    for (let k = 0; k < Math.min(m.length, m[0].length); k++) {
      let best = k;
      for (let i = k; i < m.length; i++) if (Math.abs(m[i][k]) > Math.abs(m[best][k])) best = i;
      pivots.push(best);
      [m[k], m[best]] = [m[best], m[k]];
      [order[k], order[best]] = [order[best], order[k]];
      for (let i = k + 1; i < m.length; i++) {
        m[i][k] /= m[k][k];
        for (let j = k + 1; j < m[i].length; j++) m[i][j] -= m[i][k] * m[k][j];
      }
    }
    return [m.flat(), pivots, order][result];
  });
}
