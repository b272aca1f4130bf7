/*
 * A program whose instructions can be counted by hand: N rounds of a loop with a branch to an
 * address that is taken every other round, an EXECUTE, a function code, and code that replaces an
 * instruction of the run that it is in; a loop that is left in its middle, three times; digests
 * that are not made to their end; loops that are left in each of their first rounds by a branch to
 * a register, and by a store to themselves; one that lasts several time slices; branches to a
 * register, never taken, that a block ends with, and in the middle of a loop. Then faults in the
 * middle of loops that read to the end of their page, whose handler begins the next one; the last
 * ends the program.
 */
        .equ    N, 1000
        .globl  _start
_start: larl    %r1,action
        lghi    %r2,11                  /* SIGSEGV */
        lgr     %r3,%r1
        lghi    %r4,0
        lghi    %r5,8
        svc     174                     /* rt_sigaction */
        lghi    %r2,8                   /* SIGFPE */
        svc     174
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
        lghi    %r6,7
        larl    %r7,left
turn:   lgr     %r2,%r6
spin:   nilf    %r4,1                   /* 7 + 6 + ... */
        aghi    %r2,-1
        bcr     8,%r7
        j       spin
left:   brct    %r6,turn
        lghi    %r6,7
fill:   sllg    %r9,%r6,6
        larl    %r1,spot
        agr     %r9,%r1                 /* 64 bytes for each round before the one that stores there */
        lgr     %r10,%r6
        ahi     %r10,1
store:  mvi     0(%r9),0x17
        aghi    %r9,-64
spot:   xr      %r4,%r5                 /* 8 + 7 + ... */
        brct    %r10,store
        brct    %r6,fill
        j       long
        .space  512
long:   lgfi    %r2,200001
slices: oill    %r4,1
        brct    %r2,slices
        afi     %r12,1
        j       edge
        .balign 4096
        .space  4078
edge:   lghi    %r2,1
        lghi    %r3,100
        lghi    %r4,1
        lghi    %r5,0
ends:   bxle    %r2,%r4,0(%r8)          /* from one page into the next one: a block of its own */
        brct    %r3,ends
        lghi    %r3,100
        lghi    %r7,0
within: oilh    %r4,1
        bxh     %r7,%r7,0(%r8)
        oihh    %r4,1
        brct    %r3,within
        j       first
        .macro  walk insn, operands:vararg
        larl    %r11,page
        larl    %r1,start
        ag      %r11,0(%r1)
        larl    %r10,page+4096
0:      nihf    %r4,1
        \insn \operands                 /* faults after 512 at first, */
        xihf    %r4,1
        aghi    %r11,8
        j       0b
        .endm
first:  walk    lg, %r12,0(%r11)
second: walk    lmg, %r12,%r12,0(%r11)
third:  walk    mvc, 0(8,%r15),0(%r11)
fourth: walk    clgrtnl, %r11,%r10      /* traps where the others have a fault */
target: mvc     0(1,%r15),0(%r15)

handler: larl   %r1,start
        agsi    0(%r1),8                /* then after 511, ... 507 */
        cghsi   0(%r1),48
        jne     walk
        mvghi   0(%r1),0
        agsi    8(%r1),1
walk:   lg      %r3,8(%r1)
        cghi    %r3,1
        jl      first
        je      second
        cghi    %r3,3
        jl      third
        je      fourth
        lghi    %r2,0
        svc     1

        .data
        .balign 8
action: .quad   handler, 0x40000000, 0, 0 /* SA_NODEFER */
start:  .quad   0, 0                    /* of a loop in its page; which loop */
block:  .quad   0, 0
        .bss
        .balign 4096
state:  .space  24
space:  .space  39936
        .balign 4096
page:   .space  4096
