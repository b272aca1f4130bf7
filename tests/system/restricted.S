/* Restricted instructions ("Restricted Instructions" of transactional execution): each instruction of a table is
   tried in transactions that may change access registers or not, use floating point or not, and in constrained
   ones. In a nonconstrained one it is aborted with code 11, in a constrained one there is a transaction-constraint
   exception; anything else that it does is as good as ending. Last are those that would leave trace entries.
   On a failure, r1 has the address of the row, r2 which way it was tried.
 * model: z16
 */
    .macro t kind:req, text:req
    .byte \kind, 0
1:  \text
    .fill (1b + 6 - .) / 2, 2, 0x1800
    .endm
    .equ any, 0                         /* restricted in any transaction */
    .equ con, 1                         /* in constrained ones */
    .equ acc, 2                         /* without the control that allows access registers to change */
    .equ lae, 3                         /* without it, and in constrained ones */
    .equ flt, 4                         /* without the control that allows floating point, and in constrained ones */
    .equ not, 5                         /* nowhere */

    .section .head,"ax"
    .org 0x1d0
    .quad 0x0000000180000000, pgm
    .org 0x200
    .globl _start
_start:
    larl %r1,c0
    stctg %c0,%c0,0(%r1)
    oi 1(%r1),0x80                      # transactions, floating-point and vector instructions
    oi 5(%r1),0x06
    oi 6(%r1),0
    lctlg %c0,%c0,0(%r1)
    larl %r1,plain
    larl %r3,traced
    brasl %r14,rows
    larl %r1,c12                        # branch and mode tracing
    lctlg %c12,%c12,0(%r1)
    larl %r1,traced
    larl %r3,end
    brasl %r14,rows
    lpswe good

/* the rows from r1 to r3 */
rows:
    stg %r3,last
    stg %r14,back
1:  stg %r1,row
    mvc slot1(6),2(%r1)
    mvc slot2(6),2(%r1)
    lghi %r2,0
2:  stg %r2,way
    larl %r4,ways
    sllg %r5,%r2,2
    la %r4,0(%r5,%r4)
    mvc begin1+4(2),0(%r4)
    mvc begin2+4(2),0(%r4)
    llgc %r5,0(%r1)                     # what is expected: a bit of the byte for each way
    larl %r4,expected
    ic %r5,0(%r5,%r4)
    sllg %r5,%r5,56
    sllg %r5,%r5,0(%r2)
    srlg %r5,%r5,63
    stg %r5,expect
    xc tdb(256),tdb
    chi %r2,4
    jhe 4f
    larl %r15,registers
    lmg %r0,%r15,0(%r15)
begin1:
    tbegin 0(%r9),0xff00
    jne 3f
slot1: .fill 6
    tend
    tend                                # of TBEGIN in a TBEGIN
    j permitted
3:  clc tdb+8(8),code11
    jne permitted
    j blocked
4:  larl %r15,registers
    lmg %r0,%r15,0(%r15)
begin2:
    tbeginc 0,0xff00
slot2: .fill 6
    tend
    j permitted

pgm:
    clc 0x8e(2),constraint
    jne permitted
blocked:
    lghi %r0,1
    j check
permitted:
    lghi %r0,0
check:
    lg %r1,row
    lg %r2,way
    cg %r0,expect
    jne bad
    ahi %r2,1
    chi %r2,6
    jl 2b
    la %r1,8(%r1)
    cg %r1,last
    jl 1b
    lg %r14,back
    br %r14
bad: lpswe badpsw

    .align 8
good: .quad 0x0002000180000000, 0
badpsw: .quad 0x0002000180000000, 0xbad
c0: .quad 0
c12: .quad 0xc000000000000000 + table
row: .quad 0
last: .quad 0
back: .quad 0
way: .quad 0
expect: .quad 0
code11: .quad 11
constraint: .short 0x218
    .align 4
ways: .short 0xff00, 0, 0xff08, 0, 0xff04, 0, 0xff0c, 0, 0xff00, 0, 0xff08, 0
expected: .byte 0xfc, 0x0c, 0xa8, 0xac, 0xcc, 0x00
    .align 8
