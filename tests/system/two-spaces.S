/*
 * The home space and the primary one map an address differently, and each other one that becomes the primary or the secondary space: going
 * to and fro, each access finds what is there now, also when a page was mapped anew from within the other space.
 */
    .macro sees value
    lg %r1,0(%r6)
    cghi %r1,\value
    jne bad
    .endm
    .macro maps table page
    lgr %r11,\table
    ipte %r11,%r6
    larl %r10,\page
    stg %r10,0x20*8(%r11)
    .endm
    .macro identity table
    lgr %r3,\table
    lghi %r1,0
    lghi %r2,256
0:  stg %r1,0(%r3)
    aghi %r1,4096
    la %r3,8(%r3)
    brctg %r2,0b
    .endm

    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .text
    .balign 4096
    .globl _start
_start:
    larl %r13,control
    larl %r2,pages_a
    larl %r3,segments_a
    stg %r2,0(%r3)
    stg %r3,asce_a-control(%r13)
    larl %r2,pages_b
    larl %r3,segments_b
    stg %r2,0(%r3)
    stg %r3,asce_b-control(%r13)
    larl %r2,pages_c
    larl %r3,segments_c
    stg %r2,0(%r3)
    stg %r3,asce_c-control(%r13)
    larl %r7,pages_a
    identity %r7
    larl %r8,pages_b
    identity %r8
    larl %r9,pages_c
    identity %r9
    lctlg %c1,%c1,asce_a-control(%r13)
    lctlg %c13,%c13,asce_b-control(%r13)
    lctlg %c7,%c7,asce_a-control(%r13)
    stctg %c0,%c0,c0-control(%r13)
    oi c0-control+4(%r13),4
    lctlg %c0,%c0,c0-control(%r13)
    lgfi %r6,0x20000
    maps %r7 one
    maps %r8 two
    maps %r9 three
    ssm dat-control(%r13)
    lghi %r5,500
again:
    sac 0
    sees 1
    stg %r5,8(%r6)
    sac 0x300
    sees 2
    stg %r13,8(%r6)
    lctlg %c1,%c1,asce_c-control(%r13)
    sees 2
    sac 0
    sees 3
    stg %r13,8(%r6)
    lctlg %c1,%c1,asce_a-control(%r13)
    sees 1
    cg %r5,8(%r6)
    jne bad
    sac 0x300
    maps %r7 four
    sees 2
    sac 0
    sees 4
    maps %r8 three
    stg %r5,8(%r6)
    sac 0x300
    sees 3
    cg %r13,8(%r6)
    jne bad
    maps %r7 one
    maps %r8 two
    lctlg %c13,%c13,asce_c-control(%r13)
    sees 3
    lctlg %c13,%c13,asce_b-control(%r13)
    sees 2
    sac 0x100
    lctlg %c7,%c7,asce_c-control(%r13)
    sees 3
    lctlg %c7,%c7,asce_b-control(%r13)
    sees 2
    lctlg %c7,%c7,asce_a-control(%r13)
    sees 1
    sac 0
    sees 1
    brctg %r5,again
    lpswe good-control(%r13)
bad: lpswe badpsw-control(%r13)

    .data
    .balign 4096
one: .quad 1
    .balign 4096
two: .quad 2
    .balign 4096
three: .quad 3
    .balign 4096
four: .quad 4
    .balign 4096
pages_a: .fill 512,8,0
pages_b: .fill 512,8,0
pages_c: .fill 512,8,0
segments_a: .quad 0
    .fill 511,8,0x20
segments_b: .quad 0
    .fill 511,8,0x20
segments_c: .quad 0
    .fill 511,8,0x20
control:
asce_a: .quad 0
asce_b: .quad 0
asce_c: .quad 0
c0: .quad 0
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
dat: .byte 4
