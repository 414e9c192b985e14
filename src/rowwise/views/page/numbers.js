// Numbers as the page holds them: base64 of a little-endian array.

// How the bytes of each kind become numbers.
const NUMBERS = {
  "<f4": (buffer) => new Float32Array(buffer),
  "<f2": (buffer) => Float32Array.from(new Uint16Array(buffer), half),
  "<i4": (buffer) => new Int32Array(buffer),
};

// A number of 16 bits: a sign, five bits of exponent, ten of fraction.
function half(bits) {
  const sign = bits >> 15 ? -1 : 1,
    exponent = (bits >> 10) & 31,
    fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

export function decoded({ shape, dtype, base64 }) {
  const text = atob(base64),
    bytes = new Uint8Array(text.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = text.charCodeAt(k);
  return { shape, data: NUMBERS[dtype](bytes.buffer) };
}
