"""Instructions of one LLVM function, written one after another: numbers and vectors, memory, loops.

LLVM cuts vectors into the machine's registers, so nothing here knows what machine it is. A row of 50 numbers is held
as <64 x float>, the next power of two, of which nobody reads the last 14, and goes to and from memory as 32 + 16 + 2:
LLVM drops what nobody reads, but takes a vector of any other width to pieces, number by number, wherever it crosses
from one block of instructions to the next.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import llvmlite.ir as ir
import numpy as np

from rowwise import inert
from rowwise.errors import UnsupportedPrimitive

LlvmValue = Any  # an ir.Value; llvmlite has no types
LlvmType = Any
LlvmBuilder = Any  # an ir.IRBuilder
Index = int | LlvmValue

FEW = 8  # up to so many rows or numbers are written out one after another, more are a loop
LINE = 64  # bytes that a processor fetches at once
SPARE = 16  # lanes of a vector that may be carried from block to block for nothing
SCRATCH = 1 << 16  # numbers of one value that may lie on the stack
FAST = ("contract", "reassoc", "nsz", "arcp")  # sums in any order; NaN and infinity keep their meaning

INDEX = ir.IntType(64)
INT = ir.IntType(32)
BIT = ir.IntType(1)
POINTER = ir.PointerType()
TYPES: dict[str, LlvmType] = {
    "float32": ir.FloatType(),
    "int32": INT,
    "bool": BIT,
    "float64": ir.DoubleType(),
    "int64": INDEX,
}
NUMBERS = ("float32", "int32", "bool")  # of these, the numbers of a program
CELLS = TYPES | {"bool": ir.IntType(8)}  # how a number lies in memory
BYTES = {"float32": 4, "int32": 4, "bool": 1, "float64": 8, "int64": 8}


def lanes_of(n: int) -> int:
    """The lanes of a vector of n numbers: the next power of two."""
    return 1 << (n - 1).bit_length()


def width(lanes: LlvmValue) -> int:
    """The number of lanes of a vector, 1 for a single number."""
    return lanes.type.count if isinstance(lanes.type, ir.VectorType) else 1


def repeated(lanes: LlvmValue) -> LlvmValue | None:
    """The number that `splat` or `constant` made a vector of, None for any other vector."""
    if isinstance(lanes, _Repeated):
        return lanes.constant[0]
    if not isinstance(lanes, ir.instructions.ShuffleVector):
        return None
    source, _, order = lanes.operands
    is_splat = isinstance(source, ir.instructions.InsertElement) and isinstance(order, _Repeated)
    return source.operands[1] if is_splat else None


@dataclass(frozen=True, slots=True)
class Variable:
    """Places on the stack for a number or the parts of a vector that changes; LLVM makes registers of them."""

    emit: "Emitter"
    type: LlvmType
    places: list[tuple[LlvmValue, LlvmType]]

    def get(self) -> LlvmValue:
        parts = [self.emit.builder.load(place, typ=type) for place, type in self.places]
        if len(parts) == 1:
            return parts[0]
        return self.emit.assemble([(part, width(part)) for part in parts], np.arange(sum(map(width, parts))))

    def set(self, value: LlvmValue) -> None:
        first = 0
        for place, type in self.places:
            part = value if type == value.type else self.emit.assemble([(value, width(value))], first + _lanes(type))
            self.emit.builder.store(part, place)
            first += len(_lanes(type))

    def add(self, value: LlvmValue) -> None:
        """Floats added one after another, in the order of the calls."""
        self.set(self.emit.builder.fadd(self.get(), value))


class Emitter:
    """Writes at the place of its builder; every rule is made of these moves.

    `names` are what our names stand for, for a text that people read. What is compiled has none, and no comments.
    """

    def __init__(self, builder: LlvmBuilder, names: Mapping[str, str] | None = None):
        self.builder = builder
        self.names = names

    # for people

    def comment(self, text: str) -> None:
        if self.names is not None:
            self.builder.comment(inert.line(text))

    def called(self, name: str) -> str:
        """What an LLVM value is called that stands for one of our names: nothing where no person reads it."""
        return "" if self.names is None else inert.line(self.names.get(name, name))

    # numbers and vectors

    def type(self, dtype: str, n: int = 1) -> LlvmType:
        return TYPES[dtype] if n == 1 else ir.VectorType(TYPES[dtype], lanes_of(n))

    def constant(self, number: object, type: LlvmType) -> LlvmValue:
        """A number, or a vector that repeats it. Whatever is no number is refused: it would be text of the module."""
        number = _number(number, type.element if isinstance(type, ir.VectorType) else type)
        if not isinstance(type, ir.VectorType):
            return ir.Constant(type, number)
        one = ir.Constant(type.element, number)
        return _Repeated(type, one, f"splat ({one.type} {one.get_reference()})")

    def index(self, number: Index) -> LlvmValue:
        return ir.Constant(INDEX, number) if isinstance(number, int) else number

    def splat(self, number: LlvmValue, n: int) -> LlvmValue:
        """A vector that repeats `number` n times."""
        if n == 1 or width(number) > 1:
            return number
        wide = ir.VectorType(number.type, lanes_of(n))
        if isinstance(number, ir.Constant):
            return self.constant(number.constant, wide)
        one = self.builder.insert_element(_nothing(wide), number, ir.Constant(INT, 0))
        return self.builder.shuffle_vector(one, _nothing(wide), _mask([0] * wide.count))

    def counted(self, n: int) -> LlvmValue:
        """The whole numbers 0 … n-1."""
        if n == 1:
            return ir.Constant(INT, 0)
        return ir.Constant(ir.VectorType(INT, lanes_of(n)), [ir.Constant(INT, k) for k in range(lanes_of(n))])

    def narrow(self, lanes: LlvmValue, n: int) -> LlvmValue:
        """Exactly the first n lanes: for one instruction that looks across them."""
        return self._shuffled(lanes, np.arange(n))

    def _shuffled(self, lanes: LlvmValue, order: np.ndarray) -> LlvmValue:
        """The lanes in `order`; -1 is a lane that nobody reads."""
        if np.array_equal(order, np.arange(width(lanes))):
            return lanes
        return self.builder.shuffle_vector(lanes, _nothing(lanes.type), _mask(np.where(order < 0, width(lanes), order)))

    def call(
        self, name: str, result: LlvmType, *operands: LlvmValue, overloads: Sequence[Any] = (), fast: bool = False
    ) -> LlvmValue:
        """An LLVM intrinsic; its name ends in the types it is overloaded by, most often the last operand's."""
        full = ".".join([name, *map(_suffix, overloads or [operands[-1].type])])
        module = self.builder.module
        kind = ir.FunctionType(result, [o.type for o in operands])
        function = module.globals.get(full) or ir.Function(module, kind, full)
        return self.builder.call(function, operands, fastmath=FAST if fast else ())

    def lane(self, lanes: LlvmValue, k: int) -> LlvmValue:
        return lanes if width(lanes) == 1 else self.builder.extract_element(lanes, ir.Constant(INT, k))

    def assemble(self, parts: Sequence[tuple[LlvmValue, int]], places: np.ndarray) -> LlvmValue:
        """The numbers at `places` of vectors and their sizes laid end to end: a vector, or a number where it is one."""
        starts = np.cumsum([0, *(size for _, size in parts)])
        source = np.searchsorted(starts, places, side="right") - 1
        lane, n = places - starts[source], len(places)
        if n == 1:
            return self.lane(parts[source[0]][0], int(lane[0]))
        whole: LlvmValue = None
        wide = lanes_of(n)
        for which in dict.fromkeys(source.tolist()):
            part, mine = parts[which][0], np.resize(source == which, wide) & (np.arange(wide) < n)
            to = np.where(mine, np.resize(lane, wide), -1)
            piece = self.splat(part, n) if width(part) == 1 else self._shuffled(part, to)
            if whole is None:
                whole = piece
            else:
                both = np.where(mine, wide + np.arange(wide), np.arange(wide))
                whole = self.builder.shuffle_vector(whole, piece, _mask(both))
        return whole

    # memory

    def at(self, address: LlvmValue, dtype: str, offset: Index) -> LlvmValue:
        """The address `offset` numbers further on."""
        if isinstance(offset, int) and offset == 0:
            return address
        return self.builder.gep(address, [self.index(offset)], inbounds=True, source_etype=CELLS[dtype])

    def load(self, address: LlvmValue, dtype: str, n: int = 1, *, offset: Index = 0, name: str = "") -> LlvmValue:
        pieces = []
        for first, size in _pieces(n):
            cell = CELLS[dtype] if size == 1 else ir.VectorType(CELLS[dtype], size)
            at = self.at(self.at(address, dtype, offset), dtype, first)
            found = self.builder.load(at, typ=cell, align=BYTES[dtype], name=self.called(name))
            pieces.append((self.builder.trunc(found, self.type(dtype, size)) if dtype == "bool" else found, size))
        return pieces[0][0] if len(pieces) == 1 else self.assemble(pieces, np.arange(n))

    def store(self, lanes: LlvmValue, n: int, address: LlvmValue, dtype: str, *, offset: Index = 0) -> None:
        """The first n lanes put at an address."""
        for first, size in _pieces(n):
            piece = self.assemble([(lanes, n)], np.arange(first, first + size))
            if dtype == "bool":
                piece = self.builder.zext(piece, CELLS["bool"] if size == 1 else ir.VectorType(CELLS["bool"], size))
            at = self.at(self.at(address, dtype, offset), dtype, first)
            self.builder.store(piece, at, align=BYTES[dtype])

    def gather(self, address: LlvmValue, dtype: str, offsets: LlvmValue, n: int) -> LlvmValue:
        """The numbers at n offsets."""
        pointers = self.builder.gep(address, [self.narrow(offsets, n)], source_etype=CELLS[dtype])
        pointers.type = ir.VectorType(POINTER, n)
        found_type = ir.VectorType(CELLS[dtype], n)
        align, everyone = ir.Constant(INT, BYTES[dtype]), self.constant(1, ir.VectorType(BIT, n))
        operands = (pointers, align, everyone, _nothing(found_type))
        found = self.call("llvm.masked.gather", found_type, *operands, overloads=(found_type, pointers.type))
        if dtype == "bool":
            found = self.builder.trunc(found, ir.VectorType(BIT, n))
        return self.assemble([(found, n)], np.arange(n))

    def prefetch(self, address: LlvmValue, size: int) -> None:
        """Ask for the lines of `size` four-byte numbers: to be written, kept in every cache, data."""
        for offset in sorted({*range(0, size, LINE // 4), size - 1}):
            flags = [ir.Constant(INT, k) for k in (1, 3, 1)]
            at = self.at(address, "int32", offset)
            self.call("llvm.prefetch", ir.VoidType(), at, *flags, overloads=(POINTER,))

    def listed(self, numbers: np.ndarray) -> LlvmValue:
        """The address of numbers kept in the code itself."""
        dtype = {"f": "float32", "b": "bool"}.get(numbers.dtype.kind, "int32")
        numbers = numbers.astype(np.int8) if dtype == "bool" else numbers
        kind = ir.ArrayType(CELLS[dtype], numbers.size)
        module = self.builder.module
        listed: Any = ir.GlobalVariable(module, kind, module.get_unique_name("listed"))
        listed.initializer = ir.Constant(kind, numbers.ravel().tolist())
        listed.global_constant, listed.linkage = True, "private"
        return listed

    def scratch(self, dtype: str, size: int) -> LlvmValue:
        """Room for `size` numbers on the stack, taken once on entering the function."""
        if size > SCRATCH:
            raise UnsupportedPrimitive(
                f"a value of {size} numbers would be kept for each example",
                expected=f"at most {SCRATCH} numbers",
                mend="use engine='xla'",
            )
        return self.room(ir.ArrayType(CELLS[dtype], size))

    def variable(self, start: LlvmValue, n: int = 0) -> "Variable":
        """What is changed in a loop: begins as `start`, a vector of n numbers if n is given."""
        types = [start.type]
        if n and isinstance(start.type, ir.VectorType):
            types = [start.type.element if size == 1 else ir.VectorType(start.type.element, size) for size in _kept(n)]
        made = Variable(self, start.type, [(self.room(type), type) for type in types])
        made.set(start)
        return made

    def room(self, type: LlvmType) -> LlvmValue:
        with self.builder.goto_entry_block():
            room = self.builder.alloca(type)
        room.type = POINTER
        return room

    # loops and indices

    @contextmanager
    def loop(self, n: Index, *, first: Index = 0, name: str = "i") -> Iterator[LlvmValue]:
        """What is emitted inside runs for each index from `first` to n - 1. Where both are known there must be one."""
        builder = self.builder
        before = builder.block
        body, after = (builder.append_basic_block(f"{word}.{name}") for word in ("each", "after"))
        if isinstance(n, int) and isinstance(first, int):
            builder.branch(body)
        else:
            builder.cbranch(builder.icmp_signed("<", self.index(first), self.index(n)), body, after)
        builder.position_at_end(body)
        i = builder.phi(INDEX, name)
        i.add_incoming(self.index(first), before)
        yield i
        following = builder.add(i, self.index(1))
        i.add_incoming(following, builder.block)
        builder.cbranch(builder.icmp_signed("<", following, self.index(n)), body, after)
        self._go_on_in(after)

    @contextmanager
    def loop_while(self, test: Callable[[], LlvmValue]) -> Iterator[None]:
        """What is emitted inside runs as long as `test()`, asked before each turn, is true."""
        builder = self.builder
        head, body, after = (builder.append_basic_block(name) for name in ("while", "do", "after.while"))
        builder.branch(head)
        builder.position_at_end(head)
        builder.cbranch(test(), body, after)
        builder.position_at_end(body)
        yield
        builder.branch(head)
        self._go_on_in(after)

    def _go_on_in(self, block: object) -> None:
        """Write on in a block, which comes last in the text, where a reader expects it."""
        blocks = self.builder.function.blocks
        blocks.remove(block)
        blocks.append(block)
        self.builder.position_at_end(block)

    def each_index(self, n: int) -> Iterator[Index]:
        """0 … n-1: as numbers where they are few, else once, as the index of a loop around the caller's body."""
        if n <= FEW:
            yield from range(n)
        else:
            with self.loop(n) as i:
                yield i

    def times(self, i: Index, n: int) -> Index:
        if isinstance(i, int):
            return i * n
        return i if n == 1 else self.builder.mul(i, self.index(n))

    def plus(self, i: Index, j: Index) -> Index:
        if isinstance(i, int) and isinstance(j, int):
            return i + j
        if isinstance(i, int):
            i, j = j, i
        return i if isinstance(j, int) and j == 0 else self.builder.add(i, self.index(j))

    def least(self, i: LlvmValue, j: LlvmValue) -> LlvmValue:
        """The lesser of two indices."""
        return self.call("llvm.smin", INDEX, i, j)

    def unravel(self, i: Index, sizes: Sequence[int]) -> list[Index]:
        """The index on each axis of the flat index `i`, the last axis running fastest."""
        found: list[Index] = []
        for n in reversed(sizes[1:]):
            known = isinstance(i, int)
            found.append(i % n if known else self.builder.urem(i, self.index(n)))
            i = i // n if known else self.builder.udiv(i, self.index(n))
        return [i, *reversed(found)] if sizes else []

    def ravel(self, indices: Sequence[Index], sizes: Sequence[int]) -> Index:
        flat: Index = 0
        for i, n in zip(indices, sizes, strict=True):
            flat = self.plus(self.times(flat, n), i)
        return flat


def _number(number: Any, type: LlvmType) -> Any:
    if isinstance(type, ir.IntType):
        return int(number)
    return float(number) if isinstance(type, ir.FloatType | ir.DoubleType) else number


class _Repeated(ir.Constant):
    """A vector constant of equal lanes, written in few words."""

    def __init__(self, type: LlvmType, lane: LlvmValue, text: str):
        super().__init__(type, [lane] * type.count)
        self.text = text

    def _get_reference(self) -> str:
        return self.text


def _nothing(type: LlvmType) -> LlvmValue:
    """A vector whose lanes nobody reads."""
    return _Repeated(type, ir.Constant(type.element, ir.Undefined), "poison")


def _mask(order: Sequence[int] | np.ndarray) -> LlvmValue:
    """The lanes that a shuffle takes."""
    lanes = [ir.Constant(INT, int(k)) for k in order]
    kind = ir.VectorType(INT, len(lanes))
    return ir.Constant(kind, lanes) if any(order) else _Repeated(kind, lanes[0], "zeroinitializer")


def _pieces(n: int) -> Iterator[tuple[int, int]]:
    """The powers of two that add up to n, each behind the one before: 50 is 32 from 0, 16 from 32, 2 from 48."""
    first = 0
    for power in reversed(range(n.bit_length())):
        if n >> power & 1:
            yield first, 1 << power
            first += 1 << power


def _kept(n: int) -> list[int]:
    """The parts in which a loop keeps a vector of n numbers: LLVM carries along lanes that nobody reads."""
    whole = lanes_of(n)
    return [whole] if whole - n < SPARE else [whole // 2, *_kept(n - whole // 2)]


def _lanes(type: LlvmType) -> np.ndarray:
    return np.arange(type.count if isinstance(type, ir.VectorType) else 1)


def _suffix(type: LlvmType) -> str:
    if isinstance(type, ir.PointerType):
        return "p0"
    if isinstance(type, ir.VectorType):
        return f"v{type.count}{_suffix(type.element)}"
    return {"float": "f32", "double": "f64"}.get(str(type), str(type))
