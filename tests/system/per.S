/*
 * Program-event recording: each event alone, its range, and together with other conditions. What is
 * expected stands behind each test: interruption code with its length, PER code with ATMID, PER
 * address, old PSW's address.
 */
    .section .head,"ax"
    .org 0x1c0
    .quad 0x0000000180000000, svc_entry
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .align 8
good: .quad 0x0002000180000000, 0
bad:  .quad 0x0002000180000000, 0xbad
here: .quad 0x4000000180000000, t29
plain: .quad 0x0000000180000000, 0xabc
invalid: .quad 0x0800000180000000, 0xabd
crs: .quad FETCH, f32, f32
on:  .byte 0x40
off: .byte 0
    .align 8
data: .skip 256
    .globl _start

    .set BRANCH, 0x80000000
    .set FETCH, 0x40000000
    .set STORE, 0x20000000
    .set REAL, 0x08000000
    .set ZERO, 0x04000000
    .set NULLIFY, 0x01000000
    .set RANGE, 0x00800000
    .set SPACE, 0x00200000
    .set EA64, 0xe0
    .set EA31, 0x60

    .macro arm cr9, start, end, mask=0x4000000180000000
    larl %r1, 7f
    lctlg %c9, %c11, 0(%r1)
    larl %r12, 9f
    larl %r1, 6f
    lpswe 0(%r1)
    .align 8
6:  .quad \mask, 8f
7:  .quad \cr9, \start, \end
8:
    .endm
    .macro expect word, per, address, next
    lpswe bad
9:  larl %r1, 5f
    clc 0x8c(4), 24(%r1)
    jne fail
    clc 0x96(2), 28(%r1)
    jne fail
    clc 0x98(8), 0(%r1)
    jne fail
    clc 0x158(8), 8(%r1)
    jne fail
    j 4f
    .align 8
5:  .quad \address, \next, 0
    .long \word
    .short \per
    .align 2
4:
    .endm
    .macro nothing
    ssm off
    j 4f
9:  j fail
4:
    .endm

_start:
    larl %r10, data
    lghi %r9, 3

    /* fetching: in the range, before it, in a range through the end of storage */
    arm FETCH, f1, f1
    lgr %r0, %r0
f1: lr %r0, %r0
n1:
    expect 0x00020080, 0x4000|EA64, f1, n1
    arm FETCH, f2+1, f2+1
f2: lr %r0, %r0
    nothing
    arm FETCH, -8, f3
f3: lgr %r0, %r0
n3:
    expect 0x00040080, 0x4000|EA64, f3, n3
    arm FETCH, fail, f4
f4: stg %r0, 0(%r10)
n4:
    expect 0x00060080, 0x4000|EA64, f4, n4

    /* nullified: the instruction has not run */
    lghi %r2, 7
    arm FETCH|NULLIFY, f5, f5
f5: lghi %r2, 8
    expect 0x00040080, 0x4100|EA64, f5, f5
    cghi %r2, 7
    jne fail

    /* the target of an EXECUTE counts too; the address is that of the EXECUTE */
    arm FETCH, target, target
f6: exrl %r0, target
n6:
    expect 0x00060080, 0x4000|EA64, f6, n6
    larl %r11, target
    arm FETCH|NULLIFY, target, target
f7: ex %r0, 0(%r11)
    expect 0x00040080, 0x4100|EA64, f7, f7

    /* stores: the last byte, next to it, several bytes around it, none */
    arm STORE, data+7, data+7
f8: stg %r0, 0(%r10)
n8:
    expect 0x00060080, 0x2000|EA64, f8, n8
    arm STORE, data+8, data+15
    stg %r0, 0(%r10)
    stc %r0, 16(%r10)
    lg %r0, 8(%r10)
    clc 8(8,%r10), 0(%r10)
    nothing
    arm STORE, data+10, data+10
f9: mvc 8(8,%r10), 0(%r10)
n9:
    expect 0x00060080, 0x2000|EA64, f9, n9
    arm STORE, data+20, data+20
f10: mvi 20(%r10), 1
n10:
    expect 0x00040080, 0x2000|EA64, f10, n10
    arm STORE, data+20, data+20
f11: asi 20(%r10), 1
n11:
    expect 0x00060080, 0x2000|EA64, f11, n11
    arm STORE, data+24, data+31
f12: csg %r0, %r0, 24(%r10)
n12:
    expect 0x00060080, 0x2000|EA64, f12, n12
    arm STORE, data+64, data+127
f13: stmg %r0, %r15, 0(%r10)
n13:
    expect 0x00060080, 0x2000|EA64, f13, n13
    arm STORE, data+40, data+40
    lgr %r2, %r10
    lghi %r3, 64
    lgr %r4, %r10
    lghi %r5, 64
f14: mvcl %r2, %r4
n14:
    expect 0x00020080, 0x2000|EA64, f14, n14
    /* the space bit means nothing without DAT */
    arm STORE|SPACE, data, data
