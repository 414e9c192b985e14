// Making things: whatever is shown or said goes through `make`, and no text of it acts.

const ACTS =
  /[\x00-\x1f\x7f-\x9f\xad\u180e\u200b\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff\u{e0000}-\u{e007f}]/gu;

// A text on one line, as `rowwise.inert` writes it: what moves a cursor or turns the line round is seen, not done.
export function plain(text) {
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return String(text).replace(ACTS, (letter) => {
    const code = letter.codePointAt(0),
      [mark, width] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return short[letter] ?? `\\${mark}${code.toString(16).padStart(width, "0")}`;
  });
}

export function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "rect", "circle", "line", "polyline", "text", "title", "g", "path"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, plain(value));
  element.append(
    ...children.filter((child) => child !== null).map((child) => (typeof child === "string" ? plain(child) : child)),
  );
  return element;
}

export const place = (id) => document.getElementById(id);
export const fill = (id, ...children) => place(id).replaceChildren(...make("p", {}, ...children).childNodes);

// A number as people write it: four digits, no sign of the machine.
export function shown(x) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? x.toExponential(3) : String(Number(x.toPrecision(4)));
  return text.replace("-", "−");
}

export const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
