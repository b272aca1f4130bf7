#include "../assemble.h"
#include "../guest.h"
#include "zfacet/console.h"
#include "zfacet/interrupt.h"
#include "zfacet/sclp.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* New PSWs in the prefix area lead to disabled waits whose addresses tell them apart. */
enum { RESTART = 0x1a0, EXTERNAL = 0x1b0, SVC = 0x1c0, PGM = 0x1d0, MCCK = 0x1e0, IO = 0x1f0 };
enum { OLD = -0x80 }; /* from a new PSW to its old one */

#define WAIT (ZF_PSW_WAIT | ZF_PSW_EA | ZF_PSW_BA)
#define RUN (ZF_PSW_EA | ZF_PSW_BA)

static uint64_t word(struct guest *guest, unsigned address) {
    return zf_get64(guest->machine->storage.ram + address);
}

static void put_psw(struct guest *guest, unsigned address, uint64_t mask, uint64_t addr) {
    zf_put64(guest->machine->storage.ram + address, mask);
    zf_put64(guest->machine->storage.ram + address + 8, addr);
}

/* Instructions separated by ';'. */
static void put_code(struct guest *guest, const char *text) {
    char copy[512], error[128];
    uint8_t bytes[8];
    uint64_t at = GUEST_CODE;
    char *rest = copy;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *insn; (insn = strsep(&rest, ";"));) {
        insn += strspn(insn, " ");
        unsigned length = assemble(insn, bytes, error, sizeof error);
        cr_assert(length, "%s: %s", insn, error);
        guest_put_code(guest, at, bytes, length);
        at += length;
    }
}

static struct guest *guest_with(const char *code) {
    struct guest *guest = guest_create(ZF_ENGINE_GOTO, false);
    guest->machine->personality = (struct zf_personality){0};
    guest_clear(guest);
    for (unsigned psw = RESTART; psw <= IO; psw += 16) {
        put_psw(guest, psw, WAIT, psw);
    }
    put_code(guest, code);
    zf_psw_load(guest->machine->cpus.cpu[0], RUN, GUEST_CODE);
    return guest;
}

/* Runs to the wait of `psw`; the old PSW's address is `old`. */
static void expect_wait(struct guest *guest, unsigned psw, uint64_t old) {
    guest_run(guest);
    cr_expect_eq(guest->stop, ZF_STOP_DISABLED_WAIT, "stop %d: %s", guest->stop,
                 guest->machine->stop_text);
    cr_expect_eq(guest->machine->cpus.cpu[0]->psw.addr, psw, "%llx",
                 (unsigned long long)guest->machine->cpus.cpu[0]->psw.addr);
    cr_expect_eq(word(guest, psw + OLD + 8), old, "old PSW %llx",
                 (unsigned long long)word(guest, psw + OLD + 8));
}

struct pgm_case {
    const char *code;
    uint32_t ilc_code;
    uint64_t old; /* from the code on */
};

static const struct pgm_case pgm_cases[] = {
    {"=0000", 0x20001, 2},
    {"=b2220010; =0000", 0x20001, 6},
    {"lghi 1,1; lpswe 0(1)", 0x40006, 8},
    {"lg 1,0; lhi 2,0; dr 2,2", 0x20009, 12},
};

Test(interrupt, program) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(pgm_cases); i++) {
        struct guest *guest = guest_with(pgm_cases[i].code);
        expect_wait(guest, PGM, GUEST_CODE + pgm_cases[i].old);
        cr_expect_eq(zf_get32(guest->machine->storage.ram + 0x8c), pgm_cases[i].ilc_code, "%s",
                     pgm_cases[i].code);
        guest_destroy(guest);
    }
}

Test(interrupt, supervisor_call) {
    struct guest *guest = guest_with("svc 17");
    expect_wait(guest, SVC, GUEST_CODE + 2);
    cr_expect_eq(zf_get32(guest->machine->storage.ram + 0x88), 0x20011);
    guest_destroy(guest);
}

/* A nullified access leaves the PSW at its instruction and stores where it was. */
Test(interrupt, translation_exception) {
    struct guest *guest = guest_with("lctlg 13,13,0(2); lpswe 8(2); lg 1,0(3); sacf 0");
    struct zf_cpu *cpu = guest->machine->cpus.cpu[0];
    const uint64_t segments = 0x20000;
    /* home space: the table's first segment has the pages of storage, the sixth is a hole */
    zf_put64(guest->machine->storage.ram + GUEST_DATA, segments);
    put_psw(guest, GUEST_DATA + 8, RUN | ZF_PSW_DAT | ZF_PSW_AS_HOME, GUEST_CODE + 10);
    zf_put64(guest->machine->storage.ram + segments, 0x24000);
    zf_put64(guest->machine->storage.ram + segments + 40, 0x20);
    for (unsigned i = 0; i < 256; i++) {
        zf_put64(guest->machine->storage.ram + 0x24000 + 8 * i, i << 12);
    }
    cpu->gr[2] = GUEST_DATA;
    cpu->gr[3] = 0x5abcde;
    expect_wait(guest, PGM, GUEST_CODE + 10);
    cr_expect_eq(zf_get32(guest->machine->storage.ram + 0x8c), 0x60010, "%x",
                 zf_get32(guest->machine->storage.ram + 0x8c));
    cr_expect_eq(word(guest, 0xa8), 0x5ab803, "%llx", (unsigned long long)word(guest, 0xa8));
    guest_destroy(guest);
}

