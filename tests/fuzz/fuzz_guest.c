/*
 * Any guest ends, is interrupted or is stopped, and does so in the same way in every engine: in
 * blocks of instructions that are counted and in those that are not, one instruction after the
 * other, with the soft TLB and, a program, in the linear map.
 */
#include "fuzz_guest.h"

#include "counts.h"
#include "zfacet/clock.h"
#include "zfacet/dat.h"
#include "zfacet/interrupt.h"
#include "zfacet/linear.h"
#include "zfacet/vector_register.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    TIMEOUT_NS = 2000000000,
    CONDITIONS = 100,
    MAX_CONDITIONS = 2000,
    HEAT = 3,
    THRASHED_ROOM = 4096
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ways to run a guest. */
static const struct way {
    const char *name;
    enum zf_engine engine;
    bool linear;
    bool counted;
    bool steps;  /* leaves the engine after every instruction */
    bool thrash; /* what is native is dropped often */
} ways[] = {
    {"goto, counted", ZF_ENGINE_GOTO, false, true, false},
    {"switch, counted", ZF_ENGINE_SWITCH, false, true, false},
    {"goto, in steps", ZF_ENGINE_GOTO, false, true, true},
    {"goto", ZF_ENGINE_GOTO, false, false, false},
    {"switch", ZF_ENGINE_SWITCH, false, false, false},
    {"base, counted", ZF_ENGINE_BASE, false, true, false},
    {"base", ZF_ENGINE_BASE, false, false, false},
    {"auto, counted", ZF_ENGINE_AUTO, false, true, false},
    {"auto, thrashing", ZF_ENGINE_AUTO, false, false, false, true},
    {"base, in steps", ZF_ENGINE_BASE, false, true, true},
    {"goto, linear, counted", ZF_ENGINE_GOTO, true, true, false},
    {"switch, linear, counted", ZF_ENGINE_SWITCH, true, true, false},
    {"goto, linear", ZF_ENGINE_GOTO, true, false, false},
    {"switch, linear", ZF_ENGINE_SWITCH, true, false, false},
    {"base, linear, counted", ZF_ENGINE_BASE, true, true, false},
    {"base, linear", ZF_ENGINE_BASE, true, false, false},
    {"auto, linear, counted", ZF_ENGINE_AUTO, true, true, false},
    {"auto, linear", ZF_ENGINE_AUTO, true, false, false},
    {"base, linear, thrashing", ZF_ENGINE_BASE, true, false, false, true},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* How a guest ended. */
struct end {
    struct zf_machine *machine;
    enum zf_stop stop;
    unsigned conditions; /* a program's: it goes on after the instruction */
    struct condition {
        uint64_t psw;
        uint16_t code;
        uint8_t ilc;
    } list[CONDITIONS];
    uint64_t digest;   /* of what they were */
    struct zf_pgm pgm; /* the last one */
    bool astray;       /* one that a linear machine has otherwise */
};

static void note(struct end *end, uint64_t what) {
    end->digest = (end->digest ^ what) * UINT64_C(0x9e3779b97f4a7c15);
    end->digest ^= end->digest >> 29;
}

/*
 * In a linear machine addresses wrap at another place, and how long the instruction at an odd
 * address is, is not known.
 */
static bool is_astray(const struct zf_cpu *cpu) {
    uint16_t code = cpu->pgm.code;
    return code == ZF_PGM_ADDRESSING || code == ZF_PGM_PROTECTION ||
           code == ZF_PGM_PAGE_TRANSLATION || cpu->psw.addr & 1;
}

/* All that a program can see in registers. */
static void note_state(struct end *end, const struct zf_cpu *cpu) {
    note(end, cpu->psw.addr);
    note(end, (uint64_t)cpu->fpc << 8 | cpu->cc);
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cpu->gr); i++) {
        note(end, cpu->gr[i]);
    }
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cpu->vr); i++) {
        note(end, cpu->vr[i].half[0]);
        note(end, cpu->vr[i].half[1]);
    }
}

static bool on_pgm(void *context, struct zf_cpu *cpu) {
    struct end *end = context;
    note_state(end, cpu);
    note(end, (uint64_t)cpu->pgm.code << 16 | cpu->pgm.dxc << 8 | cpu->pgm.ilc);
    end->pgm = cpu->pgm;
    if (end->conditions < CONDITIONS) {
        end->list[end->conditions] = (struct condition){cpu->psw.addr, cpu->pgm.code, cpu->pgm.ilc};
    }
    end->astray |= is_astray(cpu);
    if (is_astray(cpu) || ++end->conditions == MAX_CONDITIONS) {
        cpu->machine->stop = ZF_STOP_REQUESTED;
    }
    return true;
}

