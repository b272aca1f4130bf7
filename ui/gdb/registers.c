/*
 * A CPU's registers as GDB sees them: its own features of s390 first, which it needs to know a
 * frame, then what is left of registers.def, so that a new row is there without a line here.
 */
#include "gdb/state.h"

#include "zfacet/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEATURE(name) "org.gnu.gdb.s390." name

static void add(struct zf_gdb *g, const struct zf_gdb_register *model, const char *name) {
    ZF_ASSERT(g->register_count < ZF_GDB_REGISTERS);
    struct zf_gdb_register *r = &g->registers[g->register_count++];
    *r = *model;
    snprintf(r->name, sizeof r->name, "%s", name);
}

/* Registers `first` to the end of a row, as `prefix` and number; with one, just `prefix`. */
static void add_row(struct zf_gdb *g, const char *feature, const char *prefix, enum zf_register id,
                    const char *type) {
    const struct zf_register_info *info = zf_register_info(id);
    for (unsigned n = 0; n < info->count; n++) {
        struct zf_gdb_register r = {ZF_GDB_ROW, id, n, info->bytes, feature, type, ""};
        char name[16];
        snprintf(name, sizeof name, info->count > 1 ? "%s%u" : "%s", prefix, n);
        add(g, &r, name);
    }
}

/* The left halves of the first 16 are floating-point registers. */
static void add_vectors(struct zf_gdb *g) {
    char name[16];
    for (unsigned n = 0; n < zf_register_info(ZF_REGISTER_VR)->count; n++) {
        bool half = n < zf_register_info(ZF_REGISTER_FPR)->count;
        struct zf_gdb_register r = {half ? ZF_GDB_RIGHT : ZF_GDB_ROW,
                                    ZF_REGISTER_VR,
                                    n,
                                    half ? 8 : 16,
                                    FEATURE("vx"),
                                    half ? "uint64" : "vec128",
                                    ""};
        snprintf(name, sizeof name, half ? "v%ul" : "v%u", n);
        add(g, &r, name);
    }
}

static void add_psw(struct zf_gdb *g) {
    struct zf_gdb_register mask = {ZF_GDB_PSW_MASK, 0, 0, 8, FEATURE("core"), "uint64", ""};
    struct zf_gdb_register address = {ZF_GDB_PSW_ADDRESS, 0, 0, 8, FEATURE("core"), "code_ptr", ""};
    add(g, &mask, "pswm");
    add(g, &address, "pswa");
}

static const char *unsigned_type(unsigned bytes) {
    return bytes == 4 ? "uint32" : bytes == 16 ? "uint128" : "uint64";
}

/* What only the control program sees: all rows that no feature above has. */
static void add_control(struct zf_gdb *g) {
    static const bool done[ZF_REGISTER_COUNT] = {
        [ZF_REGISTER_GR] = true,  [ZF_REGISTER_AR] = true, [ZF_REGISTER_FPR] = true,
        [ZF_REGISTER_FPC] = true, [ZF_REGISTER_VR] = true,
    };
    struct zf_gdb_register timer = {ZF_GDB_CPU_TIMER, 0, 0, 8, FEATURE("virt"), "uint64", ""};
    struct zf_gdb_register tod = {ZF_GDB_TOD, 0, 0, 8, FEATURE("virt"), "uint64", ""};
    add_row(g, FEATURE("cr"), "cr", ZF_REGISTER_CR, "uint64");
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        if (!done[id] && id != ZF_REGISTER_CR) {
            add_row(g, FEATURE("virt"), id == ZF_REGISTER_BEA ? "last_break" : info->name,
                    (enum zf_register)id, unsigned_type(info->bytes));
        }
    }
    add(g, &timer, "cputm");
    add(g, &tod, "tod");
}

void zf_gdb_list_registers(struct zf_gdb *g) {
    add_psw(g);
    add_row(g, FEATURE("core"), "r", ZF_REGISTER_GR, "uint64");
    add_row(g, FEATURE("acr"), "acr", ZF_REGISTER_AR, "uint32");
    add_row(g, FEATURE("fpr"), "fpc", ZF_REGISTER_FPC, "uint32");
    add_row(g, FEATURE("fpr"), "f", ZF_REGISTER_FPR, "ieee_double");
    if (g->config.vector) {
        add_vectors(g);
    }
    if (!g->config.program) {
        add_control(g);
    }
}

