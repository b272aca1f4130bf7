/*
 * Copies of a guest, taken between blocks.
 */
#define _GNU_SOURCE /* process_vm_readv */
#include "inspect/watch_state.h"
#include "zfacet/vector_register.h"

#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

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
        memmove(now->hits, now->hits + 1, sizeof now->hits - sizeof now->hits[0]);
        memmove(now->seen, now->seen + 1, sizeof now->seen - sizeof now->seen[0]);
        now->hits[ZF_WATCH_SLOTS - 1] = now->seen[ZF_WATCH_SLOTS - 1] = 0;
    }
    return ZF_WATCH_SLOTS - 1;
}

bool zf_watch_peek(struct zf_machine *machine, uint64_t address, void *bytes, size_t size) {
    if (machine->storage.linear) {
        struct iovec to = {bytes, size};
        struct iovec from = {machine->storage.ram + (address & (machine->storage.size - 1)), size};
        return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)size;
    }
    struct zf_aaddr absolute = zf_prefix(machine->cpu, (struct zf_raddr){address});
    const uint8_t *host = zf_absolute(&machine->storage, absolute, size);
    if (host) {
        memcpy(bytes, host, size);
    }
    return host != NULL;
}

bool zf_watch_fetch(struct zf_machine *machine, uint64_t address, uint64_t *word,
                    unsigned *length) {
    uint8_t bytes[8] = {0};
    if (machine->cpu->mode & ZF_MODE_DAT) {
        struct zf_pgm pgm = machine->cpu->pgm;
        bool done = zf_fetch(machine->cpu, address, word, length);
        machine->cpu->pgm = pgm;
        return done;
    }
    if (!zf_watch_peek(machine, address, bytes, 2)) {
        return false;
    }
    *length = zf_insn_length(zf_get64(bytes));
    if (!zf_watch_peek(machine, address, bytes, *length)) {
        return false;
    }
    *word = zf_get64(bytes);
    return true;
}

static void copy_code(struct zf_watch *w, uint64_t address) {
    for (unsigned i = 0; i < ZF_WATCH_CODE; i++) {
        unsigned length = 0;
        uint64_t word = 0;
        bool done = zf_watch_fetch(w->guest.machine, address, &word, &length);
        w->now.code[i].address = address;
        w->now.code[i].word = word;
        w->now.code[i].length = done ? length : 0;
        address += done ? length : 2;
    }
}

static void copy_report(struct zf_watch *w) {
    struct zf_shot *now = &w->now;
    unsigned count = w->guest.report ? zf_report_count(w->guest.report) : 0;
    now->findings = count < ZF_WATCH_HITS ? count : ZF_WATCH_HITS;
    for (unsigned i = 0; i < now->findings; i++) {
        now->finding[i] = *zf_report_at(w->guest.report, i);
    }
}

void zf_watch_publish(struct zf_watch *w) {
    struct zf_machine *machine = w->guest.machine;
    struct zf_cpu *cpu = machine->cpu;
    struct zf_shot *now = &w->now;
    zf_watch_slot(w);
    now->psw_mask = zf_psw_mask(cpu);
    now->psw_addr = cpu->psw.addr;
    memcpy(now->gr, cpu->gr, sizeof now->gr);
    memcpy(now->cr, cpu->cr, sizeof now->cr);
    memcpy(now->ar, cpu->ar, sizeof now->ar);
    now->fpc = cpu->fpc;
    for (unsigned i = 0; i < 16; i++) {
        now->fpr[i] = zf_fpr(cpu, i);
    }
    copy_code(w, cpu->psw.addr);
    now->look = w->look;
    for (unsigned i = 0; i < ZF_WATCH_LINES; i++) {
        now->storage[i].there = zf_watch_peek(machine, w->look + i * 16, now->storage[i].bytes, 16);
    }
    zf_watch_copy_blocks(w);
    copy_report(w);
    w->published = *now;
    w->fresh = true;
    w->wants_shot = false;
    pthread_cond_broadcast(&w->changed);
}
