"""What the kernels of a batch are called with: the program's columns and tables, and the buffers of a batch.

For each table the rows that occur in a batch are listed: `rows[o]` is the row of occurrence o, `sources[o]` the place
of its gradient in `gradients`, `counts` how many there are in each piece. `heads[row]` is the first occurrence of a
row, `nexts[o]` the next one of the same row, or -1. Where a bag has weights, `weights[o]` is that of occurrence o. For
each dense weight `sums` adds up its gradient, piece by piece.
"""

from rowwise.backends.llvm.codegen.signature import Role, Signature, inputs_signature, signature
from rowwise.program.inputs import Lookup
from rowwise.program.program import Program

BUFFERS = (Role.GRADIENTS, Role.ROWS, Role.SOURCES, Role.COUNTS, Role.HEADS, Role.NEXTS)


def buffers_of(program: Program, table: str) -> tuple[Role, ...]:
    return (*BUFFERS, *([Role.ROW_WEIGHTS] if is_weighted(program, table) else []))


def is_weighted(program: Program, table: str) -> bool:
    """Whether rows of a table that share one gradient may count for different amounts of it."""
    return any(i.is_weighted for i in readers_of(program, table))


def readers_of(program: Program, table: str) -> list[Lookup]:
    return [i for i in program.lookups if i.table == table]


def common_signature(program: Program) -> Signature:
    """What all three functions are called with: the columns and tables, and the buffers of a batch."""
    buffers = [
        role(name)
        for name in program.updates
        for role in ((*buffers_of(program, name), Role.ROOM) if readers_of(program, name) else (Role.SUMS,))
    ]
    batch = Role.ORDER(), Role.PIECE_SIZE(), Role.N_PIECES(), Role.LOSSES()
    return signature(inputs_signature(program, program.inputs), buffers, batch)


def gradients_signature(program: Program) -> Signature:
    return signature(common_signature(program), Role.PIECE(), Role.COUNT(), Role.SCALE())


def apply_signature(program: Program) -> Signature:
    return signature(common_signature(program), Role.PIECE())


def batches_signature(program: Program) -> Signature:
    batches = Role.FIRST(), Role.LAST(), Role.BATCH_SIZE(), Role.N_EXAMPLES(), Role.ORDER_KEY(), Role.TOTAL()
    return signature(common_signature(program), batches)
