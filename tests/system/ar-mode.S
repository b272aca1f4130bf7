/*
 * Access-register mode with ALETs 0 and 1: the primary space is a real-space designation, the secondary
 * one maps page 0x30 to frame 0x31.
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
_start:
    /* a segment table at 0x10000, a page table at 0x11000 that maps each page to itself */
    larl %r1, segment
    mvc 0(8,%r1), entry
    lghi %r2, 0
    llilh %r3, 1
    aghi %r3, 0x1000
1:  stg %r2, 0(%r3)
    aghi %r2, 0x1000
    aghi %r3, 8
    clgfi %r2, 0x100000
    jne 1b
    llilh %r3, 1
    aghi %r3, 0x1000
    llilf %r2, 0x31000
    stg %r2, 0x30*8(%r3)
    llilf %r4, 0x30000
    llilf %r5, 0x31000
    mvhi 0(%r4), 0x30
    mvhi 0(%r5), 0x31
    lctlg %c0, %c0, cr0
    lctlg %c1, %c1, cr1
    lctlg %c7, %c7, cr7
    larl %r1, one
    lam %a5, %a6, 0(%r1)
    lpswe dat
dat_on:
    lgr %r5, %r4
    sac 512
    iac %r9
    tmll %r9, 0x0200
    jz fail
    sar %a4, %r0
    /* by the base register's ALET */
    l %r6, 0(%r4)
    chi %r6, 0x30
    jne fail
    l %r6, 0(%r5)
    chi %r6, 0x31
    jne fail
    /* and stores, of ops and of helpers */
    mvhi 4(%r5), 7
    stam %a5, %a5, 8(%r5)
    mvc 12(4,%r5), 0(%r5)
    sac 0
    clc 4(4,%r4), seven
    je fail
    llilf %r5, 0x31000
    clc 4(4,%r5), seven
    jne fail
    clc 8(4,%r5), seven-4
    jne fail
    clc 12(4,%r5), 0(%r5)
    jne fail
    lpswe good
fail:
pgm:
    lpswe bad
    .align 8
good: .quad 0x0002000180000000, 0
bad:  .quad 0x0002000180000000, 0xbad
dat:  .quad 0x0400000180000000, dat_on
cr0:  .quad 0x04000000 | 0xe0
cr1:  .quad 0x20
cr7:  .quad 0x10000
entry: .quad 0x11000
one:  .long 1, 1
seven: .long 7
    .org 0x10000
segment: .skip 4096
