/*
 * PERFORM LOCKED OPERATION: compares one place in storage and, when it is as expected, loads,
 * swaps or stores up to three others, as one locked operation: one CPU at a time, under a
 * lock that a host access fault gives back (machine/run.c).
 *
 * The 24 function codes are six operations in four forms. The forms differ in the operands' size
 * and in where operands 1, 3, 5 and 7 are: in registers, or right-aligned in 16-byte slots of the
 * parameter list at the fourth operand's address.
 */
#include "general/operand.h"

#include "zfacet/implemented.h"

enum plo_operation { PLO_LOAD, PLO_SWAP, PLO_DOUBLE_SWAP, PLO_STORE, PLO_STORE2, PLO_STORE3 };
enum plo_form { PLO_WORD, PLO_LIST64, PLO_GR64, PLO_LIST128 };
enum { PLO_TEST = 0x100, PLO_RESERVED_SHIFT = 9 };

/* Slots of the parameter list, and the ALETs and addresses of operands 4, 6 and 8 in it. */
enum { SLOT_1C = 0, SLOT_1R = 1, SLOT_3C = 2, SLOT_3R = 3, SLOT_5 = 5, SLOT_7 = 7 };
enum { ALET_4 = 68, ADDRESS_4 = 72, ADDRESS_STEP = 32 };

/* A value in storage's byte order. */
struct plo_value {
    uint8_t bytes[16];
};

/* Where an operand is. The parameter list has an ALET beside each address, which goes into access
 * register R3. */
struct plo_place {
    uint64_t address;
    unsigned ar;
    bool listed;
    uint32_t alet;
};

struct plo {
    struct zf_cpu *cpu;
    unsigned r1, r3;
    struct plo_place at2, at4; /* at4: the fourth operand, or the parameter list */
    enum plo_operation operation;
    enum plo_form form;
    unsigned size;
};

static bool in_registers(const struct plo *p) {
    return p->form == PLO_WORD || p->form == PLO_GR64;
}

static bool plo_use(const struct plo *p, const struct plo_place *at) {
    if (at->listed) {
        p->cpu->ar[p->r3] = at->alet;
    }
    return zf_use(p->cpu, at->ar);
}

static bool plo_get(const struct plo *p, const struct plo_place *at, struct plo_value *v) {
    return plo_use(p, at) && zf_load_bytes(p->cpu, at->address, v->bytes, p->size);
}

static bool plo_put(const struct plo *p, const struct plo_place *at, const struct plo_value *v) {
    return plo_use(p, at) && zf_store_bytes(p->cpu, at->address, v->bytes, p->size);
}

static bool plo_probe(const struct plo *p, const struct plo_place *at) {
    return plo_use(p, at) && zf_probe(p->cpu, at->address, p->size, ZF_ACCESS_WRITE);
}

static struct plo_place slot(const struct plo *p, unsigned number) {
    struct plo_place place = p->at4;
    place.address += 16 * number + 16 - p->size;
    return place;
}

static struct plo_value from_register(const struct plo *p, unsigned r) {
    struct plo_value v;
    if (p->size == 4) {
        zf_put32(v.bytes, zf_low(p->cpu, r));
    } else {
        zf_put64(v.bytes, p->cpu->gr[r]);
    }
    return v;
}

static void to_register(const struct plo *p, unsigned r, const struct plo_value *v) {
    if (p->size == 4) {
        zf_set_low(p->cpu, r, zf_get32(v->bytes));
    } else {
        p->cpu->gr[r] = zf_get64(v->bytes);
    }
}

/* An operand that the form has in a register or in a slot. */
static bool operand_get(const struct plo *p, unsigned r, unsigned number, struct plo_value *v) {
    if (!in_registers(p)) {
        struct plo_place at = slot(p, number);
        return plo_get(p, &at, v);
    }
    *v = from_register(p, r);
    return true;
}

static bool operand_put(const struct plo *p, unsigned r, unsigned number,
                        const struct plo_value *v) {
    if (!in_registers(p)) {
        struct plo_place at = slot(p, number);
        return plo_put(p, &at, v);
    }
    to_register(p, r, v);
    return true;
}

static bool by_access_registers(const struct plo *p) {
    const uint64_t mask = ZF_PSW_DAT | ZF_PSW_AS;
    return (p->cpu->psw.mask & mask) == (ZF_PSW_DAT | ZF_PSW_AS_AR);
}

/* Operand 4, 6 or 8 (`number` 0 to 2), of which the parameter list has the address. */
static bool list_place(const struct plo *p, unsigned number, struct plo_place *at) {
    uint64_t list = p->at4.address + ADDRESS_STEP * number, alet = 0;
    *at = (struct plo_place){.ar = p->r3, .listed = by_access_registers(p)};
    if (at->listed && !p->r3) {
        return zf_pgm(p->cpu, ZF_PGM_SPECIFICATION);
    }
    if (!plo_use(p, &p->at4) || !zf_load(p->cpu, list + ALET_4, 4, &alet) ||
        !zf_load(p->cpu, list + ADDRESS_4, 8, &at->address)) {
        return false;
    }
    at->alet = (uint32_t)alet;
    at->address = zf_wrap(p->cpu, at->address);
    return at->address & (p->size - 1) ? zf_pgm(p->cpu, ZF_PGM_SPECIFICATION) : true;
}

/* The fourth operand: named by the instruction, or by the parameter list. */
static bool operand4_place(const struct plo *p, struct plo_place *at) {
    if (in_registers(p) && p->operation <= PLO_STORE) {
        *at = p->at4;
        return true;
    }
    return list_place(p, 0, at);
}

