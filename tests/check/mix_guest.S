/*
 * A program whose instructions can be counted by hand: N rounds of a loop with a branch to an
 * address that is taken every other round, an EXECUTE, a function code, and code that replaces an
 * instruction of the run that it is in; a loop that is left in its middle, three times; digests
 * that are not made to their end. Then a fault in the middle of a loop that reads to the end of its
 * page, whose handler ends the program.
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
        lghi    %r5,3
        lghi    %r3,N/2
outer:  lghi    %r2,N
inner:  oilf    %r4,1
        cgrje   %r2,%r3,out
        oihf    %r4,1
        brctg   %r2,inner
out:    brct    %r5,outer
        lghi    %r0,1                   /* a digest of more than is made at once */
        larl    %r1,state               /* not beside code, which its change would drop */
        lghi    %r8,8
digest: larl    %r2,space
        lgfi    %r3,39936
        kimd    %r2,%r2                 /* CC 3: not to its end */
        brctg   %r8,digest
        afi     %r12,1
        larl    %r11,page
walk:   nihf    %r4,1
        lg      %r12,0(%r11)            /* faults after 512 */
        xihf    %r4,1
        aghi    %r11,8
        j       walk
target: mvc     0(1,%r15),0(%r15)

handler: lghi   %r2,0
        svc     1

        .data
        .balign 8
action: .quad   handler, 0, 0, 0
block:  .quad   0, 0
        .bss
        .balign 4096
state:  .space  24
space:  .space  39936
        .balign 4096
page:   .space  4096
