/*
 * The linkage stack in one address space: what BAKR makes, what EREG, EREGG and ESTA show, MSTA, PR,
 * sections, and each exception. All spaces are real.
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start

    /* r12: where the program interruption goes on */
    .macro expect code, ilc
    j fail
9:  clc 0x8e(2), 7f
    jne fail
    clc 0x8d(1), 7f+2
    jne fail
    lpswe daton
7:  .short \code
    .byte \ilc, 0
8:
    .endm
    .macro try
    larl %r12, 9f
    larl %r1, 8f
    stg %r1, daton+8
    .endm
    .macro same at, base, with, length
    clc \at(\length, \base), \with
    jne fail
    .endm

_start:
    larl %r11, stack
    larl %r1, on
    stg %r1, daton+8
    /* without DAT */
    larl %r12, 9f
    bakr %r0, %r0
    j fail
9:  clc 0x8e(2), special
    jne fail
    lctlg %c1, %c1, real
    lctlg %c7, %c7, real
    lctlg %c13, %c13, real
    la %r1, 8(%r11)
    stg %r1, cr15
    lctlg %c15, %c15, cr15
    lpswe daton
on:
    /* an empty stack */
    try
    ereg %r1, %r1
    expect 0x31, 4
    /* secondary-space mode */
    try
    lpswe secondary
sec1: bakr %r0, %r0
    expect 0x13, 4
    /* one entry, no branch: all registers, PSW after the instruction */
    lam %a0, %a15, ars
    lmg %r2, %r9, grs
    lghi %r0, 0x111
    ltgr %r0, %r0
    bakr %r0, %r0
n1:
    stctg %c15, %c15, cr15
    la %r1, 304(%r11)
    clg %r1, cr15
    jne fail
    same 8, %r11, header2, 8
    same 304, %r11, branch1, 8
    clg %r0, 16(%r11)
    jne fail
    same 32, %r11, grs, 64
    same 240, %r11, ars, 64
    larl %r1, n1
    clg %r1, 184(%r11)
    jne fail
    ogrk %r1, %r1, %r0
    larl %r1, n1
    aghi %r1, 1
    clg %r1, 160(%r11)
    jne fail
    clc 152(8,%r11), psw1
    jne fail
    /* EREG: right halves, and access registers; EREGG: all */
    lghi %r3, -1
    lghi %r4, -1
    sar %a3, %r0
    ereg %r3, %r3
    lg %r2, grs+8
    iihf %r2, 0xffffffff
    cgr %r3, %r2
    jne fail
    ear %r2, %a3
    cl %r2, ars+12
    jne fail
    eregg %r3, %r4
    clg %r3, grs+8
    jne fail
    clg %r4, grs+16
    jne fail
    /* ESTA: each code */
    lghi %r5, 1
    lghi %r2, -1
    lghi %r3, -1
    esta %r2, %r5
    jne fail
    stmg %r2, %r3, work
    clc work(4), ones
    jne fail
    clc work+4(4), psw390
    jne fail
    larl %r1, n1
    oilh %r1, 0x8000
    llgfr %r3, %r3
    cgr %r3, %r1
    jne fail
    lghi %r5, 4
    esta %r2, %r5
    clg %r2, psw1
    jne fail
    larl %r1, n1
    cgr %r3, %r1
    jne fail
    /* MSTA */
    lmg %r6, %r7, grs
    msta %r6
    lghi %r5, 3
    esta %r2, %r5
    clr %r2, %r6
    jne fail
    clr %r3, %r7
    jne fail
    clc 168(4,%r11), grs+4
    jne fail
    try
    msta %r7
    expect 6, 4
    try
    lghi %r5, 6
    esta %r2, %r5
    expect 6, 4
    try
    lghi %r5, 3
    esta %r3, %r5
    expect 6, 4
    /* PR: registers 2 to 14 are back, 0, 1 and 15 stay; the CC is that of the entry */
    larl %r1, after
    stg %r1, 184(%r11)
    lghi %r0, 7
    lghi %r1, 8
    lghi %r15, 9
    lghi %r2, 0
    sar %a2, %r0
    sar %a1, %r0
    cr %r0, %r0
    pr
    j fail
