/* Two jump tables, one right after the other. If they are taken for one, the second one's entries lead from the first
   function to instructions of z15 that nothing executes. */
    .macro function name, table
    .hidden \name
    .type \name,@function
\name:
    larl %r1,\table
    lg %r2,0(%r3,%r1)
    agr %r2,%r1
    br %r2
    .endm

    .text
    function first, table_1
    .rept 4
    br %r14
    .endr
    .rept 6
    selgr %r2,%r3,%r4,0
    .endr
    .size first,.-first
    function second, table_2
    br %r14
    br %r14
    br %r14
    br %r14
    .size second,.-second

    .section .rodata
    .align 8
table_1:
    .quad first+18-table_1, first+20-table_1, first+22-table_1, first+24-table_1
table_2:
    .quad second+20-table_2, second+24-table_2
    .section .note.GNU-stack,"",@progbits
