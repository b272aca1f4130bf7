/*
 * --dump-at-end: the registers of all CPUs, by the rows of registers.def, and storage as the first
 * CPU sees it.
 */
#include "run/part.h"

#include "zfacet/clock.h"
#include "zfacet/linear.h"
#include "zfacet/register.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_DIGITS = 64, LINE_BYTES = 16 };
#define STORAGE_LIMIT (UINT64_C(1) << 20)

static const char *const states[] = {
    [ZF_CPU_STOPPED] = "stopped",
    [ZF_CPU_OPERATING] = "operating",
    [ZF_CPU_CHECK_STOP] = "check-stop",
    [ZF_CPU_LOAD] = "load",
};

/* A number in C's notation before `after`. */
static bool parse_number(const char *text, char after, uint64_t *number, const char **rest) {
    char *end;
    if (!isdigit((unsigned char)*text)) {
        return false;
    }
    errno = 0;
    *number = strtoull(text, &end, 0);
    *rest = end + 1;
    return !errno && *end == after;
}

static bool parse_item(struct zf_run_dump *dump, const char *item) {
    static const char storage[] = "storage=";
    uint64_t address, length;
    if (!strcmp(item, "registers") || !strcmp(item, "all")) {
        dump->registers = true;
        dump->everything |= item[0] == 'a';
        return true;
    }
    if (strncmp(item, storage, sizeof storage - 1) != 0 || dump->count == ZF_RUN_DUMPS ||
        !parse_number(item + sizeof storage - 1, '+', &address, &item) ||
        !parse_number(item, 0, &length, &item) || !length || length > STORAGE_LIMIT) {
        return false;
    }
    dump->storage[dump->count].address = address;
    dump->storage[dump->count++].length = length;
    return true;
}

bool zf_run_dump_parse(struct zf_run_dump *dump, const char *list) {
    char copy[512], *rest = NULL;
    if (strlen(list) >= sizeof copy) {
        return false;
    }
    strcpy(copy, list);
    for (char *item = strtok_r(copy, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        if (!parse_item(dump, item)) {
            return false;
        }
    }
    return dump->registers || dump->count;
}

/* A register's value in hexadecimal digits, as many as it has. */
static const char *digits(const struct zf_cpu *cpu, enum zf_register id, unsigned n,
                          char text[40]) {
    unsigned bytes = zf_register_info(id)->bytes;
    zf_u128 value = zf_register_get(cpu, id, n);
    if (bytes == 16) {
        snprintf(text, 40, "%016" PRIx64 "%016" PRIx64, (uint64_t)(value >> 64), (uint64_t)value);
    } else {
        snprintf(text, 40, "%0*" PRIx64, (int)bytes * 2, (uint64_t)value);
    }
    return text;
}

/* Without vector registers those in them; else these are enough. */
static bool shown(const struct zf_run *run, enum zf_register id) {
    bool vector = zf_machine_has_facility(run->machine, ZF_FACILITY_VECTOR);
    return id == ZF_REGISTER_VR ? vector : id != ZF_REGISTER_FPR || !vector;
}

static void print_row(FILE *out, const struct zf_cpu *cpu, enum zf_register id) {
    const struct zf_register_info *info = zf_register_info(id);
    unsigned in_line = LINE_DIGITS / (2 * info->bytes);
    char text[40];
    in_line = in_line > 4 && info->count > 4 ? 4 : in_line;
    for (unsigned n = 0; n < info->count; n++) {
        if (n % in_line == 0) {
            fprintf(out, n ? "\n  %-6s" : "  %-6s", info->name);
        }
        if (info->count > 1) {
            fprintf(out, " %2u", n);
        }
        fprintf(out, " %s", digits(cpu, id, n, text));
    }
    fputc('\n', out);
}

/* `address`: of the PSW, which a CPU does not have up to date in the middle of a block. */
static void print_cpu(FILE *out, const struct zf_run *run, const struct zf_cpu *cpu,
                      uint64_t address) {
    fprintf(out, "CPU %u (%s)\n", cpu->address, states[cpu->state]);
    fprintf(out, "  %-6s %016" PRIx64 " %016" PRIx64 "\n", "psw", zf_psw_mask(cpu), address);
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        if (shown(run, (enum zf_register)id)) {
            print_row(out, cpu, (enum zf_register)id);
        }
    }
    fprintf(out, "  %-6s %016" PRIx64 "\n", "timer", (uint64_t)zf_clock_cpu_timer(cpu));
    fprintf(out, "  %-6s %016" PRIx64 "\n", "tod", zf_clock_tod(cpu));
}

