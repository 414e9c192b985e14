"""A function of LLVM IR in, the same with numbers multiplied by numbers before they are multiplied by vectors.

s · (a·u + b·v) becomes (s·a)·u + (s·b)·v, which with the row that it is added to is an operation on vectors less, and
one less between a loss and the rows that it moves. LLVM keeps such products as they are written.
"""

from collections import Counter
from typing import Any

import llvmlite.ir as ir

from rowwise.primitives.emitter import FAST, Emitter, LlvmValue, repeated, width

Terms = list[tuple[LlvmValue, LlvmValue]]  # numbers, and the vectors that they multiply


def scale_numbers_first(function: Any) -> None:
    """Take every product of a number and a sum of scaled vectors apart, where nothing else reads the sum.

    The sum itself stays in the text, under the line that it stands for; LLVM drops what nobody reads.
    """
    instructions = [each for block in function.blocks for each in block.instructions]
    reads = Counter(id(operand) for each in instructions for operand in each.operands)
    for product in instructions:
        scaled = _scaled(product)
        terms = _terms(scaled[1], reads) if scaled else None
        if scaled and terms:
            made = _sum(product, scaled[0], terms)
            for each in instructions:
                each.replace_usage(product, made)
            product.parent.instructions.remove(product)


def _scaled(made: LlvmValue) -> tuple[LlvmValue, LlvmValue] | None:
    """The number and the vector that a product is made of."""
    if not _is(made, "fmul") or width(made) == 1:
        return None
    for number, vector in (made.operands, reversed(made.operands)):
        if repeated(number) is not None:
            return repeated(number), vector
    return None


def _terms(total: LlvmValue, reads: Counter[int]) -> Terms | None:
    """The scaled vectors of a sum; None where one of them is not scaled, or read elsewhere too."""
    if reads[id(total)] > 1:
        return None
    if _is(total, "fadd"):
        first, second = (_terms(operand, reads) for operand in total.operands)
        return first + second if first and second else None
    scaled = _scaled(total)
    return [scaled] if scaled else None


def _is(made: LlvmValue, name: str) -> bool:
    """Whether a value is such an instruction, and may be worked out in another order."""
    return isinstance(made, ir.Instruction) and made.opname == name and set(made.flags) == set(FAST)


def _sum(product: LlvmValue, number: LlvmValue, terms: Terms) -> LlvmValue:
    builder: Any = ir.IRBuilder()
    builder.position_before(product)
    emit, total = Emitter(builder), None
    for factor, vector in terms:
        both = emit.splat(builder.fmul(number, factor, flags=FAST), width(vector))
        term = builder.fmul(both, vector, flags=FAST)
        total = term if total is None else builder.fadd(total, term, flags=FAST)
    return total
