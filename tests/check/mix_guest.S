/*
 * A program whose instructions can be counted by hand: N rounds of a loop with a branch to an
 * address that is taken every other round, an EXECUTE, a function code, and code that replaces an
 * instruction of the run that it is in. Then a fault in the middle of a run, whose handler ends the
 * program.
 */
        .equ    N, 1000
        .globl  _start
_start: larl    %r1,action
        lghi    %r2,11                  /* SIGSEGV */
        lgr     %r3,%r1
        lghi    %r4,0
        lghi    %r5,8
        svc     174                     /* rt_sigaction */
        lghi    %r2,N
        lghi    %r6,0
        larl    %r7,even
round:  xilf    %r6,1
        ltgr    %r6,%r6
        bcr     8,%r7                   /* N/2 times */
        la      %r8,1(%r8)              /* the other N/2 times */
        la      %r8,1(%r8)
even:   exrl    0,target
        brctg   %r2,round
        larl    %r9,patched
        lghi    %r10,3
again:  mvi     1(%r9),0x13             /* LCR for LR: the run ends here each time it is changed */
        xi      1(%r9),0x0b             /* 0x13 ^ 0x0b = 0x18: LR again */
patched: lr     %r4,%r5
        brctg   %r10,again
        lghi    %r0,0
        larl    %r1,block
        larl    %r2,block
        lghi    %r3,0
        kimd    %r2,%r2                 /* query */
        kimd    %r2,%r2
        lghi    %r11,0
        afi     %r12,1
        lg      %r12,0(%r11)            /* faults */
        afi     %r12,1
        j       .
target: mvc     0(1,%r15),0(%r15)

handler: lghi   %r2,0
        svc     1

        .data
        .balign 8
action: .quad   handler, 0, 0, 0
block:  .quad   0, 0
