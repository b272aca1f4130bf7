#!/usr/bin/env python3
"""Assembler source with one function per BFP instruction and modifier: `instruction; br %r14`.

usage: bfp_stubs.py .../decode/isa/bfp.def > stubs.S

R1, R2, R3 are the pairs f0/f2, f4/f6, f1/f3; general registers r6; storage operands 0(%r2); the
class mask of TEST DATA CLASS is 0(%r4). Symbols: stub_table, stub_count.
"""
import re
import sys

LEFT_OUT = set("efpc lfpc srnm didbr diebr srnmb sfpc stfpc".split())


def rows(path):
    for line in open(path):
        m = re.match(r'INSN\((\w+), +"\w+", +0x(\w+), +(\w+), +"([^"]*)"', line)
        if m and m.group(1) not in LEFT_OUT:
            yield m.group(1), int(m.group(2), 16), m.group(3), m.group(4)


def encodings(name, opcode, form, syntax):
    if form == "RRE":
        yield opcode << 16 | fields(syntax)
    elif form == "RRD":
        yield opcode << 16 | 0 << 12 | 1 << 4 | 4  # R1, R3, R2
    elif form == "RRF_e":
        for m in (0, 1, 3, 4, 5, 6, 7):
            for m4 in (0, 4):
                yield opcode << 16 | m << 12 | m4 << 8 | fields(syntax)


def fields(syntax):
    r1 = 6 if syntax[0] in "g" else 0
    r2 = 6 if ",g2" in syntax else 4
    return r1 << 4 | r2


def main():
    print(".text")
    table = []
    for name, opcode, form, syntax in rows(sys.argv[1]):
        if form in ("RXE", "RXF"):
            base = 4 if name.startswith("tc") else 2
            middle = 0x10 if form == "RXF" else 0x00  # R3 is f1
            code = bytes([opcode >> 8, middle, base << 4, 0, 0, opcode & 0xFF])
            codes = [code]
        else:
            codes = [word.to_bytes(4, "big") for word in encodings(name, opcode, form, syntax)]
        for code in codes:
            label = f"s{len(table)}"
            table.append((label, code))
            print(f"{label}: .byte {','.join(map(str, code))}\n br %r14")
    print(".section .rodata\n.balign 8\n.globl stub_table, stub_count\nstub_table:")
    for label, code in table:
        print(f" .quad {label}, {len(code)}")
    print(f"stub_count: .quad {len(table)}")


main()
