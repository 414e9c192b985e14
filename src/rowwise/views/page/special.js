// Special functions, to about 1e-13.

// The logarithm of Γ. Source: Lanczos 1964, with g = 7 and nine terms.
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

export function logGamma(x) {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const sum = LANCZOS.reduce((total, term, k) => (k ? total + term / (x - 1 + k) : term), 0);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

// The slope of log Γ: upward to 10 or more by ψ(x) = ψ(x + 1) - 1/x, then its asymptotic series.
export function digamma(x) {
  if (x <= 0 && Number.isInteger(x)) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  let below = 0;
  for (; x < 10; x++) below += 1 / x;
  const z = 1 / (x * x);
  const series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - (z * 691) / 32760)))));
  return Math.log(x) - 0.5 / x - series - below;
}

// 2/√π ∫₀ˣ exp(-t²) dt: a series near 0, one minus the tail elsewhere.
export function erf(x) {
  if (Math.abs(x) >= 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let sum = x,
    term = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

// The tail as a continued fraction, from its far end; of 60 terms at 2 the last changes nothing.
export function erfc(x) {
  if (Number.isNaN(x)) return NaN;
  if (x < 2) return 1 - erf(x);
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

// Newton's steps on erf, from a guess good to 4e-3. Source of the guess: Winitzki 2008.
export function inverseErf(y) {
  if (Math.abs(y) >= 1) return Math.abs(y) === 1 ? y * Infinity : NaN;
  const a = 0.147,
    log = Math.log1p(-y * y),
    part = 2 / (Math.PI * a) + log / 2;
  let x = Math.sign(y) * Math.sqrt(Math.sqrt(part * part - log / a) - part);
  for (let k = 0; k < 4; k++) {
    const error = y < 0 ? erfc(-x) - (1 + y) : 1 - y - erfc(x); // of the small tail, which keeps its digits
    x -= error * 0.5 * Math.sqrt(Math.PI) * Math.exp(x * x);
  }
  return x;
}
