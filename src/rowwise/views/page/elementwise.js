// What a primitive makes of numbers, one at a time.

import { digamma, erf, erfc, inverseErf, logGamma } from "./special.js";

// Whole numbers wrap, which a product of doubles does not; division by zero is as in JAX.
export const WHOLE = {
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

export const ELEMENTWISE = {
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
