/*
 * Translation by a table: TRANSLATE, TRANSLATE AND TEST and their kin. Of a table only the entries
 * that are looked up need be accessible, so one that lies in two pages is read entry by entry when
 * it cannot be had as a whole.
 */
#include "general/argument.h"
#include "general/operand.h"
#include "zfacet/linear.h"

enum { TABLE = 256 };

/* A table of 256 bytes: host storage of all of it, or NULL. */
struct byte_table {
    uint64_t address;
    const uint8_t *host;
    uint8_t copy[TABLE];
};

static bool table_open(struct zf_cpu *cpu, uint64_t address, struct byte_table *t) {
    size_t n = TABLE;
    t->address = zf_wrap(cpu, address);
    if (ZF_UNLIKELY(cpu->mode & ZF_MODE_WATCHED)) { /* what is used of it is fetched */
        t->host = NULL;
        return true;
    }
    t->host = zf_operand(cpu, t->address, &n, ZF_ACCESS_READ);
    if (n == TABLE) {
        return t->host;
    }
    if (cpu->linear) {
        bool whole = zf_linear_allows(cpu->storage, t->address, TABLE, ZF_PROT_READ);
        t->host = whole ? t->host : NULL;
        return true;
    }
    cpu->pgm = (struct zf_pgm){0};
    t->host = zf_load_bytes(cpu, t->address, t->copy, TABLE) ? t->copy : NULL;
    cpu->pgm = (struct zf_pgm){0};
    return true;
}

static inline bool table_entry(struct zf_cpu *cpu, const struct byte_table *t, uint8_t index,
                               uint8_t *entry) {
    uint64_t value;
    if (ZF_LIKELY(t->host)) {
        *entry = t->host[index];
        return true;
    }
    if (!zf_load(cpu, t->address + index, 1, &value)) {
        return false;
    }
    *entry = (uint8_t)value;
    return true;
}

/* Translates a buffer in place. */
static bool table_translate(struct zf_cpu *cpu, const struct byte_table *t, uint8_t *buffer,
                            size_t length) {
    size_t i = 0;
    for (; t->host && length - i >= 4; i += 4) {
        uint8_t a = t->host[buffer[i]], b = t->host[buffer[i + 1]];
        uint8_t c = t->host[buffer[i + 2]], d = t->host[buffer[i + 3]];
        buffer[i] = a;
        buffer[i + 1] = b;
        buffer[i + 2] = c;
        buffer[i + 3] = d;
    }
    for (; i < length; i++) {
        if (!table_entry(cpu, t, buffer[i], &buffer[i])) {
            return false;
        }
    }
    return true;
}

/* TRANSLATE of bytes that are part of the table: each result can be the next one's entry. */
static bool translate_overlapping(struct zf_cpu *cpu, uint64_t at, uint64_t table,
                                  unsigned length) {
    if (!zf_probe(cpu, at, length, ZF_ACCESS_WRITE) ||
        !zf_probe(cpu, table, TABLE, ZF_ACCESS_READ)) {
        return false;
    }
    for (unsigned i = 0; i < length; i++) {
        uint64_t byte;
        if (!zf_load(cpu, at + i, 1, &byte) || !zf_load(cpu, table + byte, 1, &byte) ||
            !zf_store(cpu, at + i, 1, byte)) {
            return false;
        }
    }
    return true;
}

/* TRANSLATE */
enum zf_next zf_do_tr(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned length = i->o.l1 + 1u;
    uint64_t at = zf_ea(cpu, i->o.b1, i->o.d1), table = zf_ea(cpu, i->o.b2, i->o.d2);
    uint8_t buffer[TABLE];
    struct byte_table t;
    if (!zf_spaces_differ(cpu) &&
        (zf_wrap(cpu, at - table) < TABLE || zf_wrap(cpu, table - at) < length)) {
        return zf_done(translate_overlapping(cpu, at, table, length));
    }
    return zf_done(zf_probe(cpu, at, length, ZF_ACCESS_WRITE) &&
                   zf_load_first(cpu, at, buffer, length) && table_open(cpu, table, &t) &&
                   table_translate(cpu, &t, buffer, length) &&
                   zf_store_bytes(cpu, at, buffer, length));
}

/* The byte that TRT and TRTR stopped at. */
static void test_found(struct zf_cpu *cpu, uint64_t address, uint8_t function, bool last) {
    zf_gr_set_scan_address(cpu, 1, address);
    cpu->gr[2] = (cpu->gr[2] & ~UINT64_C(0xff)) | function;
    cpu->cc = last ? 2 : 1;
}

