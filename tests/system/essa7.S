/* EXTRACT AND SET STORAGE ATTRIBUTES, operation 7 without facility 147: specification exception. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
_start:
    lghi %r2,0
    lgfi %r3,0x10000
    .insn rrf,0xb9ab0000,%r2,%r3,7,0
    lpswe badpsw
pgm: cli 0x8f,6
    jne 1f
    lpswe good
1:  lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
