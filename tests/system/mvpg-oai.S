/* MOVE PAGE: a page-translation exception stores the operand access identification, R1 and R2, at real A2. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
_start:
    lay %r3,0x4000
    lghi %r4,0x5000
    stg %r4,0(%r3)       /* segment 0 -> page table 5000 */
    lay %r5,0x5000
    lghi %r6,0
    lhi %r7,256
0:  stg %r6,0(%r5)
    aghi %r5,8
    aghi %r6,0x1000
    brct %r7,0b
    lay %r5,0x5000
    oi 0x20*8+6(%r5),4   /* page 0x20 invalid */
    lctlg %c1,%c1,c1
    mvi 0xa2,0
    lgfi %r8,0x10000
    lgfi %r9,0x20000
    lghi %r0,0
    ssm dat
    mvpg %r8,%r9
    lpswe badpsw
pgm: cli 0x8f,0x11
    jne 1f
    cli 0xa2,0x89
    jne 1f
    lpswe good
1:  lpswe badpsw
    .align 8
c1: .quad 0x4000
dat: .byte 4
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
