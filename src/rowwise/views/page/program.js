// A program run in the browser: each primitive, one example, in float64. What a step means is defined by
// backends/reference.py; every rule here is held to it.
//
// An array is { shape, data }: its numbers in order, the last axis running fastest; truth values are 0 and 1.

export const size = (shape) => shape.reduce((product, n) => product * n, 1);

export const array = (shape, data) => ({ shape, data: data instanceof Float64Array ? data : Float64Array.from(data) });

export function nested(numbers, shape) {
  return array(shape, shape.length ? [numbers].flat(Infinity).map(Number) : [Number(numbers)]);
}

// How far apart two neighbours on each axis lie.
function strides(shape) {
  const found = new Array(shape.length);
  for (let axis = shape.length - 1, n = 1; axis >= 0; n *= shape[axis--]) found[axis] = n;
  return found;
}

// The place on each axis of the number at flat place `k`.
function unravel(k, shape) {
  const at = new Array(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = k % shape[axis];
    k = Math.floor(k / shape[axis]);
  }
  return at;
}

const ravel = (at, steps) => at.reduce((sum, place, axis) => sum + place * steps[axis], 0);

// Types: what a number of each becomes that does not fit.
const HELD = {
  float32: (x) => x,
  int32: (x) => x | 0,
  uint32: (x) => x >>> 0,
  bool: (x) => (x ? 1 : 0),
};

// Whole numbers wrap, which a product of doubles does not; division by zero is as in JAX.
const WHOLE = {
  mul: Math.imul,
  div: (x, y) => (y === 0 ? -1 : Math.trunc(x / y)),
  rem: (x, y) => (y === 0 ? x : x % y),
};

function roundHalfEven(x) {
  const near = Math.round(x);
  return Math.abs(x % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

function power(x, y) {
  if (y === 0 || x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1; // of NaN too
  return Math.pow(x, y);
}

function countBits(x) {
  let count = 0;
  for (let bits = x >>> 0; bits; bits &= bits - 1) count++;
  return count;
}

const ELEMENTWISE = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  rem: (x, y) => x % y,
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  max: (x, y) => Math.max(x, y),
  min: (x, y) => Math.min(x, y),
  exp: Math.exp,
  exp2: (x) => Math.pow(2, x),
  log: Math.log,
  log1p: Math.log1p,
  expm1: Math.expm1,
  tanh: Math.tanh,
  logistic: (x) => 1 / (1 + Math.exp(-x)),
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  cbrt: Math.cbrt,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  atan2: Math.atan2,
  erf,
  erfc,
  erf_inv: inverseErf,
  lgamma: logGamma,
  digamma,
  pow: power,
  square: (x) => x * x,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  is_finite: Number.isFinite,
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  not: (x, dtype) => (dtype === "bool" ? !x : ~x),
  shift_left: (x, y) => (y < 0 || y > 31 ? 0 : x << y),
  shift_right_logical: (x, y) => (y < 0 || y > 31 ? 0 : x >>> y),
  shift_right_arithmetic: (x, y) => x >> (y < 0 || y > 31 ? 31 : y),
  population_count: countBits,
  clamp: (low, x, high) => Math.min(Math.max(x, low), high),
  select_n: (which, first, second) => (which ? second : first),
};

// Special functions, to about 1e-13.

// The logarithm of Γ. Source: Lanczos 1964, with g = 7 and nine terms.
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logGamma(x) {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const sum = LANCZOS.reduce((total, term, k) => (k ? total + term / (x - 1 + k) : term), 0);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

// The slope of log Γ: upward to 10 or more by ψ(x) = ψ(x + 1) - 1/x, then its asymptotic series.
function digamma(x) {
  if (x <= 0 && Number.isInteger(x)) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  let below = 0;
  for (; x < 10; x++) below += 1 / x;
  const z = 1 / (x * x);
  const series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - (z * 691) / 32760)))));
  return Math.log(x) - 0.5 / x - series - below;
}

