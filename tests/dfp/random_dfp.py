#!/usr/bin/env python3
"""Random DFP instructions, executed by CHECK_DFP and by the model of model.py.

usage: random_dfp.py CHECK_DFP SEED COUNT [--only NAME]... [--verbose]
"""
import random
import struct
import subprocess
import sys

import model


def significand(rng, digits):
    """Few digits or all, with runs of zeros and nines, ties at the end."""
    n = rng.choice((rng.randint(1, digits), rng.randint(1, digits), digits, digits, 1, 0))
    kind = rng.randrange(6)
    if n == 0:
        return 0
    if kind == 0:
        return 10 ** n - 1 - (rng.randrange(10) if rng.random() < .3 else 0)
    if kind == 1:
        return 10 ** (n - 1) + (rng.randrange(10) if rng.random() < .5 else 0)
    v = rng.randrange(10 ** (n - 1), 10 ** n)
    if kind == 2:
        zeros = rng.randint(0, n)
        v = v // 10 ** zeros * 10 ** zeros
    if kind == 3:
        zeros = rng.randint(1, n)
        v = v // 10 ** zeros * 10 ** zeros + 5 * 10 ** (zeros - 1)
    return v % 10 ** digits


def operand(rng, fmt, near):
    kind = rng.random()
    sign = rng.randrange(2)
    if kind < .04:
        reserved = rng.getrandbits(fmt.bits - 6) if rng.random() < .5 else 0
        return sign << (fmt.bits - 1) | 30 << (fmt.bits - 6) | reserved
    if kind < .09:
        payload = rng.choice((0, rng.randrange(1000 ** fmt.declets), rng.getrandbits(10 * fmt.declets)))
        reserved = rng.getrandbits(fmt.continued) << (10 * fmt.declets)
        return sign << (fmt.bits - 1) | 31 << (fmt.bits - 6) | reserved | payload
    if kind < .12:
        return rng.getrandbits(fmt.bits)  # anything, declets that are not canonical among it
    place = rng.randrange(8)
    if place == 0:
        exp = fmt.qmin + rng.randrange(2 * fmt.digits)
    elif place == 1:
        exp = fmt.qmax - rng.randrange(2 * fmt.digits)
    elif place == 2:
        exp = rng.randint(fmt.qmin, fmt.qmax)
    elif place == 3:
        exp = rng.randint(-fmt.digits - 3, 3)
    elif place == 4:
        exp = rng.choice((fmt.qmin, fmt.qmax)) // 2 + rng.randint(-fmt.digits, fmt.digits)
    else:
        exp = near + rng.randint(-fmt.digits - 3, fmt.digits + 3)
    exp = max(fmt.qmin, min(fmt.qmax, exp))
    return fmt.pack(model.FINITE, sign, exp, significand(rng, fmt.digits))


def fpc(rng):
    masks = rng.choice((0, 0, rng.getrandbits(6), 1 << rng.randrange(6)))
    flags = rng.choice((0, 0, rng.getrandbits(6)))
    return masks << 26 | flags << 18 | rng.randrange(8) << 4


def general(rng):
    return rng.choice((rng.getrandbits(64), rng.randrange(70), (1 << rng.randrange(64)) - rng.randrange(3),
                       rng.getrandbits(rng.randint(1, 64)))) & (1 << 64) - 1


def digits(rng, length):
    """Bytes whose digits are mostly valid, and that end in something like a sign."""
    text = "".join(rng.choices("0123456789", k=2 * length))
    if rng.random() < .3:
        zeros = rng.randrange(2 * length)
        text = "0" * zeros + text[zeros:]
    if rng.random() < .8:
        text = text[:-1] + rng.choice("abcdefdc")
    if rng.random() < .1:
        n = rng.randrange(2 * length)
        text = text[:n] + rng.choice("abcdef") + text[n + 1:]
    return bytes.fromhex(text)


def storage(rng, instruction, length):
    """Digits where the instruction reads them, zoned or packed; patterns beside."""
    data = rng.randbytes(40)
    body = digits(rng, min(length, 40))
    if instruction.name.endswith("zt") and rng.random() < .9:
        body = bytes(rng.randrange(16) << 4 | rng.randrange(10) for _ in body)
        if rng.random() < .8:
            body = body[:-1] + bytes([rng.randrange(10, 16) << 4 | body[-1] & 15])
    return (body + data)[:40]


def one(rng, instruction):
    fmt = instruction.fmt
    near = rng.randint(fmt.qmin, fmt.qmax)
    wide = [operand(rng, fmt, near) << (128 - fmt.bits) for _ in range(3)]
    # what stands on the right of a shorter number is not touched
    wide = [v | rng.getrandbits(128 - fmt.bits) if fmt.bits < 128 else v for v in wide]
    p = model.Fields()
    if "4" in instruction.fields:
        p.m4 = rng.choice((0, rng.randrange(16)))
    if "m" in instruction.fields:
        p.m3 = rng.choice((0, rng.randrange(16)))
    if "d" in instruction.fields:
        p.d2 = rng.choice((rng.randrange(40), rng.randrange(4096), 1 << rng.randrange(12)))
    if "l" in instruction.fields:
        p.l2 = rng.choice((rng.randrange(fmt.digits // 2 + 2), rng.randrange(fmt.digits + 1)))
    r = (general(rng), general(rng))
    if instruction.name[-3:] in ("str", "utr"):
        r = struct.unpack(">QQ", digits(rng, 8) + digits(rng, 8))
        if fmt is model.EXTENDED and rng.random() < .8:
            r = int("".join(rng.choices("0123456789", k=16)), 16), r[1]
    if instruction.name.startswith("ie"):
        r = rng.choice((rng.randrange(fmt.qmax + fmt.bias + 3), -rng.randrange(6) & model.WORD, r[0])), r[1]
    state = model.State(fpc(rng), rng.randrange(4), *wide, r, storage(rng, instruction, p.l2 + 1))
    return model.record(instruction, state, p)


def main():
    check, seed, count, *options = sys.argv[1:]
    names = [options[n + 1] for n, o in enumerate(options) if o == "--only"]
    instructions = [model.BY_NAME[n] for n in names] or model.INSTRUCTIONS
    rng = random.Random(int(seed))
    ours = subprocess.Popen([check] + [o for o in options if o == "--verbose"], stdin=subprocess.PIPE)
    for n in range(int(count)):
        ours.stdin.write(one(rng, instructions[n % len(instructions)]))
    ours.stdin.close()
    return ours.wait()


if __name__ == "__main__":
    sys.exit(main())
