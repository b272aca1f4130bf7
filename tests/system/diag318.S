/* DIAGNOSE X'318' on a machine without it (SCLP byte 134 bit 0): specification exception. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
_start:
    lghi %r2,0x42
    diag %r2,%r0,0x318
    lpswe badpsw
pgm: cli 0x8f,6
    jne 0f
    lpswe good
0:  lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
