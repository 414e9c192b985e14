"""exp, log, tanh and their like for one number or a whole vector, as instructions and not as calls.

Each function takes an `Exact` and gives one; its error is a few units in the last place of float32. Polynomials of
exp, log, sin and cos: Moshier, Cephes single precision. erf: the rational of Eigen and XLA. erfc: Press et al.,
Numerical Recipes §6.2. `pow` goes through series in float64, so that 1 - 0.999^t keeps its digits.
"""

from math import factorial, log, pi

import llvmlite.ir as ir

from rowwise.backends.llvm.emit.builder import FAST, LlvmValue, width
from rowwise.backends.llvm.emit.exact import Exact, element

LOG2E, LN2 = 1 / log(2), log(2)
INFINITY, SMALLEST = float("inf"), 1.17549435e-38  # below it a float has no leading bit
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4  # together ln 2; the first has so few bits that n·LN2_HIGH is exact


def _two_to(n: Exact) -> Exact:
    """2ⁿ for whole numbers n, as int32, from -126 to 127: its bits put together."""
    return n.integer("add", 127).integer("shl", 23).cast("bitcast", "float32")


def _exponential(x: Exact) -> tuple[Exact, Exact, Exact, Exact]:
    """(eʳ - 1, 2ᵃ, 2ᵇ, 2⁻ᵇ) with eˣ = eʳ 2ᵃ 2ᵇ and |r| ≤ ln 2 / 2; two powers, because 2¹²⁸ is no float."""
    x = x.at_least(-104.0).at_most(89.0)
    n, whole = (x * LOG2E).rounded()
    r = n.of("llvm.fmuladd", -LN2_LOW, n.of("llvm.fmuladd", -LN2_HIGH, x))
    p = r.polynomial(
        1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1
    )
    half = whole.integer("ashr", 1)
    rest = Exact(x.emit, x.emit.builder.sub(whole.value, half.value))
    minus = Exact(x.emit, x.emit.builder.neg(half.value))
    return p.of("llvm.fmuladd", r * r, r), _two_to(rest), _two_to(half), _two_to(minus)


def exp(x: Exact) -> Exact:
    p, a, b, _ = _exponential(x)
    return p.of("llvm.fmuladd", a, a) * b


def expm1(x: Exact) -> Exact:
    p, a, b, minus_b = _exponential(x)
    return p.of("llvm.fmuladd", a, a - minus_b) * b


def exp2(x: Exact) -> Exact:
    return _pow2(x.cast("fpext", "float64")).cast("fptrunc", "float32")


def log_(x: Exact) -> Exact:
    tiny = x.is_("<", SMALLEST)
    bits = (x * 2.0**23).where(tiny, x).cast("bitcast", "int32")
    power = bits.integer("sub", 0x3F3504F3).integer("ashr", 23)  # m between √½ and √2
    whole = power.integer("shl", 23)
    m = Exact(x.emit, x.emit.builder.sub(bits.value, whole.value)).cast("bitcast", "float32")
    n = power.cast("sitofp", "float32") - x.like(23.0).where(tiny, 0.0)
    f = m - 1.0
    p = f.polynomial(
        7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
        -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    )  # fmt: skip
    square = f * f
    y = n.of("llvm.fmuladd", LN2_LOW, p * f * square).of("llvm.fmuladd", 1.0, square * -0.5)
    inside = x.emit.builder.and_(x.is_(">", 0.0), x.is_("<", INFINITY))
    outside = x.where(x.is_(">", 0.0), x.like(-INFINITY).where(x.is_("==", 0.0), float("nan")))
    return n.of("llvm.fmuladd", LN2_HIGH, f + y).where(inside, outside)


def log1p(x: Exact) -> Exact:
    """log of u = 1 + x, and what rounding lost of x, over u: only near 1 does it count, where 1/u is about 2 - u."""
    u = x + 1.0
    lost = x - (u - 1.0)
    return lost.of("llvm.fmuladd", (2.0 - u).at_least(0.0), log_(u)).where(x.is_("<", INFINITY), x)


def tanh(x: Exact) -> Exact:
    grown = expm1(abs(x).at_most(10.0) * 2.0)
    return (grown / (grown + 2.0)).of("llvm.copysign", x)


