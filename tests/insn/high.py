#!/usr/bin/env python3
"""Cases of instructions that change or test a part of a register, mixed with such as take all of it or its low half,
from a model in Python's integers.

usage: high.py > high.case     a sample
       high.py COUNT SEED | run_cases /dev/stdin     as many others
"""
import random
import sys

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 300
random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)

EDGES = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000,
         0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF, 0x0123456789ABCDEF]
IMMEDIATES = [0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFF0000, 0xFFFFFFFF]
ALL = 2**64 - 1
# letters of a part: its place, and its size in bits
PARTS = {"hf": (32, 32), "lf": (0, 32), "hh": (48, 16), "hl": (32, 16), "lh": (16, 16), "ll": (0, 16)}


def signed(value, bits):
    return value - 2**bits if value >> (bits - 1) else value


def sign_cc(total, bits):
    result = signed(total % 2**bits, bits)
    return 3 if result != total else 0 if not total else 1 if total < 0 else 2


class Case:
    def __init__(self):
        self.registers = {n: random.choice(EDGES) for n in (1, 2, 3)}
        self.before = dict(self.registers)
        self.cc = self.first_cc = random.randrange(4)
        self.insns = []
        self.lengths = []

    def add_insn(self, text, length):
        self.insns.append(text)
        self.lengths.append(length)

    def immediate(self):
        letter, part = random.choice("noxil"), random.choice(sorted(PARTS))
        if letter == "x":
            part = random.choice(["hf", "lf"])
        shift, bits = PARTS[part]
        value, to = random.choice(IMMEDIATES) % 2**bits, random.choice((1, 2, 3))
        old = self.registers[to]
        mask = (2**bits - 1) << shift
        field = old >> shift & 2**bits - 1
        new = {"n": field & value, "o": field | value, "x": field ^ value, "i": value, "l": value}[letter]
        self.registers[to] = new << shift if letter == "l" else old & ~mask & ALL | new << shift
        if letter in "nox":
            self.cc = int(new != 0)
        self.add_insn(f"{'ll' if letter == 'l' else letter}i{part} {to},{value}", 6 if bits == 32 else 4)

    def whole(self):
        name = random.choice(["lgr", "lr", "agr", "ar", "algfr", "slgfr", "agfr", "llgfr", "nihf0"])
        to, other = random.choice((1, 2, 3)), random.choice((1, 2, 3))
        a, b = self.registers[to], self.registers[other]
        low = b & 2**32 - 1
        if name == "nihf0":
            self.cc, result = 0, a & 2**32 - 1
            self.add_insn(f"nihf {to},0", 6)
        else:
            self.add_insn(f"{name} {to},{other}", 2 if name in ("lr", "ar") else 4)
        if name == "lgr":
            result = b
        elif name == "lr":
            result = a >> 32 << 32 | low
        elif name == "llgfr":
            result = low
        elif name == "agr":
            result, self.cc = (a + b) & ALL, sign_cc(signed(a, 64) + signed(b, 64), 64)
        elif name == "agfr":
            result, self.cc = (a + signed(low, 32)) & ALL, sign_cc(signed(a, 64) + signed(low, 32), 64)
        elif name == "ar":
            total = signed(a & 2**32 - 1, 32) + signed(low, 32)
            result, self.cc = a >> 32 << 32 | total % 2**32, sign_cc(total, 32)
        elif name == "algfr":
            result, self.cc = (a + low) & ALL, ((a + low) & ALL != 0) | (a + low) >> 64 << 1
        elif name == "slgfr":
            result, self.cc = (a - low) & ALL, (a != low) | (a >= low) << 1
        self.registers[to] = result

    def line(self):
        for _ in range(random.randrange(2, 8)):
            random.choice([self.immediate, self.whole])()
        to = ""
        if random.random() < 0.5:
            mask = random.randrange(1, 15)
            to = f" to=+{sum(self.lengths) + 8:x}" if mask >> (3 - self.cc) & 1 else ""
            self.add_insn(f"brc {mask},.+8", 4)
        before = " ".join(f"r{n}={v:x}" for n, v in self.before.items())
        after = " ".join(f"r{n}={v:x}" for n, v in self.registers.items())
        return f"{'; '.join(self.insns)} | cc={self.first_cc} {before} | {after} cc={self.cc}{to}"


print("# Made by high.py.")
for _ in range(COUNT):
    print(Case().line())
