/*
 * Stores to the first pages, where low-address protection is for 512 bytes of each and there is code among what is stored: they arrive,
 * code that they change is executed so, and protection holds from the moment on that control register 0 has it.
 */
    .macro expect_protection
    aghi %r9,1
    larl %r12,1f
    stg %r5,0x100
    j bad
1:  cgr %r8,%r9
    jne bad
    .endm
    .macro stored at
    cg %r5,\at
    jne bad
    .endm

    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x900
low: lghi %r2,1
    br %r14
    .text
    .balign 16384
    .globl _start
_start:
    larl %r13,data
    stctg %c0,%c0,c0(%r13)
    lg %r1,c0(%r13)
    nilf %r1,0xefffffff
    stg %r1,off(%r13)
    oilf %r1,0x10000000
    stg %r1,on(%r13)
    lctlg %c0,%c0,on(%r13)
    lghi %r8,0
    lghi %r9,0
    lghi %r5,500
again:
    stg %r5,0x280
    stored 0x280
    lgr %r6,%r5
    lgr %r7,%r5
    stmg %r5,%r7,0x290
    stored 0x290
    stored 0x2a0
    mvc 0x2c0(24),0x290
    stored 0x2d0
    stg %r5,0x2fc
    stored 0x2fc
    stmg %r5,%r7,0x3f4
    stored 0x3fc
    stg %r5,0x1e00
    stored 0x1e00
    stg %r5,0x1ffc
    stored 0x1ffc
    stg %r5,0x910
    stored 0x910
    lgr %r1,%r5
    sth %r1,0x902
    brasl %r14,low
    cgr %r2,%r5
    jne bad
    aghi %r1,1
    lghi %r3,0x900
    sth %r1,2(%r3)
    brasl %r14,low
    cgr %r2,%r1
    jne bad
    expect_protection
    lctlg %c0,%c0,off(%r13)
    stg %r5,0x100
    stored 0x100
    stg %r5,0x280
    lctlg %c0,%c0,on(%r13)
    expect_protection
    brctg %r5,again
    lpswe good(%r13)

pgm: clhhsi 0x8e,4
    jne bad
    aghi %r8,1
    br %r12
bad: larl %r13,data
    lpswe badpsw(%r13)

    .data
    .balign 4096
data:
    .set c0,.-data
    .quad 0
    .set on,.-data
    .quad 0
    .set off,.-data
    .quad 0
    .set good,.-data
    .quad 0x0002000180000000, 0
    .set badpsw,.-data
    .quad 0x0002000180000000, 0xbad