static bool on_svc(void *context, struct zf_cpu *cpu, uint8_t code) {
    note_state(context, cpu);
    note(context, code);
    if (!code) {
        cpu->machine->stop = ZF_STOP_REQUESTED;
    }
    return true;
}

static struct zf_facilities *facilities_of(unsigned number) {
    static struct zf_facilities *made[WILD_MODELS]; /* the same for all machines */
    struct zf_facilities **f = &made[number];
    if (!*f) {
        struct zf_model model;
        struct zf_error err;
        *f = calloc(1, sizeof **f);
        ZF_ASSERT(*f && zf_model_parse(wild_models[number], false, &model, NULL, &err) == ZF_OK);
        struct zf_gate_config config = zf_gate_config_default(&model);
        zf_gate_compute(&config, &(*f)->gate);
    }
    return *f;
}

/* A machine's storage is zero, and most of a guest's too: a page that is not touched costs nothing.
 */
static void load_storage(uint8_t *ram, const struct wild *w) {
    static const uint8_t zero[ZF_PAGE_SIZE];
    for (unsigned at = 0; at < WILD_STORAGE; at += ZF_PAGE_SIZE) {
        if (memcmp(w->storage + at, zero, ZF_PAGE_SIZE)) {
            memcpy(ram + at, w->storage + at, ZF_PAGE_SIZE);
        }
    }
}

/* Nothing that lives for milliseconds is in swap, where it would count as not touched. */
static bool same_storage(uint8_t *a, uint8_t *b) {
    unsigned char a_touched[WILD_STORAGE / ZF_PAGE_SIZE], b_touched[WILD_STORAGE / ZF_PAGE_SIZE];
    ZF_ASSERT(!mincore(a, WILD_STORAGE, a_touched) && !mincore(b, WILD_STORAGE, b_touched));
    for (unsigned i = 0; i < WILD_STORAGE / ZF_PAGE_SIZE; i++) {
        size_t at = (size_t)i * ZF_PAGE_SIZE;
        if ((a_touched[i] | b_touched[i]) & 1 && memcmp(a + at, b + at, ZF_PAGE_SIZE)) {
            return false;
        }
    }
    return true;
}

static void load(struct zf_machine *machine, const struct wild *w) {
    struct zf_cpu *cpu = machine->cpus.cpu[0];
    load_storage(machine->storage.ram, w);
    if (machine->storage.keys) {
        memcpy(machine->storage.keys, w->keys, sizeof w->keys);
    }
    memcpy(cpu->gr, w->gr, sizeof cpu->gr);
    memcpy(cpu->cr, w->cr, sizeof cpu->cr);
    cpu->clock_comparator = UINT64_MAX; /* no clock interrupts */
    zf_clock_set_cpu_timer(cpu, INT64_MAX);
    memcpy(cpu->ar, w->ar, sizeof cpu->ar);
    for (unsigned i = 0; i < 32; i++) {
        zf_vr_set(cpu, i, (zf_u128)w->vr[i][0] << 64 | w->vr[i][1]);
    }
    cpu->fpc = w->fpc;
    cpu->prefix = w->prefix;
    zf_psw_load_checked(cpu, w->psw_mask, w->psw_addr);
}

static void run(struct end *end, const struct way *way, const struct wild *w, int64_t insns) {
    struct zf_machine_config config = {
        .storage_size = WILD_STORAGE,
        .linear = way->linear,
        .engine = way->engine,
        .heat = HEAT,
        .code_room = way->thrash ? THRASHED_ROOM : 0,
        .registers = way->thrash ? w->registers : 0,
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
        .max_insns = way->counted ? insns : 0,
        .timeout_ns = TIMEOUT_NS,
        .tally = w->tally && !way->steps, /* an EXECUTE would be begun twice */
    };
    struct zf_error err;
    *end = (struct end){.machine = zf_machine_create(&config, &err)};
    struct zf_machine *machine = end->machine;
    ZF_ASSERT(machine);
    machine->facilities = facilities_of(w->model);
    if (w->kind == WILD_PROGRAM) {
        machine->personality = (struct zf_personality){end, on_svc, on_pgm};
    }
    if (way->linear) {
        bool mapped = zf_linear_map(&machine->storage, 0, WILD_STORAGE,
                                    ZF_PROT_READ | ZF_PROT_WRITE | ZF_PROT_EXEC, -1, 0);
        ZF_ASSERT(mapped);
    }
    load(machine, w);
    if (!way->steps) {
        end->stop = zf_machine_run(machine);
        return;
    }
    uint64_t at;
    int64_t step = 1;
    do { /* an EXECUTE and its target count as two */
        at = machine->cpus.cpu[0]->psw.addr;
        machine->cpus.cpu[0]->insns_left = step;
        end->stop = zf_machine_run(machine);
        step = machine->cpus.cpu[0]->psw.addr == at ? 2 : 1;
    } while (end->stop == ZF_STOP_MAX_INSNS && insns-- > 0);
}