after:
    jnh fail
    larl %r11, stack
    stmg %r2, %r9, work
    clc work(64), grs
    jne fail
    cghi %r0, 7
    jne fail
    cghi %r15, 9
    jne fail
    ear %r1, %a2
    cl %r1, ars+8
    jne fail
    ear %r1, %a1
    chi %r1, 7
    jne fail
    stctg %c15, %c15, cr15
    la %r1, 8(%r11)
    clg %r1, cr15
    jne fail
    same 8, %r11, header0, 8
    /* branches, with the return address in a register; 31-bit mode */
    larl %r4, there
    larl %r5, back
    iilh %r5, 0x8000
    bakr %r5, %r4
    j fail
there:
    lghi %r5, 2
    esta %r2, %r5
    larl %r1, there
    aghi %r1, 1
    clr %r3, %r1
    jne fail
    pr
    j fail
back:
    tam
    jne 1f
    j fail
1:  jnl 2f
    sam64
    j 3f
2:  j fail
3:
    /* the second section: the first has room for one entry */
    larl %r11, stack
    larl %r10, section
    bakr %r0, %r0
    la %r1, 8(%r10)
    la %r2, 1(%r1)
    stg %r2, 312(%r11)
    bakr %r0, %r0
    stctg %c15, %c15, cr15
    la %r1, 304(%r10)
    clg %r1, cr15
    jne fail
    la %r1, 305(%r11)
    clg %r1, 0(%r10)
    jne fail
    same 8, %r10, headers2, 8
    same 304, %r10, branch2, 8
    /* no third one */
    try
    bakr %r0, %r0
    expect 0x30, 4
    mvi 306(%r10), 1
    mvi 307(%r10), 4
    try
    bakr %r0, %r0
    expect 0x32, 4
    mvhhi 306(%r10), 0
    /* unstacking suppressed: in the entry, in the header */
    oi 304(%r10), 0x80
    try
    pr
    expect 0x34, 2
    eregg %r1, %r1
    ni 304(%r10), 0x7f
    larl %r1, 1f
    stg %r1, 184(%r10)
    pr
1:  oi 8(%r10), 0x80
    try
    pr
    expect 0x34, 2
    ni 8(%r10), 0x7f
    /* the entry of the section before, through the header */
    larl %r1, 1f
    stg %r1, 184(%r11)
    pr
1:  stctg %c15, %c15, cr15
    la %r1, 8(%r11)
    clg %r1, cr15
    jne fail
    /* not a state entry */
    mvi 8(%r11), 0x0a
    try
    pr
    expect 0x33, 2
    mvi 8(%r11), 0x09
    lpswe good
fail:
    lpswe bad
pgm:
    br %r12
    .align 8
good: .quad 0x0002000180000000, 0
bad:  .quad 0x0002000180000000, 0xbad
daton: .quad 0x0400000180000000, on
secondary: .quad 0x0400800180000000, sec1
psw1: .quad 0x0400200180000000
real: .quad 0x20
cr15: .quad 0
ones: .quad -1
work: .skip 64
grs:  .quad 0x1122334455667788, 0x99aabbccddeeff00, 3, 4, 5, 6, 7, 8
ars:  .long 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
header0: .byte 0x09, 0x55, 1, 0x28, 0, 0, 0, 0
header2: .byte 0x09, 0x55, 1, 0x28, 1, 0x28, 0, 0
headers2: .byte 0x09, 0x66, 1, 0x28, 1, 0x28, 0, 0
branch1: .byte 0x0c, 0x55, 0, 0, 0, 0, 0, 0
branch2: .byte 0x0c, 0x66, 0, 0, 0, 0, 0, 0
special: .short 0x13
    .align 4
psw390: .long 0x04082001
    .align 8
stack: .quad 0
    .byte 0x09, 0x55, 1, 0x28, 0, 0, 0, 0
    .skip 296
    .quad 0, 0
section: .quad 0
    .byte 0x09, 0x66, 1, 0x28, 0, 0, 0, 0
    .skip 296
    .quad 0, 0
