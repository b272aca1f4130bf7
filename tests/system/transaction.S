/* Transactions: begun, ended, aborted by TABORT, restricted instructions and program conditions; what is stored,
   restored and told then ("Transactional-Execution Facility"). r15: where a failure is.
 * model: z14
 */
    .section .head,"ax"
    .org 0x1c0
    .quad 0x0002000180000000, 0xbad
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
_start:
    lghi %r15,1                         # without the control there is a special-operation exception
    larl %r14,1f
    tbegin 0,0xff00
1:  lghi %r0,0x13
    brasl %r13,condition

    stctg %c0,%c0,c0
    oi c0+1,0x80
    lctlg %c0,%c0,c0

    lghi %r15,2                         # a transaction that ends
    larl %r9,tdb
    mvi word,0
    tbegin 0,0xff00
    jne bad
    mvi word,1
    etnd %r3
    chi %r3,1
    jne bad
    tend
    jne bad
    cli word,1
    jne bad
    etnd %r3
    chi %r3,0
    jne bad
    tend
    jnh bad
    jo bad

    lghi %r15,3                         # TABORT: stores are gone, NTSTG's is not; pairs of the mask are as before
    lghi %r4,4
    lghi %r6,6
    lghi %r2,0x77
    xc kept(8),kept
    tbegin 0(%r9),0x2000
    brc 7,2f
    lghi %r4,0x44
    lghi %r6,0x66
    mvi word,2
    mvc far(256),big
    ntstg %r2,kept
at3: tabort 0x123
    j bad
2:  jno bad                             # odd: CC 3
    cli word,1
    jne bad
    clc far(256),zeros
    jne bad
    clc kept+7(1),c77
    jne bad
    cghi %r4,4
    jne bad
    cghi %r6,0x66
    jne bad
    clc tdb(8),tdb3
    jne bad
    clc tdb+8(24),tdb3+8
    jne bad
    clc tdb+128+32(8),gr4
    jne bad

    lghi %r15,4                         # an even code: CC 2
    tbegin 0,0xff00
    brc 7,3f
    tabort 0x100
3:  jnh bad
    jo bad

    lghi %r15,5                         # a restricted instruction: code 11, CC 3, no interruption
    tbegin 0(%r9),0xff00
    brc 7,4f
    svc 7
    j bad
4:  jno bad
    clc tdb+8(8),code11
    jne bad

    lghi %r15,6                         # floating point where it is not allowed, and where it is
    tbegin 0(%r9),0xff00
    brc 7,5f
    ldr %f0,%f2
    j bad
5:  jno bad
    tbegin 0(%r9),0xff04
    jne bad
    ldr %f0,%f2
    tend

    lghi %r15,7                         # an addressing exception: 0205, the PSW after TBEGIN, CC 2
    larl %r14,6f
    lgfi %r5,0x7ffff000
    tbegin 0(%r9),0xff00
6:  brc 7,7f
    mvi word,3
    mvi 0(%r5),1
    j bad
7:  lghi %r0,0x205
    brasl %r13,condition
    tm 0x150+2,0x20
    jz bad
    cli word,1
    jne bad
    lghi %r1,0x1800
    clc 8(8,%r1),code4
    jne bad
    clc tdb(128),0(%r1)
    jne bad

    lghi %r15,8                         # filtered: CC 3, no interruption
    tbegin 0(%r9),0xff02
    brc 7,8f
    mvi 0(%r5),1
    j bad
8:  jno bad
    clc tdb+8(8),code12
    jne bad
    clc tdb+36(4),pgm5
    jne bad

    lghi %r15,9                         # 15 deep, no deeper
    lghi %r1,15
    tbegin 0(%r9),0xff00
    brc 7,10f
    lghi %r1,14
9:  tbegin 0,0xff00
    brct %r1,9b
    etnd %r2
    chi %r2,15
    jne bad
    tbegin 0,0xff00
    j bad
10: jno bad
    clc tdb+6(10),deep
    jne bad

    lghi %r15,10                        # nested ends
    tbegin 0,0xff00
    brc 7,bad
    tbeginc 0,0xff00
    etnd %r2
    tend
    etnd %r3
    tend
    chi %r2,2
    jne bad
    chi %r3,1
    jne bad

    lghi %r15,11                        # constrained
    tbeginc 0,0xff00
    asi count,1
    tend
    tbeginc 0,0xff00
    asi count,1
    tend
    clc count(4),two
    jne bad

    lghi %r15,12                        # a constraint: 0218 with the PSW at TBEGINC
    larl %r14,11f
11: tbeginc 0,0xff00
    asi count,1
    basr %r1,0
    j bad
