/* Functions of which nothing but calls tells, each called by the one before alone; the last one needs z14. */
    .text
    .globl _start
_start:
    .altmacro
    .macro link number, next
f\number:
    brasl %r14,f\next
    br %r14
    .space 6, 7
    .endm
    .set i, 0
    .rept 300
    link %i, %(i + 1)
    .set i, i + 1
    .endr
f300:
    msgrkc %r2,%r3,%r4
    br %r14
