// A program run in the browser: each primitive, one example, in float64. What a step means is defined by
// backends/reference.py; every rule here is held to it.

import { alongAxis, array, moved, ravel, size, strides, unravel } from "./arrays.js";
import { ELEMENTWISE, WHOLE } from "./elementwise.js";
import { cholesky, dotGeneral, lu, triangularSolve } from "./products.js";

// Types: what a number of each becomes that does not fit.
const HELD = {
  float32: (x) => x,
  int32: (x) => x | 0,
  uint32: (x) => x >>> 0,
  bool: (x) => (x ? 1 : 0),
};

// Rules: (operands, parameters, shape of the result) -> its numbers.

function reduction(start, join) {
  return ([x], { axes }, shape) => {
    const data = new Float64Array(size(shape)).fill(start),
      steps = strides(shape);
    for (let k = 0; k < x.data.length; k++) {
      const to = ravel(
        unravel(k, x.shape).filter((_, axis) => !axes.includes(axis)),
        steps,
      );
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
  return x === y || !Number.isFinite(high)
    ? high + (x === y ? Math.LN2 : 0)
    : high + Math.log1p(Math.exp(-Math.abs(x - y)));
}

const inside = (place, n) => Math.min(Math.max(place, 0), n - 1);

function added(x, updates, places) {
  const data = x.data.slice();
  places.forEach((place, k) => (data[place] += updates.data[k]));
  return data;
}

// (before, after, between) numbers of `value` on each axis; a negative count cuts.
function pad([x, value], { padding_config }, shape) {
  const data = new Float64Array(size(shape)).fill(value.data[0]),
    steps = strides(shape);
  for (let k = 0; k < x.data.length; k++) {
    const to = unravel(k, x.shape).map(
      (place, axis) => padding_config[axis][0] + place * (padding_config[axis][2] + 1),
    );
    if (to.every((place, axis) => place >= 0 && place < shape[axis])) data[ravel(to, steps)] = x.data[k];
  }
  return data;
}

function concatenate(parts, { dimension }, shape) {
  const ends = [];
  parts.reduce((end, part) => (ends.push(end + part.shape[dimension]), end + part.shape[dimension]), 0);
  const data = new Float64Array(size(shape));
  for (let k = 0; k < data.length; k++) {
    const at = unravel(k, shape),
      which = ends.findIndex((end) => at[dimension] < end);
    at[dimension] -= which ? ends[which - 1] : 0;
    data[k] = parts[which].data[ravel(at, strides(parts[which].shape))];
  }
  return data;
}

// `length` rounds of a body: what each hands on and gives, end to end as one line, (length, width).
function scan(inputs, { body, length, reverse }, shape) {
  const values = {},
    [names, carried, parts] = [[...body.shared, ...body.carried, ...body.parts], body.carried, body.parts];
  names.forEach((value, i) => (values[value.name] = inputs[i]));
  const whole = parts.map((part) => values[part.name]),
    data = new Float64Array(size(shape)),
    width = shape[1];
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
    alongAxis(x, axis, (line) =>
      line.map((_, i) => i).sort((i, j) => before(line[j], line[i]) - before(line[i], line[j]) || i - j),
    ),
  take_at: ([x, places]) => places.data.map((place) => x.data[inside(place, x.data.length)]),
  put_add_at: ([x, places, updates]) =>
    added(
      x,
      updates,
      Array.from(places.data, (place) => inside(place, x.data.length)),
    ),
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
  const n = Math.max(...operands.map((x) => x.data.length)),
    at = operands.map((x) => (x.shape.length ? 1 : 0));
  const data = new Float64Array(operands.some((x) => x.data.length === 0) ? 0 : n),
    [x, y, z] = operands.map((o) => o.data);
  for (let k = 0; k < data.length; k++)
    data[k] =
      operands.length === 1 ? meaning(x[k * at[0]], dtype) : meaning(x[k * at[0]], y[k * at[1]], z?.[k * at[2]]);
  return data;
}

// Whether the browser has a meaning for each step: the primitives that it lacks.
export function lacks(steps) {
  const has = (step) =>
    step.primitive in ELEMENTWISE || step.primitive in RULES || step.primitive === "convert_element_type";
  return [
    ...new Set(
      steps.flatMap((step) => [...(has(step) ? [] : [step.primitive]), ...lacks(step.params.body?.steps ?? [])]),
    ),
  ];
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
    const found = apply(
      step,
      step.inputs.map((operand) => number(values, operand)),
    );
    values[step.output.name] = array(step.output.shape, held(found, step.output));
  }
  return values;
}
