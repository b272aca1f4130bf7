"""Decimal floating point for state.py: exact values with a preferred exponent, their rounding, and the parts of the bits."""
from fractions import Fraction

from bfp import Real, Unsure, real

FORMATS = {32: (7, 101, 6), 64: (16, 398, 8), 128: (34, 6176, 12)}  # digits, bias, bits of the exponent's continuation
EVEN, ZERO, UP, DOWN, AWAY_TIES, ZERO_TIES, AWAY, SHORTER = range(8)  # as in bits 25 to 27 of the FPC
OF_MASK = {1: AWAY_TIES, 3: SHORTER, 4: EVEN, 5: ZERO, 6: UP, 7: DOWN, **{8 + mode: mode for mode in range(8)}}
INFINITE, QUIET, SIGNALING = -1, -2, -3  # in place of an exponent


def declet_digits(d):
    """The three digits of ten bits; five of them are taken as they are, or say that digits are 8 or 9."""
    a, b, c = d >> 7, d >> 4 & 7, d & 7
    if not d & 8:
        return a, b, c
    kind, wide, odd = c >> 1, b >> 1, c & 1
    if kind == 0:
        return a, b, 8 | odd
    if kind == 1:
        return a, 8 | b & 1, b & 6 | odd
    if kind == 2:
        return 8 | a & 1, b, a & 6 | odd
    return (a if wide == 2 else 8 | a & 1, a & 6 | b & 1 if wide == 1 else 8 | b & 1,
            a & 6 | odd if wide == 0 else 8 | odd)


VALUE = [int("%d%d%d" % declet_digits(d)) for d in range(1024)]
DECLET = {VALUE[d]: d for d in reversed(range(1024))}


def parts(x):
    """Sign, biased exponent (or INFINITE ...), digits as a number."""
    precision, _, continued = FORMATS[x.width]
    declets = precision // 3
    digits = sum(VALUE[x >> 10 * i & 1023] * 1000 ** i for i in range(declets))
    combination = x >> x.width - 6 & 31
    rest = x >> 10 * declets & (1 << continued) - 1
    if combination >= 30:
        return x >> x.width - 1, INFINITE if combination == 30 else SIGNALING if rest >> continued - 1 else QUIET, digits
    large = combination >= 24
    first = 8 | combination & 1 if large else combination & 7
    high = combination >> 1 & 3 if large else combination >> 3
    return x >> x.width - 1, high << continued | rest, digits + first * 1000 ** declets


