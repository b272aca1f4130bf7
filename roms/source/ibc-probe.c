/*
 * One instruction of each facility: is the facility told, and what happens when it is executed?
 * The snippets get 512 bytes of scratch storage in general register 2, and query functions only.
 */
#include "rom.h"

int main(void);

#define PROBES                                                                                     \
    PROBE(7, stfle, "lghi %r0,0\n stfle 0(%r2)")                                                   \
    PROBE(17, km, "lghi %r0,0\n lgr %r1,%r2\n lghi %r5,0\n km %r2,%r4")                            \
    PROBE(18, ly, "ly %r1,0(%r2)")                                                                 \
    PROBE(20, maer, "maer %f0,%f2,%f4")                                                            \
    PROBE(21, lgfi, "lgfi %r1,100000")                                                             \
    PROBE(22, srstu, "lghi %r0,0\n lgr %r4,%r2\n srstu %r2,%r4")                                   \
    PROBE(25, stckf, "stckf 0(%r2)")                                                               \
    PROBE(34, asi, "asi 0(%r2),1")                                                                 \
    PROBE(35, exrl, "exrl %r0,0f\n j 1f\n 0: mvc 0(1,%r2),1(%r2)\n 1:")                            \
    PROBE(37, cdlgbr, "cdlgbr %f0,0,%r2,0")                                                        \
    PROBE(40, lpp, "lpp 0(%r2)")                                                                   \
    PROBE(41, ldgr, "ldgr %f0,%r2")                                                                \
    PROBE(42, adtr, "adtr %f0,%f0,%f0")                                                            \
    PROBE(44, pfpo, "lghi %r0,0\n oilh %r0,0x8000\n pfpo")                                         \
    PROBE(45, ark, "ark %r1,%r1,%r2")                                                              \
    PROBE(45, popcnt, "popcnt %r1,%r2")                                                            \
    PROBE(48, cdzt, "cdzt %f0,0(1,%r2),0")                                                         \
    PROBE(49, ppa, "ppa %r1,%r1,1")                                                                \
    PROBE(53, lzrg, "lzrg %r1,0(%r2)")                                                             \
    PROBE(57, ppno, "lghi %r0,0\n lgr %r1,%r2\n ppno %r2,%r4")                                     \
    PROBE(58, agh, "agh %r1,0(%r2)")                                                               \
    PROBE(58, msgrkc, "msgrkc %r1,%r1,%r2")                                                        \
    PROBE(61, selgr, "selgr %r1,%r1,%r2,8")                                                        \
    PROBE(66, rrbm, "rrbm %r1,%r2")                                                                \
    PROBE(73, tend, "tend")                                                                        \
    PROBE(77, kmctr, "lghi %r0,0\n lgr %r1,%r2\n lghi %r5,0\n kmctr %r2,%r4,%r4")                  \
    PROBE(80, cdpt, "cdpt %f0,0(1,%r2),0")                                                         \
    PROBE(129, vl, "vl %v0,0(%r2)")                                                                \
    PROBE(129, vab, "vab %v0,%v0,%v0")                                                             \
    PROBE(134, vlip, "vlip %v0,1,0")                                                               \
    PROBE(135, vbperm, "vbperm %v0,%v0,%v0")                                                       \
    PROBE(145, irbm, "irbm %r1,%r2")                                                               \
    PROBE(146, kma, "lghi %r0,0\n lgr %r1,%r2\n kma %r2,%r6,%r4")                                  \
    PROBE(148, vlbrg, "vlbrg %v0,0(%r2)")                                                          \
    PROBE(150, sortl, "lghi %r0,0\n lgr %r1,%r2\n sortl %r2,%r4")                                  \
    PROBE(151, dfltcc, "lghi %r0,0\n lgr %r1,%r2\n dfltcc %r2,%r4,%r4")                            \
    PROBE(155, kdsa, "lghi %r0,0\n lgr %r1,%r2\n kdsa %r2,%r4")                                    \
    PROBE(193, stbear, "stbear 0(%r2)")

#define PROBE(bit, name, text)                                                                     \
    rom_code probe_##name;                                                                         \
    __asm__(".pushsection .text\n.machine push\n.machine \"z16\"\n.balign 8\n"                     \
            "probe_" #name ": " text "\n br %r14\n.machine pop\n.popsection\n");
PROBES
#undef PROBE

static const struct {
    unsigned bit;
    const char *name;
    rom_code *code;
} probes[] = {
#define PROBE(bit, name, text) {bit, #name, probe_##name},
    PROBES
#undef PROBE
};

enum { OPERATION = 1, CR0_AFP_AND_VECTOR = 0x60000 };

static uint64_t scratch[64] __attribute__((aligned(512)));

/* What became of the probes. */
static struct { unsigned leaks, blocked, missing; } sums;

/* zfacet counts what it does not execute, though the model has it; elsewhere this is refused. */
rom_code count_unimplemented;
__asm__(".pushsection .text\n.balign 8\n"
        "count_unimplemented: lghi %r1,0\n diag %r1,%r1,0xfac\n stg %r1,0(%r2)\n br %r14\n"
        ".popsection\n");

static uint64_t unimplemented(void) {
    scratch[0] = 0;
    return rom_try(count_unimplemented, (uint64_t)scratch) ? 0 : scratch[0];
}

static void pad(const char *text, unsigned width) {
    unsigned length = 0;
    print(text);
    while (text[length]) {
        length++;
    }
    for (; length < width; length++) {
        print(" ");
    }
}

static void tell(int told, int missing, unsigned code) {
    pad(told ? "yes" : "no", 5);
    if (missing) {
        print("not implemented by the emulator");
    } else if (code) {
        print(code == OPERATION ? "blocked, exception " : "ran into exception ");
        print_hex(code, 4);
    } else {
        print("ran");
    }
    print("\n");
    sums.missing += missing;
    sums.leaks += !missing && !told && code != OPERATION;
    sums.blocked += !missing && told && code == OPERATION;
}

int main(void) {
    uint64_t list[32];
    facility_list(list);
    set_cr0(get_cr0() | CR0_AFP_AND_VECTOR);
    print("bit insn    told executed\n");
    for (unsigned i = 0; i < sizeof probes / sizeof *probes; i++) {
        uint64_t before = unimplemented();
        memset(scratch, 0, sizeof scratch);
        unsigned code = rom_try(probes[i].code, (uint64_t)scratch);
        print(probes[i].bit < 10 ? "  " : probes[i].bit < 100 ? " " : "");
        print_dec(probes[i].bit);
        print(" ");
        pad(probes[i].name, 8);
        tell(has_facility(probes[i].bit), unimplemented() != before, code);
    }
    print_dec(sums.leaks);
    print(" ran though not told, ");
    print_dec(sums.blocked);
    print(" blocked though told, ");
    print_dec(sums.missing);
    print(" not implemented\n");
    return verdict();
}
