#!/usr/bin/env python3
"""The General Decimal Arithmetic cases for the long and the extended format, as far as instructions do their operations.

usage: dectest.py CHECK_DFP [--verbose]

The cases are fetched, not kept here: $ZFACET_PEERS/host has Debian's libpython3.11-testsuite (tests/tools/peers). Exit
status 77: not there.
"""
import collections
import decimal
import glob
import os
import re
import subprocess
import sys

import model

FLAGS = {"inexact": model.INEXACT, "overflow": model.OVERFLOW, "underflow": model.UNDERFLOW,
         "division_by_zero": model.DIVIDE, "invalid_operation": model.INVALID, "division_undefined": model.INVALID}
ROUNDING = ["half_even", "down", "ceiling", "floor", "half_up", "half_down", "up", "05up"]
CLASSES = ["Zero", "Subnormal", "Normal", "Infinity"]
IGNORE_QUANTUM = "--ignore-quantum"  # the cases know nothing of it


class Skip(Exception):
    pass


def encoding(fmt, text):
    """Of an operand or a result."""
    text = text.strip("'\"")
    if text.startswith("#"):
        if len(text) - 1 != fmt.bits // 4:
            raise Skip("an operand in another format")
        return int(text[1:], 16)
    try:
        d = decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise Skip("text that is no number") from None
    if d.is_infinite():
        return fmt.pack(model.INFINITE, int(d.is_signed()), 0, 0)
    if d.is_nan():
        payload = int("0" + re.sub(r"\D", "", text))
        return fmt.pack(model.SNAN if d.is_snan() else model.QNAN, int(d.is_signed()), 0, payload)
    context = fmt.bounded[0]
    context.clear_flags()
    r = context.create_decimal(d)
    if context.flags[decimal.Inexact]:
        raise Skip("an operand that does not fit")
    return fmt.pack(*model.parts_of(r))


class Case:
    """Registers before and after, from one line."""

    def __init__(self, fmt, rounding, operands, result, conditions):
        self.fmt, self.rounding, self.operands, self.result = fmt, rounding, operands, result
        self.flags = 0
        for c in conditions.lower().split():
            self.flags |= FLAGS.get(c, 0)

    def record(self, name, f0=None, f4=None, f1=None, result=None, cc=None, p=None):
        fmt, left = self.fmt, 128 - self.fmt.bits
        instruction = model.BY_NAME[name]
        place = lambda text: 0 if text is None else encoding(fmt, text) << left
        fpc = ROUNDING.index(self.rounding) << 4
        wide = [place(v).to_bytes(16, "big") for v in (f0, f4, f1)]
        after = wide[0] if result is None else (encoding(fmt, result) << left).to_bytes(16, "big")
        code = instruction.code(p or model.Fields())
        return model.RECORD.pack(code.ljust(6, b"\0"), len(code), 1, 1 if cc is None else cc, 0, 0, fpc,
                                 fpc | self.flags << 16, *wide, 0, 0, bytes(40), after, 0, 0, bytes(40))

    def letter(self):
        return "d" if self.fmt is model.LONG else "x"


def three(name, sets_cc):
    def make(c):
        cc = None
        if sets_cc:
            cc = model.cc_of(c.fmt.unpack(encoding(c.fmt, c.result)))
        return c.record(name.replace("?", c.letter()), f4=c.operands[0], f1=c.operands[1], result=c.result, cc=cc)
    return make


def quantize(c):
    return c.record(f"qa{c.letter()}tr", f1=c.operands[0], f4=c.operands[1], result=c.result)


def compare(first):
    def make(c):
        cc = model.cc_of(c.fmt.unpack(encoding(c.fmt, c.result)))  # of 0, -1, 1, or a NaN
        return c.record(f"{first}{c.letter()}tr", f0=c.operands[0], f4=c.operands[1], cc=cc)
    return make


def integral(m4):
    def make(c):
        return c.record(f"fi{c.letter()}tr", f4=c.operands[0], result=c.result, p=model.Fields(m4=m4))
    return make