def logistic(x: Exact) -> Exact:
    return 1.0 / (exp(-x) + 1.0)


def erf(x: Exact) -> Exact:
    c = x.at_least(-4.0).at_most(4.0)
    square = c * c
    above = square.polynomial(
        -2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
        -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02,
    )  # fmt: skip
    below = square.polynomial(
        -1.45660718464996e-05,
        -2.13374055278905e-04,
        -1.68282697438203e-03,
        -7.37332916720468e-03,
        -1.42647390514189e-02,
    )
    return c * above / below


def erfc(x: Exact) -> Exact:
    z = abs(x)
    t = 1.0 / (z * 0.5 + 1.0)
    p = t.polynomial(
        0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
        -1.26551223,
    )  # fmt: skip
    positive = t * exp(p - z * z)
    return positive.where(x.is_(">=", 0.0), 2.0 - positive)


def sin(x: Exact) -> Exact:
    return _quarter(x, 0)


def cos(x: Exact) -> Exact:
    return _quarter(x, 1)


def _quarter(x: Exact, turns: int) -> Exact:
    """sin(x + turns · π/2), for |x| up to some thousands."""
    n, whole = (x * (2 / pi)).rounded()
    r = x
    for part in (-1.5703125, -4.837512969970703125e-4, -7.54978995489188216e-8):  # π/2 in three parts of few bits
        r = n.of("llvm.fmuladd", part, r)
    square = r * r
    s = square.polynomial(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1).of("llvm.fmuladd", square * r, r)
    c = square.polynomial(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, -0.5, 1.0)
    quarter = whole.integer("add", turns)
    odd = quarter.integer("and_", 1).cast("trunc", "bool").value
    negative = quarter.integer("lshr", 1).integer("and_", 1).cast("trunc", "bool").value
    result = c.where(odd, s)
    return (-result).where(negative, result)


def tan(x: Exact) -> Exact:
    return sin(x) / cos(x)


def sinh(x: Exact) -> Exact:
    grown = expm1(abs(x))
    return _signed((grown + grown / (grown + 1.0)) * 0.5, x).where(abs(x).is_("<", 88.0), _signed(exp(abs(x)) * 0.5, x))


def cosh(x: Exact) -> Exact:
    grown = exp(abs(x))
    return (grown + 1.0 / grown) * 0.5


def asinh(x: Exact) -> Exact:
    size = abs(x)
    near = log1p(size + size * size / (1.0 + sqrt(size * size + 1.0)))
    return _signed(near.where(size.is_("<", 1e9), log_(size) + LN2), x)


def acosh(x: Exact) -> Exact:
    above = x - 1.0
    near = log1p(above + sqrt(above * (above + 2.0)))
    return near.where(x.is_("<", 1e9), log_(x) + LN2)


def atanh(x: Exact) -> Exact:
    size = abs(x)
    return _signed(log1p(size * 2.0 / (1.0 - size)) * 0.5, x)


def _signed(size: Exact, x: Exact) -> Exact:
    """A size with the sign of x; NaN stays NaN."""
    return size.of("llvm.copysign", x)


def atan(x: Exact) -> Exact:
    """Beyond tan(π/8) and tan(3π/8) as π/4 and π/2 and what is left."""
    size = abs(x)
    far, middle = size.is_(">", 2.414213562373095), size.is_(">", 0.4142135623730950)
    turned = (-1.0 / size).where(far, ((size - 1.0) / (size + 1.0)).where(middle, size))
    base = x.like(pi / 2).where(far, x.like(pi / 4).where(middle, 0.0))
    square = turned * turned
    p = square.polynomial(8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1)
    return _signed(base + (p * square).of("llvm.fmuladd", turned, turned), x)


def atan2(y: Exact, x: Exact) -> Exact:
    both = x.emit.builder.and_(abs(x).is_("==", INFINITY), abs(y).is_("==", INFINITY))
    ratio = (abs(y) / abs(x)).where(y.is_("!=", 0.0), 0.0)
    angle = atan(x.like(1.0).where(both, ratio))  # from 0 to π/2
    turned = (pi - angle).where(x.like(1.0).of("llvm.copysign", x).is_("<", 0.0), angle)
    nothing = x.emit.builder.fcmp_unordered("uno", x.value, y.value)
    return x.like(float("nan")).where(nothing, _signed(turned, y))


