#!/usr/bin/env python3
"""Cases of integer operations on vector elements, each alone and many in a row, from a model of them.

usage: vector_elements.py [SEED] > vector_elements.case
"""
import random
import sys

SIZES = {"b": 8, "h": 16, "f": 32, "g": 64}
ALL = (1 << 128) - 1


def split(value, bits):
    """Elements from the left."""
    return [value >> shift & ((1 << bits) - 1) for shift in range(128 - bits, -1, -bits)]


def join(elements, bits):
    value = 0
    for element in elements:
        value = value << bits | element & ((1 << bits) - 1)
    return value


def signed(element, bits):
    return element - (1 << bits) if element >> (bits - 1) else element


def each(bits, function):
    return lambda p, q: join([function(x, y) for x, y in zip(split(p, bits), split(q, bits))], bits)


def each_signed(bits, function):
    return each(bits, lambda x, y: function(signed(x, bits), signed(y, bits)))


def merge(bits, left):
    def function(p, q):
        half = 64 // bits
        x, y = (split(v, bits)[:half] if left else split(v, bits)[half:] for v in (p, q))
        return join([e for pair in zip(x, y) for e in pair], bits)
    return function


def unpack(bits, left, sign):
    def function(p):
        half = 64 // bits
        x = split(p, bits)[:half] if left else split(p, bits)[half:]
        return join([signed(e, bits) if sign else e for e in x], 2 * bits)
    return function


def products(bits, odd):
    def function(p, q):
        x, y = (split(v, bits)[odd::2] for v in (p, q))
        return join([signed(a, bits) * signed(b, bits) for a, b in zip(x, y)], 2 * bits)
    return function


def shift(bits, how, amount):
    amount %= bits
    left = {"vesl": lambda x: x << amount, "vesrl": lambda x: x >> amount, "vesra": lambda x: signed(x, bits) >> amount}[how]
    return lambda p: join([left(x) for x in split(p, bits)], bits)


TWO = {
    "vn": lambda p, q: p & q, "vo": lambda p, q: p | q, "vx": lambda p, q: p ^ q, "vnc": lambda p, q: p & ~q & ALL,
    "vnn": lambda p, q: ~(p & q) & ALL, "vno": lambda p, q: ~(p | q) & ALL, "vnx": lambda p, q: ~(p ^ q) & ALL,
}
ONE = {}
for letter, n in SIZES.items():
    TWO["va" + letter] = each(n, lambda x, y: x + y)
    TWO["vs" + letter] = each(n, lambda x, y: x - y)
    TWO["vmx" + letter] = each_signed(n, max)
    TWO["vmn" + letter] = each_signed(n, min)
    TWO["vmxl" + letter] = each(n, max)
    TWO["vmnl" + letter] = each(n, min)
    TWO["vceq" + letter] = each(n, lambda x, y: -(x == y))
    TWO["vch" + letter] = each_signed(n, lambda x, y: -(x > y))
    TWO["vchl" + letter] = each(n, lambda x, y: -(x > y))
    TWO["vmrh" + letter] = merge(n, True)
    TWO["vmrl" + letter] = merge(n, False)
    if letter != "b":
        TWO["vpk" + letter] = lambda p, q, n=n: join(split(p, n) + split(q, n), n // 2)
    if letter != "g":
        TWO["vml" + ("hw" if letter == "h" else letter)] = each(n, lambda x, y: x * y)
        TWO["vme" + letter] = products(n, 0)
        TWO["vmo" + letter] = products(n, 1)
        ONE["vuph" + letter] = unpack(n, True, True)
        ONE["vupl" + ("hw" if letter == "h" else letter)] = unpack(n, False, True)
        ONE["vuplh" + letter] = unpack(n, True, False)
        ONE["vupll" + letter] = unpack(n, False, False)
ONE["vlr"] = lambda p: p


def operand(rng):
    bits = rng.choice(list(SIZES.values()))
    edges = [0, 1, (1 << bits) - 1, 1 << bits - 1, (1 << bits - 1) - 1]
    return join([rng.choice(edges + 3 * [rng.getrandbits(bits)]) for _ in range(128 // bits)], bits)


def instruction(rng, names, vectors):
    """Text, and what the first register gets."""
    a, b, c, d = (rng.choice(names) for _ in range(4))
    kind = rng.choice(["two"] * 6 + ["one", "one", "shift", "shift", "select", "constant", "insert"])
    if kind == "two":
        name = rng.choice(list(TWO))
        return f"{name} {a},{b},{c}", a, TWO[name](vectors[b], vectors[c])
    if kind == "one":
        name = rng.choice(list(ONE))
        return f"{name} {a},{b}", a, ONE[name](vectors[b])
    if kind == "shift":
        name, letter, amount = rng.choice(["vesl", "vesrl", "vesra"]), rng.choice("bhfg"), rng.randrange(80)
        return f"{name}{letter} {a},{b},{amount}", a, shift(SIZES[letter], name, amount)(vectors[b])
    if kind == "select":
        d = rng.choice([n for n in names if n not in (b, c)])  # qemu-s390x 10.0.2 is wrong where the mask is an operand
        return f"vsel {a},{b},{c},{d}", a, vectors[b] & vectors[d] | vectors[c] & ~vectors[d]
    if kind == "constant":
        mask = rng.choice([0, 0xffff, 0x0f0f, 0xabab, rng.getrandbits(16)])
        return f"vgbm {a},{mask}", a, join([-(mask >> 15 - i & 1) for i in range(16)], 8)
    words = split(vectors[a], 32)
    word, value = rng.randrange(4), rng.randrange(-(1 << 15), 1 << 15)
    words[word] = value
    return f"vleif {a},{value},{word}", a, join(words, 32)


def text(vectors):
    return " ".join(f"v{n}=" + f"{value:032x}".rstrip("0").ljust(2, "0") for n, value in vectors.items())


def alone(rng):
    shifts = {f"{name}{letter}": (name, bits) for name in ("vesl", "vesrl", "vesra") for letter, bits in SIZES.items()}
    for _ in range(2):
        for name, function in TWO.items():
            p, q = operand(rng), operand(rng)
            print(f"{name} 1,2,3 | {text({2: p, 3: q})} | {text({1: function(p, q)})}")
        for name, function in ONE.items():
            p = operand(rng)
            print(f"{name} 1,18 | {text({18: p})} | {text({1: function(p)})}")
        for name, (how, bits) in shifts.items():
            p, amount = operand(rng), rng.randrange(bits)
            print(f"{name} 17,2,{amount} | {text({2: p})} | {text({17: shift(bits, how, amount)(p)})}")


def in_a_row(rng):
    """More registers than the host has for them; some are short, as lines are not that long."""
    names = rng.sample(range(32), 15)
    vectors = {n: operand(rng) if i < 5 else rng.getrandbits(32) << 96 for i, n in enumerate(names)}
    before, done, changed = text(vectors), [], {}
    for _ in range(10):
        line, register, value = instruction(rng, names, vectors)
        vectors[register] = changed[register] = value
        done.append(line)
    print(f"{'; '.join(done)} | noex {before} | {text(changed)}")


def main():
    rng = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    print("# Made by vector_elements.py.")
    alone(rng)
    for _ in range(30):
        in_a_row(rng)


main()
