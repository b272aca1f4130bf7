#!/usr/bin/env python3
"""Cases of HFP arithmetic from a model in exact fractions: hfp_random.py > hfp_random.case

Operands are normalized or not, exponents in the middle of the range, so that neither overflow nor underflow happens.
"""
import math
import random
from fractions import Fraction

DIGITS = {"e": 6, "d": 14, "x": 28}
random.seed(1)


def operand(digits):
    fraction = random.getrandbits(4 * digits)
    kind = random.randrange(6)
    if kind == 0:
        fraction >>= 4 * random.randrange(digits)
    elif kind == 1:
        fraction = fraction >> (4 * digits - 8) << (4 * digits - 8)
    elif kind == 2:
        fraction = (1 << 4 * digits) - 1
    return random.getrandbits(1), random.choice([60, 63, 64, 64, 65, 66, 70]), fraction


def normalized(number, digits):
    sign, exponent, fraction = number
    while fraction and not fraction >> (4 * digits - 4):
        fraction, exponent = fraction << 4, exponent - 1
    return sign, exponent, fraction


def value(number, digits):
    sign, exponent, fraction = number
    return (-1) ** sign * Fraction(fraction, 16**digits) * Fraction(16) ** (exponent - 64)


def truncated(v, digits):
    """The normalized number nearest to v toward zero."""
    if v == 0:
        return 0, 0, 0
    sign, v, exponent = int(v < 0), abs(v), 64
    while v >= 1:
        v, exponent = v / 16, exponent + 1
    while v < Fraction(1, 16):
        v, exponent = v * 16, exponent - 1
    return sign, exponent, int(v * 16**digits)


def add(a, b, digits):
    """Alignment keeps one guard digit, which the exact sum does not know of."""
    if a[1] < b[1]:
        a, b = b, a
    fraction = (b[2] << 4) >> 4 * (a[1] - b[1])
    total = (-1) ** a[0] * (a[2] << 4) + (-1) ** b[0] * fraction
    return truncated(Fraction(total, 16 ** (digits + 1)) * Fraction(16) ** (a[1] - 64), digits)


def root(v, digits):
    """Rounded half up."""
    exponent = 64
    while v >= 1:
        v, exponent = v / 256, exponent + 1
    while v < Fraction(1, 256):
        v, exponent = v * 256, exponent - 1
    scaled = math.isqrt(int(v * 4 * 256**digits))
    return 0, exponent, (scaled + 1) // 2


def registers(number, digits, name):
    sign, exponent, fraction = number
    if digits == 28:
        high, low = fraction >> 56, fraction & (1 << 56) - 1
        second = sign << 63 | ((exponent - 14) & 127) << 56 | low if fraction else 0
        return f"f{name}={sign << 63 | exponent << 56 | high:016x} f{name + 2}={second:016x}"
    return f"f{name}={sign << 63 | exponent << 56 | fraction << (56 - 4 * digits):016x}"


def case(text, before, result, digits, cc):
    after = registers(result, digits, 0)
    condition = f" cc={0 if not result[2] else 2 - result[0]}" if cc else ""
    print(f"{text} | {before} | {after}{condition}")


def main():
    print("# Made by hfp_random.py.")
    for f, digits in DIGITS.items():
        for _ in range(40):
            a, b = operand(digits), operand(digits)
            va, vb = value(a, digits), value(b, digits)
            before = registers(a, digits, 0) + " " + registers(b, digits, 4)
            case(f"a{f}r 0,4", before, add(a, b, digits), digits, True)
            case(f"s{f}r 0,4", before, add(a, (1 - b[0], b[1], b[2]), digits), digits, True)
            case(f"m{'ee' if f == 'e' else f}r 0,4", before, truncated(va * vb, digits), digits, False)
            if vb:
                case(f"d{f}r 0,4", before, truncated(va / vb, digits), digits, False)
                case(f"sq{f}r 0,4", before.replace(registers(b, digits, 4), registers((0, b[1], b[2]), digits, 4)),
                     root(abs(vb), digits), digits, False)


main()
