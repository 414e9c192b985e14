// A kernel of the model in WebAssembly: a memory of its own, what lies in it, and what it is called with.

const PAGE = 65536; // bytes of WebAssembly's memory that are asked for at once
const STACK = 1 << 20; // bytes below which a kernel keeps what it calls its own
const LINE = 64; // bytes; no array begins inside another's line
const SPARE = 4096; // bytes after the last array: a kernel looks some examples ahead

export class Kernel {
  // `arrays` are the numbers of each pointer by "role name part", as typed arrays; they are copied.
  constructor({ function: name, base64, arguments: told }, arrays) {
    const code = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
      lined = (bytes) => Math.ceil(bytes / LINE) * LINE;
    const bytes = Object.values(arrays).reduce((sum, array) => sum + lined(array.byteLength), STACK + SPARE);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    this.arguments = told.map((each) => ({ ...each, key: `${each.role} ${each.name} ${each.part}` }));
    this.arrays = {};
    let top = STACK;
    for (const [key, array] of Object.entries(arrays)) {
      this.arrays[key] = new array.constructor(memory.buffer, top, array.length);
      this.arrays[key].set(array);
      top += lined(array.byteLength);
    }
    const env = {
      __linear_memory: memory,
      __stack_pointer: new WebAssembly.Global({ value: "i32", mutable: true }, STACK),
    };
    this.run = new WebAssembly.Instance(new WebAssembly.Module(code), { env }).exports[name];
  }

  // `numbers` are what it is called with besides the arrays, by the same keys.
  call(numbers) {
    return this.run(
      ...this.arguments.map(({ key, kind }) => {
        if (kind === "pointer") return this.arrays[key].byteOffset;
        if (!(key in numbers)) throw new Error(`the kernel asks for ${key}`);
        return kind === "index" ? BigInt(numbers[key]) : numbers[key];
      }),
    );
  }
}

// Random numbers by counting, as `rowwise.program.draws` defines them.

const GOLDEN = 0x9e3779b9;

export function mix(x) {
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

export const keyOf = (...parts) => parts.reduce((state, part) => mix(((state ^ part) + GOLDEN) >>> 0), 0);

export const bits = (key, example, lane) => mix((mix((example + key) >>> 0) + Math.imul(lane, GOLDEN)) >>> 0);

const MIX = 0x9e3779b97f4a7c15n,
  SECOND = 0xbf58476d1ce4e5b9n,
  WHOLE = (1n << 64n) - 1n;

// 64 bits of an n-gram of word rows. Source: Steele et al. 2014, "SplitMix".
export const mix64 = (rows) =>
  rows.reduce((mixed, row) => {
    mixed = ((mixed ^ BigInt(row)) * MIX) & WHOLE;
    mixed = ((mixed ^ (mixed >> 29n)) * SECOND) & WHOLE;
    return mixed ^ (mixed >> 32n);
  }, 0n);
