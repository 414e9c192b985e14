"""A program in, its kernels as WebAssembly modules out: the very kernels that train here, for a browser or any host.

LLVM's object file for this machine is a module already, in all but one thing: it exports nothing. It imports its memory
and the top of its stack, `env.__linear_memory` and `env.__stack_pointer`; what is missing is an export section, a dozen
bytes before the code. So no linker is needed. Source of the format: the WebAssembly tool conventions, "Linking".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rowwise.backends.llvm.codegen.batch_kernel import batch_ir
from rowwise.backends.llvm.codegen.buffers import batches_signature
from rowwise.backends.llvm.codegen.online_kernel import online_ir, online_signature
from rowwise.backends.llvm.codegen.predict_kernel import predict_ir, predict_signature
from rowwise.backends.llvm.codegen.signature import Signature
from rowwise.backends.llvm.kernel import is_online, support
from rowwise.backends.llvm.runtime.compile import Processor, object_code
from rowwise.program.passes.anonymous import Anonymous, anonymous
from rowwise.program.program import Program

WASM = Processor("wasm32-unknown-unknown", "generic", "+simd128,+bulk-memory")
HEADER = 8  # bytes: a mark, and the version
CUSTOM, EXPORT, AFTER_EXPORTS = 0, 7, (8, 9, 10, 11, 12)  # sections by number; the last are those that come later
SYMBOLS = 8  # the part of the section "linking" that says which symbol is which
FUNCTION, DATA, SECTION = 0, 1, 3  # kinds of symbols
UNDEFINED, NAMED = 0x10, 0x40  # their flags: it is imported; it has a name of its own all the same


@dataclass(frozen=True, slots=True)
class Module:
    """A module with one function, and what that is called with, in order, in the names of the model."""

    function: str
    code: bytes
    arguments: tuple[dict[str, Any], ...]  # kind (pointer | float | int | index), role, name, part

    def to_dict(self) -> dict[str, Any]:
        """All but the code, for JSON."""
        return {"function": self.function, "arguments": list(self.arguments)}


def predict_module(program: Program) -> Module:
    """What predicts by a fitted model.

    Raises:
        UnsupportedPrimitive: a primitive of the program has no machine code.
    """
    ours = anonymous(program)
    return Module("predict", module(predict_ir(ours.program), "predict"), _told(predict_signature(ours.program), ours))


def training_module(program: Program, *, batch_size: int) -> Module | None:
    """What trains, an example or a batch at a time; None where the program has no such kernel."""
    if not program.updates or support(program, batch_size=batch_size) is not None:
        return None
    ours = anonymous(program)
    if is_online(program, batch_size):
        code, arguments = module(online_ir(ours.program), "online"), online_signature(ours.program)
        return Module("online", code, _told(arguments, ours))
    code, arguments = module(batch_ir(ours.program), "batches"), batches_signature(ours.program)
    return Module("batches", code, _told(arguments, ours))


def _told(signature: Signature, ours: Anonymous) -> tuple[dict[str, Any], ...]:
    """Arguments by role and by the names that the model's own program has."""
    return tuple(
        {"kind": a.kind, "role": a.role.name.lower(), "name": ours.names.get(a.name, a.name), "part": a.part}
        for a in signature
    )


def module(text: str, function: str) -> bytes:
    """The module of a kernel's text, which exports `function`."""
    code = object_code(text, WASM)
    named = function.encode()
    entry = _number(1) + _number(len(named)) + named + bytes([FUNCTION]) + _number(_index_of(code, named))
    export = bytes([EXPORT]) + _number(len(entry)) + entry
    kept = [(kind, code[begin:end]) for kind, begin, _, end in _sections(code) if kind != CUSTOM]
    before = b"".join(whole for kind, whole in kept if kind not in AFTER_EXPORTS)
    return code[:HEADER] + before + export + b"".join(whole for kind, whole in kept if kind in AFTER_EXPORTS)


# The format: numbers of seven bits a byte, and sections of (kind, length, content)


def _number(n: int) -> bytes:
    """An unsigned number as LEB128."""
    found = bytearray()
    while n > 0x7F:
        found.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*found, n])


class _Reader:
    """Bytes read one thing after another."""

    def __init__(self, data: bytes, at: int, end: int):
        self.data, self.at, self.end = data, at, end

    def __bool__(self) -> bool:
        return self.at < self.end

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        found = shift = 0
        while True:
            byte = self.byte()
            found |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return found

    def text(self) -> bytes:
        n = self.number()
        self.at += n
        return self.data[self.at - n : self.at]

    def part(self) -> "_Reader":
        """The next `n` bytes, n said in front of them."""
        n = self.number()
        self.at += n
        return _Reader(self.data, self.at - n, self.at)


def _sections(code: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Each section: its kind, where it, its content and what follows begin."""
    reader = _Reader(code, HEADER, len(code))
    while reader:
        begin = reader.at
        kind, content = reader.byte(), reader.part()
        yield kind, begin, content.at, content.end


def _index_of(code: bytes, function: bytes) -> int:
    """The number of a function, as the section "linking" has it."""
    for kind, _, content, end in _sections(code):
        reader = _Reader(code, content, end)
        if kind != CUSTOM or reader.text() != b"linking":
            continue
        reader.number()  # the version
        while reader:
            part, inside = reader.byte(), reader.part()
            if part == SYMBOLS:
                return dict(_functions(inside))[function]
    raise AssertionError("an object file of LLVM's says what its symbols are")


def _functions(symbols: _Reader) -> Iterator[tuple[bytes, int]]:
    """The functions that are defined here, by name, with their numbers."""
    for _ in range(symbols.number()):
        kind, flags = symbols.byte(), symbols.number()
        if kind == DATA:
            symbols.text()
            if not flags & UNDEFINED:
                for _ in range(3):  # segment, place in it, size
                    symbols.number()
        elif kind == SECTION:
            symbols.number()
        else:
            index = symbols.number()
            name = b"" if flags & UNDEFINED and not flags & NAMED else symbols.text()
            if kind == FUNCTION and not flags & UNDEFINED:
                yield name, index
