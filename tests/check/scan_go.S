/*
 * What scan finds in a Go program that is stripped: code that only the table of functions leads to,
 * and the module's data, which begins with the table's address. TABLE is the name of its section.
 * Without it, pointers in data lead to the code, unless that is HIDDEN: then only the table has the
 * address of the first function.
 */
#ifndef TABLE
#define TABLE .gopclntab
#endif
#ifdef HIDDEN
#define START 0
#define MODULE 0
#define FIRST begin
#else
#define START begin
#define MODULE table
#define FIRST 0
#endif
        .text
text:
        .globl  _start
_start: larl    %r1,pointer
        lg      %r1,0(%r1)
        basr    %r14,%r1
        br      %r14

        .balign 8
begin:  brasl   %r14,plain
        brasl   %r14,asks
        brasl   %r14,init
        br      %r14

        .balign 8
plain:  msgrkc  %r2,%r3,%r4
        .rept   4096
        aghi    %r2,1
        .endr
        br      %r14

        .balign 8
list:   lghi    %r0,3
        stfle   16(%r15)
        br      %r14

        .balign 8
init:   brasl   %r14,list
        lg      %r2,16(%r15)
        larl    %r1,flags
        stc     %r2,0(%r1)
        br      %r14

        .balign 8
asks:   larl    %r1,flags
        llgc    %r2,0(%r1)
        cgije   %r2,0,0f
        selgr   %r2,%r3,%r4,8
0:      br      %r14

        .section .data,"aw"
        .balign 8
decoy:  .quad   MODULE                  /* who else knows the table */
        .space  168
module: .quad   MODULE
        .space  152
        .quad   START                   /* the first function of Go's */
flags:  .quad   0
        .section .data.rel.ro,"aw"
pointer: .quad  START

#ifdef OLD                              /* of Go 1.2 or 1.16, with addresses */
        .section TABLE,"aw"
        .balign 8
#if OLD == 2
table:  .long   0xfffffffb
        .byte   0, 0, 2, 8
        .quad   5
        .set    origin, table
        .set    texts, table
#else
table:  .long   0xfffffffa
        .byte   0, 0, 2, 8
        .quad   5, 0, names - table, 0, 0, 0, entries - table
        .set    origin, entries
        .set    texts, names
#endif
        .macro  entry code, which
        .quad   \code, info\which - origin
        .endm
        .macro  info code, text
        .quad   \code
        .long   \text - texts, 0
        .endm
entries: entry  begin, 0
        entry   plain, 1
        entry   list, 2
        entry   init, 3
        entry   asks, 4
        .quad   0
info0:  info    begin, text0
info1:  info    plain, text1
info2:  info    list, text2
info3:  info    init, text3
info4:  info    asks, text4
names:
text0:  .asciz  "runtime.main"
text1:  .asciz  "main.plain"
text2:  .asciz  "internal/cpu.stfle"
text3:  .asciz  "internal/cpu.doinit"
text4:  .asciz  "main.asks"
#else
        .section TABLE,"a"
        .balign 8
table:  .long   0xfffffff1
        .byte   0, 0, 2, 8
        .quad   5, 0, FIRST, names - table, 0, 0, 0, entries - table
names:  .asciz  "runtime.main", "main.plain", "internal/cpu.stfle", "internal/cpu.doinit", "main.asks"
        .macro  entry code, which
        .long   \code - begin, info\which - entries
        .endm
entries: entry  begin, 0
        entry   plain, 1
        entry   list, 2
        entry   init, 3
        entry   asks, 4
        .long   0, 0
info0:  .long   begin - begin, 0
info1:  .long   plain - begin, 13
info2:  .long   list - begin, 24
info3:  .long   init - begin, 43
info4:  .long   asks - begin, 63
#endif
