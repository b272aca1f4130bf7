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
    larl %r12, pgm_bad
    lctlg %c2, %c2, cr2
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
    /* from the primary to the secondary space, at the same address, and back */
    lgr %r5, %r4
    mvhi 16(%r4), 0x1616
    mvc 16(4,%r5), 16(%r4)
    mvc 20(4,%r4), 0(%r5)
    /* compared and changed, at the same addresses in two spaces */
    mvhi 32(%r4), 0x1111
    mvhi 32(%r5), 0x2222
    clc 32(4,%r4), 32(%r5)
    jnl fail
    clc 32(4,%r5), 32(%r4)
    jnh fail
    xc 32(4,%r4), 32(%r5)
    l %r0, 32(%r4)
    chi %r0, 0x3333
    jne fail
    l %r0, 32(%r5)
    chi %r0, 0x2222
    jne fail
    mvhi 36(%r4), 0x0f0f
    mvhi 36(%r5), 0x00ff
    nc 36(4,%r5), 36(%r4)
    oc 36(4,%r4), 32(%r5)
    l %r0, 36(%r5)
    chi %r0, 0x000f
    jne fail
    l %r0, 36(%r4)
    chi %r0, 0x2f2f
    jne fail
    mvc 33(4,%r5), 32(%r4)          # no byte is propagated
    l %r0, 33(%r5)
    chi %r0, 0x3333
    jne fail
    mvhhi 40(%r4), 0x012c
    mvhhi 40(%r5), 0x003c
    ap 40(2,%r4), 40(2,%r5)
    lh %r0, 40(%r4)
    chi %r0, 0x015c
    jne fail
    cp 40(2,%r5), 40(2,%r4)
    jnl fail
    mvi 48(%r4), 42                 # entry 42 of the secondary space's table
    mvi 42(%r5), 0x99
    tr 48(1,%r4), 0(%r5)
    cli 48(%r4), 0x99
    jne fail
    mvi 48(%r4), 42
    trt 48(1,%r4), 0(%r5)
    jnh fail
    chi %r2, 0
    je fail
    mvhhi 52(%r4), 0x1234
    mvhhi 52(%r5), 0x5678
    mvn 52(2,%r4), 52(%r5)
    lh %r0, 52(%r4)
    chi %r0, 0x1638
    jne fail
    llilf %r2, 0x30000              # and in registers: 4 bytes are equal, then not
    lghi %r3, 8
    lgr %r6, %r2
    lghi %r7, 8
    mvhi 56(%r4), 0x7777
    mvhi 56(%r5), 0x7777
    mvhi 60(%r4), 1
    mvhi 60(%r5), 2
    larl %r1, zero
    lam %a2, %a2, 0(%r1)
    la %r2, 56(%r2)
    la %r6, 56(%r6)
    clcl %r2, %r6
    jnl fail
    chi %r3, 1
    jne fail
    llilf %r2, 0x30038
    lgr %r6, %r2
    lghi %r0, 0x77
    clst %r2, %r6
    jnz fail
    /* by the dispatchable unit's access list: entry 2 is the secondary space, entry 3 for fetching only */
    larl %r1, lists
    lam %a6, %a8, 0(%r1)
    lgr %r6, %r4
    lgr %r7, %r4
    lgr %r8, %r4
    l %r0, 0(%r6)
    chi %r0, 0x31
    jne fail
    mvhi 24(%r6), 0x2424
    l %r0, 24(%r7)
    chi %r0, 0x2424
    jne fail
    larl %r12, 9f
    mvhi 24(%r7), 0
    j fail
9:  clc 0x8e(2), protected
    jne fail
    cli 0xa0, 7
    jne fail
    tm 0xaf, 0x0d
    jno fail
    larl %r12, 9f
    lpswe ar_again
list_end:
    l %r0, 0(%r8)
    j fail
9:  clc 0x8e(2), no_entry
    jne fail
    cli 0xa0, 8
    jne fail
    larl %r12, pgm_bad
    lpswe ar_on
ar_back:
    /* a storage-alteration event says by which access register */
    lctlg %c9, %c11, stores
    larl %r12, 9f
    ssm recording
    mvhi 28(%r6), 1
    j fail
9:  clc 0x8e(2), event
    jne fail
    clc 0x96(2), by_register
    jne fail
    cli 0xa1, 6
    jne fail
    larl %r12, pgm_bad
    lpswe ar_third
ar_recorded:
    /* the base of a shift's number is of no space */
    sldl %r0, 0(%r8)
    sac 0
    lgr %r5, %r4
    clc 20(4,%r4), thirty_one
    jne fail
    llilf %r5, 0x31000
    clc 16(4,%r5), sixteen
    jne fail
    clc 24(4,%r5), twenty_four
    jne fail
    llilf %r5, 0x31000
    clc 4(4,%r4), seven
    je fail
    llilf %r5, 0x31000
    clc 4(4,%r5), seven
    jne fail
    clc 8(4,%r5), one
    jne fail
    clc 12(4,%r5), 0(%r5)
    jne fail
    lpswe good
fail:
pgm_bad:
    lpswe bad
pgm:
    br %r12
    .align 8
good: .quad 0x0002000180000000, 0
bad:  .quad 0x0002000180000000, 0xbad
dat:  .quad 0x0400000180000000, dat_on
cr0:  .quad 0x04000000 | 0xe0
cr1:  .quad 0x20
cr7:  .quad 0x10000
entry: .quad 0x11000
one:  .long 1, 1
zero: .long 0
lists: .long 2, 3, 4
    .align 8
cr2:  .quad 0x12000
ar_on: .quad 0x0400400180000000, ar_back
ar_third: .quad 0x0400400180000000, ar_recorded
stores: .quad 0x20000000, 0x3001c, 0x3001c
event: .short 0x80
by_register: .short 0x20f5
recording: .byte 0x44
    .align 8
ar_again: .quad 0x0400400180000000, list_end
thirty_one: .long 0x31
sixteen: .long 0x1616
twenty_four: .long 0x2424
protected: .short 4
no_entry: .short 0x29
seven: .long 7
    .org 0x10000
segment: .skip 4096
    .org 0x12000
    /* the dispatchable-unit control table, its access list, the secondary space's entry */
    .long 0, 0, 0, 0, 0x12080
    .org 0x12080
    .quad 0x8000000000000000, 0, 0x8000000000000000, 0
    .long 0, 0, 0x12100, 5
    .long 0x02000000, 0, 0x12100, 5
    .long 0x80000000, 0, 0, 0
    .org 0x12100
    .long 0, 0
    .quad 0x10000
    .long 0, 5
