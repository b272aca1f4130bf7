#!/usr/bin/env python3
"""Random conversions by PERFORM FLOATING-POINT OPERATION, executed by CHECK_DFP and by a model of exact fractions.

usage: random_pfpo.py CHECK_DFP SEED COUNT [--verbose]
"""
import random
import subprocess
import sys
from fractions import Fraction

import model
from model import DIVIDE, FINITE, INCREMENTED, INEXACT, INFINITE, INVALID, OVERFLOW, QNAN, QUANTUM, SNAN, UNDERFLOW
import random_dfp

HFP_DIGITS = {0: 6, 1: 14, 2: 28}
# bits, precision, bias
BFP = {5: (32, 24, 127), 6: (64, 53, 1023), 7: (128, 113, 16383)}
DFP = {8: model.SHORT, 9: model.LONG, 10: model.EXTENDED}
BITS = {0: 32, 1: 64, 2: 128, 5: 32, 6: 64, 7: 128, 8: 32, 9: 64, 10: 128}


def radix(code):
    return "hfp" if code in HFP_DIGITS else "bfp" if code in BFP else "dfp"


class Number:
    """kind, sign, magnitude (a Fraction), payload of a NaN."""

    def __init__(self, kind, sign, magnitude=Fraction(0), payload=0):
        self.kind, self.sign, self.magnitude, self.payload = kind, sign, magnitude, payload


def unpack_hfp(code, bits):
    if code == 2:
        high, low = bits >> 64, bits & model.WORD
        fraction = (high & (1 << 56) - 1) << 56 | low & (1 << 56) - 1
    else:
        high = bits << (64 - BITS[code])
        fraction = (high & (1 << 56) - 1) << 56
    exponent = (high >> 56 & 127) - 64
    return Number(FINITE, high >> 63, Fraction(fraction, 1 << 112) * Fraction(16) ** exponent)


def pack_hfp(code, sign, exponent, digits):
    """digits: the fraction as an integer of the format's digits"""
    fraction = digits << 4 * (28 - HFP_DIGITS[code])
    high = sign << 63 | exponent << 56 | fraction >> 56
    if code == 2:
        low_exponent = exponent - 14 & 127 if digits else 0
        return high << 64 | sign << 63 | low_exponent << 56 | fraction & (1 << 56) - 1
    return high >> (64 - BITS[code])


def unpack_bfp(code, bits):
    size, precision, bias = BFP[code]
    fraction_bits = precision - 1
    sign, exponent = bits >> (size - 1), bits >> fraction_bits & (2 * bias + 1)
    fraction = bits & (1 << fraction_bits) - 1
    if exponent == 2 * bias + 1:
        if not fraction:
            return Number(INFINITE, sign)
        payload = int(format(fraction, f"0{fraction_bits}b")[1:][::-1], 2)
        return Number(QNAN if fraction >> (fraction_bits - 1) else SNAN, sign, payload=payload)
    if exponent:
        fraction += 1 << fraction_bits
    return Number(FINITE, sign, fraction * Fraction(2) ** (max(exponent, 1) - bias - fraction_bits))


def pack_bfp(code, kind, sign, exponent=0, significand=0, payload=0):
    """significand: an integer, with `exponent` of its last bit"""
    size, precision, bias = BFP[code]
    fraction_bits = precision - 1
    top = sign << (size - 1)
    if kind == INFINITE:
        return top | (2 * bias + 1) << fraction_bits
    if kind != FINITE:
        bits = fraction_bits - 1
        reverse = int(format(payload % (1 << bits), f"0{bits}b")[::-1], 2)
        return top | (2 * bias + 1) << fraction_bits | 1 << bits | reverse
    if significand >> fraction_bits:
        return top | (exponent + bias + fraction_bits) << fraction_bits | significand & (1 << fraction_bits) - 1
    return top | significand


def unpack(code, bits):
    if radix(code) == "hfp":
        return unpack_hfp(code, bits)
    if radix(code) == "bfp":
        return unpack_bfp(code, bits)
    kind, sign, exp, digits = DFP[code].unpack(bits)
    return Number(kind, sign, digits * Fraction(10) ** exp if kind == FINITE else Fraction(0), digits)


def round_to(value, unit, rounding, sign, base):
    """(integer, inexact, incremented): value over unit"""
    scaled = value / unit
    low = scaled.numerator // scaled.denominator
    rest = scaled - low
    half = Fraction(1, 2)
    if not rest:
        return low, False, False
    last = low % base
    up = {0: rest > half or (rest == half and last & 1), 1: False, 2: not sign, 3: bool(sign), 4: rest >= half,
          5: rest > half, 6: True, 7: last in (0, 5) if base == 10 else not last & 1}[rounding]
    return low + int(up), True, bool(up)


def exponent_of(value, base):
    """The power of base that is not above value, and the next is."""
    import math
    n = int((math.log2(value.numerator) - math.log2(value.denominator)) / math.log2(base))
    while Fraction(base) ** n > value:
        n -= 1
    while Fraction(base) ** (n + 1) <= value:
        n += 1
    return n


