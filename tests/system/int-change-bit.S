/* Change recording: what an interruption and STFL store sets the change bit too, and loading a PSW the reference bit. */
    .section .head,"ax"
    .org 0x1c0
    .quad 0x0000000180000000, svc
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    lghi %r0,0
    lghi %r1,0
    sske %r1,%r0
    svc 1
svc: lghi %r2,0
    iske %r2,%r0
    nill %r2,6
    chi %r2,6
    jne bad
    sske %r1,%r0
    stfl 0
    lghi %r2,0
    iske %r2,%r0
    nill %r2,6
    chi %r2,6
    jne bad
    lpswe good
bad: lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