def asin(x: Exact) -> Exact:
    return atan2(x, sqrt((1.0 - x) * (x + 1.0)))


def acos(x: Exact) -> Exact:
    return atan2(sqrt((1.0 - x) * (x + 1.0)), x)


def erf_inv(x: Exact) -> Exact:
    """Source: Giles 2010, "Approximating the erfinv function", single precision."""
    w = -log1p(-(x * x))
    near = (w - 2.5).polynomial(
        2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
        0.246640727, 1.50140941,
    )  # fmt: skip
    far = (sqrt(w) - 3.0).polynomial(
        -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
        1.00167406, 2.83297682,
    )  # fmt: skip
    inside = near.where(w.is_("<", 5.0), far) * x
    return (x * INFINITY).where(abs(x).is_("==", 1.0), inside)


def pow_(x: Exact, y: Exact) -> Exact:
    """xʸ; y may be a whole number, as the count in Adam's 0.999^count."""
    whole = y.cast("sitofp" if isinstance(element(y), ir.IntType) else "fpext", "float64")
    base = x.cast("fpext", "float64")
    size = _pow2(whole * _log2(abs(base)))
    is_odd = (whole * 0.5).of("llvm.floor").is_("!=", whole * 0.5)
    is_whole = whole.of("llvm.floor").is_("==", whole)
    signed = (-size).where(is_odd, size).where(is_whole, float("nan"))
    result = size.where(base.is_(">=", 0.0), signed)
    return result.where(whole.is_("!=", 0.0), 1.0).cast("fptrunc", "float32")


def _log2(x: Exact) -> Exact:
    """log₂ of a float64 that is not negative, from the series of atanh((m - 1)/(m + 1))."""
    wide = x.emit.type("int64", width(x.value))
    b, emit = x.emit.builder, x.emit
    bits = b.bitcast(x.value, wide)
    power = b.ashr(b.sub(bits, emit.constant(0x3FE6A09E667F3BCD, wide)), emit.constant(52, wide))
    m = Exact(emit, b.bitcast(b.sub(bits, b.shl(power, emit.constant(52, wide))), x.value.type))
    s = (m - 1.0) / (m + 1.0)
    series = (s * s).polynomial(*(2 * LOG2E / k for k in range(15, 0, -2)))
    n = Exact(emit, b.sitofp(power, x.value.type))
    return (n + s * series).where(x.is_(">", 0.0), -INFINITY).where(x.is_("<", INFINITY), x)


def _pow2(t: Exact) -> Exact:
    """2ᵗ in float64, from the series of exp."""
    t = t.at_least(-1000.0).at_most(1000.0)
    n, whole = t.rounded()
    series = ((t - n) * LN2).polynomial(*(1 / factorial(k) for k in range(9, -1, -1)))
    bits = whole.integer("add", 1023).integer("shl", 52).value
    return series * Exact(t.emit, t.emit.builder.bitcast(bits, t.value.type))


def sign(x: Exact) -> Exact:
    return x.like(1.0).where(x.is_(">", 0.0), x.like(-1.0).where(x.is_("<", 0.0), x))


def rsqrt(x: Exact) -> Exact:
    """1/√x by the machine's estimate and a step of Newton, where LLVM knows one: several times as fast as √ and ÷."""
    inside = x.emit.builder.and_(x.is_(">=", SMALLEST), x.is_("<", INFINITY))
    outside = x.like(0.0).where(x.is_(">", 1.0), x.like(INFINITY).where(x.is_(">=", 0.0), float("nan")))
    return _inverse_root(x).where(inside, outside)


def sqrt(x: Exact) -> Exact:
    """√x; of a vector by way of 1/√x, and one more step that mends its last digit."""
    if width(x.value) == 1:
        return x.of("llvm.sqrt")
    inverse = _inverse_root(x)
    root = x * inverse
    error = (-root).of("llvm.fmuladd", root, x)
    mended = (error * inverse).of("llvm.fmuladd", 0.5, root)
    inside = x.emit.builder.and_(x.is_(">=", SMALLEST), x.is_("<", INFINITY))
    outside = x.where(x.is_(">", 1.0), x.like(0.0).where(x.is_(">=", 0.0), float("nan")))
    return mended.where(inside, outside)