/*
 * Stores have changed translation tables, and nothing need have purged what was translated by
 * them: which of the two an engine goes by is open. What invalidates entries purges too.
 */
static bool tables_stored(const struct end *end, const struct wild *w) {
    const uint64_t invalid = ZF_REGION_INVALID | ZF_PAGE_INVALID;
    bool stored = false;
    for (unsigned i = WILD_TABLES; i < WILD_TABLES_END && !stored; i += 8) {
        uint64_t changed = zf_get64(w->storage + i) ^ zf_get64(end->machine->storage.ram + i);
        stored = changed & ~invalid;
    }
    return w->kind == WILD_TRANSLATED && stored;
}

/* But for reference bits: they need not tell of every fetch. */
static bool same_keys(const struct zf_machine *a, const struct zf_machine *b) {
    if (!a->storage.keys || !b->storage.keys) {
        return true;
    }
    for (unsigned i = 0; i < WILD_STORAGE / ZF_PAGE_SIZE; i++) {
        if ((a->storage.keys[i] ^ b->storage.keys[i]) & ~ZF_KEY_REFERENCE) {
            return false;
        }
    }
    return true;
}

/* What differs first, or NULL. */
static const char *difference(const struct end *a, const struct end *b) {
    const struct zf_cpu *p = a->machine->cpus.cpu[0], *q = b->machine->cpus.cpu[0];
    if (a->stop != b->stop || a->digest != b->digest) {
        return "end";
    }
    if (p->psw.addr != q->psw.addr || (p->psw.mask ^ q->psw.mask) & ~ZF_PSW_CC) {
        return "PSW";
    }
    if (p->cc != q->cc && a->stop != ZF_STOP_MAX_INSNS) {
        return "CC";
    }
    if (memcmp(p->gr, q->gr, sizeof p->gr)) {
        return "general registers";
    }
    if (memcmp(p->vr, q->vr, sizeof p->vr) || p->fpc != q->fpc) {
        return "vector registers and FPC";
    }
    if (memcmp(p->ar, q->ar, sizeof p->ar) || memcmp(p->cr, q->cr, sizeof p->cr) ||
        p->prefix != q->prefix || p->clock_comparator != q->clock_comparator) {
        return "access and control registers";
    }
    if (!same_storage(a->machine->storage.ram, b->machine->storage.ram)) {
        return "storage";
    }
    if (!same_keys(a->machine, b->machine)) {
        return "storage keys";
    }
    bool counted = a->machine->tally && b->machine->tally && a->stop != ZF_STOP_TIMEOUT;
    return counted && !counts_equal(a->machine, b->machine, false) ? "counts" : NULL;
}

static void print_end(const char *name, const struct end *end) {
    const struct zf_cpu *cpu = end->machine->cpus.cpu[0];
    printf("%s: stop %d %s, %u conditions, the last one %x, PSW %016" PRIx64 " %016" PRIx64
           ", CC %u, FPC %08x\n",
           name, end->stop, end->machine->stop_text, end->conditions, end->pgm.code, cpu->psw.mask,
           cpu->psw.addr, cpu->cc, cpu->fpc);
}

static void print_difference(const struct end *a, const struct end *b) {
    const struct zf_cpu *p = a->machine->cpus.cpu[0], *q = b->machine->cpus.cpu[0];
    for (unsigned i = 0; i < 16; i++) {
        if (p->gr[i] != q->gr[i] || p->cr[i] != q->cr[i]) {
            printf("  r%u %016" PRIx64 " %016" PRIx64 "  c%u %016" PRIx64 " %016" PRIx64 "\n", i,
                   p->gr[i], q->gr[i], i, p->cr[i], q->cr[i]);
        }
    }
    for (unsigned i = 0; i < 32; i++) {
        if (p->vr[i].all != q->vr[i].all) {
            printf("  v%u %016" PRIx64 "%016" PRIx64 " %016" PRIx64 "%016" PRIx64 "\n", i,
                   p->vr[i].half[ZF_VR_LEFT], p->vr[i].half[ZF_VR_RIGHT], q->vr[i].half[ZF_VR_LEFT],
                   q->vr[i].half[ZF_VR_RIGHT]);
        }
    }
    for (unsigned i = 0; i < CONDITIONS; i++) {
        const struct condition *one = &a->list[i], *other = &b->list[i];
        if (one->psw != other->psw || one->code != other->code || one->ilc != other->ilc) {
            printf("  condition %u: %04x %u %" PRIx64 ", %04x %u %" PRIx64 "\n", i, one->code,
                   one->ilc, one->psw, other->code, other->ilc, other->psw);
            break;
        }
    }
    for (unsigned i = 0, told = 0; i < WILD_STORAGE && told < 16; i++) {
        uint8_t one = a->machine->storage.ram[i], other = b->machine->storage.ram[i];
        if (one != other) {
            printf("  storage %#x: %02x %02x\n", i, one, other);
            told++;
        }
    }
    if (a->machine->tally && b->machine->tally) {
        counts_equal(a->machine, b->machine, true);
    }
}

