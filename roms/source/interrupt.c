/* Program, supervisor-call and external interruptions: codes, lengths, old PSWs, masks. */
#include "rom.h"

int main(void);

#define CODE(name, text)                                                                           \
    rom_code name;                                                                                 \
    extern const char name##_at[];                                                                 \
    __asm__(".pushsection .text\n.balign 8\n" #name ": " text "\n br %r14\n.popsection\n");

CODE(invalid2, "invalid2_at: .short 0x0000")
CODE(invalid4, "invalid4_at: .long 0xb2fd0000")
CODE(invalid6, "invalid6_at: .short 0xe300,0,0x00fe")
CODE(executed_invalid,
     "larl %r1,9f\n executed_invalid_at: ex %r0,0(%r1)\n br %r14\n 9: .long 0xb2fd0000")
CODE(executed_execute, "larl %r1,executed_execute_at\n executed_execute_at: ex %r0,0(%r1)")
CODE(odd_pair, "odd_pair_at: .short 0x1d32")
CODE(divide_by_zero, "lghi %r2,0\n lghi %r3,1\n lghi %r4,0\n divide_by_zero_at: dr %r2,%r4")
CODE(no_storage, "lghi %r1,-4096\n no_storage_at: lg %r1,0(%r1)")
CODE(bad_decimal, "bad_decimal_at: cvb %r1,0(%r2)")
CODE(monitor, "monitor_at: mc 0x123(%r0),1")
CODE(odd_psw_target, "lghi %r1,1\n odd_psw_target_at: br %r1")
CODE(overflow,
     "lhi %r1,-32768\n sll %r1,16\n lhi %r3,8\n sll %r3,24\n spm %r3\n overflow_at: lcr %r1,%r1")

static const struct {
    const char *what;
    rom_code *code;
    const char *at;
    unsigned pgm, ilc;
    unsigned forward; /* the old PSW's address counted from `at` */
} programs[] = {
    {"2-byte operation", invalid2, invalid2_at, 1, 2, 2},
    {"4-byte operation", invalid4, invalid4_at, 1, 4, 4},
    {"6-byte operation", invalid6, invalid6_at, 1, 6, 6},
    {"operation by EXECUTE", executed_invalid, executed_invalid_at, 1, 4, 4},
    {"execute", executed_execute, executed_execute_at, 3, 4, 4},
    {"specification", odd_pair, odd_pair_at, 6, 2, 2},
    {"fixed-point divide", divide_by_zero, divide_by_zero_at, 9, 2, 2},
    {"addressing", no_storage, no_storage_at, 5, 6, 6},
    {"data", bad_decimal, bad_decimal_at, 7, 4, 4},
    {"fixed-point overflow", overflow, overflow_at, 8, 2, 2},
};

static uint64_t bytes[2] = {UINT64_C(0xffffffffffffffff), 0};

static void program_interruptions(void) {
    for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++) {
        LOW8(LOW_PGM_ILC) = 0;
        unsigned code = rom_try(programs[i].code, (uint64_t)bytes);
        expect(programs[i].what, code, programs[i].pgm);
        expect("  its length code", LOW8(LOW_PGM_ILC), programs[i].ilc);
        expect("  its old PSW", LOW64(LOW_PGM_OLD + 8),
               (uint64_t)programs[i].at + programs[i].forward);
    }
    expect("branch to an odd address", rom_try(odd_psw_target, 0), 6);
}

static uint64_t get_cr8(void) {
    uint64_t value;
    __asm__ volatile("stctg 8,8,%0" : "=Q"(value) : : "memory");
    return value;
}

static void set_cr8(uint64_t value) {
    __asm__ volatile("lctlg 8,8,%0" : : "Q"(value) : "memory");
}

static void monitor_call(void) {
    uint64_t cr8 = get_cr8();
    set_cr8(0);
    expect("monitor call of a disabled class", rom_try(monitor, 0), 0);
    set_cr8(0x4000);
    expect("monitor call", rom_try(monitor, 0), 0x40);
    expect("  its class", LOW8(0x95), 1);
    expect("  its code", LOW64(0xb0), 0x123);
    set_cr8(cr8);
}

static void supervisor_call(void) {
    unsigned before = rom_svcs;
    uint64_t at;
    __asm__ volatile("larl %0,0f\n svc 0x5a\n0:" : "=a"(at) : : "memory");
    expect("supervisor calls", rom_svcs, before + 1);
    expect("  code", LOW16(LOW_SVC_CODE), 0x5a);
    expect("  length", LOW8(LOW_SVC_CODE - 1), 2);
    expect("  old PSW", LOW64(LOW_SVC_OLD + 8), at);
}

/* Enters the problem state, tries a privileged instruction; the handler leaves the state. */
CODE(privileged, "larl %r1,8f\n lpswe 0(%r1)\n 7: privileged_at: stctg %c0,%c0,0(%r2)\n br %r14\n"
                 ".balign 8\n8: .quad 0x0001000180000000,7b")

static void problem_state(void) {
    expect("privileged operation", rom_try(privileged, (uint64_t)bytes), 2);
    expect("  old PSW", LOW64(LOW_PGM_OLD),
           PSW_64 | PSW_PROBLEM | (LOW64(LOW_PGM_OLD) & 0x300000000000));
}

CODE(short_format_psw, "larl %r1,8f\n short_format_psw_at: lpswe 0(%r1)\n br %r14\n"
                       ".balign 8\n8: .quad 0x0008000180000000,0")

static void bad_psw(void) {
    expect("PSW with bit 12", rom_try(short_format_psw, 0), 6);
}

int main(void) {
    program_interruptions();
    monitor_call();
    supervisor_call();
    problem_state();
    bad_psw();
    return verdict();
}
