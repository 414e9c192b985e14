// Which rows of a table point the same way.

const products = (data, width, from, to) => {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += data[from + c] * data[to + c];
  return sum;
};

export function cosine(table, row, other) {
  const { data, width } = table,
    [from, to] = [row * width, other * width];
  const size = Math.sqrt(products(data, width, from, from) * products(data, width, to, to));
  return size ? products(data, width, from, to) / size : 0;
}

// The n rows whose cosine with a row is the greatest, nearest first: [row, cosine]. Row 0, of what is unknown, is none.
export function nearest(table, row, n) {
  const { data, width, rows } = table,
    from = row * width,
    best = [],
    mine = data.slice(from, from + width);
  const length = Math.sqrt(products(mine, width, 0, 0));
  for (let other = 1, to = width; other < rows; other++, to += width) {
    if (other === row) continue;
    let dot = 0,
      square = 0;
    for (let c = 0; c < width; c++) {
      const x = data[to + c];
      dot += x * mine[c];
      square += x * x;
    }
    const near = square && length ? dot / (length * Math.sqrt(square)) : 0;
    if (best.length === n && !(near > best[n - 1][1])) continue;
    let at = best.length;
    while (at && near > best[at - 1][1]) at--;
    best.splice(at, 0, [other, near]);
    if (best.length > n) best.pop();
  }
  return best;
}
