/* Initial CPU reset: the CPU timer is 0, and negative a moment later. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    stpt v
    lg %r2,v
    ltgr %r2,%r2
    jh bad
    lpswe good
bad: lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
v: .quad 0