def encoded(sign, exponent, digits, n):
    precision, _, continued = FORMATS[n]
    declets = precision // 3
    first, rest = digits // 1000 ** declets % 10, digits % 1000 ** declets
    if exponent < 0:
        combination = 30 if exponent == INFINITE else 31
        exponent = (exponent == SIGNALING) << continued - 1
    else:
        high = exponent >> continued
        combination = 24 | high << 1 | first & 1 if first >= 8 else high << 3 | first
    bits = (int(sign) << 5 | combination) << continued | exponent & (1 << continued) - 1
    for i in reversed(range(declets)):
        bits = bits << 10 | DECLET[rest // 1000 ** i % 1000]
    return bits


class Dfp(Real):
    """A number with the exponent that is preferred for it."""

    def __init__(self, like, preferred):
        super().__init__(like.value, like.negative, like.nan, like.operand)
        self.preferred = preferred

    def __neg__(self):
        return Dfp(super().__neg__(), self.preferred)

    def __add__(self, other):
        return Dfp(super().__add__(other), min(self.preferred, other.preferred))

    def __mul__(self, other):
        return Dfp(super().__mul__(other), self.preferred + other.preferred)

    def __truediv__(self, other):
        least = -1 << 20  # of a number divided by an infinity
        return Dfp(super().__truediv__(other), least if other.infinite() else self.preferred - other.preferred)


def dfp(_, x):
    sign, exponent, digits = parts(x)
    if exponent < 0:
        return Dfp(Real(None, bool(sign), exponent < INFINITE, exponent < INFINITE), 0)
    exponent -= FORMATS[x.width][1]
    value = digits * Fraction(10) ** exponent
    return Dfp(Real(-value if sign else value, bool(sign)), exponent)


def mode_of(state, mask):
    return OF_MASK.get(0 if mask is None else int(mask), int(state["FPC"]) >> 4 & 7)


def pick(size, mode, negative):
    """A magnitude as an integer."""
    floor = size.numerator // size.denominator
    rest = size - floor
    if not rest or mode == ZERO or mode == UP and negative or mode == DOWN and not negative:
        return floor
    if mode in (UP, DOWN, AWAY):
        return floor + 1
    if mode == SHORTER:
        return floor + (floor % 5 == 0)
    half = Fraction(1, 2)
    if rest != half:
        return floor + (rest > half)
    return floor + (mode == AWAY_TIES or mode == EVEN and floor % 2)


def digits_above(size):
    """The least e with size < 10^e."""
    e = int((size.numerator.bit_length() - size.denominator.bit_length()) * 0.30103) - 2
    while size >= Fraction(10) ** e:
        e += 1
    return e


def dfp_rounded(state, x, n, mask=None):
    precision, bias, continued = FORMATS[n]
    least, most = -bias, (3 << continued) - 1 - bias
    x, mode = x if isinstance(x, Dfp) else Dfp(real(x), 0), mode_of(state, mask)
    if x.nan and x.operand:
        raise Unsure
    negative = mode == DOWN if x.negative is None else bool(x.negative)
    if x.value is None:
        return type(state).right(state, encoded(0 if x.nan else negative, QUIET if x.nan else INFINITE, 0, n), n)
    size, exponent = abs(x.value), min(max(x.preferred, least), most)
    if size:
        lowest = max(digits_above(size) - precision, least)
        scaled = size / Fraction(10) ** lowest
        if scaled.denominator == 1:
            while lowest < exponent and scaled % 10 == 0:
                scaled, lowest = scaled / 10, lowest + 1
        significand, exponent = pick(scaled, mode, negative), lowest
        if significand == 10 ** precision:
            significand, exponent = significand // 10, exponent + 1
        if exponent > most:
            large = mode in (ZERO, SHORTER) or mode == UP and negative or mode == DOWN and not negative
            bits = encoded(negative, most + bias, 10 ** precision - 1, n) if large else encoded(negative, INFINITE, 0, n)
            return type(state).right(state, bits, n)
    return type(state).right(state, encoded(negative, exponent + bias, significand if size else 0, n), n)


def whole(state, x, mask):
    if x.value is None:
        return x
    value = pick(abs(x.value), mode_of(state, mask), x.negative)
    return Dfp(Real(Fraction(-value if x.negative else value), x.negative), max(x.preferred, 0))


def quantized(state, x, y, n, mask):
    if x.nan or y.nan or x.infinite() and y.infinite():
        return Dfp(Real(None, x.negative, x.nan or y.nan, x.nan or y.nan), 0)
    if x.infinite() or y.infinite():
        return Dfp(Real(nan=True), 0)
    unit = Fraction(10) ** y.preferred
    value = pick(abs(x.value) / unit, mode_of(state, mask), x.negative)
    fits = value < 10 ** FORMATS[n][0]
    return Dfp(Real((-value if x.negative else value) * unit, x.negative), y.preferred) if fits else Dfp(Real(nan=True), 0)


def rerounded(state, x, count, n, mask):
    if not x.value or not count or digits_above(abs(x.value)) - x.preferred <= count:
        return x
    exponent = digits_above(abs(x.value)) - int(count)
    significand = pick(abs(x.value) / Fraction(10) ** exponent, mode_of(state, mask), x.negative)
    exponent += significand == 10 ** int(count)
    if exponent > (3 << FORMATS[n][2]) - 1 - FORMATS[n][1]:
        return Dfp(Real(nan=True), 0)
    value = significand * Fraction(10) ** (exponent - (significand == 10 ** int(count)))
    return Dfp(Real(-value if x.negative else value, x.negative), exponent)


def biased_exponent(_, x):
    return parts(x)[1]


def significand(_, x):
    return parts(x)[2]


def dfp_of(state, sign, exponent, digits, n):
    return type(state).right(state, encoded(sign, int(exponent), int(digits), n), n)


def dfp_class(_, x):
    _, exponent, digits = parts(x)
    if exponent < 0:
        return 2 - exponent
    return 0 if not digits else 1 if exponent + len(str(digits)) < FORMATS[x.width][0] else 2


FUNCTIONS = {"dfp": dfp, "dfp_rounded": dfp_rounded, "quantized": quantized, "rerounded": rerounded,
             "biased_exponent": biased_exponent, "significand": significand, "dfp_of": dfp_of, "dfp_class": dfp_class}