/* Bytes of a line or a page; false when they are not all there. */
static bool read_bytes(const struct zf_run *run, enum zf_debug_space space, uint64_t address,
                       uint8_t *bytes, size_t n) {
    return zf_debug_read(zf_machine_cpu(run->machine, 0), space, address, bytes, n);
}

/* Storage that is to be shown. */
struct part {
    enum zf_debug_space space;
    uint64_t address, length;
};

typedef void part_shower(void *context, const struct zf_run *run, const struct part *part);

static bool is_used(const struct zf_run *run, enum zf_debug_space space, uint64_t page) {
    uint8_t bytes[ZF_PAGE_SIZE];
    return read_bytes(run, space, page, bytes, sizeof bytes) &&
           (bytes[0] || memcmp(bytes, bytes + 1, sizeof bytes - 1) != 0);
}

/* Pages from `address` to `end` that are not all zero, those next to each other together. */
static void show_used(const struct zf_run *run, struct part part, uint64_t end, part_shower *show,
                      void *context) {
    for (uint64_t page = part.address; page < end; page += ZF_PAGE_SIZE) {
        part.address = page;
        while (page < end && is_used(run, part.space, page)) {
            page += ZF_PAGE_SIZE;
        }
        part.length = page - part.address;
        if (part.length) {
            show(context, run, &part);
        }
    }
}

/* What was asked for: for "all" real storage, or all that a Linux program has mapped. */
static void show_storage(const struct zf_run *run, part_shower *show, void *context) {
    const struct zf_run_dump *dump = &run->options->dump;
    const struct zf_storage *storage = &run->machine->storage;
    struct zf_linear_range range;
    for (unsigned i = 0; i < dump->count; i++) {
        const struct part part = {ZF_DEBUG_VIRTUAL, dump->storage[i].address,
                                  dump->storage[i].length};
        show(context, run, &part);
    }
    if (dump->everything && !run->program) {
        show_used(run, (struct part){.space = ZF_DEBUG_REAL}, storage->size, show, context);
    }
    for (uint64_t at = 0; dump->everything && run->program && zf_linear_next(storage, at, &range);
         at = range.end) {
        show_used(run, (struct part){.space = ZF_DEBUG_VIRTUAL, .address = range.start}, range.end,
                  show, context);
    }
}

static void print_part(void *context, const struct zf_run *run, const struct part *part) {
    FILE *out = context;
    uint64_t address = part->address, length = part->length;
    fprintf(out, "storage %#" PRIx64 "+%#" PRIx64 "\n", address, length);
    for (uint64_t i = 0; i < length; i += LINE_BYTES) {
        uint8_t bytes[LINE_BYTES];
        size_t n = length - i < LINE_BYTES ? length - i : LINE_BYTES;
        fprintf(out, "  %016" PRIx64 " ", address + i);
        if (!read_bytes(run, part->space, address + i, bytes, n)) {
            fprintf(out, " not there\n");
            continue;
        }
        for (size_t k = 0; k < n; k++) {
            fprintf(out, "%s%02x", k % 4 ? "" : " ", bytes[k]);
        }
        fputc('\n', out);
    }
}

/* Whether the end is to be dumped: always, or because it is no good one. */
static bool at_end(const struct zf_run *run, bool well) {
    const struct zf_run_options *o = run->options;
    return o->dump_on ? o->dump_on & ZF_RUN_DUMP_ON_FAULT && !well : true;
}

/* All CPUs of a machine; of a Linux program the first, and those that a thread has. */
static bool is_shown(const struct zf_run *run, const struct zf_cpu *cpu) {
    return !run->program || !cpu->address || cpu->state == ZF_CPU_OPERATING;
}

static bool with_registers(const struct zf_run *run) {
    const struct zf_run_dump *dump = &run->options->dump;
    return dump->registers || (run->options->dump_on && !dump->count);
}

enum { FINDINGS_DUMPED = 100 };