/* TRANSLATE AND TEST: the second page of the operand is touched only when it is reached. */
enum zf_next zf_do_trt(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned length = i->o.l1 + 1u, done = 0;
    uint64_t at = zf_ea(cpu, i->o.b1, i->o.d1);
    struct byte_table t;
    if (!table_open(cpu, zf_ea(cpu, i->o.b2, i->o.d2), &t)) {
        return ZF_NEXT_PGM;
    }
    while (done < length) {
        size_t n = length - done;
        const uint8_t *p = zf_operand(cpu, at + done, &n, ZF_ACCESS_READ_FIRST);
        if (!p) {
            return ZF_NEXT_PGM;
        }
        for (size_t k = 0; k < n; k++) {
            uint8_t function;
            if (!table_entry(cpu, &t, p[k], &function)) {
                return ZF_NEXT_PGM;
            }
            if (function) {
                test_found(cpu, at + done + k, function, done + k + 1 == length);
                return ZF_NEXT;
            }
        }
        done += (unsigned)n;
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/* TRANSLATE AND TEST REVERSE: from the first operand's address to the left */
enum zf_next zf_do_trtr(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned length = i->o.l1 + 1u;
    uint64_t at = zf_ea(cpu, i->o.b1, i->o.d1);
    struct byte_table t;
    if (!table_open(cpu, zf_ea(cpu, i->o.b2, i->o.d2), &t)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned done = 0; done < length; done++) {
        uint8_t byte, function;
        if (!zf_load_first(cpu, at - done, &byte, 1) || !table_entry(cpu, &t, byte, &function)) {
            return ZF_NEXT_PGM;
        }
        if (function) {
            test_found(cpu, at - done, function, done + 1 == length);
            return ZF_NEXT;
        }
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/* TRANSLATE EXTENDED: stops before the test byte (CC 1), CC 3 after a unit of operation */
enum zf_next zf_do_tre(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1;
    uint8_t buffer[TABLE];
    struct byte_table t;
    if (r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint64_t at = zf_gr_address(cpu, r1), length = zf_gr_length(cpu, r1 + 1);
    uint8_t test = (uint8_t)cpu->gr[0];
    for (unsigned done = 0; length && done < ZF_PAGE_SIZE;) {
        size_t n = (size_t)zf_min(length, TABLE);
        const uint8_t *p = zf_operand(cpu, at, &n, ZF_ACCESS_READ_FIRST);
        if (!p || !table_open(cpu, cpu->gr[i->o.r2], &t)) {
            return ZF_NEXT_PGM;
        }
        memcpy(buffer, p, n);
        const uint8_t *found = memchr(buffer, test, n);
        n = found ? (size_t)(found - buffer) : n;
        if (!table_translate(cpu, &t, buffer, n) || !zf_store_bytes(cpu, at, buffer, n)) {
            return ZF_NEXT_PGM;
        }
        at += n;
        length -= n;
        done += (unsigned)n;
        zf_gr_set_address(cpu, r1, at);
        zf_gr_set_length(cpu, r1 + 1, length);
        if (found) {
            cpu->cc = 1;
            return ZF_NEXT;
        }
    }
    cpu->cc = length ? 3 : 0;
    return ZF_NEXT;
}

/* One execution of TROO, TROT, TRTO or TRTT: sizes of a source and a result character in bytes. */
struct translate_operands {
    unsigned from_size, to_size;
    uint64_t table;
    uint32_t test; /* beyond 16 bits: no character is tested for */
};

/* The table lies at a doubleword; before ETF2 enhancement one for two-byte sources at a page. */
static uint64_t translate_table(const struct zf_cpu *cpu, unsigned from_size) {
    bool page = from_size == 2 && !zf_has_facility(cpu, ZF_FACILITY_ETF2_ENHANCEMENT);
    return zf_gr_address(cpu, 1) & (page ? ZF_PAGE_MASK : ~UINT64_C(7));
}

/* Translates `n` bytes of source in `from`; gives the results, and whether the test character came.
 */
static bool translate_some(struct zf_cpu *cpu, const struct translate_operands *o,
                           const uint8_t *from, size_t *n, uint8_t *to, bool *tested) {
    *tested = false;
    for (size_t k = 0; k * o->from_size < *n; k++) {
        uint32_t index = o->from_size == 1 ? from[k] : zf_get16(from + 2 * k);
        uint64_t result;
        if (!zf_load(cpu, o->table + (uint64_t)index * o->to_size, o->to_size, &result)) {
            return false;
        }
        if (result == o->test) {
            *tested = true;
            *n = k * o->from_size;
            break;
        }
        if (o->to_size == 1) {
            to[k] = (uint8_t)result;
        } else {
            zf_put16(to + 2 * k, (uint16_t)result);
        }
    }
    return true;
}

/* TRANSLATE ONE TO ONE, ONE TO TWO, TWO TO ONE, TWO TO TWO; CC 3 after a unit of operation */
enum zf_next zf_do_troo(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1, r2 = i->o.r2;
    bool two_from = i->argument & ZF_TABLE_FROM_TWO;
    bool two_to = i->argument & ZF_TABLE_TO_TWO;
    struct translate_operands o = {.from_size = two_from ? 2 : 1, .to_size = two_to ? 2 : 1};
    uint8_t from[TABLE], to[2 * TABLE];
    bool tested = false;
    uint64_t length = zf_gr_length(cpu, r1 | 1);
    if (r1 & 1 || length & (o.from_size - 1)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    o.table = translate_table(cpu, o.from_size);
    o.test = i->o.m3 & 1 ? UINT32_MAX : zf_low(cpu, 0) & (two_to ? 0xffff : 0xff);
    for (unsigned done = 0; length && !tested && done < ZF_PAGE_SIZE;) {
        size_t n = (size_t)zf_min(length, TABLE);
        uint64_t source = zf_gr_address(cpu, r2), target = zf_gr_address(cpu, r1);
        if (!zf_load_by(cpu, r2, source, from, n) || !zf_use(cpu, 1) ||
            !translate_some(cpu, &o, from, &n, to, &tested) ||
            !zf_store_by(cpu, r1, target, to, n / o.from_size * o.to_size)) {
            return ZF_NEXT_PGM;
        }
        length -= n;
        done += (unsigned)n;
        zf_gr_set_address(cpu, r1, target + n / o.from_size * o.to_size);
        zf_gr_set_length(cpu, r1 + 1, length);
        zf_gr_set_address(cpu, r2, source + n);
    }
    cpu->cc = tested ? 1 : length ? 3 : 0;
    return ZF_NEXT;
}

/* Controls in M3 of TRTE and TRTRE. */
enum { TRTE_TWO_BYTES = 8, TRTE_TWO_BYTE_CODE = 4, TRTE_LIMIT = 2 };

/*
 * The function code of an argument at host storage; with the argument limit those above 255 have
 * none.
 */
static bool trte_code(struct zf_cpu *cpu, const struct zf_insn_call *i, uint64_t argument,
                      uint64_t *code) {
    unsigned size = i->o.m3 & TRTE_TWO_BYTE_CODE ? 2 : 1;
    *code = 0;
    if (i->o.m3 & TRTE_LIMIT && argument > 0xff) {
        return true;
    }
    return zf_use(cpu, 1) && zf_load(cpu, zf_gr_address(cpu, 1) + argument * size, size, code);
}

/*
 * TRANSLATE AND TEST EXTENDED and REVERSE EXTENDED: R2 gets the first function code that is not
 * zero (CC 1), or zero (CC 0). CC 3 after a unit of operation.
 */
enum zf_next zf_do_trte(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1, size = i->o.m3 & TRTE_TWO_BYTES ? 2 : 1;
    uint64_t step = i->argument & ZF_TABLE_REVERSE ? -(uint64_t)size : size;
    uint64_t at = zf_gr_address(cpu, r1), length = zf_gr_length(cpu, r1 | 1);
    uint64_t code = 0, argument;
    if (r1 & 1 || length & (size - 1)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    for (unsigned done = 0; length && done < ZF_PAGE_SIZE; done++) {
        if (!zf_use(cpu, r1) || !zf_load(cpu, at, size, &argument) ||
            !trte_code(cpu, i, argument, &code)) {
            return ZF_NEXT_PGM;
        }
        if (code) {
            break;
        }
        at += step;
        length -= size;
    }
    zf_gr_set_address(cpu, r1, at);
    zf_gr_set_length(cpu, r1 + 1, length);
    cpu->cc = code ? 1 : length ? 3 : 0;
    if (cpu->cc != 3 && i->o.r2 != r1 && i->o.r2 != r1 + 1) {
        zf_gr_set_length(cpu, i->o.r2, code);
    }
    return ZF_NEXT;
}
