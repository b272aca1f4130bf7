/*
 * Accesses to storage that a debugger watches, and near it. After each instruction that is to be
 * found stands a label: r_ when it fetches, w_ when it stores, a_ when it does both. With BARE a
 * bare-metal guest, else a Linux program.
 */
#ifdef BARE
    .section .head, "ax"
    .quad 0, 0
    .org 0x200
#endif
    .globl _start
_start:
    larl %r12, data
    larl %r11, edge
    larl %r10, other
    lay %r9, -128(%r12)
#ifdef BARE
    stctg %c0, %c0, 0(%r10)     /* vector registers */
    oi 5(%r10), 6
    lctlg %c0, %c0, 0(%r10)
#endif
    la %r1, 2001                /* becomes hot, and comes to what is watched at the end */
    lay %r2, -16000(%r12)
near:
    lg %r0, 0(%r2)              /* data - 16000 and on */
r_near:
    stg %r0, 0(%r2)
w_near:
    la %r2, 8(%r2)
    brctg %r1, near
    lg %r0, 8(%r12)             /* neighbours */
    lg %r0, -8(%r12)
    stg %r0, 8(%r12)
    lg %r0, 0(%r12)
r_lg:
    l %r0, 4(%r12)
r_part:
    llc %r0, 7(%r12)
r_byte:
    lg %r0, -4(%r12)
r_unaligned:
    lg %r0, 3(%r11)             /* both pages */
r_pages:
    clc 8(8,%r12), 0(%r12)
r_clc:
    mvc 0(16,%r10), 120(%r9)
r_mvc:
    mvc 0(8,%r10), 8(%r12)
    lmg %r2, %r4, -16(%r12)
r_lmg:
    larl %r2, target
    exrl %r0, target
r_execute:
    lgr %r2, %r10               /* MVCL: from -100, 200 bytes */
    lghi %r3, 200
    lay %r4, -100(%r12)
    lghi %r5, 200
    mvcl %r2, %r4
r_mvcl:
    la %r2, 1(%r12)             /* SEARCH STRING: found before, then after */
    lay %r3, -4(%r12)
    la %r0, 0xee
    srst %r2, %r3
    la %r2, 16(%r12)
    lay %r3, -4(%r12)
    la %r0, 0x77
    srst %r2, %r3
r_srst:
    mvi 0(%r10), 1              /* TRANSLATE by a table that data is in: entry 1, then 128 */
    tr 0(1,%r10), 0(%r9)
    mvi 0(%r10), 128
    tr 0(1,%r10), 0(%r9)
r_tr:
    lghi %r2, 1                 /* COMPARE AND SWAP: not equal */
    csg %r2, %r3, 0(%r12)
r_csg:
    lgr %r3, %r2                /* equal, by the same */
    csg %r2, %r3, 0(%r12)
a_csg:
    lghi %r2, 5
    lpq %r4, 0(%r12)
r_lpq:
    vl %v1, 120(%r9)
r_vl:
    lghi %r0, 0                 /* PERFORM LOCKED OPERATION: compare and load */
    l %r2, 0(%r10)
    plo %r2, 0(%r10), %r4, 0(%r12)
r_plo:
    ni 0(%r12), 0xff
a_ni:
    asi 4(%r12), 0
a_asi:
    lg %r0, 0(%r12)
r_again:
    stg %r0, 0(%r12)
w_stg:
    mvi 7(%r12), 0x77
w_mvi:
    mvc 120(16,%r9), 120(%r9)
a_mvc:
    lg %r0, 3(%r11)
r_pages_again:
    stg %r0, 3(%r11)            /* both pages */
w_pages:
    lpq %r4, 0(%r12)
r_lpq_again:
    stpq %r4, 0(%r12)
w_stpq:
    lay %r2, -100(%r12)         /* MVCL: to -100, 200 bytes of what is there */
    lghi %r3, 200
    lgr %r4, %r2
    lghi %r5, 200
    mvcl %r2, %r4
a_mvcl:
    brasl %r14, code            /* instructions are no operands */
#ifdef BARE
    lpswe done
    .balign 8
done:
    .quad 0x0002000180000000, 0
#else
    la %r1, 4                   /* write(1, data, 8): a system call's */
    lghi %r2, 1
    lgr %r3, %r12
    lghi %r4, 8
    svc 4
    lghi %r2, 0
    svc 1
#endif
target:
    mvc 0(8,%r10), 0(%r12)

    .data
    .balign 4096
    .skip 16384
    .skip 4000
    .skip 88
    .globl edge, data, other, code
edge: /* its page ends 8 bytes on */
    .quad 0x0102030405060708, 0x1112131415161718
    .skip 2000
    .balign 16
    .byte 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xee, 0, 0, 0
data:
    .quad 0x1122334455667777
    .quad 0x2122334455667788, 0x99
    .balign 16
    .skip 256
other:
    .skip 512
    .section .text
code:
    br %r14