class Stop(Exception):
    """Suppressed by a trap."""


class Conversion:
    def __init__(self, fpc, gr0):
        self.fpc, self.gr0 = fpc, gr0
        self.masks, self.flags, self.dxc, self.scaling = fpc >> 24, 0, 0, 0
        self.to, self.source = gr0 >> 16 & 255, gr0 >> 8 & 255
        self.rounding = {0: fpc >> 4 & 7, 1: fpc & 7}.get(gr0 & 15, gr0 & 7)

    def valid(self):
        if self.gr0 >> 24 & 127 != 1 or self.to not in BITS or self.source not in BITS:
            return False
        if radix(self.to) == radix(self.source) or 2 <= self.gr0 & 15 <= 7:
            return False
        return radix(self.to) != "bfp" or not self.gr0 & 0x30

    def invalid(self):
        if self.masks & INVALID:
            self.dxc = INVALID
            raise Stop()
        self.flags |= INVALID

    def inexact(self, incremented):
        if self.gr0 & 0x80:
            return
        if self.masks & INEXACT:
            self.dxc = INEXACT | (INCREMENTED if incremented else 0)
        else:
            self.flags |= INEXACT

    def trap(self, which, inexact, up):
        self.dxc = which | (INEXACT if inexact else 0) | (INCREMENTED if up else 0)

    def to_hfp(self, a):
        digits = HFP_DIGITS[self.to]
        largest = lambda: pack_hfp(self.to, a.sign, 127, 16 ** digits - 1)
        if a.kind != FINITE:
            self.invalid()
            return largest()
        if not a.magnitude:
            return pack_hfp(self.to, a.sign, 0, 0)
        n = exponent_of(a.magnitude, 16) + 1
        v, inexact, up = round_to(a.magnitude, Fraction(16) ** (n - digits), self.rounding, a.sign, 16)
        if v == 16 ** digits:
            v, n = v // 16, n + 1
        if -64 <= n <= 63:
            if inexact:
                self.inexact(up)
            return pack_hfp(self.to, a.sign, n + 64, v)
        over = n > 63
        which = OVERFLOW if over else UNDERFLOW
        if not self.gr0 & (0x20 if over else 0x10):
            if over:
                self.invalid()
            else:
                self.inexact(False)
        elif self.masks & which:
            self.trap(which, inexact, up)
            self.scaling = n - 1
            return pack_hfp(self.to, a.sign, 65, v)
        else:
            self.flags |= which
            self.inexact(False)
        return largest() if over else pack_hfp(self.to, a.sign, 0, 0)

    def quiet(self, a):
        if a.kind == SNAN:
            self.invalid()
            a.kind = QNAN

    def range(self, a, precision, base, least, most):
        """(integer, exponent of its unit, overflow): rounded to precision, or as a subnormal number"""
        n = exponent_of(a.magnitude, base)
        tiny = n < least
        unit = n - precision + 1
        trapped = tiny and self.masks & UNDERFLOW
        if tiny and not trapped:
            unit = least - precision + 1
        v, inexact, up = round_to(a.magnitude, Fraction(base) ** unit, self.rounding, a.sign, base)
        if v == base ** precision:
            v, unit, n = v // base, unit + 1, n + 1
        over = n > most
        if trapped or (over and self.masks & OVERFLOW):
            self.trap(UNDERFLOW if trapped else OVERFLOW, inexact, up)
            self.scaling = n
            return v, unit - n, False, inexact
        if over:
            self.flags |= OVERFLOW
            infinite = self.rounding not in (1, 7) and not (self.rounding == 2 and a.sign) and \
                not (self.rounding == 3 and not a.sign)
            self.inexact(infinite)
            return (None if infinite else base ** precision - 1), most - precision + 1, True, True
        if inexact:
            self.flags |= UNDERFLOW if tiny else 0
            self.inexact(up)
        return v, unit, False, inexact

    def to_bfp(self, a):
        self.quiet(a)
        if a.kind != FINITE:
            return pack_bfp(self.to, a.kind, a.sign, payload=a.payload)
        if not a.magnitude:
            return pack_bfp(self.to, FINITE, a.sign)
        _, precision, bias = BFP[self.to]
        v, unit, _, _ = self.range(a, precision, 2, 1 - bias, bias)
        return pack_bfp(self.to, INFINITE, a.sign) if v is None else pack_bfp(self.to, FINITE, a.sign, unit, v)

    def to_dfp(self, a):
        fmt = DFP[self.to]
        self.quiet(a)
        if a.kind != FINITE:
            return fmt.pack(a.kind, a.sign, 0, a.payload % 1000 ** fmt.declets)
        one = self.gr0 & 0x10
        preferred = 0
        if not a.magnitude:
            return fmt.pack(FINITE, a.sign, 0, 0)
        v, unit, over, inexact = self.range(a, fmt.digits, 10, fmt.emin, fmt.emax)
        if v is None:
            return fmt.pack(INFINITE, a.sign, 0, 0)
        if self.dxc & (OVERFLOW | UNDERFLOW):
            preferred -= self.scaling
        if not inexact and not over:
            aim = max(fmt.qmin, min(fmt.qmax, preferred)) if one else fmt.qmax
            while unit < aim and v % 10 == 0:
                v, unit = v // 10, unit + 1
            while unit > aim and v * 10 < 10 ** fmt.digits:
                v, unit = v * 10, unit - 1
        if one and self.gr0 & 0x20 and unit != preferred and not self.dxc:
            if self.masks & QUANTUM:
                self.dxc = QUANTUM
            else:
                self.flags |= QUANTUM
        return fmt.pack(FINITE, a.sign, unit, v)


