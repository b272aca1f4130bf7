/*
 * A program whose way depends on facility 58, which z14 has and z13 has not; before that, on what
 * differs between any two runs: its number, the time, the clock, and what it reads.
 */
        .globl  _start
_start: svc     20                      /* getpid */
        lgr     %r6,%r2
        larl    %r7,room
        stckf   0(%r7)
        lghi    %r2,0
        la      %r3,16(%r7)
        lghi    %r1,260
        svc     0                       /* clock_gettime */
        lghi    %r2,0
        la      %r3,32(%r7)
        lghi    %r4,8
        svc     3                       /* read */
        lg      %r1,0(%r7)
        xg      %r1,24(%r7)
        xgr     %r1,%r6
        tmll    %r1,1                   /* as good as random */
        jz      even
        nopr    %r0
even:   lgr     %r2,%r6
        lghi    %r3,0
        svc     37                      /* kill: nothing, itself */
        lghi    %r0,3
        stfle   64(%r7)
        tm      64+7(%r7),0x20          /* bit 58 */
        jz      old
new:    lghi    %r2,1
        svc     1
old:    lghi    %r2,0
        svc     1

        .data
        .balign 8
room:   .fill   128
