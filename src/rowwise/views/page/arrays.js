// An array is { shape, data }: its numbers in order, the last axis running fastest; truth values are 0 and 1.

export const size = (shape) => shape.reduce((product, n) => product * n, 1);

export const array = (shape, data) => ({ shape, data: data instanceof Float64Array ? data : Float64Array.from(data) });

export function nested(numbers, shape) {
  return array(shape, shape.length ? [numbers].flat(Infinity).map(Number) : [Number(numbers)]);
}

// How far apart two neighbours on each axis lie.
export function strides(shape) {
  const found = new Array(shape.length);
  for (let axis = shape.length - 1, n = 1; axis >= 0; n *= shape[axis--]) found[axis] = n;
  return found;
}

// The place on each axis of the number at flat place `k`.
export function unravel(k, shape) {
  const at = new Array(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = k % shape[axis];
    k = Math.floor(k / shape[axis]);
  }
  return at;
}

export const ravel = (at, steps) => at.reduce((sum, place, axis) => sum + place * steps[axis], 0);

// The result's number at each place is that of `x` at `from(place)`.
export function moved(x, shape, from) {
  const data = new Float64Array(size(shape)),
    steps = strides(x.shape);
  for (let k = 0; k < data.length; k++) data[k] = x.data[ravel(from(unravel(k, shape)), steps)];
  return data;
}

// Every line of numbers along one axis, replaced by what `change` makes of it.
export function alongAxis(x, axis, change) {
  const data = new Float64Array(x.data.length),
    step = strides(x.shape)[axis],
    n = x.shape[axis];
  for (let k = 0; k < data.length; k++) {
    if (Math.floor(k / step) % n) continue; // not the first of its line
    const line = Array.from({ length: n }, (_, i) => x.data[k + i * step]);
    change(line).forEach((number, i) => (data[k + i * step] = number));
  }
  return data;
}
