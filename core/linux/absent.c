/*
 * System calls that were answered ENOSYS, and programs for other machines that were not executed:
 * counted in storage that all processes of the guest share,
 * because a program that goes on without one may end well and be wrong. Entries are claimed once
 * and never given up, so that no lock is needed, not even against a process that is killed.
 */
#include "guest.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

enum { ENTRIES = 128, NUMBERS = 512, EXECVE = 11 };

static const uint32_t FOREIGN = UINT32_MAX - 1; /* above all numbers that are told apart */

enum absence { UNKNOWN, NEWER, OPTION, GONE, MISSING };

struct entry {
    uint32_t claim; /* the number plus 1, or 0 */
    uint32_t ready; /* what follows is there */
    uint64_t count;
    uint64_t address, bias;
    char program[sizeof(((struct zf_linux_absent *)0)->program)];
    char image[sizeof(((struct zf_linux_absent *)0)->image)];
    char foreign[sizeof(((struct zf_linux_absent *)0)->foreign)];
};

struct zf_absent_calls {
    struct entry entries[ENTRIES];
};

static const struct {
    const char *name;
    enum absence absence;
} rows[NUMBERS] = {
#define SYSCALL(number, name, format) [number] = {#name, MISSING},
#include "syscall.def"
#undef SYSCALL
#define ABSENT(number, name, absence) [number] = {#name, absence},
#include "absent.def"
#undef ABSENT
};

struct zf_absent_calls *zf_absent_create(void) {
    struct zf_absent_calls *calls = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE,
                                         MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return calls == MAP_FAILED ? NULL : calls;
}

void zf_absent_destroy(struct zf_absent_calls *calls) {
    if (calls) {
        munmap(calls, sizeof *calls);
    }
}

/* The file that is mapped there, and where its beginning is, from a line of the host's maps. */
static void note_place(struct zf_task *task, struct entry *e) {
    char line[1024];
    uint64_t ram = (uint64_t)(uintptr_t)task->machine->storage.ram;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fgets(line, sizeof line, maps)) {
        uint64_t start, end;
        int path = 0;
        line[strcspn(line, "\n")] = '\0';
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &start, &end, &path) < 2 ||
            !path || start < ram || end - ram > task->machine->storage.size) {
            continue;
        }
        if (line[path] == '/' && strcmp(line + path, e->image) != 0) {
            snprintf(e->image, sizeof e->image, "%s", line + path);
            e->bias = start - ram;
        }
        if (e->address < end - ram) {
            break;
        }
    }
    if (maps) {
        fclose(maps);
    }
}

static struct entry *find(struct zf_absent_calls *calls, uint32_t claim, bool *first) {
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint32_t there = 0;
        *first = __atomic_compare_exchange_n(&calls->entries[i].claim, &there, claim, false,
                                             __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        if (*first || there == claim) {
            return &calls->entries[i];
        }
    }
    return NULL; /* more numbers than Linux has: a program that tries them all */
}

static void count(struct zf_task *task, uint64_t number, const char *foreign) {
    bool first;
    struct entry *e = find(task->process->absent, (uint32_t)number + 1, &first);
    if (!e) {
        return;
    }
    __atomic_add_fetch(&e->count, 1, __ATOMIC_RELAXED);
    if (first) {
        e->address = task->cpu->psw.addr - 2;
        if (task->process->exe) {
            snprintf(e->program, sizeof e->program, "%s", task->process->exe);
        }
        snprintf(e->foreign, sizeof e->foreign, "%s", foreign);
        note_place(task, e);
        __atomic_store_n(&e->ready, 1, __ATOMIC_RELEASE);
    }
}

void zf_absent_count(struct zf_task *task, uint64_t number) {
    count(task, number < FOREIGN ? number : FOREIGN - 1, "");
}

void zf_absent_program(struct zf_task *task, const char *path) {
    count(task, FOREIGN, path);
}

const char *zf_linux_call_name(uint64_t number) {
    return number < NUMBERS ? rows[number].name : NULL;
}

bool zf_linux_absent_at(const struct zf_linux *process, unsigned i, struct zf_linux_absent *out) {
    const struct entry *e = i < ENTRIES ? &process->absent->entries[i] : NULL;
    uint32_t claim = e ? __atomic_load_n(&e->claim, __ATOMIC_ACQUIRE) : 0;
    if (!claim) {
        return false;
    }
    uint32_t number = claim - 1 == FOREIGN ? EXECVE : claim - 1;
    *out = (struct zf_linux_absent){.number = number,
                                    .name = zf_linux_call_name(number),
                                    .count = __atomic_load_n(&e->count, __ATOMIC_RELAXED)};
    if (__atomic_load_n(&e->ready, __ATOMIC_ACQUIRE)) {
        out->address = e->address;
        out->bias = e->bias;
        memcpy(out->program, e->program, sizeof out->program);
        memcpy(out->image, e->image, sizeof out->image);
        memcpy(out->foreign, e->foreign, sizeof out->foreign);
    }
    enum absence absence = claim - 1 < NUMBERS ? rows[claim - 1].absence : UNKNOWN;
    out->optional = absence == NEWER || absence == OPTION || absence == GONE;
    return true;
}