12: lghi %r0,0x218
    brasl %r13,condition
    clc count(4),two
    jne bad

    lghi %r15,13                        # an endless one does not stop the machine
    tbegin 0(%r9),0xff00
    brc 7,13f
    j .
13: jnh bad
    jo bad

    lghi %r15,14                        # more stores than there is room for
    tbegin 0(%r9),0xff00
    brc 7,15f
    larl %r1,room
    lghi %r2,2000
14: mvi 0(%r1),1
    la %r1,256(%r1)
    brct %r2,14b
    j bad
15: jno bad
    clc tdb+8(8),code8
    jne bad

    lghi %r15,15                        # EXECUTE of TBEGIN, misaligned blocks, reserved filters
    larl %r14,16f
    exrl %r0,begin
16: lghi %r0,3
    brasl %r13,condition
    larl %r14,17f
    tbegin 4(%r9),0xff00
17: lghi %r0,6
    brasl %r13,condition
    larl %r14,18f
    tbegin 0,0xff03
18: lghi %r0,6
    brasl %r13,condition
    larl %r14,19f
    tabort 255
19: lghi %r0,6
    brasl %r13,condition
    larl %r14,20f
    tabort 256
20: lghi %r0,0x13
    brasl %r13,condition

    lghi %r15,16                        # a constrained one of 32 instructions beside TEND
    tbeginc 0,0xff00
    .rept 32
    lr %r0,%r0
    .endr
    tend
    jne bad

    lghi %r15,17                        # the data-exception code goes to the FPC only where it may be used
    oi c0+5,4
    lctlg %c0,%c0,c0
    lghi %r1,0
    sfpc %r1
    tbegin 0(%r9),0xff01
    brc 7,21f
    cgit %r1,0,8
    j bad
21: jno bad
    cli tdb+33,0xff
    jne bad
    efpc %r2
    clfi %r2,0
    jne bad
    tbegin 0(%r9),0xff05
    brc 7,22f
    cgit %r1,0,8
    j bad
22: efpc %r2
    clfi %r2,0xff00
    jne bad

    lghi %r15,18                        # a monitor event is restricted, MONITOR CALL without one is not
    lghi %r1,-1
    stg %r1,cr8
    lctlg %c8,%c8,cr8
    tbegin 0(%r9),0xff00
    brc 7,23f
    mc 1,1
    j bad
23: jno bad
    clc tdb+8(8),code11
    jne bad
    lghi %r1,0
    stg %r1,cr8
    lctlg %c8,%c8,cr8
    tbegin 0(%r9),0xff00
    brc 7,bad
    mc 1,1
    tend

    lghi %r15,19                        # events are suppressed in a transaction, but for that of its end
    larl %r14,26f
    lctlg %c9,%c11,ends
    ssm recording
24: tbeginc 0,0xff00
    asi count,1
25: tend
26: lghi %r0,0x80
    brasl %r13,condition
    cli 0x96,2
    jne bad
    clc 0x98(8),ends+16
    jne bad
    clc count(4),three
    jne bad

    lghi %r15,20                        # else they abort it
    larl %r14,27f
    lctlg %c9,%c11,fetches
    ssm recording
    tbegin 0(%r9),0xff00
27: jnz 29f
28: asi count,1
    j bad
29: lghi %r0,0x280
    brasl %r13,condition
    cli 0x96,0x40
    jne bad
    clc 0x98(8),fetches+16
    jne bad
    clc count(4),three
    jne bad
    lpswe good
begin: tbegin 0,0xff00

/* a program condition: r14 is where it goes on */
pgm: lg %r12,0x158
    st %r14,last+4
    clgr %r12,%r14
    larl %r11,11b
    je 0f
    j bad
0:  larl %r11,6b
    clgr %r14,%r11
    je 7b
    larl %r11,11b
    clgr %r14,%r11
    je 12b
    br %r14
condition:
    ch %r0,0x8e
    bcr 8,%r13
bad: lpswe badpsw

    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
c0: .quad 0
cr8: .quad 0
last: .quad 0
kept: .quad 0
tdb3: .byte 1,0,0,0,0,0,0,1
    .quad 0x123, 0, at3
gr4: .quad 0x44
code11: .quad 11
code12: .quad 12
code4: .quad 4
code8: .quad 8
deep: .short 15
    .quad 13
    .align 8
ends: .quad 0x42400000, 24b, 25b
fetches: .quad 0x40000000, 28b, 28b
three: .long 3
recording: .byte 0x40
    .align 4
two: .long 2
count: .long 0
pgm5: .long 0x00040005
c77: .byte 0x77
word: .byte 0
    .align 256
zeros: .fill 256,1,0
far: .fill 256,1,0
big: .fill 256,1,0x5a
tdb: .fill 256,1,0
    .align 256
room: .fill 4
