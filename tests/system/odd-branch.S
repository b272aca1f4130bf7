/*
 * A branch to address 1, in the mode whose bits are all zero (24-bit addressing, real, no additional floating-point
 * registers): a specification exception there, as if two bytes had been executed, however often.
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .text
    .balign 8
    .globl _start
_start:
    larl %r13,data
    lctlg %c0,%c0,0(%r13)
    lghi %r2,300
    lpswe 8(%r13)
pgm:
    llgh %r3,0x8e
    cghi %r3,6
    jne bad
    lg %r3,0x158
    cghi %r3,3
    jne bad
    brctg %r2,again
    lpswe 24(%r13)
again:
    lpswe 8(%r13)
bad:
    lpswe 40(%r13)
branch:
    lhi %r1,1
    br %r1
    .balign 8
data:
    .quad 0
    .quad 0, branch
    .quad 0x0002000180000000, 0
    .quad 0x0002000180000000, 0xbad
