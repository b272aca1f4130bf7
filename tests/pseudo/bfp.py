"""Binary floating point for state.py: exact values, and their rounding as the floating-point-control register says."""
from fractions import Fraction
from math import isqrt

FORMATS = {32: (8, 23), 64: (11, 52), 128: (15, 112)}  # bits of exponent and fraction
EVEN, ZERO, UP, DOWN, ODD, AWAY = "even", "zero", "up", "down", "odd", "away"
OF_FPC = {0: EVEN, 1: ZERO, 2: UP, 3: DOWN, 7: ODD}
OF_MASK = {1: AWAY, 3: ODD, 4: EVEN, 5: ZERO, 6: UP, 7: DOWN}


class Unsure(Exception):
    """Which not-a-number a result is, the notation does not say."""


class Real:
    """A number, an infinity (value None), or none (nan); zeros have a sign, too."""

    def __init__(self, value=None, negative=False, nan=False, operand=False):
        self.value, self.nan, self.operand = value, nan, operand
        self.negative = value < 0 if value else negative

    def infinite(self):
        return not self.nan and self.value is None

    def __neg__(self):
        return Real(None if self.value is None else -self.value, not self.negative, self.nan, self.operand)

    def __abs__(self):
        return -self if self.negative else self

    def __add__(self, other):
        other = real(other)
        if self.nan or other.nan:
            return none(self, other)
        if self.infinite() or other.infinite():
            if self.infinite() and other.infinite() and self.negative != other.negative:
                return none()
            return self if self.infinite() else other
        total = self.value + other.value
        same = self.negative == other.negative
        return Real(total, self.negative if same else None)  # None: as the rounding mode says

    def __sub__(self, other):
        return self + -real(other)

    def __mul__(self, other):
        other = real(other)
        if self.nan or other.nan:
            return none(self, other)
        negative = self.negative != other.negative
        if self.infinite() or other.infinite():
            return none() if 0 in (self.value, other.value) else Real(None, negative)
        return Real(self.value * other.value, negative)

    def __truediv__(self, other):
        other = real(other)
        if self.nan or other.nan:
            return none(self, other)
        negative = self.negative != other.negative
        if self.infinite():
            return none() if other.infinite() else Real(None, negative)
        if other.infinite():
            return Real(Fraction(0), negative)
        if other.value == 0:
            return none() if self.value == 0 else Real(None, negative)
        return Real(self.value / other.value, negative)

    def _key(self):
        return float("-inf" if self.negative else "inf") if self.infinite() else self.value

    def __eq__(self, other):
        other = real(other)
        return not self.nan and not other.nan and self._key() == other._key()

    def __lt__(self, other):
        other = real(other)
        return not self.nan and not other.nan and self._key() < other._key()

    def __gt__(self, other):
        return real(other).__lt__(self)

    def __ge__(self, other):
        return self > other or self == other

    def __le__(self, other):
        return self < other or self == other


def none(*operands):
    return Real(nan=True, operand=any(x.nan and x.operand for x in operands))


def real(x):
    return x if isinstance(x, Real) else Real(Fraction(int(x)))


def bfp(_, x):
    exponent_bits, fraction_bits = FORMATS[x.width]
    negative, bias = bool(x >> x.width - 1), (1 << exponent_bits - 1) - 1
    exponent, fraction = x >> fraction_bits & (1 << exponent_bits) - 1, x & (1 << fraction_bits) - 1
    if exponent == (1 << exponent_bits) - 1:
        return Real(nan=True, operand=True, negative=negative) if fraction else Real(None, negative)
    significand = fraction | (1 << fraction_bits if exponent else 0)
    value = Fraction(significand) * Fraction(2) ** (max(exponent, 1) - bias - fraction_bits)
    return Real(-value if negative else value, negative)


def pick(value, mode):
    """A fraction as an integer."""
    floor = value.numerator // value.denominator
    rest = value - floor
    if not rest or mode == DOWN or mode == ZERO and value > 0:
        return floor
    if mode in (UP, ZERO):
        return floor + 1
    if mode == ODD:
        return floor | 1
    half = Fraction(1, 2)
    if rest != half:
        return floor + (rest > half)
    return floor + floor % 2 if mode == EVEN else floor + (value > 0)


def mode_of(state, mask):
    return OF_FPC[int(state["FPC"]) & 7] if mask in (None, 0) else OF_MASK[int(mask)]


def rounded(state, x, n, mask=None):
    x, mode = real(x), mode_of(state, mask)
    exponent_bits, fraction_bits = FORMATS[n]
    bias, top = (1 << exponent_bits - 1) - 1, (1 << exponent_bits) - 1
    infinity = top << fraction_bits
    if x.nan:
        if x.operand:
            raise Unsure
        return type(state).right(state, infinity | 1 << fraction_bits - 1, n)
    negative = mode == DOWN if x.negative is None else x.negative
    bits = infinity
    if x.value is not None:
        size = abs(x.value)
        exponent = 1 - bias
        if size:
            exponent = max(exponent, size.numerator.bit_length() - size.denominator.bit_length())
            exponent -= exponent > 1 - bias and Fraction(2) ** exponent > size
        mirrored = {UP: DOWN, DOWN: UP}.get(mode, mode) if negative else mode
        significand = pick(size / Fraction(2) ** (exponent - fraction_bits), mirrored)
        bits = (exponent + bias - 1 << fraction_bits) + significand
        if bits >= infinity and mirrored in (ZERO, DOWN, ODD):
            bits = infinity - 1
        bits = min(bits, infinity)
    return type(state).right(state, bits | negative << n - 1, n)


def whole(state, x, mask=None):
    if x.value is None:
        return x
    return Real(Fraction(pick(x.value, mode_of(state, mask))), x.negative)


def root(_, x):
    if x.nan or x.negative and x.value != 0:
        return none(x)
    if not x.value:
        return x
    bits = 2 * (300 + x.value.denominator.bit_length())
    scaled = (x.value.numerator << bits) // x.value.denominator
    found = isqrt(scaled)
    exact = found * found * x.value.denominator == x.value.numerator << bits
    return Real(Fraction(2 * found + (not exact), 2 << bits // 2))


def bfp_class(_, x):
    exponent_bits, fraction_bits = FORMATS[x.width]
    exponent, fraction = x >> fraction_bits & (1 << exponent_bits) - 1, x & (1 << fraction_bits) - 1
    if exponent == (1 << exponent_bits) - 1:
        return 3 if not fraction else 4 if fraction >> fraction_bits - 1 else 5
    return 1 if exponent else 2 if fraction else 0
