#!/usr/bin/env python3
"""Cases of carries from one instruction to the next, from a model in Python's integers.

usage: carry.py > carry.case     a sample
       carry.py COUNT SEED | run_cases /dev/stdin     as many others

Each sets the CC by one instruction, takes a carry from it by the next ones, and may branch on the last CC. Few registers,
so that results replace what the CC is made of.
"""
import random
import sys

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 300
random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)

EDGES = [0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000,
         0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF]
STORAGE = 0x8000


def add(a, b, carry, bits):
    total = a + b + carry
    result = total % 2**bits
    return result, (result != 0) | (total >> bits) << 1


def subtract(a, b, carry, bits):
    return add(a, 2**bits - 1 - b, carry, bits)


def signed(value, bits):
    return value - 2**bits if value >> (bits - 1) else value


def add_signed(a, b, _, bits):
    result = (a + b) % 2**bits
    total = signed(a, bits) + signed(b, bits)
    return result, 3 if total != signed(result, bits) else 0 if not total else 1 if total < 0 else 2


def compare(a, b, _, bits):
    return a, 0 if a == b else 1 if a < b else 2


def conjoin(a, b, _, bits):
    return a & b, int(a & b != 0)


# mnemonic: rule, bits, where the second operand is
FIRST = {"algr": (add, 64, "r"), "alr": (add, 32, "r"), "slgr": (subtract, 64, "r"), "slr": (subtract, 32, "r"),
         "alg": (add, 64, "s"), "al": (add, 32, "s"), "slg": (subtract, 64, "s"), "sl": (subtract, 32, "s"),
         "clgr": (compare, 64, "r"), "clr": (compare, 32, "r"), "clg": (compare, 64, "s"),
         "cl": (compare, 32, "s"), "clgfi": (compare, 64, "i"), "clfi": (compare, 32, "i"), "ngr": (conjoin, 64, "r"),
         "agr": (add_signed, 64, "r"), "algfi": (add, 64, "i"), "alfi": (add, 32, "i")}
TAKERS = {"alcgr": (add, 64, "r"), "alcr": (add, 32, "r"), "slbgr": (subtract, 64, "r"), "slbr": (subtract, 32, "r"),
          "alcg": (add, 64, "s"), "alc": (add, 32, "s"), "slbg": (subtract, 64, "s"), "slb": (subtract, 32, "s")}
WITH_CARRY_IN = set(TAKERS)
IMMEDIATE = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


class Case:
    def __init__(self):
        self.registers = {n: random.choice(EDGES) for n in (1, 2, 3)}
        self.before = dict(self.registers)
        self.storage = random.choice(EDGES)
        self.cc = random.randrange(4)
        self.first_cc = self.cc
        self.insns = []

    def execute(self, table):
        name = random.choice(sorted(table))
        rule, bits, kind = table[name]
        low = 2**bits - 1
        to, other = random.choice((1, 2, 3)), random.choice((1, 2, 3))
        if kind == "r":
            text, second = other, self.registers[other]
        elif kind == "s":
            text, second = "0(5)", self.storage >> (64 - bits)
        else:
            second = random.choice(IMMEDIATE)
            text = second
        carry = self.cc >> 1 if name in WITH_CARRY_IN else rule is subtract
        result, self.cc = rule(self.registers[to] & low, second & low, int(carry), bits)
        self.registers[to] = self.registers[to] & ~low | result
        self.insns.append(f"{name} {to},{text}")

    def line(self):
        self.execute(FIRST)
        for _ in range(random.randrange(4)):
            self.execute(TAKERS)
        to = ""
        if random.random() < 0.5:
            mask = random.randrange(1, 15)
            self.insns.append(f"brc {mask},.+8")
            to = " to=+" + format(self.length() + 8, "x") if mask >> (3 - self.cc) & 1 else ""
        before = " ".join(f"r{n}={v:x}" for n, v in self.before.items())
        after = " ".join(f"r{n}={v:x}" for n, v in self.registers.items())
        return (f"{'; '.join(self.insns)} | cc={self.first_cc} {before} r5={STORAGE:x} @{STORAGE:x}={self.storage:016x}"
                f" | {after} cc={self.cc}{to}")

    def length(self):
        """Of all instructions but the last."""
        four = {"algr", "slgr", "clgr", "ngr", "agr", "alcgr", "alcr", "slbgr", "slbr", "al", "sl", "cl"}
        return sum(2 if i.split()[0] in ("alr", "slr", "clr") else 4 if i.split()[0] in four else 6
                   for i in self.insns[:-1])


print("# Made by carry.py.")
for _ in range(COUNT):
    print(Case().line())