static zf_u128 get(const struct zf_cpu *cpu, const struct zf_gdb_register *r) {
    switch (r->kind) {
    case ZF_GDB_PSW_MASK:
        return zf_psw_mask(cpu);
    case ZF_GDB_PSW_ADDRESS:
        return cpu->psw.addr;
    case ZF_GDB_RIGHT:
        return (uint64_t)zf_register_get(cpu, r->id, r->n);
    case ZF_GDB_CPU_TIMER:
        return (uint64_t)zf_clock_cpu_timer(cpu);
    case ZF_GDB_TOD:
        return zf_clock_tod(cpu);
    case ZF_GDB_ROW:
        break;
    }
    return zf_register_get(cpu, r->id, r->n);
}

static void set_row(struct zf_cpu *cpu, const struct zf_gdb_register *r, zf_u128 value) {
    if (r->kind == ZF_GDB_RIGHT) {
        zf_u128 left = zf_register_get(cpu, r->id, r->n) >> 64;
        value = left << 64 | (uint64_t)value;
    }
    zf_register_set(cpu, r->id, r->n, value);
    if (r->id == ZF_REGISTER_CR || r->id == ZF_REGISTER_PREFIX) {
        zf_tlb_clear(cpu);
        zf_cpu_mode_changed(cpu);
    }
}

/* A value that is there already is not set: GDB writes back all that it has read. */
static bool set(struct zf_cpu *cpu, const struct zf_gdb_register *r, zf_u128 value) {
    if (get(cpu, r) == value) {
        return false;
    }
    switch (r->kind) {
    case ZF_GDB_PSW_MASK:
        zf_psw_load(cpu, (uint64_t)value, cpu->psw.addr);
        break;
    case ZF_GDB_PSW_ADDRESS:
        cpu->psw.addr = (uint64_t)value;
        break;
    case ZF_GDB_CPU_TIMER:
        zf_clock_set_cpu_timer(cpu, (int64_t)value);
        break;
    case ZF_GDB_TOD:
        break;
    case ZF_GDB_ROW:
    case ZF_GDB_RIGHT:
        set_row(cpu, r, value);
        break;
    }
    return true;
}

/* Registers while the machine stands still: `count` from `first` on, in GDB's order of bytes. */
struct access {
    struct zf_gdb *gdb;
    unsigned first, count;
    uint8_t *bytes;
    bool changed; /* by writing */
};

static void read_registers(void *context, struct zf_machine *machine) {
    struct access *a = context;
    uint8_t *to = a->bytes;
    for (unsigned i = a->first; i < a->first + a->count; i++) {
        const struct zf_gdb_register *r = &a->gdb->registers[i];
        zf_u128 value = get(zf_machine_cpu(machine, a->gdb->cpu), r);
        for (unsigned k = r->bytes; k-- > 0;) {
            *to++ = (uint8_t)(value >> 8 * k);
        }
    }
}

static void write_registers(void *context, struct zf_machine *machine) {
    struct access *a = context;
    const uint8_t *from = a->bytes;
    for (unsigned i = a->first; i < a->first + a->count; i++) {
        const struct zf_gdb_register *r = &a->gdb->registers[i];
        zf_u128 value = 0;
        for (unsigned k = 0; k < r->bytes; k++) {
            value = value << 8 | *from++;
        }
        a->changed |= set(zf_machine_cpu(machine, a->gdb->cpu), r, value);
    }
}

static size_t size_of(const struct zf_gdb *g, unsigned first, unsigned count) {
    size_t size = 0;
    for (unsigned i = first; i < first + count; i++) {
        size += g->registers[i].bytes;
    }
    return size;
}

enum { BUFFER = ZF_GDB_REGISTERS * 16 };

static void answer_get(struct zf_gdb *g, unsigned first, unsigned count) {
    uint8_t bytes[BUFFER];
    struct access a = {g, first, count, bytes, false};
    zf_control_call(g->config.control, read_registers, &a);
    zf_gdb_add_hex(&g->reply, bytes, size_of(g, first, count));
}

