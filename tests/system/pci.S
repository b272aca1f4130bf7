/* PCI without functions: the list of CALL LOGICAL PROCESSOR is empty, no function handle is valid; no activity counters. */
    .section .head,"ax"
    .org 0x1d0
    .quad 0x0002000180000000, 0xdead
    .org 0x200
    .globl _start
_start:
    larl %r2,request
    .insn rrf,0xb9a00000,%r1,%r2,0,2  # clp
    jne bad
    clc response(4),empty             # length 32, response code 0010
    jne bad
    cli response+31,16                # entry size
    jne bad
    lghi %r2,1
    .insn rrf,0xb9a00000,%r1,%r2,8,0  # clp, immediate: which processors are there
    jne bad
    clg %r1,processors
    jne bad
    lghi %r2,0
    lghi %r3,0
    .insn rre,0xb9d20000,%r1,%r2      # pcilg
    jno bad                           # CC 3
    lghi %r0,3
    .insn s,0xb28f0000,counters       # qpaci
    jne bad
    clc counters(16),zeros
    jne bad
    lpswe good
bad: lpswe badpsw
    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
request: .short 32, 2
    .space 28
response: .short 64, 0
    .space 60
empty: .short 32, 0x10
    .align 8
counters: .quad -1, -1
processors: .quad 0x2000000000000000
zeros: .quad 0, 0
