# Entry of the ROMs written in C: stack, zeroed data, new PSWs; main(); a disabled wait.
        .file   "start.S"
        .section .text.start, "ax"
        .globl  _start
_start: larl    %r15, stack_end
        aghi    %r15, -160
        larl    %r1, new_psws
        mvc     0x1a0(96,%r0), 0(%r1)   # restart, external, svc, program, machine check, I/O
        brasl   %r14, main
        # fall through: what main() returns is the result
        .globl  rom_end
        .type   rom_end, @function
rom_end:                                # rom_end(result): 0 is success, else the wait's address
        larl    %r1, wait
        lghi    %r0, 0xfff
        ltgr    %r2, %r2
        je      1f
        lgr     %r0, %r2
1:      stg     %r0, 8(%r1)
        lpswe   0(%r1)
        .size   rom_end, .-rom_end

# rom_try(code, argument): calls code(argument); returns 0, or the code of a program interruption
# that it met.
        .globl  rom_try
        .type   rom_try, @function
rom_try:
        stmg    %r6, %r15, 48(%r15)
        larl    %r1, recover
        stg     %r15, 0(%r1)
        aghi    %r15, -160
        lgr     %r1, %r2
        lgr     %r2, %r3
        basr    %r14, %r1
        lghi    %r2, 0
tried:  larl    %r1, recover
        lg      %r15, 0(%r1)
        lghi    %r0, 0
        stg     %r0, 0(%r1)
        lmg     %r6, %r15, 48(%r15)
        br      %r14
        .size   rom_try, .-rom_try

        .type   on_program, @function
on_program:
        larl    %r1, recover
        lg      %r2, 0(%r1)
        ltgr    %r2, %r2
        je      2f
        llgh    %r2, 0x8e
        j       tried
2:      larl    %r15, interrupt_stack_end
        aghi    %r15, -160
        brasl   %r14, rom_unexpected
        .size   on_program, .-on_program

        .type   on_external, @function
on_external:
        stmg    %r0, %r15, 0xe00
        larl    %r15, interrupt_stack_end
        aghi    %r15, -160
        brasl   %r14, rom_external
        lmg     %r0, %r15, 0xe00
        lpswe   0x130
        .size   on_external, .-on_external

        .type   on_svc, @function
on_svc: stmg    %r0, %r15, 0xe80
        larl    %r15, interrupt_stack_end
        aghi    %r15, -160
        brasl   %r14, rom_svc
        lmg     %r0, %r15, 0xe80
        lpswe   0x140
        .size   on_svc, .-on_svc

        .data
        .balign 16
new_psws:
        .quad   0x0002000180000000, 0xbad00100  # restart
        .quad   0x0000000180000000, on_external
        .quad   0x0000000180000000, on_svc
        .quad   0x0000000180000000, on_program
        .quad   0x0002000180000000, 0xbad00101  # machine check
        .quad   0x0002000180000000, 0xbad00102  # I/O
wait:   .quad   0x0002000180000000, 0
recover:
        .quad   0                       # stack pointer of the rom_try() under way

        .bss
        .balign 16
        .skip   8192
stack_end:
        .skip   4096
interrupt_stack_end:
        .section .note.GNU-stack, "", @progbits
