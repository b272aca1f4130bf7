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


def multiply_add(a, b, c, subtract, digits):
    """MULTIPLY AND ADD, AND SUBTRACT: the normalized product of all digits; then the sum of 28 digits and a guard."""
    product = truncated(value(b, digits) * value(c, digits), 28)
    addend = (a[0] ^ subtract, a[1], a[2] << 4 * (28 - digits))
    if not product[2]:
        return truncated(value(addend, 28), digits)
    total = add(addend, product, 28)
    return total[0], total[1], total[2] >> 4 * (28 - digits)


def unnormalized(a, b, c):
    """MULTIPLY AND ADD UNNORMALIZED: the exact sum at the product's characteristic, its last 28 integral digits."""
    exponent = b[1] + c[1] - 64
    product = (-1) ** (b[0] ^ c[0]) * b[2] * c[2]
    addend = (-1) ** a[0] * Fraction(a[2] << 56) * Fraction(16) ** (a[1] - exponent)
    total = product + addend
    return int(total < 0), exponent, math.floor(abs(total)) % 16**28


def unnormalized_cases(a, b, c):
    text = " ".join(registers(x, 14, n) for x, n in ((a, 1), (b, 4), (c, 2)))
    for adds in (False, True):
        zero_product = (b[0] ^ c[0], b[1] + c[1] - 64, b[2] * c[2])
        sign, exponent, fraction = unnormalized(a, b, c) if adds else zero_product
        high = sign << 63 | (exponent & 127) << 56 | fraction >> 56
        low = sign << 63 | (exponent - 14 & 127) << 56 | fraction & (1 << 56) - 1
        name = "may" if adds else "my"
        print(f"{name}hr 1,2,4 | {text} | f1={high:016x}")
        print(f"{name}lr 1,2,4 | {text} | f1={low:016x}")
        if adds:
            print(f"{name}r 1,2,4 | {text} | f1={high:016x} f3={low:016x}")
            print(f"{name}r 3,2,4 | {text.replace('f1=', 'f3=')} | f1={high:016x} f3={low:016x}")


def fused_cases():
    for _ in range(30):
        for f, digits in (("e", 6), ("d", 14)):
            a, b, c = operand(digits), operand(digits), operand(digits)
            before = " ".join(registers(x, digits, n) for x, n in ((a, 0), (b, 4), (c, 2)))
            case(f"ma{f}r 0,2,4", before, multiply_add(a, b, c, 0, digits), digits, False)
            case(f"ms{f}r 0,2,4", before, multiply_add(a, b, c, 1, digits), digits, False)
        a, b, c = operand(14), operand(14), operand(14)
        a = (a[0], random.choice((a[1], random.randrange(128))), a[2])
        unnormalized_cases(a, b, c)
    unnormalized_cases((1, 64, 5), (0, 64, 1), (0, 78, 5))  # an exact zero is positive
    unnormalized_cases((1, 0, 0), (1, 0, 0), (0, 127, 0))
    unnormalized_cases((0, 127, 1), (1, 64, 3), (0, 64, 3))


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
    fused_cases()


main()