static bool compare(const struct end *first, const struct way *way, const struct wild *w,
                    int64_t insns, bool print) {
    struct end end;
    run(&end, way, w, insns);
    const char *what = difference(first, &end);
    if (what && (tables_stored(first, w) || tables_stored(&end, w))) {
        what = NULL;
    }
    if (what && print) {
        printf("%s differs after %" PRId64 " instructions\n", what, insns);
        print_end(ways[0].name, first);
        print_end(way->name, &end);
        print_difference(first, &end);
    }
    zf_machine_destroy(end.machine);
    return !what;
}

/* Whether a way that counts instructions differs after so many of them. */
static bool differs_after(const struct way *way, const struct wild *w, int64_t insns) {
    struct end first;
    run(&first, &ways[0], w, insns);
    bool same = compare(&first, way, w, insns, false);
    zf_machine_destroy(first.machine);
    return !same;
}

/* The instruction after which it does, and what differs. */
static void print_culprit(const struct way *way, const struct wild *w, int64_t insns) {
    struct end first, before;
    struct zf_insn insn;
    char text[96] = "";
    uint64_t word;
    unsigned length;
    run(&before, &ways[0], w, insns - 1);
    struct zf_cpu *cpu = before.machine->cpus.cpu[0];
    if (insns > 1 && zf_fetch(cpu, cpu->psw.addr, &word, &length)) {
        zf_decode(word, &insn);
        zf_disasm(&insn, cpu->psw.addr, text, sizeof text);
    }
    print_end("before", &before);
    printf("instruction: %s\n", text);
    run(&first, &ways[0], w, insns);
    compare(&first, way, w, insns, true);
    zf_machine_destroy(first.machine);
    zf_machine_destroy(before.machine);
}

/* What once differs does so from there on, as a rule. */
static void narrow(const struct way *way, const struct wild *w) {
    int64_t same = 0, differs = w->insns;
    if (!differs_after(way, w, differs)) {
        return;
    }
    while (differs - same > 1) {
        int64_t middle = same + (differs - same) / 2;
        *(differs_after(way, w, middle) ? &differs : &same) = middle;
    }
    print_culprit(way, w, differs);
}

/* Not when it asks for the time or for random numbers. */
static bool is_steady(const struct end *first, const struct wild *w) {
    bool steady = true;
    for (unsigned i = 0; i < 3 && steady; i++) {
        steady = compare(first, &ways[0], w, w->insns, false);
    }
    return steady;
}

bool fuzz_guest(const struct wild *w) {
    struct end first;
    bool same = true;
    run(&first, &ways[0], w, w->insns);
    for (unsigned i = 1; i < WAYS && same; i++) {
        const struct way *way = &ways[i];
        bool applies =
            !(way->steps && w->insns > WILD_INSNS) &&
            (!way->linear || (w->kind == WILD_PROGRAM && !first.astray)) &&
            ((way->counted && !way->steps && !way->linear) || first.stop != ZF_STOP_MAX_INSNS);
        same = !applies || compare(&first, way, w, w->insns, false) || !is_steady(&first, w);
        if (!same) {
            compare(&first, way, w, w->insns, true);
        }
        if (!same && way->counted && !way->steps) {
            narrow(way, w);
        }
    }
    bool in_time =
        first.stop != ZF_STOP_TIMEOUT || first.machine->cpus.cpu[0]->psw.mask & ZF_PSW_WAIT;
    if (!in_time) {
        print_end("not within its time", &first);
    }
    zf_machine_destroy(first.machine);
    return same && in_time;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct wild wild;
    wild_make(&wild, data, size);
    ZF_ASSERT(fuzz_guest(&wild));
    return 0;
}
