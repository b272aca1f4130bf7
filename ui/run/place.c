/*
 * Where findings are, and which of them are probes. A Linux program's image, function, line and
 * calls are looked up when one is met first, since a program may execute another file later, or
 * unmap what it has.
 */
#include "run/part.h"

#include "zfacet/elf.h"
#include "zfacet/linear.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* More findings than anyone reads: the first ones have their calls, the rest their place. */
enum { FRAMES = 24, FINDINGS_WITH_CALLS = 256, FINDINGS_WITH_PLACE = 4096 };

static bool read_word(void *context, uint64_t address, uint64_t *value) {
    const struct zf_storage *storage = context;
    if (!zf_linear_allows(storage, address, sizeof *value, ZF_PROT_READ)) {
        return false;
    }
    *value = zf_get64(storage->ram + address);
    return true;
}

double zf_run_seconds(const struct zf_run *run) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9 - run->started;
}

struct zf_symbols *zf_run_new_symbols(const struct zf_run *run) {
    struct zf_symbols *symbols = zf_symbols_create();
    if (symbols) {
        zf_symbols_debug_folder(symbols, run->options->debug_dir);
        zf_run_keep_symbols(run, symbols);
    }
    return symbols;
}

/* FILE or FILE@OFFSET; the name of a file may have such an end, too. */
static bool split_symbols(const char *given, char *path, size_t size, uint64_t *offset) {
    const char *at = strrchr(given, '@');
    bool whole = !at || access(given, F_OK) == 0;
    char *end = NULL;
    snprintf(path, size, "%.*s", (int)(whole ? strlen(given) : (size_t)(at - given)), given);
    *offset = 0;
    if (!whole) {
        errno = 0;
        *offset = strtoull(at + 1, &end, 0);
    }
    return whole || (isdigit((unsigned char)at[1]) && !*end && !errno);
}

enum zf_run_end zf_run_add_given_symbols(struct zf_run *run) {
    const char *given = run->options->symbols, *why;
    char path[PATH_MAX];
    struct zf_error err;
    struct zf_elf elf;
    uint64_t offset;
    size_t size;
    if (!given) {
        return ZF_RUN_OK;
    }
    if (run->kind == ZF_GUEST_PROGRAM) {
        return zf_run_fail(run, ZF_RUN_USAGE,
                           "run: --symbols is for guests of the bare machine; --debug-dir has "
                           "those of Linux programs");
    }
    if (!split_symbols(given, path, sizeof path, &offset)) {
        return zf_run_fail(run, ZF_RUN_USAGE,
                           "run: --symbols '%s': invalid offset '%s'; give a number such as "
                           "0x100000",
                           given, strrchr(given, '@') + 1);
    }
    const void *bytes = zf_run_map_file(path, &size, &why);
    if (!bytes) {
        return zf_run_fail(run, ZF_RUN_USAGE, "run: --symbols '%s': %s", path, why);
    }
    bool is_elf = zf_elf_is(bytes, size);
    bool fits = is_elf && zf_elf_open(bytes, size, &elf, &err) == ZF_OK;
    munmap((void *)bytes, size);
    if (!fits) {
        return zf_run_fail(run, ZF_RUN_USAGE, "run: --symbols '%s': %s", path,
                           is_elf ? err.message : "no ELF file");
    }
    if (!run->symbols) {
        return zf_run_fail(run, ZF_RUN_ERROR, "out of memory for --symbols");
    }
    zf_symbols_move(run->symbols, offset);
    return zf_symbols_add(run->symbols, path, path, 0, &err) == ZF_OK
               ? ZF_RUN_OK
               : zf_run_fail(run, ZF_RUN_USAGE, "run: --symbols '%s': no ELF file with symbols",
                             path);
}

static int keep_file(void *context, int fd) {
    return zf_linux_keep_file(context, fd);
}

bool zf_run_symbol(struct zf_run *run, uint64_t address, struct zf_symbol *symbol) {
    uint64_t page = address & ZF_PAGE_MASK;
    if (!run->symbols) {
        return false;
    }
    bool found = zf_symbols_find(run->symbols, address, symbol);
    if (!found && run->program && run->nobody != page) {
        zf_run_follow_program(run);
        found = zf_symbols_find(run->symbols, address, symbol);
        run->nobody = found ? run->nobody : page;
    }
    return found;
}

/* The files that symbols come from are none of the guest's. */
void zf_run_keep_symbols(const struct zf_run *run, struct zf_symbols *symbols) {
    if (symbols && run->program) {
        zf_symbols_keep(symbols, keep_file, run->program);
    }
}

/* After execve the images are others. */
void zf_run_follow_program(struct zf_run *run) {
    const char *program = zf_linux_program(run->program);
    if (strncmp(run->images_of, program, sizeof run->images_of - 1) != 0) {
        if (run->images_of[0] && run->symbols) {
            zf_symbols_destroy(run->symbols);
            run->symbols = zf_run_new_symbols(run);
        }
        snprintf(run->images_of, sizeof run->images_of, "%s", program);
    }
    zf_run_find_images(run);
}

static struct zf_unwind unwind_from(struct zf_run *run, const struct zf_cpu *cpu,
                                    uint64_t address) {
    return (struct zf_unwind){
        .gr = cpu->gr,
        .address = address,
        .read = read_word,
        .context = &run->machine->storage,
    };
}

