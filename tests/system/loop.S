/*
 * Loops whose branch ends a block: it lies in two pages, or the block has as many instructions as one
 * can have; it stores to itself. They go round as often as the count says, and what they make is held against plain sums.
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, fail
    .org 0x200
    .globl _start
_start:
    lghi %r10, 300
again:
    /* sum of 1..23 and a count that ends at 0, in each loop */
    lghi %r1, 0
    lghi %r4, 23
    brasl %r14, crossing
    cghi %r4, 0
    jne fail
    cghi %r1, 276
    jne fail
    lghi %r1, 0
    lghi %r4, 23
    brasl %r14, crossing_word
    chi %r4, 0
    jne fail
    cghi %r1, 276
    jne fail
    lghi %r1, 0
    lghi %r2, 0
    lghi %r3, 23
    brasl %r14, crossing_compare
    cghi %r2, 23
    jne fail
    cghi %r1, 276
    jne fail
    lghi %r1, 0
    lghi %r2, 1
    lghi %r6, 1
    lghi %r7, 23
    brasl %r14, crossing_index
    cghi %r2, 24
    jne fail
    cghi %r1, 276
    jne fail
    lghi %r1, 0
    lghi %r4, 23
    brasl %r14, longest
    cghi %r4, 0
    jne fail
    cghi %r1, 23*62
    jne fail
    lghi %r1, 0
    lghi %r4, 23
    chi %r4, 0
    brasl %r14, compared
    brasl %r14, changing
    brctg %r10, again
    lpswe good
fail:
    lpswe bad
    .balign 8
good: .quad 0x0002000180000000, 0
bad: .quad 0x0002000180000000, 0xbad

    /* a branch of four bytes, two of them in the next page */
    .org 0x1ff8
crossing:
    agr %r1, %r4
    nopr
    brctg %r4, crossing
    br %r14
    .org 0x2ff8
crossing_word:
    agr %r1, %r4
    nopr
    brct %r4, crossing_word
    br %r14
    .org 0x3ff4
crossing_compare:
    aghi %r2, 1
    agr %r1, %r2
    cgrjl %r2, %r3, crossing_compare
    br %r14
    .org 0x4ffa
crossing_index:
    agr %r1, %r2
    brxlg %r2, %r6, crossing_index
    br %r14
    /* behind the loop, a compare and its branch are one op */
compared:
    agr %r1, %r4
    brctg %r4, compared
    chi %r1, 276
    jne fail
    br %r14
    .org 0x6800
longest:
    .rept 62
    aghi %r1, 1
    .endr
    nopr
    brctg %r4, longest
    br %r14
    .org 0x7000
    /* a store to the loop, in its eighth round, then in the seventh, and so on */
changing:
    lghi %r6, 7
1:
    sllg %r9, %r6, 6
    larl %r1, changed
    la %r9, 0(%r9,%r1)
    lgr %r5, %r6
    aghi %r5, 1
store:
    mvi 0(%r9), 0x17 /* XR, as it was */
    aghi %r9, -64
changed:
    xr %r4, %r4
    brctg %r5, store
    brctg %r6, 1b
    br %r14
    .org 0x7400
