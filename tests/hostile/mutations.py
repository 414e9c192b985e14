"""A tree of JSON in, the same tree with something wrong in it out: typed mutations of any of its fields."""

import copy
import json
import random
from typing import Any

NUMBERS = [0, 1, -1, 2, 3, 255, 2**31 - 1, 2**31, -(2**31), 2**63, 10**30, 0.5, -0.0, 1e38, 1e39, 1e308]
ODD = [float("inf"), float("-inf"), float("nan"), None, True, False]
TEXTS = [
    "",
    "a",
    "0",
    "\x00",
    "\r\n",
    "\ud800",
    "\x1b[31m",
    "'",
    '"',
    "\\",
    "../x",
    "name/1",
    "ids user",
    "the rate",
    "‮",
]
SHAPES: list[Any] = [[], {}, [[]], [0], [1], [-1], [2**31], [1, 1], {"a": 1}, [None], ["x"], [16_000, 16_000], [1.5]]
ANYTHING: list[Any] = NUMBERS + ODD + TEXTS + SHAPES


def mutated(tree: Any, rng: random.Random, n: int) -> Any:
    """A copy with `n` mutations, each at a random place."""
    tree = json.loads(json.dumps(tree))
    for _ in range(n):
        places = _places(tree) if isinstance(tree, dict | list) else []
        if not places:
            return rng.choice(ANYTHING)
        holder, key = rng.choice(places)
        _mutate(holder, key, [holder_[key_] for holder_, key_ in places], rng)
    return tree


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every (dict or list, key) of the tree; long lists of numbers by a few of their places."""
    found: list[tuple[Any, Any]] = []
    _add_places(tree, found)
    return found


def _add_places(tree: Any, found: list[tuple[Any, Any]]) -> None:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for k, (key, value) in enumerate(items):
        if k > 40 and isinstance(value, int | float):
            return
        found.append((tree, key))
        if isinstance(value, dict | list):
            _add_places(value, found)


def _mutate(holder: Any, key: Any, others: list[Any], rng: random.Random) -> None:
    value = holder[key]
    alike = [other for other in others if type(other) is type(value)]
    ways = [
        lambda: _put(holder, key, rng.choice(ANYTHING)),
        lambda: _put(holder, key, copy.deepcopy(rng.choice(alike))),
    ]
    ways += [ways[1]] * 3  # most that passes the types is something that stands elsewhere
    if isinstance(value, bool):
        ways += [lambda: _put(holder, key, not value)] * 3
    elif isinstance(value, int | float):
        near = [value + 1, value - 1, -value, value * 2, value * 1000, rng.choice(NUMBERS)]
        ways += [lambda: _put(holder, key, rng.choice(near))] * 4
    elif isinstance(value, str):
        ways += [lambda: _put(holder, key, rng.choice(TEXTS)), lambda: _put(holder, key, value + rng.choice(TEXTS))]
    elif isinstance(value, list):
        ways += [lambda: _of_list(value, rng)] * 4
    elif isinstance(value, dict):
        ways += [lambda: _of_dict(value, others, rng)] * 3
    rng.choice(ways)()
    if isinstance(holder, dict) and rng.random() < 0.1:
        holder.pop(key, None)


def _put(holder: Any, key: Any, value: Any) -> None:
    holder[key] = value


def _of_list(value: list[Any], rng: random.Random) -> None:
    if not value:
        value.append(rng.choice(ANYTHING))
        return
    k, j = rng.randrange(len(value)), rng.randrange(len(value))
    match rng.randrange(6):
        case 0:
            del value[k]
        case 1:
            value.insert(j, copy.deepcopy(value[k]))
        case 2:
            value[k], value[j] = value[j], value[k]
        case 3:
            value.reverse()
        case 4:
            value.clear()
        case 5:
            value.append(rng.choice(ANYTHING))


def _of_dict(value: dict[str, Any], others: list[Any], rng: random.Random) -> None:
    if not value:
        value[rng.choice(TEXTS)] = rng.choice(ANYTHING)
        return
    names = list(value)
    one, other = rng.choice(names), rng.choice(names)
    match rng.randrange(4):
        case 0:
            del value[one]
        case 1:
            value[rng.choice([o for o in others if isinstance(o, str)] + TEXTS)] = value.pop(one)
        case 2:
            value[one], value[other] = value[other], value[one]
        case 3:
            value[rng.choice(TEXTS)] = rng.choice(ANYTHING)
