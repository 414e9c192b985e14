"""Draws in machine code are the draws of NumPy, bit for bit."""

import numpy as np
import pytest

from rowwise.backends.llvm.emit import random_bits
from rowwise.program import draws
from written import write


def called(make, **arguments):
    """Run the helper function that `make` writes into a module."""
    kinds = {name: "pointer" if isinstance(a, np.ndarray) else "index" for name, a in arguments.items()}
    kinds |= dict.fromkeys(kinds.keys() & {"key", "n_rows"}, "int")
    machine, given, run = write(kinds)
    machine.builder.call(make(machine.builder.module), list(given.values()))
    machine.builder.ret(machine.index(0))
    run(**arguments)


@pytest.mark.parametrize(
    ("n", "first", "count"), [(1, 0, 1), (7, 0, 7), (100, 30, 40), (4096, 0, 4096), (99_999, 7, 50)]
)
def test_the_order_of_examples(n, first, count):
    key, order = 123_456_789, np.zeros(count + 16, np.int32)
    called(random_bits.shuffle, order=order, base=1000, first=first, count=count, n=n, key=key)
    wanted = draws.place(np.arange(first, first + count, dtype=np.uint32), n, np.uint32(key))
    assert (order[:count] - 1000 == wanted).all()
