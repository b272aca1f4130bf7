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
    return Real(-value if whole >> width - 1 else value)


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


def truncated(state, x, n):
    return stored(state, x, n, ZERO)


def half_up(state, x, n):
    return stored(state, x, n, AWAY)
