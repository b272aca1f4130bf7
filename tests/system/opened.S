/*
 * What waits, and is opened: the external interruption comes after the very instruction that sets the mask, or the clock, also when
 * it is executed often ("External Interruption").
 */
    .macro expect code
    larl %r3,1f
    lghi %r4,\code
    aghi %r9,1
    .endm
    .macro came
1:  cgr %r8,%r9
    jne bad
    .endm

    .section .head,"ax"
    .org 0x1b0
    .quad 0x180000000, ext
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .text
    .balign 4096
    .globl _start
_start:
    larl %r12,data
    sckc never(%r12)
    spt much(%r12)
    stctg %c0,%c0,c0(%r12)
    oi c0+6(%r12),0x4c
    lctlg %c0,%c0,c0(%r12)
    lghi %r8,0
    lghi %r9,0
    lghi %r5,500
again:
    sckc zero(%r12)
    expect 0x1004
    stosm saved(%r12),1
    came
    sckc zero(%r12)
    expect 0x1004
    ssm open(%r12)
    came
    stosm saved(%r12),1
    stnsm saved(%r12),0xfe
    stosm saved(%r12),3
    expect 0x1004
    sckc zero(%r12)
    came
    ssm open(%r12)
    expect 0x1005
    spt past(%r12)
    came
    lghi %r2,0
    sigp %r6,%r2,3
    expect 0x1201
    lpswe opening(%r12)
back:
    came
    sckc zero(%r12)
    expect 0x1004
    exrl %r2,executed
    came
    brctg %r5,again
    lpswe good(%r12)

ext:
    ch %r4,0x86
    jne bad
    cg %r3,0x138
    jne bad
    sckc never(%r12)
    spt much(%r12)
    aghi %r8,1
    br %r3
bad: lpswe badpsw(%r12)

executed: stosm saved(%r12),1
    .data
    .balign 4096
data:
    .set past,.-data
    .quad -1
    .set zero,.-data
    .quad 0
    .set never,.-data
    .quad -1
    .set much,.-data
    .quad 0x7fffffffffffffff
    .set opening,.-data
    .quad 0x0100000180000000, back
    .set good,.-data
    .quad 0x0002000180000000, 0
    .set badpsw,.-data
    .quad 0x0002000180000000, 0xbad
    .set c0,.-data
    .quad 0
    .set open,.-data
    .byte 1
    .set saved,.-data
    .byte 0
