/*
 * A bare guest on z13 that executes an instruction of z14 (MSGRKC), as WAY says:
 * 0 the handler returns past it; 1 it never returns, and the guest ends well; 2 the same on its second execution;
 * 3 the handler returns to another stack; 4 in the problem state, the handler returns to the supervisor state;
 * 5 the handler has a finding itself, before it returns; 6 the handler returns, then the same is executed in the problem
 * state, which ends that, and at last another one, from which the handler returns;
 * 7 the handler meets a hint, which does not interrupt it.
 */
        .section .head,"ax"
        .org 0x140                      /* SVC old and new PSW */
        .quad 0, 0
        .org 0x1c0
        .quad 0x0000000180000000, done
        .org 0x1d0                      /* program new PSW */
        .quad 0x0000000180000000, handler
        .text
        .globl _start
_start: larl    %r13,data
        lghi    %r15,0x1000
        lghi    %r6,0
#if WAY == 4
        lpswe   user-data(%r13)
#endif
again:
program:
        msgrkc  %r1,%r2,%r3
        nopr    %r0
#if WAY == 2
        brct    %r6,done                /* 0 at first: once more */
        j       done
#elif WAY == 6
        lpswe   user-data(%r13)
other:  msgrkc  %r2,%r3,%r4
        nopr    %r0
#endif
        svc     0
done:   lpswe   good-data(%r13)
handler:
#if WAY == 1
        j       done
#elif WAY == 2
        ahi     %r6,1
        chi     %r6,2
        je      done
        lmg     %r8,%r9,0x150
        larl    %r9,again
        stmg    %r8,%r9,0x150
#elif WAY == 3
        aghi    %r15,-160
#elif WAY == 4
        lpswe   away-data(%r13)
#elif WAY == 5
        lmg     %r8,%r9,0x150
        aghi    %r15,-160
        larl    %r1,within
        stg     %r1,0x1d8
        msgrkc  %r1,%r2,%r3
within: stmg    %r8,%r9,0x150
#elif WAY == 6
        ahi     %r6,1
        chi     %r6,2
        jne     0f
        lpswe   away-data(%r13)
0:
#elif WAY == 7
        lghi    %r0,0
        larl    %r1,query
        .insn   rrf,0xb93e0000,%r0,%r8,8,%r0 /* KIMD with M3 */
#endif
        lpswe   0x150
        .balign 8
data:
good:   .quad   0x0002000180000000, 0
user:   .quad   0x0001000180000000, program
#if WAY == 6
away:   .quad   0x0000000180000000, other
#else
away:   .quad   0x0000000180000000, done
#endif
query:  .space  16
