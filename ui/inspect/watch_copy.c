/*
 * Copies of a guest, taken between blocks.
 */
#include "inspect/watch_state.h"
#include "zfacet/vector_register.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

uint64_t zf_watch_now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

unsigned zf_watch_slot(struct zf_watch *w) {
    uint64_t slot = zf_watch_now_ms() / ZF_WATCH_SLOT_MS;
    uint64_t steps = w->slot ? slot - w->slot : 0;
    struct zf_shot *now = &w->now;
    w->slot = slot;
    for (steps = steps > ZF_WATCH_SLOTS ? ZF_WATCH_SLOTS : steps; steps > 0; steps--) {
        memmove(now->findings_seen, now->findings_seen + 1,
                sizeof now->findings_seen - sizeof now->findings_seen[0]);
        memmove(now->seen, now->seen + 1, sizeof now->seen - sizeof now->seen[0]);
        now->findings_seen[ZF_WATCH_SLOTS - 1] = now->seen[ZF_WATCH_SLOTS - 1] = 0;
    }
    return ZF_WATCH_SLOTS - 1;
}

static bool fetch(struct zf_cpu *cpu, uint64_t address, uint64_t *word, unsigned *length) {
    uint8_t bytes[8] = {0};
    if (!zf_debug_read(cpu, ZF_DEBUG_VIRTUAL, address, bytes, 2)) {
        return false;
    }
    *length = zf_insn_length(zf_get64(bytes));
    bool done = zf_debug_read(cpu, ZF_DEBUG_VIRTUAL, address, bytes, *length);
    *word = zf_get64(bytes);
    return done;
}

/* Copies code from `from` on; returns where the PSW's instruction is in it, or -1. */
static int fill_code(struct zf_watch *w, uint64_t from) {
    struct zf_shot *now = &w->now;
    struct zf_cpu *cpu = zf_machine_cpu(w->guest.machine, now->cpu);
    uint64_t address = from;
    now->code_from = from;
    now->code_at = -1;
    for (int i = 0; i < ZF_WATCH_CODE; i++) {
        unsigned length = 0;
        uint64_t word = 0;
        bool done = fetch(cpu, address, &word, &length);
        now->code_at = address == now->psw_addr ? i : now->code_at;
        now->code[i].address = address;
        now->code[i].word = word;
        now->code[i].length = done ? length : 0;
        address += done ? length : 2;
    }
    return now->code_at;
}

/* A line of what is at an address, with the file's name alone. */
static void describe(struct zf_watch_place *place, const struct zf_symbol *symbol) {
    const char *slash = strrchr(symbol->file, '/');
    char distance[24] = "";
    if (symbol->offset) {
        snprintf(distance, sizeof distance, "+%#lx", (unsigned long)symbol->offset);
    }
    if (symbol->function[0]) {
        snprintf(place->function, sizeof place->function, "%.40s%s", symbol->function, distance);
    }
    if (symbol->line) {
        snprintf(place->line, sizeof place->line, "%.50s:%u", slash ? slash + 1 : symbol->file,
                 symbol->line);
    }
}

/* Asked once for each line: it may take time. */
static void copy_places(struct zf_watch *w) {
    const struct zf_watch_guest *guest = &w->guest;
    struct zf_symbol symbol;
    w->now.code_known = false;
    for (int i = 0; i < ZF_WATCH_CODE && guest->symbol; i++) {
        struct zf_watch_place *place = &w->now.code[i].place;
        uint64_t address = w->now.code[i].address;
        if (place->of != address || !place->asked) {
            *place = (struct zf_watch_place){.of = address, .asked = true};
            if (guest->symbol(guest->context, address, &symbol)) {
                describe(place, &symbol);
            }
        }
        w->now.code_known |= place->function[0] || place->line[0];
    }
}

