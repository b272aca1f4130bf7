/*
 * Access-register mode: instructions whose operands are in several spaces. Page 0x30 is frame 0x30 in the primary
 * space, frame 0x31 in the secondary one. r15: where a failure is.
 * model: z15
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
_start:
    larl %r1,entry                      # a segment table at 0x10000, two page tables at 0x11000
    llilh %r3,1
    mvc 0(8,%r3),0(%r1)
    llilf %r4,0x14000                   # and a second one at 0x14000
    mvc 0(8,%r4),8(%r1)
    lghi %r2,0
    aghi %r3,0x1000
    lgr %r4,%r3
    aghi %r4,0x800
1:  stg %r2,0(%r3)
    stg %r2,0(%r4)
    aghi %r2,0x1000
    aghi %r3,8
    aghi %r4,8
    clgfi %r2,0x100000
    jne 1b
    llilf %r2,0x31000
    llilf %r3,0x11800
    stg %r2,0x30*8(%r3)
    larl %r1,crs
    lctlg %c0,%c0,0(%r1)
    lctlg %c1,%c1,8(%r1)
    lctlg %c7,%c7,16(%r1)
    larl %r11,back
    larl %r1,dat
    lpswe 0(%r1)
back:
    sac 512
    llilf %r4,0x30000                   # r4 in the primary space, r6 in the secondary one, at the same address
    lgr %r6,%r4
    larl %r1,alets
    lam %a0,%a15,0(%r1)

    lghi %r15,1                         # TROO: the source in one, the table in the other, the result in one
    larl %r14,k01020304
    mvc 0(4,%r6),0(%r14)
    mvi 0x101(%r4),0xa1
    mvi 0x102(%r4),0xa2
    mvi 0x103(%r4),0xa3
    mvi 0x104(%r4),0xa4
    la %r1,0x100(%r4)
    lghi %r0,0
    la %r2,0x300(%r4)
    lghi %r3,4
    lgr %r8,%r6
    troo %r2,%r8,1
    jnz bad
    larl %r14,ka1a2a3a4
    clc 0x300(4,%r4),0(%r14)
    jne bad
    mvi 0x101(%r6),0xb1                 # and the table in the secondary one, the source in the primary one
    mvi 0(%r4),1
    la %r1,0x100(%r4)
    cpya %a1,%a6
    la %r2,0x300(%r4)
    lghi %r3,1
    lgr %r8,%r4
    cpya %a8,%a4
    troo %r2,%r8,1
    cli 0x300(%r4),0xb1
    jne bad
    cpya %a1,%a4
    cpya %a8,%a6

    lghi %r15,2                         # TRTE: the argument in one, the table in the other
    mvi 0(%r6),5
    mvi 0x105(%r4),0x55
    la %r1,0x100(%r4)
    lgr %r8,%r6
    lghi %r9,1
    lghi %r3,0
    trte %r8,%r3
    chi %r3,0x55
    jne bad

    lghi %r15,3                         # CHECKSUM, SEARCH STRING: one operand, by one register
    larl %r14,k00000012
    mvc 0(4,%r6),0(%r14)
    lghi %r2,0
    lgr %r8,%r6
    lghi %r9,4
2:  cksm %r2,%r8
    jo 2b
    chi %r2,0x12
    jne bad
    lghi %r0,0x12
    la %r2,8(%r6)
    lgr %r8,%r6
    srst %r2,%r8
    jnl bad
    aghi %r2,-3
    cgr %r2,%r6
    jne bad

    lghi %r15,4                         # EXTRACT CPU TIME, pairs, LMD
    larl %r14,k0000000000000000
    mvc 0(8,%r4),0(%r14)
    larl %r14,k1122334455667788
    mvc 0(8,%r6),0(%r14)
    larl %r14,k99aabbccddeeff00
    mvc 8(8,%r4),0(%r14)
    lay %r3,8(%r4)
    cpya %a3,%a4
    ectg 0(%r4),0(%r6),%r3
    cg %r1,0(%r6)
    jne bad
    cg %r3,8(%r4)
    jne bad
    lpdg %r2,0(%r6),8(%r4)
    cg %r2,0(%r6)
    jne bad
    cg %r3,8(%r4)
    jne bad
    lmd %r2,%r2,0(%r6),8(%r4)
    clm %r2,15,8(%r4)
    jne bad
    clmh %r2,15,0(%r6)
    jne bad
    cpya %a3,%a6

    lghi %r15,5                         # COMPARE AND SWAP AND STORE
    larl %r14,k1111111100000000
    mvc 0x100(8,%r6),0(%r14)
    larl %r14,k2222222200000000
    mvc 0x110(8,%r6),0(%r14)
    mvhi 0x200(%r4),7
    mvhi 0x204(%r6),0
    mvhi 0x204(%r4),0
    la %r1,0x100(%r6)
    cpya %a1,%a6
    lghi %r0,0x200
    lghi %r3,7
    csst 0x200(%r4),0x204(%r6),%r3
    jnz bad
    larl %r14,k11111111
    clc 0x200(4,%r4),0(%r14)
    jne bad
    larl %r14,k22222222
    clc 0x204(4,%r6),0(%r14)
    jne bad
    larl %r14,k00000000
    clc 0x204(4,%r4),0(%r14)
    jne bad

    lghi %r15,6                         # PLO: operand 4 by its base; then the list in one space, operands in both
    la %r1,0
    mvhi 0x200(%r4),3
    mvhi 0x200(%r6),0
    lghi %r0,12                         # compare and swap and store
    lghi %r2,3
    lghi %r3,4
    lghi %r8,9
    plo %r2,0x200(%r4),%r8,0x200(%r6)
    jnz bad
    larl %r14,k00000004
    clc 0x200(4,%r4),0(%r14)
    jne bad
    larl %r14,k00000009
    clc 0x200(4,%r6),0(%r14)
    jne bad
    lghi %r0,16                         # compare and swap and double store
    mvhi 0x400+60(%r6),0x33
    mvhi 0x400+92(%r6),0x55
    mvhi 0x400+68(%r6),0
    mvhi 0x400+100(%r6),1
    la %r5,0x210(%r4)
    stg %r5,0x400+72(%r6)
    stg %r5,0x400+104(%r6)
    lghi %r2,4
    lghi %r3,5
    plo %r2,0x200(%r4),%r8,0x400(%r6)
    jnz bad
    larl %r14,k00000005
    clc 0x200(4,%r4),0(%r14)
    jne bad
    larl %r14,k00000033
    clc 0x210(4,%r4),0(%r14)
    jne bad
    larl %r14,k00000055
    clc 0x210(4,%r6),0(%r14)
    jne bad
    ear %r9,%a8                         # which is where the last ALET is now
    chi %r9,1
    jne bad
    lghi %r15,7                         # not without a register
    larl %r12,3f
    plo %r2,0x200(%r4),%r0,0x400(%r6)
    lghi %r2,5
    plo %r2,0x200(%r4),%r0,0x400(%r6)
    j bad
3:  cli 0x8f,6
    jne bad
    larl %r12,bad

    lghi %r15,8                         # KLMD, SHA-1: the parameter block in one, the message in the other
    larl %r1,sha
    cpya %a1,%a4
    mvc 0x400(28,%r6),0(%r1)
    larl %r14,k616263
    mvc 0x500(3,%r4),0(%r14)
    la %r1,0x400(%r6)
    cpya %a1,%a6
    la %r8,0x500(%r4)
    cpya %a8,%a4
    lghi %r9,3
    lghi %r0,1
    klmd %r2,%r8
    jnz bad
    larl %r1,sha+28
    cpya %a1,%a4
    clc 0x400(20,%r6),0(%r1)
    jne bad

    lghi %r15,9                         # COMPRESSION CALL: expansion with the dictionary in the secondary space
    larl %r14,k0241420000000000
    mvc 0x800(8,%r6),0(%r14)
    larl %r14,k8000
    mvc 0x700(2,%r4),0(%r14)
    xc 0x600(4,%r4),0x600(%r4)
    lgr %r1,%r6
    cpya %a1,%a6
    la %r2,0x600(%r4)
    lghi %r3,2
    la %r8,0x700(%r4)
    lghi %r9,2
    lghi %r0,0x1100
    cmpsc %r2,%r8
    larl %r14,k4142
    clc 0x600(2,%r4),0(%r14)
    jne bad

    lghi %r15,10                        # MOVE WITH KEY and its kind; MVCP is for other modes
    lghi %r1,0
    mvi 0(%r4),0x77
    mvi 0(%r6),0
    lghi %r0,0
    mvcdk 0(%r6),0(%r4)
    cli 0(%r6),0x77
    jne bad
    mvi 0(%r4),0x66
    mvcsk 0(%r6),0(%r4)
    cli 0(%r6),0x66
    jne bad
    lghi %r3,1
    mvi 0(%r4),0x44
    mvck 0(%r3,%r6),0(%r4),%r1
    cli 0(%r6),0x44
    jne bad
    larl %r12,4f
    mvcp 0(%r3,%r6),0(%r4),%r1
    j bad
4:  cli 0x8f,0x13
    jne bad
    larl %r12,bad

    lghi %r15,11                        # COMPARE AND FORM CODEWORD, UPDATE TREE
    larl %r14,k0000000000000000
    mvc 0(8,%r4),0(%r14)
    larl %r14,k0000000000010000
    mvc 0(8,%r6),0(%r14)
    lgr %r1,%r4
    cpya %a1,%a4
    lgr %r3,%r6
    cpya %a3,%a6
    lghi %r2,0
    cfc 6
    jnl bad
    larl %r14,long21
    mvc 16(16,%r6),0(%r14)
    larl %r14,long22
    mvc 16(16,%r4),0(%r14)
    cpya %a5,%a4
    lgr %r5,%r4
    cpya %a4,%a6
    lghi %r0,5
    lghi %r1,6
    lgr %r4,%r6
    lghi %r5,32
    upt
    chi %r0,9
    jne bad
    chi %r1,8
    jne bad
    sac 0
    lpswe good
pgm: lpswe resume                       # it goes on where r12 says, in access-register mode
bad:
    sac 0
    lpswe badpsw
resumed: br %r12

    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
resume: .quad 0x0400400180000000, resumed
dat: .quad 0x0400000180000000, back
entry: .quad 0x11000, 0x11800
crs: .quad 0x04000000000600e0, 0x10000, 0x14000
alets: .long 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0
sha: .long 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0, 0, 24
    .byte 0xa9,0x99,0x3e,0x36,0x47,0x06,0x81,0x6a,0xba,0x3e,0x25,0x71,0x78,0x50,0xc2,0x6c,0x9c,0xd0,0xd8,0x9d
    .align 2
k01020304: .byte 0x01,0x02,0x03,0x04
    .align 2
ka1a2a3a4: .byte 0xa1,0xa2,0xa3,0xa4
    .align 2
k00000012: .byte 0x00,0x00,0x00,0x12
    .align 2
k0000000000000000: .byte 0x00,0x00,0x00,0x00,0x00,0x00,0x00,0x00
    .align 2
k1122334455667788: .byte 0x11,0x22,0x33,0x44,0x55,0x66,0x77,0x88
    .align 2
k99aabbccddeeff00: .byte 0x99,0xaa,0xbb,0xcc,0xdd,0xee,0xff,0x00
    .align 2
k1111111100000000: .byte 0x11,0x11,0x11,0x11,0x00,0x00,0x00,0x00
    .align 2
k2222222200000000: .byte 0x22,0x22,0x22,0x22,0x00,0x00,0x00,0x00
    .align 2
k11111111: .byte 0x11,0x11,0x11,0x11
    .align 2
k22222222: .byte 0x22,0x22,0x22,0x22
    .align 2
k00000000: .byte 0x00,0x00,0x00,0x00
    .align 2
k00000004: .byte 0x00,0x00,0x00,0x04
    .align 2
k00000009: .byte 0x00,0x00,0x00,0x09
    .align 2
k00000005: .byte 0x00,0x00,0x00,0x05
    .align 2
k00000033: .byte 0x00,0x00,0x00,0x33
    .align 2
k00000055: .byte 0x00,0x00,0x00,0x55
    .align 2
k616263: .byte 0x61,0x62,0x63
    .align 2
k0241420000000000: .byte 0x02,0x41,0x42,0x00,0x00,0x00,0x00,0x00
    .align 2
k8000: .byte 0x80,0x00
    .align 2
k4142: .byte 0x41,0x42
    .align 2
k0000000000010000: .byte 0x00,0x00,0x00,0x00,0x00,0x01,0x00,0x00
    .align 2
long21: .byte 0x00,0x00,0x00,0x00,0x00,0x00,0x00,0x09,0x00,0x00,0x00,0x00,0x00,0x00,0x00,0x08
    .align 2
long22: .byte 0x00,0x00,0x00,0x00,0x00,0x00,0x00,0x01,0x00,0x00,0x00,0x00,0x00,0x00,0x00,0x02
    .align 2
