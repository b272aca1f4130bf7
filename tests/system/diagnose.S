/*
 * DIAGNOSE: frames released, partitions and names of CPUs, page references, where storage is, hypercalls, and
 * what is refused. A watchdog is set, put off and cancelled; it does not bite here.
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
    .macro is reg, value
    cgfi \reg, \value
    jne fail
    .endm
    .macro refused
    larl %r12, 9f
    .endm
    .macro with code
    j fail
9:  clc 0x8e(2), \code
    jne fail
    larl %r12, pgm_bad
    .endm
_start:
    larl %r12, pgm_bad
    /* X'10': frames become zero, those around them stay */
    llilf %r2, 0x21000
    llilf %r3, 0x22000
    mvi 0(%r2), 1
    mvi 0xfff(%r3), 1
    llilf %r4, 0x23000
    mvi 0(%r4), 1
    diag %r2, %r3, 0x10
    cli 0(%r2), 0
    jne fail
    cli 0xfff(%r3), 0
    jne fail
    cli 0(%r4), 1
    jne fail
    refused
    diag %r3, %r2, 0x10
    with six
    /* X'258': once, again, cancelled, again */
    larl %r2, set
    diag %r2, %r3, 0x258
    is %r3, 0
    diag %r2, %r3, 0x258
    is %r3, 8
    larl %r2, cancel
    diag %r2, %r3, 0x258
    is %r3, 0
    diag %r2, %r3, 0x258
    is %r3, 4
    refused
    aghi %r2, 4
    diag %r2, %r3, 0x258
    with six
    /* X'260': an extent from 0 on */
    lghi %r3, 0xc
    diag %r4, %r3, 0x260
    cgr %r3, %r4
    jne fail
    lgr %r8, %r3
    llilf %r2, 0x21000
    lghi %r3, 128
    lghi %r5, 0x10
    diag %r2, %r5, 0x260
    jne fail
    is %r5, 1
    cg %r8, 8(%r2)
    jne fail
    ltg %r0, 0(%r2)
    jnz fail
    /* X'204': room needed, simple and extended */
    llilf %r4, 0x10005
    lghi %r5, 0
    lghi %r6, 0
    diag %r6, %r4, 0x204
    is %r4, 0
    is %r5, 1
    llilf %r6, 0x21000
    lghi %r4, 4
    diag %r6, %r4, 0x204
    is %r4, 0
    cli 0(%r6), 1
    jne fail
    cli 17(%r6), 1
    jne fail
    llilf %r4, 0x10006
    diag %r6, %r4, 0x204
    is %r4, 0
    cli 65(%r6), 1
    jne fail
    llgc %r7, 164(%r6)
    /* X'224': the kind's name, "IFL" */
    llilf %r3, 0x22000
    diag %r0, %r3, 0x224
    aghi %r7, 1
    sllg %r7, %r7, 4
    agr %r7, %r3
    clc 0(3,%r7), ifl
    jne fail
    /* X'500': no device, the limit of storage */
    lghi %r1, 3
    diag %r0, %r0, 0x500
    is %r2, -22
    lghi %r1, 4
    diag %r0, %r0, 0x500
    cgr %r2, %r8
    jne fail
    /* X'288' */
    lghi %r3, 0
    refused
    lghi %r4, 2
    lghi %r5, 20
    diag %r4, %r3, 0x288
    with six
    lghi %r4, 0
    diag %r4, %r3, 0x288
    lghi %r4, 1
    diag %r4, %r3, 0x288
    lghi %r4, 2
    diag %r4, %r3, 0x288
    refused
    lghi %r4, 0
    lghi %r5, 14
    diag %r4, %r3, 0x288
    with six
    refused
    diag %r0, %r0, 8
    with six
    refused
    diag %r0, %r0, 0x2c4
    with six
    lpswe good
fail:
pgm_bad:
    lpswe bad
pgm:
    br %r12
    .align 8
good: .quad 0x0002000180000000, 0
bad:  .quad 0x0002000180000000, 0xbad
set:  .short 0x258, 0, 5, 2
    .quad 0x20000, 1, 1, 0
cancel: .short 0x258, 1, 5, 2
    .quad 0, 0, 0, 0
six:  .short 6
ifl:  .byte 0xc9, 0xc6, 0xd3