def same_quantum(c):
    a, b = (c.fmt.unpack(encoding(c.fmt, v)) for v in c.operands)
    kinds = min(a[0], model.QNAN), min(b[0], model.QNAN)
    cc = 3 if kinds[0] != kinds[1] else 0 if a[2] == b[2] else 1 if a[2] < b[2] else 2
    if (cc == 0) != (c.result == "1"):
        raise AssertionError(c.operands)
    return c.record(f"ce{c.letter()}tr", f0=c.operands[0], f4=c.operands[1], cc=cc)


def classify(c):
    sign = c.result.startswith("-")
    name = c.result.lstrip("+-")
    index = {"NaN": 4, "sNaN": 5}.get(name)
    if index is None:
        index = CLASSES.index(name)
    else:
        sign = encoding(c.fmt, c.operands[0]) >> (c.fmt.bits - 1)
    return c.record(f"tdc{c.letter()}t", f0=c.operands[0], cc=1, p=model.Fields(d2=0x800 >> (2 * index + sign)))


def shift(c):
    kinds = [c.fmt.unpack(encoding(c.fmt, v))[0] for v in c.operands[:1] + [c.result]]
    if any(kinds):
        raise Skip("a shift of what is not finite")
    n = int(c.operands[1])
    return c.record(f"s{'r' if n < 0 else 'l'}{c.letter()}t", f1=c.operands[0], result=c.result,
                    p=model.Fields(d2=abs(n)))


def apply(c):
    """Encodings to canonical ones: LOAD AND TEST, which an SNaN would not pass."""
    r = c.fmt.unpack(encoding(c.fmt, c.result))
    if r[0] == model.SNAN:
        raise Skip("an SNaN that is only encoded")
    return c.record(f"lt{c.letter()}tr", f4=c.operands[0], result=c.result, cc=model.cc_of(r))


OPERATIONS = {"add": three("a?tr", True), "subtract": three("s?tr", True), "multiply": three("m?tr", False),
              "divide": three("d?tr", False), "quantize": quantize, "compare": compare("c"), "comparesig": compare("k"),
              "tointegralx": integral(0), "tointegral": integral(4), "samequantum": same_quantum, "class": classify,
              "shift": shift, "apply": apply}
LINE = re.compile(r"(\S+)\s+(\S+)\s+(.*?)\s+->\s+('[^']*'|\S+)\s*(.*)")


def cases(path, skipped):
    """(operation, record) of each line that is an instruction's."""
    fmt = model.LONG if os.path.basename(path).startswith("dd") else model.EXTENDED
    rounding = "half_even"
    for line in open(path, encoding="latin-1"):
        line = line.split("--")[0].strip()
        directive = re.match(r"rounding\s*:\s*(\S+)", line, re.I)
        if directive:
            rounding = directive.group(1).lower()
        match = LINE.match(line)
        if not match:
            continue
        _, operation, operands, result, conditions = match.groups()
        operation = operation.lower()
        if operation not in OPERATIONS:
            skipped["no instruction does " + operation] += 1
            continue
        if "#" in operands.split() or result == "?":
            skipped["a null operand"] += 1
            continue
        try:
            values = [v.strip("'") for v in operands.split() + [result]]
            c = Case(fmt, rounding, values[:-1], values[-1], conditions)
            yield operation, OPERATIONS[operation](c)
        except Skip as why:
            skipped[str(why)] += 1


def main():
    check, *options = sys.argv[1:]
    folder = os.path.join(os.environ.get("ZFACET_PEERS", "."), "host/usr/lib/python3*/test/decimaltestdata")
    paths = sorted(glob.glob(os.path.join(folder, "d[dq][A-Z]*.decTest")))
    if not paths:
        print("dectest: no decTest files in $ZFACET_PEERS")
        return 77
    ours = subprocess.Popen([check, IGNORE_QUANTUM] + options, stdin=subprocess.PIPE)
    skipped, count = collections.Counter(), collections.Counter()
    for path in paths:
        for operation, record in cases(path, skipped):
            count[operation] += 1
            ours.stdin.write(record)
    ours.stdin.close()
    status = ours.wait()
    print("cases: " + ", ".join(f"{n} {name}" for name, n in sorted(count.items())))
    print("left out: " + ", ".join(f"{n} {name}" for name, n in sorted(skipped.items())))
    return status


sys.exit(main())
