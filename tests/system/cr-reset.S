/* Initial CPU reset: control register 0 is E0, 14 is C2000000, the others are 0. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    stctg %c0,%c0,v
    clc v(8),w
    jne bad
    stctg %c14,%c14,v
    clc v(8),w+8
    jne bad
    lpswe good
bad: lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
v: .quad 0
w: .quad 0xe0, 0xc2000000
