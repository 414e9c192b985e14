"""What the kernels of a batch are called with: the program's columns and tables, and the buffers of a batch.

For each table the rows that occur in a batch are listed: `rows[o]` is the row of occurrence o, `sources[o]` the place
of its gradient in `gradients`, `counts` how many there are in each piece. `heads[row]` is the first occurrence of a
row, `nexts[o]` the next one of the same row, or -1. Where a bag has weights, `weights[o]` is that of occurrence o. For
each dense weight `sums` adds up its gradient, piece by piece.
"""

from rowwise.program.program import Input, Program
from rowwise.targets.llvm_example import Arguments, arguments

BUFFERS = ("gradients", "rows", "sources", "counts", "heads", "nexts")


def buffers_of(program: Program, table: str) -> tuple[str, ...]:
    return (*BUFFERS, *(["weights"] if is_weighted(program, table) else []))


def is_weighted(program: Program, table: str) -> bool:
    """Whether rows of a table that share one gradient may count for different amounts of it."""
    return any(i.weights for i in readers_of(program, table))


def readers_of(program: Program, table: str) -> list[Input]:
    return [i for i in program.lookups if i.table == table]


def slots(i: Input) -> int:
    """How many rows of gradients one example has for a lookup; all rows of a bag share one."""
    return i.value.shape[0] if i.kind == "rows" else 1


def common_arguments(program: Program) -> Arguments:
    """What all three functions are called with: the columns and tables, and the buffers of a batch."""
    made = arguments(program, program.inputs)
    for name in program.updates:
        if readers_of(program, name):
            made |= {f"{name} {buffer}": "pointer" for buffer in buffers_of(program, name)}
            made[f"{name} room"] = "index"
        else:
            made[f"{name} sums"] = "pointer"
    return made | {"the order": "pointer", "the piece_size": "index", "the n_pieces": "index", "the losses": "pointer"}


def gradients_arguments(program: Program) -> Arguments:
    return common_arguments(program) | {"the piece": "index", "the count": "index", "the scale": "float"}


def apply_arguments(program: Program) -> Arguments:
    return common_arguments(program) | {"the piece": "index"}


def batches_arguments(program: Program) -> Arguments:
    more = {
        "the first": "index",
        "the last": "index",
        "the batch_size": "index",
        "the n_examples": "index",
        "the order_key": "int",
        "the total": "pointer",
    }
    return common_arguments(program) | more
