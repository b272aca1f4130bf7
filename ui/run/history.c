/*
 * --history: the last instructions before the end, and what each of them changed. While the guest
 * runs, a ring keeps them as bytes and registers; they become text at the end.
 */
#include "run/part.h"
#include "text/common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Before an instruction. */
struct moment {
    uint64_t address, word;
    uint64_t gr[16];
    uint8_t cc, length; /* length 0: its bytes were not there */
    uint16_t cpu;
};

struct zf_run_history {
    uint64_t count; /* so far */
    unsigned size;
    unsigned mask; /* of places in the ring, which are a power of two */
    struct moment ring[];
};

/* This is done for each instruction: nothing is locked, or divided, without need. */
static struct moment *next_moment(struct zf_run_history *h, const struct zf_cpu *cpu) {
    uint64_t i =
        cpu->cpus->count == 1 ? h->count++ : __atomic_fetch_add(&h->count, 1, __ATOMIC_RELAXED);
    return &h->ring[i & h->mask];
}

static void note(void *context, struct zf_cpu *cpu, uint64_t address) {
    struct zf_run_history *h = context;
    struct moment *m = next_moment(h, cpu);
    struct zf_pgm pgm = cpu->pgm;
    unsigned length = 0;
    m->address = address;
    m->length = zf_fetch(cpu, address, &m->word, &length) ? (uint8_t)length : 0;
    m->cc = (uint8_t)cpu->cc;
    m->cpu = cpu->address;
    memcpy(m->gr, cpu->gr, sizeof m->gr);
    cpu->pgm = pgm;
}

bool zf_run_history_open(struct zf_run *run, struct zf_machine_config *config) {
    unsigned size = run->options->history;
    if (!size) {
        return true;
    }
    size_t places = 1;
    while (places < size) {
        places *= 2;
    }
    run->history = calloc(1, sizeof *run->history + places * sizeof run->history->ring[0]);
    if (!run->history) {
        return false;
    }
    run->history->size = size;
    run->history->mask = (unsigned)(places - 1);
    config->trace |= ZF_TRACE_INSN;
    config->trace_insn = note;
    config->trace_insn_context = run->history;
    return true;
}

void zf_run_history_close(struct zf_run *run) {
    free(run->history);
    run->history = NULL;
}

/* The oldest is 0. */
static const struct moment *moment_at(const struct zf_run_history *h, uint64_t i) {
    uint64_t first = h->count > h->size ? h->count - h->size : 0;
    return &h->ring[(first + i) & h->mask];
}

static uint64_t length_of(const struct zf_run_history *h) {
    return h->count < h->size ? h->count : h->size;
}

/* The same CPU's registers after instruction `i`: before its next one, or now. */
static void after(const struct zf_run *run, uint64_t i, struct moment *m) {
    const struct zf_run_history *h = run->history;
    unsigned cpu = moment_at(h, i)->cpu;
    for (uint64_t k = i + 1; k < length_of(h); k++) {
        if (moment_at(h, k)->cpu == cpu) {
            *m = *moment_at(h, k);
            return;
        }
    }
    const struct zf_cpu *now = zf_machine_cpu(run->machine, cpu);
    m->cc = (uint8_t)now->cc;
    memcpy(m->gr, now->gr, sizeof m->gr);
}

static void describe(const struct moment *m, char *text, size_t size) {
    struct zf_insn insn;
    snprintf(text, size, "not there");
    if (m->length) {
        zf_decode(m->word, &insn);
        zf_disasm(&insn, m->address, text, size);
        char *tab = strchr(text, '\t');
        if (tab) {
            *tab = ' ';
        }
    }
}

static void print_moment(FILE *out, const struct zf_run *run, uint64_t i) {
    const struct moment *m = moment_at(run->history, i);
    struct moment next;
    char text[96], bytes[16] = "";
    describe(m, text, sizeof text);
    after(run, i, &next);
    for (unsigned k = 0; k < m->length; k++) {
        snprintf(bytes + 2 * k, 3, "%02x", (unsigned)(m->word >> (56 - 8 * k)) & 0xff);
    }
    if (zf_machine_cpu(run->machine, 1)) {
        fprintf(out, "  cpu %u", m->cpu);
    }
    int width = fprintf(out, "  %#14" PRIx64 "  %-12s  %s", m->address, bytes, text);
    const char *gap = "";
    for (unsigned r = 0; r < 16; r++) {
        if (m->gr[r] != next.gr[r]) {
            fprintf(out, "%*s  r%u=%" PRIx64, *gap ? 0 : 62 - width, "", r, next.gr[r]);
            gap = " ";
        }
    }
    if (m->cc != next.cc) {
        fprintf(out, "%*s  cc=%u", *gap ? 0 : 62 - width, "", next.cc);
    }
    fputc('\n', out);
}

void zf_run_history_print(FILE *out, const struct zf_run *run) {
    const struct zf_run_history *h = run->history;
    if (!h) {
        return;
    }
    fprintf(out, "Last %" PRIu64 " of %" PRIu64 " instruction%s\n", length_of(h), h->count,
            zf_plural(h->count));
    for (uint64_t i = 0; i < length_of(h); i++) {
        print_moment(out, run, i);
    }
}

static json_t *moment_json(const struct zf_run *run, uint64_t i) {
    const struct moment *m = moment_at(run->history, i);
    json_t *object = json_object(), *changed = json_object();
    struct moment next;
    char text[96], name[8];
    describe(m, text, sizeof text);
    after(run, i, &next);
    for (unsigned r = 0; r < 16; r++) {
        if (m->gr[r] != next.gr[r]) {
            char value[24];
            snprintf(name, sizeof name, "r%u", r);
            snprintf(value, sizeof value, "%016" PRIx64, next.gr[r]);
            json_object_set_new(changed, name, json_string(value));
        }
    }
    if (m->cc != next.cc) {
        json_object_set_new(changed, "cc", json_integer(next.cc));
    }
    char address[24];
    snprintf(address, sizeof address, "0x%" PRIx64, m->address);
    json_object_set_new(object, "cpu", json_integer(m->cpu));
    json_object_set_new(object, "address", json_string(address));
    json_object_set_new(object, "text", json_string(text));
    json_object_set_new(object, "changed", changed);
    return object;
}

void zf_run_history_json(const struct zf_run *run, json_t *object) {
    if (run->history) {
        json_t *list = json_array();
        for (uint64_t i = 0; i < length_of(run->history); i++) {
            json_array_append_new(list, moment_json(run, i));
        }
        json_object_set_new(object, "history", list);
    }
}
