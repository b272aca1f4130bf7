#!/usr/bin/env python3
"""Assembler source with one function per vector floating-point instruction and M fields: `instruction; br %r14`.

usage: vector_float_stubs.py > stubs.S

V2, V3, V4 are v18, v3, v20; V1 is v16, in every other stub v18. Symbols: stub_table, stub_count. The opcodes stand here
again, so that a wrong one in the instruction table is seen.
"""
import itertools

V2, V3, V4 = 18, 3, 20
FORMATS, SINGLE = (2, 3, 4), (0, 8)
ROUNDED = [(m4, m5) for m4 in (0, 4, 8, 12) for m5 in (0, 1, 3, 4, 5, 6, 7)]


def word(opcode, fields):
    """Bytes of an instruction from fields (value, first bit, bits), vector registers as (value, first bit, "v")."""
    bits = (opcode >> 8) << 40 | (opcode & 0xFF)
    for value, first, width in fields:
        if width == "v":
            bits |= (value >> 4) << (11 - (first // 4 - 2 if first < 32 else 3))
            value, width = value & 15, 4
        bits |= value << (48 - first - width)
    return bits.to_bytes(6, "big")


def vrr_a(opcode, v1, m3, m4=0, m5=0, v2=V2):
    return word(opcode, [(v1, 8, "v"), (v2, 12, "v"), (m5, 24, 4), (m4, 28, 4), (m3, 32, 4)])


def vrr_c(opcode, v1, m4, m5=0, m6=0):
    return word(opcode, [(v1, 8, "v"), (V2, 12, "v"), (V3, 16, "v"), (m6, 24, 4), (m5, 28, 4), (m4, 32, 4)])


def vrr_e(opcode, v1, m6, m5):
    return word(opcode, [(v1, 8, "v"), (V2, 12, "v"), (V3, 16, "v"), (m6, 20, 4), (m5, 28, 4), (V4, 32, "v")])


def vri_e(opcode, v1, i3, m4, m5):
    return word(opcode, [(v1, 8, "v"), (V2, 12, "v"), (i3, 16, 12), (m5, 28, 4), (m4, 32, 4)])


def instructions():
    """Functions of V1 that encode."""
    for f, s in itertools.product(FORMATS, SINGLE):
        for opcode in (0xE7E3, 0xE7E2, 0xE7E7, 0xE7E5):  # VFA VFS VFM VFD
            yield lambda v1, o=opcode, f=f, s=s: vrr_c(o, v1, f, s)
        for opcode in (0xE78F, 0xE78E, 0xE79F, 0xE79E):  # VFMA VFMS VFNMA VFNMS
            yield lambda v1, o=opcode, f=f, s=s: vrr_e(o, v1, f, s)
        yield lambda v1, f=f, s=s: vrr_a(0xE7CE, v1, f, s)  # VFSQ
        for m5 in (0, 1, 2):  # VFPSO
            yield lambda v1, f=f, s=s, m5=m5: vrr_a(0xE7CC, v1, f, s, m5)
        for opcode, sq, m6 in itertools.product((0xE7E8, 0xE7EB, 0xE7EA), (0, 4), (0, 1)):  # VFCE VFCH VFCHE
            yield lambda v1, o=opcode, f=f, m5=s | sq, m6=m6: vrr_c(o, v1, f, m5, m6)
        for i3 in (0xFFF, 0x800, 0x555, 0x0F0, 0x30F):  # VFTCI
            yield lambda v1, f=f, s=s, i3=i3: vri_e(0xE74A, v1, i3, f, s)
        for opcode, m6 in itertools.product((0xE7EE, 0xE7EF), (0, 1, 2, 3, 4, 8, 9, 10, 11, 12)):  # VFMIN VFMAX
            yield lambda v1, o=opcode, f=f, s=s, m6=m6: vrr_c(o, v1, f, s, m6)
    for f in FORMATS:
        for opcode in (0xE7CB, 0xE7CA):  # WFC WFK
            yield lambda v1, o=opcode, f=f: vrr_a(o, V2, f, v2=V3)
        for m4, m5 in ROUNDED:  # VFI
            yield lambda v1, f=f, m4=m4, m5=m5: vrr_a(0xE7C7, v1, f, m4, m5)
    for opcode, f, (m4, m5) in itertools.product((0xE7C3, 0xE7C1, 0xE7C2, 0xE7C0), (2, 3), ROUNDED):  # to, from integers
        yield lambda v1, o=opcode, f=f, m4=m4, m5=m5: vrr_a(o, v1, f, m4, m5)
    for f, (m4, m5) in itertools.product((3, 4), ROUNDED):  # VFLR
        yield lambda v1, f=f, m4=m4, m5=m5: vrr_a(0xE7C5, v1, f, m4, m5)
    for f, s in itertools.product((2, 3), SINGLE):  # VFLL
        yield lambda v1, f=f, s=s: vrr_a(0xE7C4, v1, f, s)


def main():
    print(".text")
    codes = [encode(18 if n % 2 else 16) for n, encode in enumerate(instructions())]
    for n, code in enumerate(codes):
        print(f"s{n}: .byte {','.join(map(str, code))}\n br %r14")
    print(".section .rodata\n.balign 8\n.globl stub_table, stub_count\nstub_table:")
    for n, _ in enumerate(codes):
        print(f" .quad s{n}, 6")
    print(f"stub_count: .quad {len(codes)}")


main()
