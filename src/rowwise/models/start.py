"""Where training starts: fresh tables as their initializers say, and the states of the optimizer."""

import zlib
from collections.abc import Mapping

import numpy as np

from rowwise.data.examples import Examples
from rowwise.data.layout import WEIGHT
from rowwise.data.vocabulary import Vocabulary
from rowwise.models.initializers import Seeing, Seen
from rowwise.models.recipe import Recipe
from rowwise.program.inputs import ExampleValue
from rowwise.program.parameters import Parameters, fresh_states
from rowwise.program.program import Program

LINE = 64  # bytes that a processor fetches at once


def start(
    recipe: Recipe,
    program: Program,
    n_rows: Mapping[str, int],
    *,
    seed: int,
    vocabularies: Mapping[str, Vocabulary] | None = None,
    examples: Examples | None = None,
) -> Parameters:
    """Fresh parameters: tables as their initializers say, states as the optimizer starts them.

    `n_rows` is the number of rows by vocabulary. Each table draws from a generator of its own (seed, name), so that
    a further table leaves the others as they are. Some initializers look at the `vocabularies` or the `examples`.

    Raises:
        BadOption: an initializer has to see what it is not given, or can make nothing of it.
    """
    tables: dict[str, np.ndarray] = {}
    paces: dict[str, np.ndarray] = {}
    says: list[str] = []
    for name, spec in recipe.tables.items():
        shape = (n_rows[recipe.vocabulary_of(name)], *spec.row_shape)
        if isinstance(spec.init, Seeing):
            vocabulary = (vocabularies or {}).get(recipe.vocabulary_of(name))
            rows = examples.rows[spec.columns[0]] if examples else None
            weight = next((i.column for i in program.inputs_of(ExampleValue) if i.value.name == WEIGHT), "")
            weights = examples.values.get(weight) if examples else None
            seen = Seen(vocabulary, rows, examples.target if examples else None, weights)
            begun = spec.init.begin(seen, _generator(name, seed), shape)
            tables[name] = begun.values
            paces |= {} if begun.pace is None else {name: begun.pace}
            says += [f"{name}: {begun.says}"] if begun.says else []
        else:
            tables[name] = _drawn(spec.init, name, shape, seed)
    for name, word in recipe.dense.items():
        tables[name] = _drawn(word.init, name, word.shape, seed)
    states = fresh_states(program, tables)
    for name in paces.keys() & program.updates.keys():
        for value, state in zip(program.updates[name].state, states[name], strict=True):
            if value.name.endswith(".pace"):
                state[...] = paces[name]
    lined_up = {name: tuple(map(_in_lines, arrays)) for name, arrays in states.items()}
    return Parameters({name: _in_lines(table) for name, table in tables.items()}, lined_up, tuple(says))


def _in_lines(array: np.ndarray) -> np.ndarray:
    """A copy that begins where a cache line does: a row of 16 numbers is then read in one piece, not in two."""
    room = np.empty(array.nbytes + LINE, np.uint8)
    begin = -room.ctypes.data % LINE
    copy = room[begin : begin + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def _drawn(init, name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.array(np.broadcast_to(init(_generator(name, seed), shape), shape), np.float32)


def _generator(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