void zf_run_dump_finding(struct zf_run *run, const struct zf_finding *finding,
                         const struct zf_cpu *cpu) {
    if (!(run->options->dump_on & ZF_RUN_DUMP_ON_FINDING) || run->dumps >= FINDINGS_DUMPED) {
        return;
    }
    run->dumps++;
    fprintf(stderr, "At %s %s at 0x%" PRIx64 "\n", zf_finding_kind_name(finding->kind),
            zf_row_get(finding->subject.row)->mnemonic, finding->address);
    if (with_registers(run)) {
        print_cpu(stderr, run, cpu, finding->address);
    }
    show_storage(run, print_part, stderr);
}

void zf_run_dump_print(FILE *out, const struct zf_run *run, bool well) {
    if (!at_end(run, well)) {
        return;
    }
    const struct zf_cpu *cpu;
    for (unsigned i = 0; with_registers(run) && (cpu = zf_machine_cpu(run->machine, i)); i++) {
        if (is_shown(run, cpu)) {
            print_cpu(out, run, cpu, cpu->psw.addr);
        }
    }
    show_storage(run, print_part, out);
}

static json_t *register_json(const struct zf_cpu *cpu, enum zf_register id) {
    const struct zf_register_info *info = zf_register_info(id);
    char text[40];
    if (info->count == 1) {
        return json_string(digits(cpu, id, 0, text));
    }
    json_t *list = json_array();
    for (unsigned n = 0; n < info->count; n++) {
        json_array_append_new(list, json_string(digits(cpu, id, n, text)));
    }
    return list;
}

static json_t *number_json(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    return json_string(text);
}

static json_t *cpu_json(const struct zf_run *run, const struct zf_cpu *cpu) {
    json_t *object = json_object();
    json_object_set_new(object, "address", json_integer(cpu->address));
    json_object_set_new(object, "state", json_string(states[cpu->state]));
    json_object_set_new(object, "psw_mask", number_json(zf_psw_mask(cpu)));
    json_object_set_new(object, "psw_address", number_json(cpu->psw.addr));
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        if (shown(run, (enum zf_register)id)) {
            json_object_set_new(object, zf_register_info((enum zf_register)id)->name,
                                register_json(cpu, (enum zf_register)id));
        }
    }
    json_object_set_new(object, "timer", number_json((uint64_t)zf_clock_cpu_timer(cpu)));
    json_object_set_new(object, "tod", number_json(zf_clock_tod(cpu)));
    return object;
}

/* Bytes that are not there are "null" lines of 16 bytes, as in the text. */
static void add_json(void *context, const struct zf_run *run, const struct part *part) {
    uint64_t address = part->address, length = part->length;
    json_t *object = json_object(), *lines = json_array();
    for (uint64_t i = 0; i < length; i += LINE_BYTES) {
        uint8_t bytes[LINE_BYTES];
        char text[2 * LINE_BYTES + 1] = "";
        size_t n = length - i < LINE_BYTES ? length - i : LINE_BYTES;
        bool there = read_bytes(run, part->space, address + i, bytes, n);
        for (size_t k = 0; k < n; k++) {
            snprintf(text + 2 * k, 3, "%02x", bytes[k]);
        }
        json_array_append_new(lines, there ? json_string(text) : json_null());
    }
    json_object_set_new(object, "address", number_json(address));
    json_object_set_new(object, "length", json_integer((json_int_t)length));
    json_object_set_new(object, "lines", lines);
    json_array_append_new(context, object);
}

void zf_run_dump_json(const struct zf_run *run, bool well, json_t *object) {
    const struct zf_run_dump *dump = &run->options->dump;
    if (!at_end(run, well)) {
        return;
    }
    json_t *cpus = json_array(), *storage = json_array();
    const struct zf_cpu *cpu;
    for (unsigned i = 0; with_registers(run) && (cpu = zf_machine_cpu(run->machine, i)); i++) {
        if (is_shown(run, cpu)) {
            json_array_append_new(cpus, cpu_json(run, cpu));
        }
    }
    show_storage(run, add_json, storage);
    if (with_registers(run)) {
        json_object_set(object, "cpus", cpus);
    }
    if (dump->count || dump->everything) {
        json_object_set(object, "storage", storage);
    }
    json_decref(cpus);
    json_decref(storage);
}
