// Where each row of a table stands on the map, and how closely one looks.

import { directions } from "./directions.js";
import { ITEM, USER, model, vocabulary, widest } from "./examples.js";
import { state } from "./state.js";

export const view = { zoom: 1, x: 0, y: 0, side: 0 }; // what of the map is seen; how far one looks is no state of the model's
export const painted = { column: null, axes: null, points: null, reach: 1, shares: [] };

export const column = () => (state.of === "user" ? USER : ITEM);
export const tableOf = () => model.tables[widest(column())?.table];

// Two numbers of a row as axes: "3.7".
export function chosenAxes(table) {
  const found = (state.axes ?? "").split(".").map(Number);
  return found.length === 2 && found.every((c) => Number.isInteger(c) && c >= 0 && c < table.width) ? found : null;
}

function along(table) {
  const chosen = chosenAxes(table),
    mean = new Float64Array(table.width);
  if (!chosen)
    return directions(table, vocabulary(column()).first, painted.table === table ? painted.along?.found : null);
  return {
    mean,
    found: chosen.map((c) => ({
      v: Float64Array.from({ length: table.width }, (_, d) => (c === d ? 1 : 0)),
      share: null,
    })),
  };
}

// The place of every row, found once for each choice of axes; rows that changed are placed anew.
export function placed(table) {
  if (
    painted.column !== column() ||
    painted.axes !== state.axes ||
    painted.table !== table ||
    painted.version !== model.version
  ) {
    Object.assign(
      painted,
      { along: along(table) },
      {
        column: column(),
        axes: state.axes,
        table,
        version: model.version,
        points: new Float64Array(2 * table.rows),
        moved: new Set(),
      },
    );
    for (let row = 0; row < table.rows; row++) put(table, row);
    painted.reach = painted.points.reduce(
      (most, x) => (Math.abs(x) > most && Number.isFinite(x) ? Math.abs(x) : most),
      1e-9,
    );
  }
  const name = widest(column()).table,
    now = model
      .changed()
      .filter((each) => each.table === name)
      .map(({ row }) => row);
  for (const row of new Set([...painted.moved, ...now])) put(table, row);
  painted.moved = new Set(now);
}

function put(table, row) {
  const { mean, found } = painted.along,
    numbers = table.row(row);
  for (let axis = 0; axis < 2; axis++) {
    const v = found[axis]?.v;
    let sum = 0;
    if (v) for (let c = 0; c < v.length; c++) sum += (numbers[c] - mean[c]) * v[c];
    painted.points[2 * row + axis] = sum;
  }
}

export const seen = (side) => (row) => {
  const far = painted.reach / view.zoom || 1;
  return [
    side / 2 + ((painted.points[2 * row] - view.x) / far) * (side / 2 - 8),
    side / 2 - ((painted.points[2 * row + 1] - view.y) / far) * (side / 2 - 8),
  ];
};