static bool differs(const struct plo *p, const struct plo_value *a, const struct plo_value *b) {
    return memcmp(a->bytes, b->bytes, p->size) != 0;
}

/* COMPARE AND LOAD, the comparison being equal: operand 3 gets operand 4. */
static bool do_load(const struct plo *p) {
    struct plo_value v;
    struct plo_place at;
    return operand4_place(p, &at) && plo_get(p, &at, &v) && operand_put(p, p->r3, SLOT_3C, &v);
}

/* DOUBLE COMPARE AND SWAP: a second comparison, CC 2 when that one fails. */
static bool do_double_swap(const struct plo *p, const struct plo_value *replacement, uint32_t *cc) {
    struct plo_value expected, new_value, found;
    struct plo_place at;
    if (!operand4_place(p, &at) || !operand_get(p, p->r3, SLOT_3C, &expected) ||
        !plo_get(p, &at, &found)) {
        return false;
    }
    if (differs(p, &expected, &found)) {
        *cc = 2;
        return operand_put(p, p->r3, SLOT_3C, &found);
    }
    return operand_get(p, p->r3 + 1, SLOT_3R, &new_value) && plo_probe(p, &p->at2) &&
           plo_put(p, &at, &new_value) && plo_put(p, &p->at2, replacement);
}

/* COMPARE AND SWAP with none to three more stores; all are tested before the first is done. */
static bool do_stores(const struct plo *p, const struct plo_value *replacement, unsigned stores) {
    static const unsigned slots[] = {SLOT_3R, SLOT_5, SLOT_7};
    struct plo_value values[3];
    struct plo_place at[3];
    for (unsigned k = 0; k < stores; k++) {
        struct plo_place from = slot(p, slots[k]);
        bool ok = stores == 1 ? operand_get(p, p->r3, slots[k], &values[k])
                              : plo_get(p, &from, &values[k]);
        if (!ok || !(k ? list_place(p, k, &at[k]) : operand4_place(p, &at[0])) ||
            !plo_probe(p, &at[k])) {
            return false;
        }
    }
    if (!plo_probe(p, &p->at2)) {
        return false;
    }
    for (unsigned k = 0; k < stores; k++) {
        if (!plo_put(p, &at[k], &values[k])) {
            return false;
        }
    }
    return plo_put(p, &p->at2, replacement);
}

static bool perform(const struct plo *p) {
    struct plo_value expected, found, replacement;
    uint32_t cc = 0;
    if (!operand_get(p, p->r1, SLOT_1C, &expected) || !plo_get(p, &p->at2, &found)) {
        return false;
    }
    bool ok;
    if (differs(p, &expected, &found)) {
        ok = operand_put(p, p->r1, SLOT_1C, &found);
        cc = 1;
    } else if (p->operation == PLO_LOAD) {
        ok = do_load(p);
    } else if (!operand_get(p, p->r1 + 1, SLOT_1R, &replacement)) {
        ok = false;
    } else if (p->operation == PLO_DOUBLE_SWAP) {
        ok = do_double_swap(p, &replacement, &cc);
    } else {
        ok = do_stores(p, &replacement,
                       p->operation == PLO_SWAP ? 0 : p->operation - PLO_STORE + 1u);
    }
    if (ok) {
        p->cpu->cc = cc;
    }
    return ok;
}

/* Even registers and alignment, as the form and the operation want them. */
static bool operands_valid(const struct plo *p) {
    bool list = !in_registers(p) || p->operation > PLO_STORE;
    bool fourth = !list && p->operation != PLO_SWAP;
    uint64_t list_mask = p->form == PLO_WORD ? 3 : 7;
    if (in_registers(p) && ((p->operation != PLO_LOAD && p->r1 & 1) ||
                            (p->operation == PLO_DOUBLE_SWAP && p->r3 & 1))) {
        return false;
    }
    return !(p->at2.address & (p->size - 1)) && !(list && p->at4.address & list_mask) &&
           !(fourth && p->at4.address & (p->size - 1));
}

enum zf_next zf_do_plo(struct zf_cpu *cpu, const struct zf_call *call) {
    static const uint8_t sizes[] = {4, 8, 8, 16};
    const struct zf_insn_call *i = zf_insn_call(call);
    uint32_t control = zf_low(cpu, 0);
    unsigned code = control & 0xff;
    if (control >> PLO_RESERVED_SHIFT) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (control & PLO_TEST) {
        cpu->cc = zf_gate_has_function(&zf_cpu_facilities(cpu)->gate, ZF_QUERY_PLO, code) ? 0 : 3;
        return ZF_NEXT;
    }
    if (!zf_function_permitted(cpu, i, ZF_QUERY_PLO, code)) {
        return zf_function_refused(cpu, i, ZF_QUERY_PLO, code, ZF_PGM_SPECIFICATION);
    }
    if (!zf_function_implemented(ZF_QUERY_PLO, code)) {
        return zf_function_unimplemented(cpu, i, ZF_QUERY_PLO, code, ZF_PGM_SPECIFICATION);
    }
    struct plo p = {
        .cpu = cpu,
        .r1 = i->o.r1,
        .r3 = i->o.r3,
        .at2 = {zf_ea(cpu, i->o.b2, i->o.d2), i->o.b2, false, 0},
        .at4 = {zf_ea(cpu, i->o.b4, i->o.d4), i->o.b4, false, 0},
        .operation = (enum plo_operation)(code >> 2),
        .form = (enum plo_form)(code & 3),
        .size = sizes[code & 3],
    };
    if (!operands_valid(&p)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    zf_cpus_lock(cpu);
    bool done = perform(&p);
    zf_cpus_unlock(cpu);
    return zf_done(done);
}
