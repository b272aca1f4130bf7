#!/usr/bin/env python3
"""Cases of conversions from and to NNP-data-type-1 from a model in exact fractions: nnp.py > nnp.case

The format: sign, six bits of exponent with a bias of 31, nine of fraction; no subnormal numbers; 7FFF is what is no
number. Rounding is to nearest, ties away from zero; too large becomes 7FFF, too small zero, each with its flag.
"""
import random
from fractions import Fraction

INVALID, OVERFLOW, UNDERFLOW = 0x800000, 0x200000, 0x100000
random.seed(1)


def bfp_value(bits, width, fraction_bits):
    """Value, or None when infinite or no number; and whether it is a signaling NaN."""
    exponent_bits = width - 1 - fraction_bits
    bias = (1 << exponent_bits - 1) - 1
    exponent, fraction = bits >> fraction_bits & (1 << exponent_bits) - 1, bits & (1 << fraction_bits) - 1
    if exponent == 2 * bias + 1:
        return None, fraction and not fraction >> fraction_bits - 1
    significand = fraction | (1 << fraction_bits if exponent else 0)
    return Fraction(significand) * Fraction(2) ** (max(exponent, 1) - bias - fraction_bits), False


def to_nnp(bits, width, fraction_bits):
    sign, (v, signaling) = bits >> width - 1, bfp_value(bits, width, fraction_bits)
    if v is None:
        return sign << 15 | 0x7FFF, INVALID if signaling else 0
    if v == 0:
        return sign << 15, 0
    exponent = 31
    while v >= 2:
        v, exponent = v / 2, exponent + 1
    while v < 1:
        v, exponent = v * 2, exponent - 1
    significand = int(v * 512 + Fraction(1, 2))
    code = (exponent << 9) + significand - 512
    if code >= 0x7FFF:
        return sign << 15 | 0x7FFF, OVERFLOW
    if code <= 0:
        return sign << 15, UNDERFLOW
    return sign << 15 | code, 0


def nnp_value(bits):
    bits &= 0x7FFF
    return Fraction(bits & 511 | 512) * Fraction(2) ** ((bits >> 9) - 31 - 9) if bits else Fraction(0)


def from_nnp(bits, width, fraction_bits):
    exponent_bits = width - 1 - fraction_bits
    bias = (1 << exponent_bits - 1) - 1
    sign, infinity = (bits >> 15) << width - 1, (2 * bias + 1) << fraction_bits
    if bits & 0x7FFF == 0x7FFF:
        return sign | infinity | 1 << fraction_bits - 1, INVALID
    v, exponent = nnp_value(bits), 0
    if v == 0:
        return sign, 0
    while v / Fraction(2) ** (exponent + 1) >= 1:
        exponent += 1
    while v / Fraction(2) ** exponent < 1:
        exponent -= 1
    tiny = exponent < 1 - bias
    unit = Fraction(2) ** (max(exponent, 1 - bias) - fraction_bits)
    significand = int(v / unit + Fraction(1, 2))
    flags = UNDERFLOW if tiny and significand != v / unit else 0
    code = significand if tiny else ((exponent + bias) << fraction_bits) + significand - (1 << fraction_bits)
    return (sign | infinity, OVERFLOW) if code >= infinity else (sign | code, flags)


def case(insn, before, results, width):
    bits = "".join(f"{code:0{width // 4}x}" for code, _ in results)
    flags = 0
    for _, flag in results:
        flags |= flag
    print(f"{insn} | {before} | v1={bits} fpc={flags:x}")


def main():
    print("# Made by nnp.py.")
    edges = [0, 0x8000, 1, 0x8001, 0x1FF, 0x200, 0x7FFE, 0x7FFF, 0xFFFF, 0x7E00, 0x3E00, 0xBE00]
    for n in range(40):
        codes = [random.choice((random.choice(edges), random.getrandbits(16))) for _ in range(8)]
        if n < 20:
            codes = [random.choice((0x3E00, 0x4000, 0x2400)) + random.getrandbits(11) for _ in range(8)]
        source = "v2=" + "".join(f"{code:04x}" for code in codes)
        case("vclfnh 1,2,2,0", source, [from_nnp(code, 32, 23) for code in codes[:4]], 32)
        case("vclfnl 1,2,2,0", source, [from_nnp(code, 32, 23) for code in codes[4:]], 32)
        case("vcfn 1,2,1,0", source, [from_nnp(code, 16, 10) for code in codes], 16)
        case("vcnf 1,2,0,1", source, [to_nnp(code, 16, 10) for code in codes], 16)
        exponents = (0, 1, 95, 96, 97, 127, 158, 159, 160, 255)
        shorts = [random.getrandbits(1) << 31 | random.choice(exponents) << 23
                  | random.choice((0, 0x7FFFFF, 0x7FE000, 0x7FDFFF, 0x2000, 0x1FFF, 0x6000, random.getrandbits(23)))
                  for _ in range(8)]
        source = "v2=" + "".join(f"{x:08x}" for x in shorts[:4]) + " v3=" + "".join(f"{x:08x}" for x in shorts[4:])
        case("vcrnf 1,2,3,0,2", source, [to_nnp(x, 32, 23) for x in shorts], 16)
    print("# traps; a reserved format is inexactness")
    print("vclfnl 1,2,2,0 | v2=00000000000000003e007fff3e003e00 fpc=80000000 | fpc=80005100 pgm=1b dxc=51")
    print("vcrnf 1,2,3,0,2 | v2=0 v3=000000007f000000 fpc=20000000 | fpc=20005300 pgm=1b dxc=53")
    print("vcnf 1,2,0,1 | v2=0000000000000000 fpc=f8000000 | v1=0")
    print("vcnf 1,2,0,2 | v2=0 | fpc=80000")
    print("vcnf 1,2,0,2 | v2=0 fpc=08000000 | fpc=08000500 pgm=1b dxc=5")


main()