/* PSWs that LPSWE may not load: mask and address, and whether they are valid. */
static const struct {
    uint64_t mask, addr;
    bool valid;
} psws[] = {
    {RUN, 0x2000, true},
    {0, 0x2000, true},
    {ZF_PSW_BA, 0x7ffffffe, true},
    {0, 0x1000000, false},
    {ZF_PSW_BA, 0x80000000, false},
    {ZF_PSW_EA, 0x2000, false},
    {RUN | ZF_PSW_BIT12, 0x2000, false},
    {RUN | ZF_BIT64(0), 0x2000, false},
    {RUN | ZF_BIT64(4), 0x2000, false},
    {RUN | ZF_BIT64(25), 0x2000, false},
    {RUN | 1, 0x2000, false},
};

Test(interrupt, psw_validity) {
    struct guest *guest = guest_with("=0000");
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(psws); i++) {
        cr_expect_eq(zf_psw_valid(guest->machine->cpus.cpu[0], psws[i].mask, psws[i].addr),
                     psws[i].valid, "%u", i);
    }
    guest_destroy(guest);
}

Test(interrupt, early_exception) {
    struct guest *guest = guest_with("lpswe 0(2)");
    put_psw(guest, GUEST_DATA, RUN | ZF_PSW_BIT12, 0x1234);
    guest->machine->cpus.cpu[0]->gr[2] = GUEST_DATA;
    expect_wait(guest, PGM, 0x1234);
    cr_expect_eq(word(guest, PGM + OLD), RUN | ZF_PSW_BIT12);
    cr_expect_eq(zf_get32(guest->machine->storage.ram + 0x8c), 6, "ILC 0");
    guest_destroy(guest);
}

Test(interrupt, short_psw) {
    struct guest *guest = guest_with("lpsw 0(2)");
    zf_put64(guest->machine->storage.ram + GUEST_DATA, UINT64_C(0x000a000080001230));
    guest->machine->cpus.cpu[0]->gr[2] = GUEST_DATA;
    guest_run(guest);
    cr_expect_eq(guest->stop, ZF_STOP_DISABLED_WAIT);
    cr_expect_eq(guest->machine->cpus.cpu[0]->psw.addr, 0x1230);
    cr_expect_eq(guest->machine->cpus.cpu[0]->psw.mask, ZF_PSW_WAIT | ZF_PSW_BA);
    guest_destroy(guest);
}

Test(interrupt, program_loops_stop) {
    struct guest *guest = guest_with("=0000");
    put_psw(guest, PGM, RUN, GUEST_DATA); /* zeros there: the same again */
    guest_run(guest);
    cr_expect_eq(guest->stop, ZF_STOP_PGM_LOOP);
    guest_destroy(guest);
    guest = guest_with("=0000");
    put_psw(guest, PGM, RUN | ZF_PSW_BIT12, GUEST_DATA);
    guest_run(guest);
    cr_expect_eq(guest->stop, ZF_STOP_PGM_LOOP);
    guest_destroy(guest);
}

/* Conditions in order of priority, and what is stored for each. */
struct external_case {
    uint32_t pending;
    uint64_t cr0;
    uint16_t code;
    uint16_t cpu;
    uint32_t parameter;
};

static const struct external_case externals[] = {
    {0x7f, 0x40, 0x0040, 0, 0},   {0x7f, 0xfe00, 0x1200, 0, 0},      {0x7f, 0x6e00, 0x1201, 3, 0},
    {0x7f, 0x2e00, 0x1202, 7, 0}, {0x7f, 0x0200, 0x2401, 0, 0x8000},
};

Test(interrupt, external) {
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(externals); i++) {
        const struct external_case *c = &externals[i];
        struct guest *guest = guest_with("stosm 0(2),1; =0000");
        struct zf_cpu *cpu = guest->machine->cpus.cpu[0];
        const uint8_t *low = guest->machine->storage.ram;
        cpu->gr[2] = GUEST_DATA;
        cpu->cr[0] = c->cr0;
        cpu->external_pending = c->pending & ~(uint32_t)ZF_EXTERNAL_SERVICE;
        if (c->pending & ZF_EXTERNAL_SERVICE) {
            zf_service_signal_post(cpu->cpus, 0x8000);
        }
        cpu->external_call_source = 7;
        cpu->emergency_sources = 1 << 3;
        expect_wait(guest, EXTERNAL, GUEST_CODE + 4);
        cr_expect_eq(zf_get16(low + 0x86), c->code, "%u: %x", i, zf_get16(low + 0x86));
        cr_expect_eq(zf_get16(low + 0x84), c->cpu, "%u", i);
        if (c->parameter) {
            cr_expect_eq(zf_get32(low + 0x80), c->parameter);
        }
        guest_destroy(guest);
    }
}

