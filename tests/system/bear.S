/*
 * The breaking-event address that a program interruption stores: that of the last branch that was taken, of the
 * EXECUTE when it was its target, of the last PSW load.
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start

    /* an operation exception here, and what it stores */
    .macro expect at
    larl %r12, 9f
    .short 0
9:  larl %r1, \at
    cg %r1, 0x110
    jne fail
    .endm

_start:
    lghi %r9, 3
    larl %r8, 1f
b1: br %r8
    nop
1:  expect b1
b2: j 1f
    nop
    /* branches that are not taken do not count */
1:  ltgr %r0, %r9
    jz fail
    cgije %r9, 0, fail
    bcr 0, %r8
    expect b2
    cghi %r9, 3
b3: je 1f
    nop
1:  expect b3
b4: brctg %r9, 1f
    nop
1:  expect b4
b5: bras %r7, 1f
    nop
1:  expect b5
    larl %r8, 1f
b6: basr %r7, %r8
    nop
1:  expect b6
    larl %r8, 1f
b7: b 0(%r8)
    nop
1:  expect b7
b8: cgijne %r9, 7, 1f
    nop
1:  expect b8
    larl %r8, 1f
b9: cgrbe %r9, %r9, 0(%r8)
    nop
1:  expect b9
    /* a loop: the last time round falls through */
    lghi %r9, 1000
1:  lgr %r0, %r9
b10: brctg %r9, 1b
    expect b10
    /* the target of an EXECUTE */
    larl %r8, 1f
b11: exrl 0, branch
    nop
1:  expect b11
    larl %r8, branch
    larl %r7, 1f
b12: ex 0, 6(%r8)
    nop
1:  expect b12
    /* a PSW that was loaded, a mode that was set */
b13: lpswe there
t13: expect b13
    larl %r8, 1f
    aghi %r8, 1
b14: bsm 0, %r8
    nop
1:  expect b14
    larl %r8, 1f
    aghi %r8, 1
b15: bassm %r7, %r8
    nop
1:  expect b15
    /* compares with storage that branch: one fault place, another branch */
    larl %r8, good
    cli 0(%r8), 0
b16: je 1f
    nop
1:  expect b16
    tm 1(%r8), 2
b17: jo 1f
    nop
1:  expect b17
    clc 0(8,%r8), 0(%r8)
b18: jne fail
    je 1f
    nop
1:  expect b18+4
    /* with an instruction between them */
    cli 0(%r8), 0
    pfd 1, 0(%r8)
b20: je 1f
    nop
1:  expect b20
    /* a loop that is entered from its middle, and left there */
    lghi %r9, 1000
    j 2f
1:  aghi %r0, 1
    cghi %r9, 1
b21: je 3f
2:  aghi %r9, -1
    j 1b
3:  expect b21
    /* in a loop, an exception after the way back */
    lghi %r9, 1000
    larl %r12, 9f
1:  chi %r9, 1
b22: jne 2f
    .short 0
2:  ltgr %r0, %r9
b23: brctg %r9, 1b
    j fail
9:  larl %r1, b23
    cg %r1, 0x110
    jne fail
    /* more instructions than a block has, and no branch among them */
b19: j 1f
    nop
1:
    .rept 100
    aghi %r8, 1
    .endr
    expect b19
    lpswe good
fail:
    lpswe bad
pgm:
    br %r12
branch:
    br %r8
    .short 0x0700, 0x0700
    br %r7
    .align 8
good: .quad 0x0002000180000000, 0
bad:  .quad 0x0002000180000000, 0xbad
there: .quad 0x0000000180000000, t13
