/* Code that changes code: in its own block, the next instruction, another page, through EXECUTE. */
#include "rom.h"

int main(void);

typedef uint64_t function(uint64_t argument);

function own_block, next_insn, other_page, by_execute, by_mvc;
extern uint16_t other_immediate[];

__asm__(
    ".pushsection .text\n"
    /* each returns 1 before and the argument after the change of `lghi %r2,1` */
    ".balign 256\n"
    "own_block: larl %r1,0f\n sth %r2,2(%r1)\n lr %r3,%r2\n lr %r4,%r3\n 0: lghi %r2,1\n br %r14\n"
    "next_insn: larl %r1,0f+2\n sth %r2,0(%r1)\n 0: lghi %r2,1\n br %r14\n"
    "by_execute: larl %r1,1f\n sth %r2,2(%r1)\n ex %r0,0(%r1)\n br %r14\n 1: lghi %r2,1\n"
    "by_mvc: larl %r1,2f\n larl %r3,3f\n sth %r2,2(%r3)\n mvc 0(4,%r1),0(%r3)\n 2: lghi %r2,1\n"
    " br %r14\n 3: lghi %r2,1\n"
    ".balign 4096\n"
    "other_page: lghi %r2,1\n br %r14\n"
    ".globl other_immediate\n .set other_immediate,other_page+2\n"
    ".balign 4096\n"
    ".popsection\n");

static void run(const char *what, function *f) {
    for (uint64_t i = 2; i < 200; i++) {
        uint64_t got = f(i);
        if (got != i) {
            expect(what, got, i);
            return;
        }
    }
}

static uint64_t via_other_page(uint64_t argument) {
    *(volatile uint16_t *)other_immediate = (uint16_t)argument;
    return other_page(0);
}

int main(void) {
    expect("before", other_page(0), 1);
    run("own block", own_block);
    run("next instruction", next_insn);
    run("target of EXECUTE", by_execute);
    run("by MVC", by_mvc);
    run("other page", via_other_page);
    return verdict();
}
