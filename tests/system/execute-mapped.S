/* The target of an EXECUTE is fetched from the page that its address leads to now, also when both have been executed often. */
    .macro maps page
    ipte %r11,%r6
    larl %r10,\page
    stg %r10,0x20*8(%r11)
    .endm

    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .text
    .balign 4096
    .globl _start
_start:
    larl %r11,pages
    larl %r12,segments
    larl %r13,control
    stg %r11,0(%r12)
    stg %r12,control-control(%r13)
    lctlg %c1,%c1,control-control(%r13)
    lghi %r1,0
    lghi %r2,256
    lgr %r3,%r11
0:  stg %r1,0(%r3)
    aghi %r1,4096
    la %r3,8(%r3)
    brctg %r2,0b
    ssm dat-control(%r13)
    lgfi %r6,0x20000
    lghi %r5,500
again:
    maps one
    ex 0,0(%r6)
    cghi %r1,1
    jne bad
    maps two
    ex 0,0(%r6)
    cghi %r1,2
    jne bad
    brctg %r5,again
    lpswe good-control(%r13)
bad: lpswe badpsw-control(%r13)

    .balign 4096
one: lghi %r1,1
    .balign 4096
two: lghi %r1,2
    .data
    .balign 4096
pages: .fill 512,8,0
segments: .quad 0
    .fill 511,8,0x20
control: .quad 0
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
dat: .byte 4
