"""What each primitive means as machine code, on values as `emit/values.py` holds them.

Number by number, a primitive is an instruction on whole vectors: the column `llvm` of the table. Those that move
numbers about are in `moves.py`, sums and products of arrays in `sums.py`.
"""

from collections.abc import Callable, Sequence
from functools import partial

from rowwise.backends.llvm.emit.builder import FAST, NUMBERS, Index, LlvmValue, width
from rowwise.backends.llvm.emit.exact import Exact
from rowwise.backends.llvm.emit.math import FUNCTIONS
from rowwise.backends.llvm.emit.values import Lanes, Machine, Walked, columns, fits
from rowwise.program.primitives import ELEMENTWISE, RULES, rule, unsupported
from rowwise.program.program import Step
from rowwise.program.values import Shape

COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
CASTS = {("int32", "float32"): "sitofp", ("bool", "float32"): "uitofp", ("bool", "int32"): "zext"}


def apply(emit: Machine, step: Step, inputs: Sequence[Lanes]) -> Lanes:
    """The output of one step of a program, emitted.

    Raises:
        UnsupportedPrimitive: the primitive, or a value of that size, has no llvm rule; the error names the line.
    """
    out = step.output
    fits(out.shape, f"{out} = {step.primitive}" + (f" (at {step.place})" if step.place else ""))
    for value in (*step.inputs, out):
        if value.dtype not in NUMBERS:
            raise unsupported(f"{step.primitive} of {value.dtype}", "llvm", step.place)
    if step.primitive in ELEMENTWISE:
        make = instruction(emit, step.primitive, inputs[0].dtype, step.place)
        return each(emit, out.shape, out.dtype, inputs, make)
    meaning = RULES["llvm"].get(step.primitive)
    if meaning is None:
        raise unsupported(step.primitive, "llvm", step.place)
    return meaning(emit, out, *inputs, **step.params)


def each(emit: Machine, shape: Shape, dtype: str, inputs: Sequence[Lanes], make: Callable[..., LlvmValue]) -> Lanes:
    """The value whose numbers are `make` of the inputs' numbers; a single number goes with every one."""
    n = columns(shape)

    def row(i: Index) -> LlvmValue:
        return make(*(x.row(i) if isinstance(x, Walked) else emit.splat(x.lanes, n) for x in inputs))

    return emit.recipe(shape, dtype, row, reads(*inputs))


def reads(*inputs: Lanes) -> frozenset[str]:
    """The memory that recipes of `inputs` still read."""
    return frozenset().union(*(x.reads for x in inputs if isinstance(x, Walked)))


def elsewhere(*inputs: Lanes) -> frozenset[str]:
    """The same, for a recipe whose row i asks for other rows than row i."""
    return frozenset(f"{name}, other rows" for name in reads(*inputs))


def instruction(emit: Machine, primitive: str, dtype: str, place: object = None) -> Callable[..., LlvmValue]:
    """What the table says for this primitive on numbers of `dtype`."""
    builder, is_float = emit.builder, dtype == "float32"
    name = ELEMENTWISE[primitive].llvm if is_float else ELEMENTWISE[primitive].integer
    if not name:
        raise unsupported(primitive, "llvm", place)
    if name in COMPARISONS:
        if is_float:
            return partial(builder.fcmp_unordered if name == "!=" else builder.fcmp_ordered, name)
        return partial(builder.icmp_signed, name)
    if name in FUNCTIONS:
        return lambda *lanes: FUNCTIONS[name](*(Exact(emit, x) for x in lanes)).value
    if name.startswith("llvm."):
        return lambda *lanes: emit.call(name, lanes[0].type, *lanes)
    return partial(getattr(builder, name), flags=FAST) if is_float else getattr(builder, name)


@rule("integer_pow", backend="llvm")
def integer_pow(emit, out, x, *, y):
    """x squared for each binary digit of y, times x where the digit is 1."""
    if y < 0 and x.dtype != "float32":
        raise unsupported("integer_pow of integers to a negative power", "llvm", None)
    multiply = instruction(emit, "mul", x.dtype)

    def power(lanes):
        result = None
        for digit in f"{abs(y):b}":
            result = None if result is None else multiply(result, result)
            if digit == "1":
                result = lanes if result is None else multiply(result, lanes)
        one = emit.constant(1, lanes.type)
        result = one if result is None else result
        return emit.builder.fdiv(one, result, flags=FAST) if y < 0 else result

    return each(emit, out.shape, out.dtype, [x], power)


@rule("convert_element_type", backend="llvm")
def convert_element_type(emit, out, x, *, new_dtype):
    def convert(lanes):
        to = emit.type(new_dtype, width(lanes))
        if (x.dtype, new_dtype) == ("float32", "int32"):  # beyond the integers it stops at the last one
            return emit.call("llvm.fptosi.sat", to, lanes, overloads=(to, lanes.type))
        if new_dtype == "bool":
            return instruction(emit, "ne", x.dtype)(lanes, emit.constant(0, lanes.type))
        if x.dtype == new_dtype:
            return lanes
        cast = CASTS.get((x.dtype, new_dtype))
        if cast is None:
            raise unsupported(f"{x.dtype} as {new_dtype}", "llvm", None)
        return getattr(emit.builder, cast)(lanes, to)

    return each(emit, out.shape, new_dtype, [x], convert)


@rule("select_n", backend="llvm")
def select_n(emit, out, which, first, second):
    """`second` where `which` is true, `first` elsewhere."""
    return each(emit, out.shape, out.dtype, [which, first, second], lambda w, x, y: emit.builder.select(w, y, x))