def _inverse_root(x: Exact) -> Exact:
    """1/√x between SMALLEST and infinity; an estimate knows nothing of numbers beyond."""
    root = x.emit.call("llvm.sqrt", x.value.type, x.value, fast=True)
    return Exact(x.emit, x.emit.builder.fdiv(x.like(1.0).value, root, flags=FAST))


def square(x: Exact) -> Exact:
    return x * x


def clamp(low: Exact, x: Exact, high: Exact) -> Exact:
    return x.of("llvm.maximum", low).of("llvm.minimum", high)


def int_clamp(low: Exact, x: Exact, high: Exact) -> Exact:
    return x.of("llvm.smax", low).of("llvm.smin", high)


def is_finite(x: Exact) -> Exact:
    return Exact(x.emit, abs(x).is_("<", INFINITY))


def int_abs(x: Exact) -> Exact:
    negative = x.emit.builder.icmp_signed("<", x.value, x.emit.constant(0, x.value.type))
    return Exact(x.emit, x.emit.builder.select(negative, x.emit.builder.neg(x.value), x.value))


def int_div(x: Exact, y: Exact) -> Exact:
    """x / y of integers, rounded towards 0. A processor stops at x / 0 and at the least number by -1; see `_div`."""
    by_zero, divisor = _divisor(x, y)
    b = x.emit.builder
    return Exact(x.emit, b.select(by_zero, x.like(-1).value, b.sdiv(x.value, divisor)))


def int_rem(x: Exact, y: Exact) -> Exact:
    """What x / y leaves, with the sign of x; by 0 all of it."""
    by_zero, divisor = _divisor(x, y)
    b = x.emit.builder
    return Exact(x.emit, b.select(by_zero, x.value, b.srem(x.value, divisor)))


def shift_left(x: Exact, y: Exact) -> Exact:
    return _shifted(x, y, "shl", x.like(0))


def shift_right(x: Exact, y: Exact) -> Exact:
    """Bits go, zeros come."""
    return _shifted(x, y, "lshr", x.like(0))


def halve(x: Exact, y: Exact) -> Exact:
    """Bits go, the sign stays."""
    return _shifted(x, y, "ashr", x.integer("ashr", 31))


def _shifted(x: Exact, y: Exact, instruction: str, beyond: Exact) -> Exact:
    """By 0 to 31 bits; `beyond` for more, where a processor gives anything."""
    b = x.emit.builder
    inside = b.icmp_unsigned("<", y.value, y.like(32).value)
    moved = getattr(b, instruction)(x.value, y.integer("and_", 31).value)
    return Exact(x.emit, b.select(inside, moved, beyond.value))


def _divisor(x: Exact, y: Exact) -> tuple[LlvmValue, LlvmValue]:
    """Where y is 0; and y, but 1 where a processor would stop, which gives the least number by -1 its meaning."""
    b = x.emit.builder
    by_zero = b.icmp_signed("==", y.value, y.like(0).value)
    is_least = b.icmp_signed("==", x.value, x.like(-(2**31)).value)
    stops = b.or_(by_zero, b.and_(is_least, b.icmp_signed("==", y.value, y.like(-1).value)))
    return by_zero, b.select(stops, y.like(1).value, y.value)


FUNCTIONS = {
    ":exp": exp, ":exp2": exp2, ":expm1": expm1, ":log": log_, ":log1p": log1p, ":tanh": tanh, ":logistic": logistic,
    ":erf": erf, ":erfc": erfc, ":sin": sin, ":cos": cos, ":pow": pow_, ":sign": sign, ":rsqrt": rsqrt, ":sqrt": sqrt,
    ":square": square, ":clamp": clamp, ":is_finite": is_finite, ":int_abs": int_abs, ":int_div": int_div,
    ":int_rem": int_rem, ":tan": tan, ":sinh": sinh, ":cosh": cosh, ":asinh": asinh, ":acosh": acosh, ":atanh": atanh,
    ":atan": atan, ":atan2": atan2, ":asin": asin, ":acos": acos, ":erf_inv": erf_inv, ":shift_left": shift_left,
    ":shift_right": shift_right, ":int_clamp": int_clamp, ":halve": halve,
}  # fmt: skip