/* They have these values already. */
static bool are_so(struct zf_gdb *g, unsigned first, unsigned count, const uint8_t *values) {
    uint8_t bytes[BUFFER];
    struct access a = {g, first, count, bytes, false};
    zf_control_call(g->config.control, read_registers, &a);
    return !memcmp(bytes, values, size_of(g, first, count));
}

static void answer_set(struct zf_gdb *g, unsigned first, unsigned count, const char *from) {
    uint8_t bytes[BUFFER];
    struct access a = {g, first, count, bytes, false};
    if (!zf_gdb_take_bytes(&from, bytes, size_of(g, first, count)) || *from) {
        zf_gdb_fail(g, 0x16);
        return;
    }
    if (!are_so(g, first, count, bytes)) {
        if (!zf_gdb_can_change(g)) {
            return;
        }
        zf_control_call(g->config.control, write_registers, &a);
    }
    if (a.changed) {
        zf_control_guest_changed(g->config.control);
    }
    zf_gdb_ok(g);
}

void zf_gdb_get_all(struct zf_gdb *g, const char *arguments, size_t length) {
    answer_get(g, 0, g->register_count);
}

void zf_gdb_set_all(struct zf_gdb *g, const char *arguments, size_t length) {
    answer_set(g, 0, g->register_count, arguments);
}

void zf_gdb_get_one(struct zf_gdb *g, const char *arguments, size_t length) {
    uint64_t n;
    if (!zf_gdb_take_hex(&arguments, &n) || n >= g->register_count) {
        zf_gdb_fail(g, 0x16);
        return;
    }
    answer_get(g, (unsigned)n, 1);
}

void zf_gdb_set_one(struct zf_gdb *g, const char *arguments, size_t length) {
    uint64_t n;
    if (!zf_gdb_take_hex(&arguments, &n) || n >= g->register_count || *arguments != '=') {
        zf_gdb_fail(g, 0x16);
        return;
    }
    answer_set(g, (unsigned)n, 1, arguments + 1);
}

/* Bare-metal code is compiled to the same conventions; without an ABI, GDB finds no callers. */
static const char head[] = "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                           "<target version=\"1.0\">\n"
                           "<architecture>s390:64-bit</architecture>\n"
                           "<osabi>GNU/Linux</osabi>\n";

/* GDB's own names of the ways to see a vector. */
static const char vector_types[] =
    "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>\n"
    "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>\n"
    "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>\n"
    "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>\n"
    "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>\n"
    "<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>\n"
    "<union id=\"vec128\">"
    "<field name=\"v4_float\" type=\"v4f\"/><field name=\"v2_double\" type=\"v2d\"/>"
    "<field name=\"v16_int8\" type=\"v16i8\"/><field name=\"v8_int16\" type=\"v8i16\"/>"
    "<field name=\"v4_int32\" type=\"v4i32\"/><field name=\"v2_int64\" type=\"v2i64\"/>"
    "<field name=\"uint128\" type=\"uint128\"/></union>\n";

static void describe_register(FILE *out, const struct zf_gdb_register *r, const char *before) {
    if (strcmp(r->feature, before) != 0) {
        fprintf(out, "%s<feature name=\"%s\">\n%s", *before ? "</feature>\n" : "", r->feature,
                !strcmp(r->feature, FEATURE("vx")) ? vector_types : "");
    }
    const char *group = r->id == ZF_REGISTER_FPR || r->id == ZF_REGISTER_FPC ? "float"
                        : r->id == ZF_REGISTER_VR                            ? "vector"
                        : r->id == ZF_REGISTER_AR                            ? "access"
                        : r->id == ZF_REGISTER_GR                            ? "general"
                                                                             : "system";
    fprintf(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" group=\"%s\"/>\n", r->name,
            r->bytes * 8, r->type, group);
}

char *zf_gdb_describe(const struct zf_gdb *g) {
    char *text = NULL;
    size_t size;
    const char *feature = "";
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return NULL;
    }
    fputs(head, out);
    for (unsigned i = 0; i < g->register_count; i++) {
        describe_register(out, &g->registers[i], feature);
        feature = g->registers[i].feature;
    }
    fputs("</feature>\n</target>\n", out);
    fclose(out);
    return text;
}
