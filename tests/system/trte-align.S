/* TRANSLATE AND TEST EXTENDED: the function-code table may begin at any byte. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    larl %r1,tab
    lghi %r0,0
    larl %r2,arg
    lghi %r3,1
    lghi %r4,0
    .insn rrf,0xb9bf0000,%r2,%r4,0,0
    jnl bad                      /* CC1 */
    chi %r4,0x55
    jne bad
    lpswe good
bad: lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
arg: .byte 2,0,0
    .byte 0
    .align 8
    .byte 0
    .byte 0
tab: .byte 0,0,0x55,0,0,0
    .space 256