registers: .quad 0, buffer, buffer, 8, buffer + 64, 8, buffer + 128, 8, buffer + 192, tdb, buffer, 8, buffer, 8, buffer, 8

    .align 256                          # addressed without a base
tdb: .fill 256
buffer: .fill 512
    .align 8
plain:
    t any, "csst 0(%r1),8(%r1),%r3"
    t any, "plo %r2,0(%r1),%r4,0(%r6)"
    t any, "svc 0"
    t any, "trap2"
    t any, "trap4 0(%r1)"
    t any, "stfle 0(%r1)"
    t any, ".insn rre,0xb93c0000,%r2,%r4"
    t any, ".insn rre,0xb93b0000,%r0,%r0"
    t any, "bakr %r0,%r1"
    t any, "bsg %r1,%r2"
    t any, "ereg %r0,%r1"
    t any, "eregg %r0,%r1"
    t any, "esta %r2,%r1"
    t any, "msta %r2"
    t any, "pr"
    t any, "tar %a1,%r1"
    t any, "ptff"
    t any, "epar %r1"
    t any, "esar %r1"
    t any, "epair %r1"
    t any, "esair %r1"
    t any, "iac %r1"
    t any, "ipk"
    t any, "ivsk %r1,%r2"
    t any, "mvcp 0(%r3,%r1),0(%r2),%r0"
    t any, "mvcs 0(%r3,%r1),0(%r2),%r0"
    t any, "mvck 0(%r3,%r1),0(%r2),%r0"
    t any, "mvcdk 0(%r1),0(%r2)"
    t any, "mvcsk 0(%r1),0(%r2)"
    t any, "mvcos 0(%r1),0(%r2),%r3"
    t any, "pc 0"
    t any, "pt %r1,%r2"
    t any, "pti %r1,%r2"
    t any, "sac 0"
    t any, "sacf 0"
    t any, "spka 0"
    t any, "ssar %r1"
    t any, "ssair %r1"
    t any, "mvpg %r1,%r2"
    t any, "tprot 0(%r1),0"
    t any, "stidp 0(%r1)"
    t any, "stap 0(%r1)"
    t any, "stfl 0"
    t any, "lpsw 0(%r1)"
    t any, "lpswe 0(%r1)"
    t any, "lctl %c0,%c0,0(%r1)"
    t any, "lctlg %c0,%c0,0(%r1)"
    t any, "stctl %c0,%c0,0(%r1)"
    t any, "stctg %c0,%c0,0(%r1)"
    t any, "sck 0(%r1)"
    t any, "sckc 0(%r1)"
    t any, "sckpf"
    t any, "spt 0(%r1)"
    t any, "stpt 0(%r1)"
    t any, "stckc 0(%r1)"
    t any, "ssm 0(%r1)"
    t any, "stnsm 0(%r1),255"
    t any, "stosm 0(%r1),0"
    t any, "spx 0(%r1)"
    t any, "stpx 0(%r1)"
    t any, "lra %r1,0(%r1)"
    t any, "lrag %r1,0(%r1)"
    t any, "lura %r1,%r2"
    t any, "lurag %r1,%r2"
    t any, "stura %r1,%r2"
    t any, "sturg %r1,%r2"
    t any, "strag 0(%r1),0(%r2)"
    t any, "iske %r1,%r2"
    t any, "sske %r1,%r2"
    t any, "rrbe %r1,%r2"
    t any, "ptlb"
    t any, "palb"
    t any, "ipte %r1,%r2"
    t any, "idte %r1,%r2,%r3"
    t any, "csp %r2,%r4"
    t any, "cspg %r2,%r4"
    t any, "diag %r0,%r0,0x44"
    t any, ".insn rre,0xb2200000,%r1,%r2"
    t any, "stsi 0(%r1)"
    t any, "sigp %r0,%r1,0"
    t any, "tb %r0,%r1"
    t any, "rp 0(%r1)"
    t any, "trace %r1,%r2,0(%r1)"
    t any, "esea %r1"
    t any, "lasp 0(%r1),0"
    t any, "ssch 0(%r1)"
    t any, "tpi 0(%r1)"
    t any, "pckmo"
    t any, "pfmf %r1,%r2"
    t any, "pfd 6,0(%r1)"
    t any, "pfd 7,0(%r1)"
    t any, "pfdrl 6,."
    t any, "pfdrl 7,."
    t any, "stcmh %r6,0,0(%r1)"
    t any, "stcmh %r7,0,0(%r1)"
    t acc, "cpya %a1,%a2"
    t acc, "sar %a1,%r1"
    t acc, "lam %a0,%a0,0(%r1)"
    t acc, "lamy %a0,%a0,0(%r1)"
    t lae, "lae %r1,0(%r1)"
    t lae, "laey %r1,0(%r1)"
    t con, "bal %r1,0"
    t con, "balr %r1,%r0"
    t con, "bas %r1,0"
    t con, "basr %r1,%r0"
    t con, "bassm %r1,%r0"
    t con, "bsm %r0,%r0"
    t con, "bc 0,0"
    t con, "bcr 0,%r0"
    t con, "bcr 15,%r0"
    t con, "bct %r3,0"
    t con, "bctr %r3,%r0"
    t con, "bctg %r3,0"
    t con, "bctgr %r3,%r0"
    t con, "bxh %r2,%r4,0"
    t con, "bxle %r2,%r4,0"
    t con, "bxhg %r2,%r4,0"
    t con, "bxleg %r2,%r4,0"
    t con, ".insn rxy,0xe30000000047,%r0,0(%r1)"
    t con, "bras %r1,.+6"
    t con, "brasl %r1,.+6"
    t con, "brct %r3,.+6"
    t con, "brctg %r3,.+6"
    t con, "brcth %r3,.+6"
    t con, "brxh %r2,%r4,.+6"
    t con, "brxle %r2,%r4,.+6"
    t con, "brxhg %r2,%r4,.+6"
    t con, "brxlg %r2,%r4,.+6"
    t con, "brc 0,.+6"
    t con, "brcl 0,.+6"
    t con, "crj %r1,%r2,0,.+6"
    t con, "crb %r1,%r2,8,0"
    t con, "cgrb %r1,%r2,8,0"
    t con, "cib %r1,0,8,0"
    t con, "cgib %r1,0,8,0"
    t con, "clrb %r1,%r2,8,0"
    t con, "clgrb %r1,%r2,8,0"
    t con, "clib %r1,0,8,0"
    t con, "clgib %r1,0,8,0"
    t con, "bpp 0,.+2,0(%r1)"
    t con, "bprp 0,.+2,.+2"
    t con, "ex %r0,0(%r1)"
    t con, "exrl %r0,zero"
    t con, "cfc 0"
    t con, "cksm %r2,%r4"
    t con, "clcl %r2,%r4"
    t con, "clcle %r2,%r4,0"
    t con, "clclu %r2,%r4,0"
    t con, "clst %r2,%r4"
    t con, "cmpsc %r2,%r4"
    t con, "cuse %r2,%r4"
    t con, "cu12 %r2,%r4"
    t con, "cu14 %r2,%r4"
    t con, "cu21 %r2,%r4"
    t con, "cu24 %r2,%r4"
    t con, "cu41 %r2,%r4"
    t con, "cu42 %r2,%r4"
    t con, "mvcl %r2,%r4"
    t con, "mvcle %r2,%r4,0"
    t con, "mvclu %r2,%r4,0"
    t con, "mvst %r2,%r4"
    t con, "srst %r2,%r4"
    t con, "srstu %r2,%r4"
    t con, "tre %r2,%r4"
    t con, "troo %r2,%r4"
    t con, "trot %r2,%r4"
    t con, "trto %r2,%r4"
    t con, "trtt %r2,%r4"
    t con, "trte %r2,%r4"
    t con, "trtre %r2,%r4"
    t con, "upt"
    t con, "cs %r0,%r0,0(%r1)"
    t con, "csy %r0,%r0,0(%r1)"
    t con, "csg %r0,%r0,0(%r1)"
    t con, "cds %r2,%r2,0(%r1)"
    t con, "cdsy %r2,%r2,0(%r1)"
    t con, "cdsg %r2,%r2,0(%r1)"
    t con, "ts 0(%r1)"
    t con, "lpd %r2,0(%r1),0(%r1)"
    t con, "lpdg %r2,0(%r1),0(%r1)"
    t con, "lpq %r2,0(%r1)"
    t con, "stpq %r2,0(%r1)"
    t con, "lmd %r2,%r2,0(%r1),0(%r1)"
    t con, "laa %r0,%r0,0(%r1)"
    t con, "laag %r0,%r0,0(%r1)"
    t con, "laal %r0,%r0,0(%r1)"
    t con, "laalg %r0,%r0,0(%r1)"
    t con, "lan %r0,%r0,0(%r1)"
    t con, "lang %r0,%r0,0(%r1)"
    t con, "lao %r0,%r0,0(%r1)"
    t con, "laog %r0,%r0,0(%r1)"
    t con, "lax %r0,%r0,0(%r1)"
    t con, "laxg %r0,%r0,0(%r1)"
    t con, "cvb %r0,0(%r1)"
    t con, "cvby %r0,0(%r1)"
    t con, "cvbg %r0,0(%r1)"
    t con, "cvd %r0,0(%r1)"
    t con, "cvdy %r0,0(%r1)"
    t con, "cvdg %r0,0(%r1)"
    t con, "d %r2,0(%r1)"
    t con, "dr %r2,%r3"
    t con, "dl %r2,0(%r1)"
    t con, "dlr %r2,%r3"
    t con, "dlg %r2,0(%r1)"
    t con, "dlgr %r2,%r3"
    t con, "dsg %r2,0(%r1)"
    t con, "dsgr %r2,%r3"
    t con, "dsgf %r2,0(%r1)"
    t con, "dsgfr %r2,%r3"
    t con, "ecag %r0,%r0,0"
    t con, "ectg 0(%r1),8(%r1),%r2"
    t con, "epsw %r0,%r0"
    t con, "mc 0,0"
    t con, "sam64"
    t con, "spm %r0"
    t con, "stck 0(%r1)"
    t con, "stcke 0(%r1)"
    t con, "stckf 0(%r1)"
    t con, "tam"
    t con, "km %r2,%r4"
    t con, "kmc %r2,%r4"
    t con, "kimd %r2,%r4"
    t con, "klmd %r2,%r4"
    t con, "kmac %r2,%r4"
    t con, "pcc"
    t con, "kmf %r2,%r4"
    t con, "kmo %r2,%r4"
    t con, "kmctr %r2,%r4,%r6"
    t con, "kma %r2,%r4,%r6"
    t con, ".insn rre,0xb93a0000,%r2,%r4"
    t con, "lgg %r2,0(%r1)"
    t con, "etnd %r0"
    t con, "ntstg %r0,0(%r1)"
    t con, "tabort 256"
    t con, "tbegin 0,0xff00"
    t con, "tbeginc 0,0xff00"
    t con, "tp 0(1,%r1)"
    t con, "mvc 0(8,%r1),0(%r2)"
    t con, "mvcin 0(8,%r1),0(%r2)"
    t con, "mvn 0(8,%r1),0(%r2)"
    t con, "mvz 0(8,%r1),0(%r2)"
    t con, "mvo 0(8,%r1),0(8,%r2)"
    t con, "nc 0(8,%r1),0(%r2)"
    t con, "oc 0(8,%r1),0(%r2)"
    t con, "xc 0(8,%r1),0(%r2)"
    t con, "clc 0(8,%r1),0(%r2)"
    t con, "pack 0(8,%r1),0(8,%r2)"
    t con, "unpk 0(8,%r1),0(8,%r2)"
    t con, "pka 0(%r1),0(8,%r2)"
    t con, "pku 0(%r1),0(8,%r2)"
    t con, "unpka 0(8,%r1),0(%r2)"
    t con, "unpku 0(8,%r1),0(%r2)"
    t con, "tr 0(8,%r1),0(%r2)"
    t con, "trt 0(8,%r1),0(%r2)"
    t con, "trtr 0(8,%r1),0(%r2)"
    t con, "ap 0(8,%r1),0(8,%r2)"
    t con, "cp 0(8,%r1),0(8,%r2)"
    t con, "dp 0(8,%r1),0(2,%r2)"
    t con, "ed 0(8,%r1),0(%r2)"
    t con, "edmk 0(8,%r1),0(%r2)"
    t con, "mp 0(8,%r1),0(2,%r2)"
    t con, "srp 0(8,%r1),0,0"
    t con, "sp 0(8,%r1),0(8,%r2)"
    t con, "zap 0(8,%r1),0(8,%r2)"
    t flt, "ldr %f0,%f2"
    t flt, "ld %f0,0(%r1)"
    t flt, "std %f0,0(%r1)"
    t flt, "lzdr %f0"
    t flt, "ldgr %f0,%r1"
    t flt, "lgdr %r0,%f0"
    t flt, "cpsdr %f0,%f2,%f4"
    t flt, "adbr %f0,%f2"
    t flt, "cdfbr %f0,%r0"
    t flt, "cfdbr %r0,0,%f0"
    t flt, "madbr %f0,%f2,%f4"
    t flt, "tceb %f0,0"
    t flt, "adr %f0,%f2"
    t flt, "ae %f0,0(%r1)"
    t flt, "thdr %f0,%f2"
    t flt, "adtr %f0,%f2,%f4"
    t flt, "cdzt %f0,0(8,%r1),0"
    t flt, "lfpc 0(%r1)"
    t flt, "sfpc %r0"
    t flt, "srnm 0"
    t flt, ".insn vrr,0xe70000000056,%v0,%v0,%v0,0,0,0"
    t flt, ".insn vrx,0xe70000000006,%v0,0(%r1),0"
    t not, "l %r0,0(%r1)"
    t not, "lg %r0,0(%r1)"
    t not, "st %r0,0(%r1)"
    t not, "stg %r0,0(%r1)"
    t not, "stm %r0,%r1,0(%r1)"
    t not, "lmg %r4,%r5,0(%r1)"
    t not, "stam %a0,%a1,0(%r1)"
    t not, "ear %r0,%a1"
    t not, "la %r0,0(%r1)"
    t not, "lay %r0,0(%r1)"
    t not, "larl %r0,."
    t not, "ar %r0,%r1"
    t not, "ahi %r0,1"
    t not, "mr %r2,%r4"
    t not, "ml %r2,0(%r1)"
    t not, "msgr %r0,%r1"
    t not, "srda %r2,1"
    t not, "risbg %r0,%r1,0,63,0"
    t not, "flogr %r2,%r4"
    t not, "popcnt %r0,%r1"
    t not, "ni 0(%r1),255"
    t not, "asi 0(%r1),1"
    t not, "mvi 0(%r1),1"
    t not, "mvhi 0(%r1),1"
    t not, "icm %r0,15,0(%r1)"
    t not, "stcm %r0,15,0(%r1)"
    t not, "stcmh %r6,1,0(%r1)"
    t not, "stcmh %r5,0,0(%r1)"
    t not, "cit %r0,0,4"
    t not, "loc %r0,0(%r1),8"
    t not, "stoc %r0,0(%r1),8"
    t not, "ipm %r0"
    t not, "lrv %r0,0(%r1)"
    t not, "niai 1,1"
    t not, "brc 15,.+6"
    t not, "brcl 8,.+6"
    t not, "crj %r1,%r2,8,.+6"
    t not, "clgij %r1,0,8,.+6"
    t not, "lcbb %r0,0(%r1),0"
traced:
    t any, "balr %r1,%r2"
    t any, "basr %r1,%r2"
    t any, "bassm %r1,%r2"
    t any, "bsm %r0,%r2"
    t any, "sam24"
    t any, "sam31"
    t any, "sam64"
    t con, "balr %r1,%r0"
    t con, "basr %r1,%r0"
    t con, "bassm %r1,%r0"
    t con, "bsm %r0,%r0"
end:
zero: .fill 8
    .align 4096
table: .fill 4096
