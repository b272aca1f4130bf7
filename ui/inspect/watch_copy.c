/*
 * Copies of a guest, taken between blocks.
 */
#include "inspect/watch_state.h"
#include "zfacet/vector_register.h"

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

static void copy_code(struct zf_watch *w, uint64_t address) {
    for (unsigned i = 0; i < ZF_WATCH_CODE; i++) {
        unsigned length = 0;
        uint64_t word = 0;
        bool done = fetch(zf_machine_cpu(w->guest.machine, 0), address, &word, &length);
        w->now.code[i].address = address;
        w->now.code[i].word = word;
        w->now.code[i].length = done ? length : 0;
        address += done ? length : 2;
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
    struct zf_cpu *cpu = zf_machine_cpu(w->guest.machine, 0);
    struct zf_shot *now = &w->now;
    zf_watch_slot(w);
    now->psw_mask = zf_psw_mask(cpu);
    now->psw_addr = cpu->psw.addr;
    copy_registers(now, cpu);
    pthread_mutex_lock(&w->lock);
    uint64_t look = w->look;
    pthread_mutex_unlock(&w->lock);
    copy_code(w, cpu->psw.addr);
    copy_storage(now, cpu, look);
    zf_watch_copy_blocks(w);
    copy_report(w);
    pthread_mutex_lock(&w->lock);
    w->published = *now;
    w->fresh = true;
    pthread_mutex_unlock(&w->lock);
}
