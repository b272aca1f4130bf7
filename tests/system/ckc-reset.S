/* Initial CPU reset: the clock comparator is 0, so that its interruption is pending as soon as its mask is one. */
    .section .head,"ax"
    .org 0x1b0
    .quad 0x180000000, ext
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    stckc v
    lg %r2,v
    ltgr %r2,%r2
    jne bad
    stctg %c0,%c0,c0
    oi c0+6,8
    lctlg %c0,%c0,c0
    lpswe enab
bad: lpswe badpsw
ext: lpswe good
after: lghi %r3,1000
0:  brctg %r3,0b
    j bad
    .align 8
enab: .quad 0x0100000180000000, after
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
c0: .quad 0
v: .quad 0x1234
