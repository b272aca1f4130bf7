/*
 * Functions that pointers alone lead to, as in a kernel: one of many needs what not every model of
 * its machine has, and the file asks which facilities there are.
 */
        .text
        .globl  asks
        .type   asks,@function
asks:   lghi    %r0,3
        stfle   0(%r2)
        br      %r14
        .size   asks,.-asks

        .altmacro
        .macro  one number
        .type   many\number,@function
many\number:
        mvghi   0(%r2),1
        br      %r14
        .size   many\number,.-many\number
        .pushsection .data.rel,"aw"
        .quad   many\number
        .popsection
        .endm
        .set    i, 0
        .rept   64
        one     %i
        .set    i, i + 1
        .endr

        .type   counters,@function
counters: lcctl 0(%r2)
        br      %r14
        .size   counters,.-counters
        .section .data.rel,"aw"
        .quad   counters