static unsigned find_frames(struct zf_run *run, const struct zf_finding *finding,
                            const struct zf_cpu *cpu, unsigned limit, uint64_t *frames) {
    const struct zf_unwind from = unwind_from(run, cpu, finding->address);
    frames[0] = finding->address;
    return limit > 1 && run->symbols ? zf_symbols_unwind(run->symbols, &from, frames, limit) : 1;
}

static struct zf_place *place_of(struct zf_run *run, const struct zf_finding *finding,
                                 const struct zf_cpu *cpu, unsigned limit) {
    uint64_t frames[FRAMES];
    if (run->program) {
        zf_run_follow_program(run);
    }
    unsigned count = find_frames(run, finding, cpu, limit, frames);
    struct zf_place *place = calloc(1, sizeof *place + count * sizeof *place->frame);
    if (!place) {
        return NULL;
    }
    place->seconds = zf_run_seconds(run);
    if (run->program) {
        snprintf(place->program, sizeof place->program, "%s", zf_linux_program(run->program));
    }
    place->frames = count;
    for (unsigned i = 0; i < count; i++) {
        place->frame[i].address = frames[i];
        if (run->symbols) {
            zf_symbols_find(run->symbols, frames[i], &place->frame[i].symbol);
        }
    }
    return place;
}

/* A kernel catches what it executes itself; what its programs do with a signal is not seen. */
static bool is_caught(const struct zf_run *run, const struct zf_cpu *cpu) {
    return run->program ? zf_linux_catches(run->program, cpu, SIGILL)
                        : !(cpu->mode & ZF_MODE_PROBLEM);
}

/* Whether the handler of a program was left by a jump, though its frame is still there and the
 * stack pointer below it: all calls are known, and none comes from it. */
static bool was_left(struct zf_run *run, const struct zf_cpu *cpu, uint64_t at,
                     const struct zf_linux_calls *calls) {
    const struct zf_unwind from = unwind_from(run, cpu, at);
    const struct zf_unwind_begin begin = {calls->begin, calls->stack};
    if (!calls->back || !run->symbols) {
        return false;
    }
    zf_run_follow_program(run);
    return zf_symbols_reach_begin(run->symbols, &from, &begin, calls->back);
}

/* Whether the guest, which is at `at`, is still in what it does about the last exception. */
static bool is_handling(struct zf_run *run, const struct zf_cpu *cpu, uint64_t at) {
    struct zf_linux_calls calls;
    if (!run->program) {
        return zf_cpu_refused(cpu)->waits;
    }
    return zf_linux_handles(cpu, &calls) && !was_left(run, cpu, at, &calls);
}

static void note_last(struct zf_run *run, const struct zf_cpu *cpu, uint64_t at,
                      struct zf_run_last now) {
    if (!run->last && !(run->last = calloc(ZF_THREADS, sizeof *run->last))) {
        return;
    }
    struct zf_run_last *last = &run->last[cpu->address];
    if (last->any && is_handling(run, cpu, at)) {
        zf_report_mark_uncaught(run->report, last->entry);
    }
    if (!now.caught) { /* an earlier execution may have been */
        zf_report_mark_uncaught(run->report, now.entry);
    }
    *last = now;
}

void zf_run_note_place(struct zf_run *run, unsigned entry, const struct zf_finding *finding,
                       const struct zf_cpu *cpu) {
    bool calls = run->program && entry < FINDINGS_WITH_CALLS;
    if (entry == ZF_REPORT_OTHER) {
        return;
    }
    /* with the claim, as all findings are told */
    bool interrupts = zf_outcome_interrupts(finding->outcome);
    bool caught = interrupts && is_caught(run, cpu);
    if (interrupts) { /* else it may be the handler's, which is still going to return */
        note_last(run, cpu, finding->address, (struct zf_run_last){true, caught, entry});
    }
    if (zf_report_place(run->report, entry) || entry >= FINDINGS_WITH_PLACE) {
        return;
    }
    struct zf_place *place = place_of(run, finding, cpu, calls ? FRAMES : 1);
    if (place) {
        place->caught = caught;
        zf_report_set_place(run->report, entry, place);
    }
}

/* A program's handler that has neither returned nor been left by a jump until the process ended,
 * was no probe's. */
static bool ended_at(struct zf_run *run, unsigned i) {
    const struct zf_cpu *cpu;
    for (unsigned n = 0; (cpu = zf_machine_cpu(run->machine, n)); n++) {
        const struct zf_run_last *last = &run->last[n];
        bool is_last = last->any && last->entry == i;
        if (is_last && (!last->caught || is_handling(run, cpu, cpu->psw.addr))) {
            return true;
        }
    }
    return false;
}

static bool is_probe(struct zf_run *run, unsigned i) {
    const struct zf_place *place = zf_report_place(run->report, i);
    return place && place->caught && run->last && !ended_at(run, i);
}

void zf_run_settle_probes(struct zf_run *run) {
    for (unsigned i = 0; i < zf_report_count(run->report); i++) {
        if (is_probe(run, i)) {
            zf_report_mark_probed(run->report, i);
            __atomic_add_fetch(&run->counts->probed, zf_report_at(run->report, i)->count,
                               __ATOMIC_RELAXED);
        }
    }
}
