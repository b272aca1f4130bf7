/* Code at one virtual address that enhanced DAT maps elsewhere: control register 0 bit 40 goes on and off. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    llilf %r1,0x4000                # segment 0 to itself, as a table of pages at 0x5000
    llilf %r2,0x5000
    stg %r2,0(%r1)
    llilf %r2,0x100400              # segment 3: a frame at 1M, or a table there
    stg %r2,24(%r1)
    llilf %r1,0x5000
    lghi %r2,0
    lghi %r3,256
0:  stg %r2,0(%r1)
    aghi %r2,0x1000
    la %r1,8(%r1)
    brct %r3,0b
    llilf %r1,0x100000
    llilf %r2,0x200000
    stg %r2,0(%r1)                  # whose first page is at 2M
    mvc 0x800(6,%r1),one
    mvc 0x800(6,%r2),two
    lctlg %c1,%c1,c1
    lctlg %c0,%c0,plain
    ptlb
    stosm old,4
    lghi %r5,300
    llilf %r6,0x300800
1:  lctlg %c0,%c0,enhanced
    basr %r14,%r6
    chi %r2,1
    jne bad
    lctlg %c0,%c0,plain
    basr %r14,%r6
    chi %r2,2
    jne bad
    brct %r5,1b
    lpswe good
bad: lpswe badpsw
one: lghi %r2,1
    br %r14
two: lghi %r2,2
    br %r14
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
plain: .quad 0xe0
enhanced: .quad 0x8000e0
c1: .quad 0x4000
old: .byte 0