Test(interrupt, masked_external_waits) {
    struct guest *guest = guest_with("=0000");
    guest->machine->cpus.cpu[0]->external_pending = 0x3f;
    zf_service_signal_post(&guest->machine->cpus, 0);
    guest->machine->cpus.cpu[0]->cr[0] = 0xfe40;
    expect_wait(guest, PGM, GUEST_CODE + 2);
    guest_destroy(guest);
}

/* A loop is left for a timer, and a wait ends with it. */
Test(interrupt, timers) {
    struct guest *guest = guest_with("spt 0(2); stosm 8(2),1; j .");
    guest->machine->cpus.cpu[0]->gr[2] = GUEST_DATA;
    guest->machine->cpus.cpu[0]->cr[0] = 0x400;
    zf_put64(guest->machine->storage.ram + GUEST_DATA, 20000 << 12);
    expect_wait(guest, EXTERNAL, GUEST_CODE + 8);
    cr_expect_eq(zf_get16(guest->machine->storage.ram + 0x86), 0x1005);
    guest_destroy(guest);

    guest = guest_with("spt 0(2); lpswe 8(2)");
    guest->machine->cpus.cpu[0]->gr[2] = GUEST_DATA;
    guest->machine->cpus.cpu[0]->cr[0] = 0x400;
    zf_put64(guest->machine->storage.ram + GUEST_DATA, 20000 << 12);
    put_psw(guest, GUEST_DATA + 8, WAIT | ZF_PSW_EXT, 0x5550);
    expect_wait(guest, EXTERNAL, 0x5550);
    guest_destroy(guest);

    guest = guest_with("sckc 0(2); lpswe 8(2)");
    guest->machine->cpus.cpu[0]->gr[2] = GUEST_DATA;
    guest->machine->cpus.cpu[0]->cr[0] = 0x800;
    put_psw(guest, GUEST_DATA + 8, WAIT | ZF_PSW_EXT, 0x5550);
    expect_wait(guest, EXTERNAL, 0x5550);
    cr_expect_eq(zf_get16(guest->machine->storage.ram + 0x86), 0x1004);
    guest_destroy(guest);
}

Test(interrupt, idle) {
    struct guest *guest = guest_with("lpswe 0(2)");
    guest->machine->cpus.cpu[0]->gr[2] = GUEST_DATA;
    put_psw(guest, GUEST_DATA, WAIT | ZF_PSW_EXT, 0x5550);
    guest_run(guest);
    cr_expect_eq(guest->stop, ZF_STOP_IDLE);
    guest_destroy(guest);
}

Test(interrupt, restart_and_io_and_machine_check) {
    static const struct zf_io_interruption io = {0x10005, 0x1234, 0x20000000};
    struct guest *guest = guest_with("lghi 1,0; sigp 2,1,6");
    struct zf_cpu *cpu = guest->machine->cpus.cpu[0];
    expect_wait(guest, RESTART, GUEST_CODE + 8);
    zf_psw_load(cpu, RUN, 0x4440);
    zf_interrupt_io(cpu, &io);
    cr_expect_eq(cpu->psw.addr, IO);
    cr_expect_eq(word(guest, IO + OLD + 8), 0x4440);
    cr_expect_eq(word(guest, 0xb8), UINT64_C(0x0001000500001234));
    cpu->gr[9] = 99;
    zf_interrupt_machine_check(cpu, 5);
    cr_expect_eq(cpu->psw.addr, MCCK);
    cr_expect_eq(word(guest, 0xe8), 5);
    cr_expect_eq(word(guest, 0x1280 + 72), 99);
    guest_destroy(guest);
}

/* Leaving and entering problem state, with a privileged instruction in it. */
Test(interrupt, problem_state) {
    struct guest *guest = guest_with("lpswe 0(2); ptlb");
    guest->machine->cpus.cpu[0]->gr[2] = GUEST_DATA;
    put_psw(guest, GUEST_DATA, RUN | ZF_PSW_PROBLEM, GUEST_CODE + 4);
    expect_wait(guest, PGM, GUEST_CODE + 8);
    cr_expect_eq(zf_get32(guest->machine->storage.ram + 0x8c), 0x40002);
    cr_expect_eq(word(guest, PGM + OLD), RUN | ZF_PSW_PROBLEM);
    guest_destroy(guest);
}
