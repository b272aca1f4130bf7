/*
 * The bench guests on the bare machine, without dynamic address translation: a program interruption
 * or the end is a disabled wait, at 0xbad or 0xfff. There is no output.
 */
#include "runtime.h"

__asm__(".globl _start\n"
        "_start: larl %r1,failed\n"
        "        mvc 0x1d0(16,%r0),0(%r1)\n"
        "        larl %r1,control\n"
        "        lctlg %c0,%c0,0(%r1)\n"
        "        larl %r15,stack_end-160\n"
        "        brasl %r14,guest_main\n"
        "        larl %r1,finished\n"
        "        lpswe 0(%r1)\n"
        "        .data\n"
        "        .balign 8\n"
        "failed: .quad 0x0002000180000000,0xbad\n"
        "control: .quad 0x60000\n" /* all floating-point and vector registers */
        "finished: .quad 0x0002000180000000,0xfff\n"
        "        .bss\n"
        "        .balign 8\n"
        "        .skip 65536\n"
        "stack_end: .previous\n");

void write_out(const char *text, u64 length) {
    (void)text;
    (void)length;
}
