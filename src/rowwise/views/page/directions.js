// The two directions in which the rows of a table differ most.

const MANY = 2000; // rows that a covariance is counted from
const TURNS = 60;

// The two directions in which rows differ most, by turning a guess with their covariance again and again.
// `before` are those of an epoch before: the map does not turn round from one to the next.
export function directions(table, first = 1, before = null) {
  const { width, rows } = table,
    n = Math.max(1, rows - first),
    mean = new Float64Array(width),
    covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (let k = first; k < rows; k++) table.row(k).forEach((x, c) => (mean[c] += x / n));
  for (let k = first; k < rows; k += Math.max(1, Math.floor(rows / MANY))) {
    const row = table.row(k).map((x, c) => x - mean[c]);
    for (let c = 0; c < width; c++) for (let d = 0; d <= c; d++) covariance[c][d] += row[c] * row[d];
  }
  for (let c = 0; c < width; c++) for (let d = 0; d < c; d++) covariance[d][c] = covariance[c][d];
  const total = covariance.reduce((sum, line, c) => sum + line[c], 0) || 1,
    found = [];
  for (let f = 0; f < Math.min(2, width); f++) {
    let v = before?.[f]?.v ?? Float64Array.from({ length: width }, (_, c) => Math.cos(c * (f + 1)) + 0.1),
      size = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      const next = covariance.map((line) => line.reduce((sum, x, c) => sum + x * v[c], 0));
      for (const other of found) {
        const along = next.reduce((sum, x, c) => sum + x * other.v[c], 0);
        next.forEach((_, c) => (next[c] -= along * other.v[c]));
      }
      size = Math.hypot(...next) || 1;
      v = Float64Array.from(next, (x) => x / size);
    }
    found.push({ v, share: size / total });
  }
  return { mean, found };
}
