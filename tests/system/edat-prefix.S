/* Enhanced DAT: a segment-frame address is absolute, prefixing does not apply to it. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    lghi %r1,0x7
    lay %r2,0x8800
    st %r1,0(%r2)                     # absolute 0x8800 = 7
    lhi %r1,9
    st %r1,0x800                      # absolute 0x800 = 9
    lay %r2,0x81d0
    mvc 0(16,%r2),0x1d0
    larl %r10,_start
    lay %r11,0x8000
    lghi %r12,0
    lghi %r13,0x800
    mvc 0x200(256,%r11),0x200(%r12)
    mvc 0x300(256,%r11),0x300(%r12)
    spx pfx
    lay %r3,0x4000                    # segment table
    lghi %r4,0x400
    stg %r4,8(%r3)                    # seg 1: frame 0, FC=1
    lghi %r4,0x400
    stg %r4,0(%r3)                    # seg 0: also large identity
    stctg %c0,%c0,c0
    oi c0+5,0x80                      # CR0.40 EDAT enable
    lctlg %c0,%c0,c0
    lghi %r4,0x4000
    stg %r4,c1
    lctlg %c1,%c1,c1
    ptlb
    lgfi %r6,0x100800
    lgfi %r7,0x108800
    ssm datm
    l %r8,0(%r6)                      # absolute 0x800: 9
    l %r9,0(%r7)                      # absolute 0x8800: 7
    ssm nodat
    chi %r8,9
    jne bad
    chi %r9,7
    jne bad
    lpswe good
bad: lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
c0: .quad 0
c1: .quad 0
pfx: .long 0x8000
datm: .byte 0x04
nodat: .byte 0