/* The code in sight stays while the PSW moves in it. */
static void copy_code(struct zf_watch *w) {
    enum { LOW = ZF_WATCH_CODE * 3 / 4, BEFORE = ZF_WATCH_CODE / 4 };
    uint64_t address = w->now.psw_addr;
    int at = fill_code(w, w->now.code_from);
    if (w->now.psw_mask & ZF_PSW_WAIT) {
        w->now.code_at = -1; /* nothing is next; what was executed before stays */
    } else if (at > LOW) {
        at = fill_code(w, w->now.code[at - BEFORE].address);
    } else if (at < 0 && fill_code(w, zf_watch_code_before(w, address)) < 0) {
        fill_code(w, address);
    }
    copy_places(w);
}

/* All CPUs of a machine; of a program, its threads that have not ended. */
static void copy_cpus(struct zf_watch *w) {
    struct zf_shot *now = &w->now;
    const struct zf_machine *machine = w->guest.machine;
    const struct zf_cpu *cpu;
    now->cpu_count = 0;
    for (unsigned i = 0; (cpu = zf_machine_cpu(machine, i)); i++) {
        bool operates = cpu->state == ZF_CPU_OPERATING;
        if ((operates || i < zf_machine_cpus(machine)) && now->cpu_count < ZF_WATCH_CPUS) {
            now->cpus[now->cpu_count++] =
                (struct zf_watch_cpu){.address = i,
                                      .state = !operates                     ? ZF_WATCH_CPU_STOPPED
                                               : cpu->psw.mask & ZF_PSW_WAIT ? ZF_WATCH_CPU_WAITS
                                                                             : ZF_WATCH_CPU_RUNS,
                                      .psw_mask = zf_psw_mask(cpu),
                                      .psw_addr = cpu->psw.addr};
        }
    }
}

static void copy_report(struct zf_watch *w) {
    struct zf_shot *now = &w->now;
    unsigned count = w->guest.report ? zf_report_count(w->guest.report) : 0;
    now->findings = count < ZF_WATCH_FINDINGS ? count : ZF_WATCH_FINDINGS;
    for (unsigned i = 0; i < now->findings; i++) {
        now->finding[i] = *zf_report_at(w->guest.report, i);
    }
}

static void copy_storage(struct zf_shot *now, struct zf_cpu *cpu, uint64_t from) {
    now->look = from;
    for (unsigned i = 0; i < ZF_WATCH_LINES; i++) {
        now->storage[i].there =
            zf_debug_read(cpu, ZF_DEBUG_REAL, from + i * 16, now->storage[i].bytes, 16);
    }
}

static void copy_registers(struct zf_shot *now, const struct zf_cpu *cpu) {
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        for (unsigned n = 0; n < info->count && info->bytes <= 8; n++) {
            now->registers[id][n] = (uint64_t)zf_register_get(cpu, (enum zf_register)id, n);
        }
    }
}

void zf_watch_publish(struct zf_watch *w) {
    struct zf_shot *now = &w->now;
    now->at = zf_control_insns(w->guest.control);
    now->goes_back = zf_control_recorded(w->guest.control, &now->first, &now->last);
    if (now->goes_back && now->first == now->last) {
        zf_control_no_way_back(w->guest.control, now->no_way_back, sizeof now->no_way_back);
        now->goes_back = !now->no_way_back[0];
    }
    zf_watch_slot(w);
    pthread_mutex_lock(&w->lock);
    uint64_t look = w->look;
    now->cpu = w->cpu;
    memcpy(now->breakpoints, w->breakpoints, sizeof now->breakpoints);
    now->breakpoint_count = w->breakpoint_count;
    memcpy(now->watched, w->watched, sizeof now->watched);
    now->watched_count = w->watched_count;
    pthread_mutex_unlock(&w->lock);
    struct zf_cpu *cpu = zf_machine_cpu(w->guest.machine, now->cpu);
    if (!cpu) { /* that thread has ended */
        now->cpu = 0;
        cpu = zf_machine_cpu(w->guest.machine, 0);
    }
    now->psw_mask = zf_psw_mask(cpu);
    now->psw_addr = cpu->psw.addr;
    copy_cpus(w);
    copy_registers(now, cpu);
    copy_code(w);
    copy_storage(now, cpu, look);
    zf_watch_copy_blocks(w);
    copy_report(w);
    pthread_mutex_lock(&w->lock);
    w->published = *now;
    w->fresh = true;
    pthread_mutex_unlock(&w->lock);
}
