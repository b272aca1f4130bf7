/* A module of Linux, as the scan sees it: loaded for the vector facility; the other function needs z14. */
    .section .modinfo,"a"
    .asciz "license=GPL"
#ifdef ALIAS
    .asciz "alias=cpu:type:*:feature:*0001*"
#endif
    .text
    .globl vector
    .type vector,@function
vector:
    vzero %v1
    br %r14
    .size vector,.-vector
#ifdef BEYOND
    .globl beyond
    .type beyond,@function
beyond:
    msgrkc %r2,%r3,%r4
    br %r14
    .size beyond,.-beyond
#endif
    .globl hint
    .type hint,@function
hint:
    .insn rrf,0xb93e0000,%r2,%r4,0,1 /* KIMD, M3 1: a hint, which older machines ignore */
    br %r14
    .size hint,.-hint
