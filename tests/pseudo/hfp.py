"""Hexadecimal floating point for state.py: exact values, and their normalized truncation."""
from fractions import Fraction

from bfp import AWAY, ZERO, Real, Unsure, pick

DIGITS = {32: 6, 64: 14, 128: 28}  # of the fraction


def hfp(_, x):
    """An extended one has its right digits in a second doubleword, whose first byte does not count."""
    width, whole = x.width, int(x)
    if width == 128:
        whole = whole >> 64 << 56 | whole & (1 << 56) - 1
        width = 120
    fraction, exponent = whole & (1 << width - 8) - 1, whole >> width - 8 & 127
    value = Fraction(fraction) * Fraction(16) ** (exponent - 64 - DIGITS[x.width])
    negative = bool(whole >> width - 1)
    return Real(-value if negative else value, negative)


def stored(state, x, n, mode):
    x = x if isinstance(x, Real) else Real(Fraction(int(x)))
    if x.nan or x.value is None:
        raise Unsure  # a divisor of zero: an exception
    size, digits, exponent = abs(x.value), DIGITS[n], 0
    if not size:
        return type(state).right(state, 0, n)
    while size >= Fraction(16) ** exponent:
        exponent += 1
    while size < Fraction(16) ** (exponent - 1):
        exponent -= 1
    fraction = pick(size * Fraction(16) ** (digits - exponent), mode)
    if fraction >> 4 * digits:
        fraction, exponent = fraction >> 4, exponent + 1
    if exponent > 63:
        raise Unsure  # overflow: an exception
    if exponent < -64:
        return type(state).right(state, 0, n)
    sign = 128 * (x.value < 0)
    if n < 128:
        return type(state).right(state, (sign | exponent + 64) << n - 8 | fraction, n)
    left = (sign | exponent + 64) << 56 | fraction >> 56
    right = (sign | exponent + 64 - 14 & 127) << 56 | fraction & (1 << 56) - 1
    return type(state).right(state, left << 64 | right, n)


def fraction(state, x):
    digits = DIGITS[x.width]
    return type(state).right(state, int(x) >> 64 << 56 | int(x) & (1 << 56) - 1 if x.width == 128 else x, 4 * digits)


def hfp_of(state, sign, characteristic, digits, n):
    """The left half's characteristic is 14 more than the right one's."""
    left = int(sign) << 7 | int(characteristic) & 127
    if n < 128:
        return type(state).right(state, left << n - 8 | int(digits) & (1 << n - 8) - 1, n)
    right = int(sign) << 7 | int(characteristic) - 14 & 127
    return type(state).right(state, (left << 56 | int(digits) >> 56 & (1 << 56) - 1) << 64 | right << 56 | int(digits) & (1 << 56) - 1, n)


def hfp_sum(state, x, y):
    if (x >> x.width - 8 & 127) < (y >> y.width - 8 & 127):
        x, y = y, x
    unit = Fraction(16) ** ((x >> x.width - 8 & 127) - 64 - DIGITS[x.width] - 1)  # of the guard digit
    small = hfp(state, y).value
    cut = int(abs(small) / unit) * unit
    return Real(hfp(state, x).value + (-cut if small < 0 else cut))


def hfp_cut(state, x, characteristic, n):
    digits = DIGITS[n]
    found = int(abs(x.value) * Fraction(16) ** (digits + 64 - characteristic))
    if found >> 4 * digits:
        found, characteristic = found >> 4, characteristic + 1
    if characteristic > 127:
        raise Unsure  # overflow: an exception
    return hfp_of(state, x.value < 0, characteristic, found, n) if found else type(state).right(state, 0, n)


def truncated(state, x, n):
    return stored(state, x, n, ZERO)


def half_up(state, x, n):
    return stored(state, x, n, AWAY)
