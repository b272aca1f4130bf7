/*
 * CPUs are polarized, taken out of the configuration and put back; the topology, SIGP and SCLP say so.
 * cpus: 2
 * model: z16,ctop=on
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xbad
    .org 0x200
    .globl _start

    .macro service command, response
    llilf %r4, \command
    larl %r5, sccb
    mvc 0(8,%r5), header
    .insn rre, 0xb2200000, %r4, %r5
    jnz fail
    clc 6(2,%r5), \response
    jne fail
    .endm
    .macro ptf function, cc
    lghi %r2, \function
    .insn rre, 0xb9a20000, %r2, %r0
    ipm %r3
    srl %r3, 28
    chi %r3, \cc
    jne fail
    .endm

_start:
    ptf 0, 2
    cghi %r2, 0x100
    jne fail
    ptf 2, 0
    ptf 1, 0
    ptf 2, 1
    ptf 2, 0
    ptf 1, 2
    /* 15.1.2: a socket, two CPUs of vertical polarization */
    llilf %r0, 0xf0000001
    lghi %r1, 2
    larl %r5, page
    stsi 0(%r5)
    jnz fail
    cli 28(%r5), 2
    jne fail
    clc 32(8,%r5), both
    jne fail
    /* CPU 1 is stopped, goes, cannot be reached, is on standby */
    lghi %r6, 1
    sigp %r7, %r6, 1
    jnl fail
    chi %r7, 0x40
    jne fail
    service 0x00100101, done
    service 0x00100101, nothing
    service 0x00100001, operating
    service 0x00103f01, none
    sigp %r7, %r6, 1
    jno fail
    ptf 2, 1
    llilf %r0, 0xf0000001
    lghi %r1, 2
    larl %r5, page
    stsi 0(%r5)
    clc 32(8,%r5), first
    jne fail
    service 0x00010001, read
    clc 8(8,%r5), counts
    jne fail
    cli 24(%r5), 0
    jne fail
    cli 40(%r5), 1
    jne fail
    service 0x00110101, done
    service 0x00110101, nothing
    sigp %r7, %r6, 1
    jnm fail
    lpswe good
fail:
    lpswe bad
    .align 8
good: .quad 0x0002000180000000, 0
bad:  .quad 0x0002000180000000, 0xbad
both: .quad 0xc000000000000000
first: .quad 0x8000000000000000
counts: .short 1, 24, 1, 40
header: .short 0x100, 0, 0, 0
done: .short 0x0020
nothing: .short 0x0120
operating: .short 0x04f0
none: .short 0x09f0
read: .short 0x0010
    .align 8192
sccb: .skip 4096
page: .skip 4096
