/* DIAGNOSE X'308' subcode 1, load normal reset: goes on with the short PSW at absolute 0. */
    .section .head,"ax"
    .org 0
    .long 0x00080000, 0x80000000+again
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    lghi %r6,1 /* subcode 1 */
    lghi %r8,0
    diag %r8,%r6,0x308
    lpswe badpsw
again: 
    lhi %r2,1
    sigp %r2,%r0,0x12
    sam64
    larl %r3,good
    lpswe 0(%r3)
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
