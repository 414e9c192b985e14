"""Arithmetic that rounds as it is written, for formulas that live by their rounding."""

import llvmlite.ir as ir

from rowwise.backends.llvm.emit.builder import Emitter, LlvmType, LlvmValue, width


class Exact:
    """A number or vector with the operators of a formula. `where` and `is_` stand for a choice number by number."""

    def __init__(self, emit: Emitter, value: LlvmValue):
        self.emit, self.value = emit, value

    def like(self, number: "Exact | float") -> "Exact":
        """`number` as this one's type."""
        if isinstance(number, Exact):
            return number
        return Exact(self.emit, self.emit.constant(number, self.value.type))

    def _do(self, instruction: str, other: "Exact | float", *, swap: bool = False) -> "Exact":
        x, y = self.value, self.like(other).value
        return Exact(self.emit, getattr(self.emit.builder, instruction)(*((y, x) if swap else (x, y))))

    def __add__(self, other: "Exact | float") -> "Exact":
        return self._do("fadd", other)

    def __sub__(self, other: "Exact | float") -> "Exact":
        return self._do("fsub", other)

    def __rsub__(self, other: "Exact | float") -> "Exact":
        return self._do("fsub", other, swap=True)

    def __mul__(self, other: "Exact | float") -> "Exact":
        return self._do("fmul", other)

    def __truediv__(self, other: "Exact | float") -> "Exact":
        return self._do("fdiv", other)

    def __rtruediv__(self, other: "Exact | float") -> "Exact":
        return self._do("fdiv", other, swap=True)

    def __neg__(self) -> "Exact":
        return Exact(self.emit, self.emit.builder.fneg(self.value))

    def __abs__(self) -> "Exact":
        return self.of("llvm.fabs")

    __radd__, __rmul__ = __add__, __mul__

    def is_(self, comparison: str, other: "Exact | float") -> LlvmValue:
        """Truth values; false where a side is NaN."""
        return self.emit.builder.fcmp_ordered(comparison, self.value, self.like(other).value)

    def at_least(self, low: float) -> "Exact":
        """NaN stays NaN."""
        return self.like(low).where(self.is_("<", low), self)

    def at_most(self, high: float) -> "Exact":
        return self.like(high).where(self.is_(">", high), self)

    def rounded(self) -> tuple["Exact", "Exact"]:
        """The nearest whole number, as a float and as an integer of as many bits: the bits it has after a large
        number is added, whose last digit is the one. The number is less than 2²² in size, or NaN, which gives any."""
        if isinstance(element(self), ir.FloatType):
            large, bits, dtype = 1.5 * 2.0**23, 0x4B400000, "int32"
        else:
            large, bits, dtype = 1.5 * 2.0**52, 0x4338000000000000, "int64"
        shifted = self + large
        return shifted - large, shifted.cast("bitcast", dtype).integer("sub", bits)

    def where(self, truth: LlvmValue, other: "Exact | float") -> "Exact":
        """This where `truth`, else `other`."""
        return Exact(self.emit, self.emit.builder.select(truth, self.value, self.like(other).value))

    def of(self, intrinsic: str, *more: "Exact | float") -> "Exact":
        operands = [self.value, *(self.like(m).value for m in more)]
        return Exact(self.emit, self.emit.call(intrinsic, self.value.type, *operands))

    def polynomial(self, *coefficients: float) -> "Exact":
        """The highest power's coefficient first. Neighbours are joined two by two, so that few wait for each other."""
        terms, power = [self.like(c) for c in reversed(coefficients)], self
        while len(terms) > 1:
            pairs = [high.of("llvm.fmuladd", power, low) for low, high in zip(terms[::2], terms[1::2], strict=False)]
            terms, power = pairs + terms[2 * len(pairs) :], power * power
        return terms[0]

    def cast(self, instruction: str, dtype: str) -> "Exact":
        to = self.emit.type(dtype, width(self.value))
        return Exact(self.emit, getattr(self.emit.builder, instruction)(self.value, to))

    def integer(self, instruction: str, number: int) -> "Exact":
        """An instruction between integers."""
        constant = self.emit.constant(number, self.value.type)
        return Exact(self.emit, getattr(self.emit.builder, instruction)(self.value, constant))


def element(x: Exact) -> LlvmType:
    """The type of one number."""
    return x.value.type.element if width(x.value) > 1 else x.value.type
