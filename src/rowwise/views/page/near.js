// Which rows of a table point the same way.

export function cosine(table, row, other) {
  const [x, y] = [table.row(row), table.row(other)];
  let dot = 0, square = 0, mine = 0;
  for (let c = 0; c < x.length; c++) (dot += x[c] * y[c]), (square += y[c] * y[c]), (mine += x[c] * x[c]);
  return square && mine ? dot / Math.sqrt(square * mine) : 0;
}

// The n rows whose cosine with a row is the greatest, nearest first: [row, cosine]. Row 0, of what is unknown, is none.
export function nearest(table, row, n) {
  const found = [];
  for (let other = 1; other < table.rows; other++) if (other !== row) found.push([other, cosine(table, row, other)]);
  return found.sort((a, b) => b[1] - a[1]).slice(0, n);
}
