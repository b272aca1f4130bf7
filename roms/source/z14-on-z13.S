# Multiplies in a loop with an instruction of the z14 (MULTIPLY SINGLE, three operands). On a z13
# the program interruption ends the guest; where all runs, the wait tells success.
        .file   "z14-on-z13.S"
        .section .text.start, "ax"
        .globl  _start
        .type   _start, @function
_start: larl    %r1, wait_trapped       # the program new PSW is a disabled wait
        lg      %r2, 0(%r1)
        stg     %r2, 0x1d0
        lg      %r2, 8(%r1)
        stg     %r2, 0x1d8
        lghi    %r3, 1
        lghi    %r4, 10
        brasl   %r14, factorial
        larl    %r1, expected
        clg     %r3, 0(%r1)
        larl    %r1, wait_ok
        je      end
        larl    %r1, wait_failed
end:    lpswe   0(%r1)
        .size   _start, .-_start

        .type   factorial, @function
factorial:
        .insn   rrf,0xb9ed0000,%r3,%r3,%r4,0    # msgrkc %r3,%r3,%r4
        brctg   %r4, factorial
        br      %r14
        .size   factorial, .-factorial

        .section .rodata
        .balign 8
wait_ok:
        .quad   0x0002000180000000, 0xfff
wait_failed:
        .quad   0x0002000180000000, 0xbad
wait_trapped:
        .quad   0x0002000180000000, 0xbad0001
expected:
        .quad   3628800
        .section .note.GNU-stack, "", @progbits
