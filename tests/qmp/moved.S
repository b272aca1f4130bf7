/*
 * Eight times the same, in a second or two: each must end with the same result, wherever the guest is stopped, saved and restored.
 * Carries and condition codes pass from one instruction and block to the next, and storage is changed all the time.
 */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .text
    .balign 4096
    .globl _start
_start:
    larl %r13,data
    lghi %r12,8
round:
    larl %r6,table
    lghi %r1,1024
    lghi %r0,0
clear:
    stg %r0,0(%r6)
    la %r6,8(%r6)
    brctg %r1,clear
    larl %r6,table
    lghi %r2,1
    lghi %r3,0
    lghi %r4,0
    lgfi %r5,10000000
step:
    msg %r2,factor-data(%r13)
    algfi %r2,12345
    alcgr %r3,%r2
    srlg %r7,%r2,40
    nill %r7,0x1ff8
    nilf %r7,0x1ff8
    xg %r2,0(%r7,%r6)
    stg %r3,0(%r7,%r6)
    tmll %r2,3
    jnz odd
    slgr %r4,%r2
    slbgr %r3,%r4
    j next
odd:
    clgr %r4,%r2
    slbgr %r4,%r3
next:
    brctg %r5,step
    xgr %r3,%r4
    xgr %r3,%r2

    chi %r12,8
    jne compare
    stg %r3,result-data(%r13)
compare:
    cg %r3,result-data(%r13)
    jne bad
    brctg %r12,round
    lpswe good-data(%r13)
bad:
    lpswe wrong-data(%r13)

    .data
    .balign 4096
table: .fill 1024,8,0
data:
result: .quad 0
factor: .quad 6364136223846793005
good: .quad 0x0002000180000000, 0
wrong: .quad 0x0002000180000000, 0xbad