// 2/√π ∫₀ˣ exp(-t²) dt: a series near 0, one minus the tail elsewhere.
function erf(x) {
  if (Math.abs(x) >= 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let sum = x, term = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

// The tail as a continued fraction, from its far end; of 60 terms at 2 the last changes nothing.
function erfc(x) {
  if (Number.isNaN(x)) return NaN;
  if (x < 2) return 1 - erf(x);
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

// Newton's steps on erf, from a guess good to 4e-3. Source of the guess: Winitzki 2008.
function inverseErf(y) {
  if (Math.abs(y) >= 1) return Math.abs(y) === 1 ? y * Infinity : NaN;
  const a = 0.147, log = Math.log1p(-y * y), part = 2 / (Math.PI * a) + log / 2;
  let x = Math.sign(y) * Math.sqrt(Math.sqrt(part * part - log / a) - part);
  for (let k = 0; k < 4; k++) {
    const error = y < 0 ? erfc(-x) - (1 + y) : 1 - y - erfc(x); // of the small tail, which keeps its digits
    x -= error * 0.5 * Math.sqrt(Math.PI) * Math.exp(x * x);
  }
  return x;
}

// Rules: (operands, parameters, shape of the result) -> its numbers.

// The result's number at each place is that of `x` at `from(place)`.
function moved(x, shape, from) {
  const data = new Float64Array(size(shape)), steps = strides(x.shape);
  for (let k = 0; k < data.length; k++) data[k] = x.data[ravel(from(unravel(k, shape)), steps)];
  return data;
}

// Every line of numbers along one axis, replaced by what `change` makes of it.
function alongAxis(x, axis, change) {
  const data = new Float64Array(x.data.length), step = strides(x.shape)[axis], n = x.shape[axis];
  for (let k = 0; k < data.length; k++) {
    if (Math.floor(k / step) % n) continue; // not the first of its line
    const line = Array.from({ length: n }, (_, i) => x.data[k + i * step]);
    change(line).forEach((number, i) => (data[k + i * step] = number));
  }
  return data;
}

function reduction(start, join) {
  return ([x], { axes }, shape) => {
    const data = new Float64Array(size(shape)).fill(start), steps = strides(shape);
    for (let k = 0; k < x.data.length; k++) {
      const to = ravel(unravel(k, x.shape).filter((_, axis) => !axes.includes(axis)), steps);
      data[to] = join(data[to], x.data[k]);
    }
    return data;
  };
}

const before = (x, y) => x < y || (Number.isNaN(y) && !Number.isNaN(x)); // NaN is last

// The place of the greatest, or the least: the first NaN, if there is one.
function placeOf(isBetter) {
  return ([x], { axes: [axis] }, shape) => {
    const best = alongAxis(x, axis, (line) => {
      let at = 0;
      line.forEach((number, i) => {
        if (isBetter(number, line[at]) || (Number.isNaN(number) && !Number.isNaN(line[at]))) at = i;
      });
      return line.fill(at);
    });
    return moved({ shape: x.shape, data: best }, shape, (at) => [...at.slice(0, axis), 0, ...at.slice(axis)]);
  };
}

function accumulation(join) {
  return ([x], { axis, reverse }) =>
    alongAxis(x, axis, (line) => {
      if (reverse) line.reverse();
      for (let i = 1; i < line.length; i++) line[i] = join(line[i - 1], line[i]);
      return reverse ? line.reverse() : line;
    });
}

function logAddExp(x, y) {
  const high = Math.max(x, y);
  return x === y || !Number.isFinite(high) ? high + (x === y ? Math.LN2 : 0) : high + Math.log1p(Math.exp(-Math.abs(x - y)));
}

const inside = (place, n) => Math.min(Math.max(place, 0), n - 1);

function added(x, updates, places) {
  const data = x.data.slice();
  places.forEach((place, k) => (data[place] += updates.data[k]));
  return data;
}

// Where each place on some of the axes lies among the numbers.
function offsets(shape, axes) {
  const steps = strides(shape);
  const along = (found, axis) => found.flatMap((at) => Array.from({ length: shape[axis] }, (_, k) => at + k * steps[axis]));
  return axes.reduce(along, [0]);
}

// Where the numbers of a product lie: what is summed, paired and free in x and in y. Of one step it is always the same.
const plans = new WeakMap();

function planned(x, y, params) {
  if (plans.has(params)) return plans.get(params);
  const [[xSummed, ySummed], [xBatch, yBatch]] = params.dimension_numbers;
  const free = (a, ...taken) => a.shape.map((_, axis) => axis).filter((axis) => !taken.flat().includes(axis));
  const places = (a, summed, batch) => ({ sums: offsets(a.shape, summed), pairs: offsets(a.shape, batch), free: offsets(a.shape, free(a, summed, batch)) });
  const plan = [places(x, xSummed, xBatch), places(y, ySummed, yBatch)];
  plans.set(params, plan);
  return plan;
}

// Contract some axes of x and y, pair others: (batch, rest of x, rest of y).
function dotGeneral([x, y], params, shape) {
  const [ofX, ofY] = planned(x, y, params), data = new Float64Array(size(shape)), n = ofX.sums.length;
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
  const one = (k, i) => Array.from(x.data.subarray(k * rows * columns + i * columns, k * rows * columns + (i + 1) * columns));
  return Array.from({ length: x.data.length / (rows * columns) || 0 }, (_, k) => Array.from({ length: rows }, (_, i) => one(k, i)));
}

const turned = (m) => m[0].map((_, j) => m.map((line) => line[j]));

function cholesky([x]) {
  return matrices(x).flatMap((a) => {
    const n = a.length, l = a.map(() => new Array(n).fill(0));
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

function triangularSolve([a, b], { left_side, lower, transpose_a, unit_diagonal }) {
  const right = matrices(b);
  return matrices(a).flatMap((m, k) => {
    const across = transpose_a !== !left_side;
    const t = across ? turned(m) : m, isLower = lower !== across;
    const x = left_side ? right[k] : turned(right[k]), n = t.length;
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
function lu([x], { result }) {
  return matrices(x).flatMap((m) => {
    const order = m.map((_, i) => i), pivots = [];
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

// (before, after, between) numbers of `value` on each axis; a negative count cuts.
function pad([x, value], { padding_config }, shape) {
  const data = new Float64Array(size(shape)).fill(value.data[0]), steps = strides(shape);
  for (let k = 0; k < x.data.length; k++) {
    const to = unravel(k, x.shape).map((place, axis) => padding_config[axis][0] + place * (padding_config[axis][2] + 1));
    if (to.every((place, axis) => place >= 0 && place < shape[axis])) data[ravel(to, steps)] = x.data[k];
  }
  return data;
}

function concatenate(parts, { dimension }, shape) {
  const ends = [];
  parts.reduce((end, part) => (ends.push(end + part.shape[dimension]), end + part.shape[dimension]), 0);
  const data = new Float64Array(size(shape));
  for (let k = 0; k < data.length; k++) {
    const at = unravel(k, shape), which = ends.findIndex((end) => at[dimension] < end);
    at[dimension] -= which ? ends[which - 1] : 0;
    data[k] = parts[which].data[ravel(at, strides(parts[which].shape))];
  }
  return data;
}

// `length` rounds of a body: what each hands on and gives, end to end as one line, (length, width).
function scan(inputs, { body, length, reverse }, shape) {
  const values = {}, [names, carried, parts] = [[...body.shared, ...body.carried, ...body.parts], body.carried, body.parts];
  names.forEach((value, i) => (values[value.name] = inputs[i]));
  const whole = parts.map((part) => values[part.name]), data = new Float64Array(size(shape)), width = shape[1];
  for (let r = 0; r < length; r++) {
    const k = reverse ? length - 1 - r : r;
    parts.forEach((part, i) => {
      const n = size(part.shape);
      values[part.name] = array(part.shape, whole[i].data.subarray(k * n, (k + 1) * n));
    });
    run(body.steps, values);
    const results = [...body.new, ...body.gives].map((operand) => number(values, operand));
    results.reduce((at, result) => (data.set(result.data, k * width + at), at + result.data.length), 0);
    carried.forEach((value, i) => (values[value.name] = results[i]));
  }
  return data;
}

const same = ([x]) => x.data;

const RULES = {
  integer_pow: ([x], { y }) => x.data.map((number) => Math.pow(number, y)),
  dot_general: dotGeneral,
  reduce_sum: reduction(0, (x, y) => x + y),
  reduce_prod: reduction(1, (x, y) => x * y),
  reduce_max: reduction(-Infinity, (x, y) => Math.max(x, y)),
  reduce_min: reduction(Infinity, (x, y) => Math.min(x, y)),
  reduce_and: reduction(1, (x, y) => x & y),
  reduce_or: reduction(0, (x, y) => x | y),
  argmax: placeOf((x, y) => x > y),
  argmin: placeOf((x, y) => x < y),
  cumsum: accumulation((x, y) => x + y),
  cumprod: accumulation((x, y) => x * y),
  cummax: accumulation((x, y) => Math.max(x, y)),
  cummin: accumulation((x, y) => Math.min(x, y)),
  cumlogsumexp: accumulation(logAddExp),
  sort: ([x], { axis }) => alongAxis(x, axis, (line) => line.sort((a, b) => before(b, a) - before(a, b))),
  argsort: ([x], { axis }) =>
    alongAxis(x, axis, (line) => line.map((_, i) => i).sort((i, j) => before(line[j], line[i]) - before(line[i], line[j]) || i - j)),
  take_at: ([x, places]) => places.data.map((place) => x.data[inside(place, x.data.length)]),
  put_add_at: ([x, places, updates]) => added(x, updates, Array.from(places.data, (place) => inside(place, x.data.length))),
  cholesky,
  triangular_solve: triangularSolve,
  lu,
  broadcast_in_dim: ([x], { broadcast_dimensions }, shape) =>
    moved(x, shape, (at) => broadcast_dimensions.map((axis, i) => (x.shape[i] === 1 ? 0 : at[axis]))),
  reshape: same,
  squeeze: same,
  expand_dims: same,
  transpose: ([x], { permutation }, shape) =>
    moved(x, shape, (at) => permutation.reduce((from, axis, i) => ((from[axis] = at[i]), from), [])),
  rev: ([x], { dimensions }, shape) =>
    moved(x, shape, (at) => at.map((place, axis) => (dimensions.includes(axis) ? x.shape[axis] - 1 - place : place))),
  concatenate,
  stack: (parts, { axis }, shape) => {
    const line = parts.map((x) => ({ shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)], data: x.data }));
    return concatenate(line, { dimension: axis }, shape);
  },
  slice: ([x], { start_indices, strides: by }, shape) =>
    moved(x, shape, (at) => at.map((place, axis) => start_indices[axis] + place * (by ? by[axis] : 1))),
  pad,
  take: ([x], { indices }) => indices.map((place) => x.data[place]),
  put_add: ([x, updates], { indices }) => added(x, updates, indices),
  scan,
};

function converted(x, dtype) {
  if (dtype === "bool") return x === 0 ? 0 : 1;
  if (dtype === "float32") return x;
  const [low, high] = dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  return Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high));
}

function byNumber(primitive, operands, dtype) {
  const isWhole = dtype === "int32" || dtype === "uint32";
  const meaning = (isWhole && WHOLE[primitive]) || ELEMENTWISE[primitive];
  const n = Math.max(...operands.map((x) => x.data.length)), at = operands.map((x) => (x.shape.length ? 1 : 0));
  const data = new Float64Array(operands.some((x) => x.data.length === 0) ? 0 : n), [x, y, z] = operands.map((o) => o.data);
  for (let k = 0; k < data.length; k++)
    data[k] = operands.length === 1 ? meaning(x[k * at[0]], dtype) : meaning(x[k * at[0]], y[k * at[1]], z?.[k * at[2]]);
  return data;
}

// Whether the browser has a meaning for each step: the primitives that it lacks.
export function lacks(steps) {
  const has = (step) => step.primitive in ELEMENTWISE || step.primitive in RULES || step.primitive === "convert_element_type";
  return [...new Set(steps.flatMap((step) => [...(has(step) ? [] : [step.primitive]), ...lacks(step.params.body?.steps ?? [])]))];
}

// An operand's numbers: a value already worked out, or a literal, which has no name.
export function number(values, operand) {
  if ("name" in operand) return values[operand.name];
  return array(operand.shape, new Float64Array(size(operand.shape)).fill(Number(operand.value)));
}

function apply(step, operands) {
  const { primitive, params, output } = step;
  if (primitive === "convert_element_type") return operands[0].data.map((x) => converted(x, output.dtype));
  if (primitive in ELEMENTWISE) return byNumber(primitive, operands, output.dtype);
  return RULES[primitive](operands, params, output.shape);
}

// What was found, as the type of a step holds it: float32 stands for every real number here, and is kept as it is.
function held(found, { shape, dtype }) {
  const n = size(shape);
  if (found.length !== n) return new Float64Array(n).fill(HELD[dtype](Number(found[0])));
  return dtype === "float32" && found instanceof Float64Array ? found : Float64Array.from(found, HELD[dtype]);
}

// `values` by name, and the output of each step.
export function run(steps, values) {
  for (const step of steps) {
    const found = apply(step, step.inputs.map((operand) => number(values, operand)));
    values[step.output.name] = array(step.output.shape, held(found, step.output));
  }
  return values;
}