f15: sth %r0, 0(%r10)
n15:
    expect 0x00040080, 0x2000|EA64, f15, n15

    /* stores with real addresses need both bits, and no range */
    arm STORE|REAL, -1, -1
f16: stura %r0, %r10
n16:
    expect 0x00040080, 0x2800|EA64, f16, n16
    arm REAL, 0, -1
    sturg %r0, %r10
    nothing
    arm STORE, 0, -1
    sturg %r0, %r10
    nothing

    /* branches: taken, not taken, to the next instruction, by target */
    arm BRANCH, 0, 0
f17: brct %r9, t17
    nop
t17:
    expect 0x00040080, 0x8000|EA64, f17, t17
    arm BRANCH, 0, 0
    ltr %r1, %r10
    jz fail
    lhi %r0, 1
    brct %r0, fail
    basr %r1, 0
    bcr 15, 0
    lgr %r0, %r0
f18: j t18
t18:
    expect 0x00040080, 0x8000|EA64, f18, t18
    arm BRANCH|RANGE, t19, t19
    j 1f
    nop
1:  larl %r1, t19
f19: br %r1
    nop
t19:
    expect 0x00020080, 0x8000|EA64, f19, t19
    arm BRANCH|FETCH, f20, f20
    larl %r1, t20
f20: basr %r2, %r1
    nop
t20:
    expect 0x00020080, 0xc000|EA64, f20, t20
    arm BRANCH, 0, 0
    larl %r1, t21
f21: exrl %r0, branch
    nop
t21:
    expect 0x00060080, 0x8000|EA64, f21, t21
    arm BRANCH, 0, 0
f22: cgijne %r10, 0, t22
    nop
t22:
    expect 0x00060080, 0x8000|EA64, f22, t22
    arm BRANCH, 0, 0
    larl %r1, t23
f23: cgib %r10, 0, 6, 0(%r1)
    nop
t23:
    expect 0x00060080, 0x8000|EA64, f23, t23

    /* together with other conditions */
    arm FETCH, f24, f24
f24: .long 0
n24:
    expect 0x00020081, 0x4000|EA64, f24, f24+2
    arm FETCH|STORE, 0, -1
f25: stg %r0, -8
n25:
    expect 0x00060085, 0x4000|EA64, f25, n25
    lhi %r1, -1
    srl %r1, 1
    st %r1, 32(%r10)
    arm STORE, data+32, data+35, 0x4000080180000000
f26: asi 32(%r10), 1
n26:
    expect 0x00060088, 0x2000|EA64, f26, n26

    /* a supervisor call comes first */
    arm FETCH, f27, f27
f27: svc 3
    expect 0x00020080, 0x4000|EA64, f27, svc_entry

    /* zero addresses: of bases, indexes, registers with addresses; not without length, not of numbers */
    lghi %r2, 0
    lghi %r3, 0
    arm ZERO, 0, 0
f33: l %r0, 0x200(%r2)
n33:
    expect 0x00040080, 0x0400|EA64, f33, n33
    arm ZERO, 0, 0
f34: lg %r0, 0(%r2,%r10)
n34:
    expect 0x00060080, 0x0400|EA64, f34, n34
    lghi %r4, 8
    lghi %r5, 1
    arm ZERO|STORE, 0, 7
f35: mvc 0(1,%r2), 0(%r10)
n35:
    expect 0x00060080, 0x2400|EA64, f35, n35
    arm ZERO, 0, 0
    la %r0, 0(%r2)
    sldl %r4, 0(%r2)
    lg %r0, 0(%r10)
    lg %r0, 0
    lgr %r6, %r10
    lghi %r7, 0
    clcl %r2, %r6
    nothing
    lghi %r3, 1
    arm ZERO, 0, 0
f36: clcl %r2, %r6
n36:
    expect 0x00020080, 0x0400|EA64, f36, n36

    /* loading a PSW is no branch; events of the instruction that turns recording off */
    arm BRANCH|FETCH, f28, f28
f28: lpswe plain
    expect 0x00040080, 0x4000|EA64, f28, 0xabc
    arm BRANCH, 0, 0
    lpswe here
t29: nothing
    /* a PSW that is not valid */
    arm FETCH, f30, f30
f30: lpswe invalid
    expect 0x00040086, 0x4000|EA64, f30, 0xabd

    /* the mode when the instruction began */
    arm FETCH, f31, f31, 0x4000000080000000
f31: sam64
n31:
    expect 0x00020080, 0x4000|EA31, f31, n31

    /* turned on by SSM */
    larl %r1, on
    larl %r12, 9f
    larl %r2, crs
    lctlg %c9, %c11, 0(%r2)
    ssm 0(%r1)
f32: lr %r0, %r0
n32:
    expect 0x00020080, 0x4000|EA64, f32, n32
    lpswe good

fail:
    lpswe bad
pgm:
    br %r12
svc_entry:
    lpswe bad
target:
    lgr %r0, %r0
branch:
    br %r1
