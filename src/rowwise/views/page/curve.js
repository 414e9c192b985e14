// The course of training: errors by epoch.

import { count, fill, make, place, shown } from "./make.js";
import { page } from "./examples.js";

export function drawCurve() {
  const lines = Object.entries(page.history).filter(([name, numbers]) => (name === "loss" || name === "validation_mse") && numbers.length > 1).map(([name, numbers]) => [name, numbers.map(Number)]);
  if (!lines.length) return place("curve-part").setAttribute("hidden", "");
  const all = lines.flatMap(([, numbers]) => numbers).filter(Number.isFinite), low = Math.min(...all), high = Math.max(...all);
  const at = (numbers) => numbers.map((y, k) => `${20 + (560 * k) / (numbers.length - 1)},${130 - (110 * (y - low)) / (high - low || 1)}`).join(" ");
  const told = lines.map(([name, numbers]) => `${name.replace("_", " ")} ${shown(numbers[0])} to ${shown(numbers.at(-1))}`).join("; ");
  fill("curve", make("svg", { viewBox: "0 0 600 140", role: "img", "aria-label": told }, ...lines.map(([name, numbers]) => make("polyline", { class: name, points: at(numbers) }))),
    make("p", { class: "soft" }, ...lines.flatMap(([name], k) => [k ? ", " : "", make("span", { class: name }, name.replace("_", " "))]), ` in ${count(lines[0][1].length, "epoch")}: ${told}`));
}
