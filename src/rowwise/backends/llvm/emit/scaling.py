"""A function of LLVM IR in, the same with numbers multiplied by numbers before they are multiplied by vectors.

s · (a·u + b·v) becomes (s·a)·u + (s·b)·v, which with the row that it is added to is an operation on vectors less, and
one less between a loss and the rows that it moves. LLVM keeps such products as they are written.
"""

from collections import Counter
from typing import Any

import llvmlite.ir as ir

from rowwise.backends.llvm.emit.builder import FAST, Emitter, LlvmValue, repeated, width

Terms = list[tuple[LlvmValue | None, LlvmValue]]  # numbers, and the vectors that they multiply


def scale_numbers_first(function: LlvmValue) -> None:
    """Take every product of a number and a sum of scaled vectors apart, where nothing else reads the sum.

    The sum itself stays in the text, under the line that it stands for; LLVM drops what nobody reads.
    """
    instructions = [each for block in function.blocks for each in block.instructions]
    reads = Counter(id(operand) for each in instructions for operand in each.operands)
    for product in instructions:
        scaled = _scaled(product, reads)
        terms = _terms(scaled[1], reads) if scaled else None
        if scaled and terms and any(number is not None for number, _ in terms):
            made = _sum(product, scaled[0], terms)
            reads[id(made)] = reads[id(product)]
            for each in instructions:
                each.replace_usage(product, made)
            product.parent.instructions.remove(product)


def _scaled(made: LlvmValue, reads: Counter[int]) -> tuple[LlvmValue, LlvmValue] | None:
    """The number and the vector that a product is made of; of two numbers, the constant, or what multiplies a sum."""
    if not _is(made, "fmul"):
        return None
    for number, vector in (made.operands, reversed(made.operands)):
        if width(made) > 1 and repeated(number) is not None:
            return repeated(number), vector
        if width(made) == 1 and (isinstance(number, ir.Constant) or _is_sum(vector, reads)):
            return number, vector
    return None


def _terms(total: LlvmValue, reads: Counter[int]) -> Terms | None:
    """The scaled vectors of a sum, or None where one is not scaled, or read elsewhere too; a number need not be."""
    if _is_sum(total, reads):
        first, second = (_terms(operand, reads) for operand in total.operands)
        return first + second if first and second else None
    scaled = _scaled(total, reads) if reads[id(total)] == 1 else None
    if scaled is None and width(total) == 1:
        return [(None, total)]
    return [scaled] if scaled else None


def _is_sum(made: LlvmValue, reads: Counter[int]) -> bool:
    return _is(made, "fadd") and reads[id(made)] == 1


def _is(made: LlvmValue, name: str) -> bool:
    """Whether a value is such an instruction, and may be worked out in another order."""
    return isinstance(made, ir.Instruction) and made.opname == name and set(made.flags) == set(FAST)


def _sum(product: LlvmValue, number: LlvmValue, terms: Terms) -> LlvmValue:
    builder: Any = ir.IRBuilder()
    builder.position_before(product)
    emit, total = Emitter(builder), None
    for factor, vector in terms:
        both = number if factor is None else builder.fmul(number, factor, flags=FAST)
        term = builder.fmul(emit.splat(both, width(vector)), vector, flags=FAST)
        total = term if total is None else builder.fadd(total, term, flags=FAST)
    return total