def execute(fpc, cc, f0, f4, r):
    """(f0, r, fpc, cc, pgm, dxc) afterwards"""
    gr0 = r[0] & 0xffffffff
    c = Conversion(fpc, gr0)
    low = lambda v: (r[0], r[1] & ~0xffffffff & model.WORD | v & 0xffffffff)
    if gr0 >> 31:
        return f0, low(0), fpc, 0 if c.valid() else 3, 0, 0
    if not c.valid():
        return f0, r, fpc, cc, 6, 0
    alternate = gr0 & 0x40
    try:
        a = unpack(c.source, f4 >> (128 - BITS[c.source]))
        bits = BITS[c.to]
        f0 = getattr(c, "to_" + radix(c.to))(a) << (128 - bits) | f0 & (1 << 128 - bits) - 1
    except Stop:
        if not alternate:
            return f0, r, fpc, cc, 7, c.dxc
    if alternate and c.dxc:
        return f0, low(c.scaling), (fpc | c.flags << 16) & 0xffff00ff | c.dxc << 8, 2, 0, 0
    return f0, low(c.scaling), fpc | c.flags << 16, 2 if c.dxc else 1 if c.flags else 0, 7 if c.dxc else 0, c.dxc


def operand(rng, code):
    bits = BITS[code]
    if radix(code) == "dfp":
        fmt = DFP[code]
        return random_dfp.operand(rng, fmt, rng.choice((rng.randint(fmt.qmin, fmt.qmax), rng.randint(-60, 30)))) << (128 - bits)
    kind = rng.random()
    v = rng.getrandbits(bits)
    if radix(code) == "bfp":
        _, precision, bias = BFP[code]
        if kind < .1:
            v |= (2 * bias + 1) << (precision - 1)
            if kind < .03:
                v &= -1 << (precision - 1)
        elif kind < .8:
            e = bias + rng.choice((rng.randint(-60, 120), rng.randint(-bias, bias), rng.randint(-6, 6) + bias, -bias))
            v = v & 1 << (bits - 1) | max(0, min(2 * bias + 1, e)) << (precision - 1) | v & (1 << precision - 1) - 1
            zeros = rng.choice((0, rng.randrange(precision)))
            v = v >> zeros << zeros
    elif kind < .6:
        zeros = rng.choice((0, rng.randrange(bits - 8)))
        v = v >> zeros << zeros
        if rng.random() < .6:
            v = v & ~(127 << bits - 8) | (64 + rng.randint(-12, 30)) << bits - 8
    return v << (128 - bits)


def one(rng):
    source, to = rng.choice(list(BITS)), rng.choice(list(BITS))
    while radix(source) == radix(to) and rng.random() < .98:
        to = rng.choice(list(BITS))
    controls = rng.choice((0, rng.getrandbits(4) << 4))
    if radix(to) == "bfp" and rng.random() < .95:
        controls &= 0xc0
    method = rng.choice((0, 1, *range(8, 16))) if rng.random() < .98 else rng.randrange(16)
    gr0 = 1 << 24 | to << 16 | source << 8 | controls | method
    if rng.random() < .03:
        gr0 = rng.choice((gr0 | 1 << 31, gr0 ^ 1 << rng.randrange(32)))
    fpc = random_dfp.fpc(rng) | rng.choice((0, 1, 2, 3, 7))
    cc, r = rng.randrange(4), (rng.getrandbits(32) << 32 | gr0, rng.getrandbits(64))
    f0 = rng.getrandbits(128)
    # conversions of extended numbers take the model long: few of them, and few of large exponents
    f4 = operand(rng, source)
    f4 |= rng.getrandbits(128 - BITS[source]) if BITS[source] < 128 and source in BITS else 0
    after = execute(fpc, cc, f0, f4, r)
    wide = lambda v: v.to_bytes(16, "big")
    return model.RECORD.pack(b"\x01\x0a\0\0\0\0", 2, cc, after[3], after[4], after[5], fpc, after[2], wide(f0), wide(f4),
                             bytes(16), *r, bytes(40), wide(after[0]), *after[1], bytes(40))


def main():
    check, seed, count, *options = sys.argv[1:]
    rng = random.Random(int(seed))
    ours = subprocess.Popen([check] + options, stdin=subprocess.PIPE)
    for _ in range(int(count)):
        ours.stdin.write(one(rng))
    ours.stdin.close()
    return ours.wait()


if __name__ == "__main__":
    sys.exit(main())
