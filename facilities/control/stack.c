/*
 * The linkage stack. Implicit accesses go to the home address space; key-controlled protection does
 * not apply to them.
 */
#include "control/stack.h"

#include "control/trace.h"

/* A section's header and trailer have an address before their entry descriptor; both are 8 bytes.
 */
enum { DESCRIPTOR = 8, SECTION_ADDRESS = 8 };
enum { VALID = 1 };
#define ENTRY_ADDRESS (~UINT64_C(7))

/* An entry descriptor. */
struct descriptor {
    uint8_t type; /* with the unstack-suppression bit */
    uint8_t section;
    uint16_t free;
    uint16_t next;
};
enum { TYPE_MASK = 0x7f, UNSTACK_SUPPRESSION = 0x80 };

static struct zf_end home(uint64_t address) {
    return (struct zf_end){.address = address, .space = ZF_SPACE_HOME, .whole = true};
}

static bool load(struct zf_cpu *cpu, uint64_t address, uint8_t *bytes, size_t length) {
    const struct zf_end from = home(address);
    struct zf_range range;
    if (!zf_range_find(cpu, &from, length, ZF_ACCESS_READ, &range)) {
        return false;
    }
    zf_range_get(cpu, &range, bytes);
    return true;
}

static bool load64(struct zf_cpu *cpu, uint64_t address, uint64_t *value) {
    uint8_t bytes[8];
    bool ok = load(cpu, address, bytes, sizeof bytes);
    *value = ok ? zf_get64(bytes) : 0;
    return ok;
}

static bool load_descriptor(struct zf_cpu *cpu, uint64_t address, struct descriptor *d) {
    uint8_t bytes[DESCRIPTOR];
    if (!load(cpu, address, bytes, sizeof bytes)) {
        return false;
    }
    *d = (struct descriptor){bytes[0], bytes[1], zf_get16(bytes + 2), zf_get16(bytes + 4)};
    return true;
}

static void put_descriptor(uint8_t *bytes, const struct descriptor *d) {
    memset(bytes, 0, DESCRIPTOR);
    bytes[0] = d->type;
    bytes[1] = d->section;
    zf_put16(bytes + 2, d->free);
    zf_put16(bytes + 4, d->next);
}

static void store(struct zf_cpu *cpu, uint64_t address, const struct zf_range *range,
                  const uint8_t *bytes) {
    zf_record_store(cpu, ZF_SPACE_HOME, address, range->length[0] + range->length[1]);
    zf_range_put(cpu, range, bytes);
}

/* The entry that a new one follows. */
struct place {
    uint64_t address; /* of its descriptor */
    struct descriptor descriptor;
    bool new_section; /* it is the header of the next section */
};

/* Goes to the next section when the current one has no room. */
static bool next_section(struct zf_cpu *cpu, struct place *p) {
    uint64_t forward;
    if (p->descriptor.free & 7) {
        return zf_pgm(cpu, ZF_PGM_STACK_SPEC);
    }
    if (!load64(cpu, p->address + DESCRIPTOR + p->descriptor.free, &forward)) {
        return false;
    }
    if (!(forward & VALID)) {
        return zf_pgm(cpu, ZF_PGM_STACK_FULL);
    }
    p->address = forward & ENTRY_ADDRESS;
    p->new_section = true;
    if (!load_descriptor(cpu, p->address, &p->descriptor)) {
        return false;
    }
    return p->descriptor.free >= ZF_STATE_LENGTH || zf_pgm(cpu, ZF_PGM_STACK_SPEC);
}

static bool find_place(struct zf_cpu *cpu, struct place *p) {
    *p = (struct place){.address = cpu->cr[15] & ENTRY_ADDRESS};
    if (!load_descriptor(cpu, p->address, &p->descriptor)) {
        return false;
    }
    return p->descriptor.free >= ZF_STATE_LENGTH || next_section(cpu, p);
}

static void fill(struct zf_cpu *cpu, const struct zf_stack_new *entry, const struct descriptor *d,
                 uint8_t *bytes) {
    struct descriptor own = {(uint8_t)entry->type, d->section,
                             (uint16_t)(d->free - ZF_STATE_LENGTH), 0};
    memset(bytes, 0, ZF_STATE_LENGTH);
    for (unsigned r = 0; r < 16; r++) {
        zf_put64(bytes + ZF_STATE_GR + 8 * r, cpu->gr[r]);
        zf_put32(bytes + ZF_STATE_AR + 4 * r, cpu->ar[r]);
    }
    zf_put32(bytes + ZF_STATE_AUTHORITY, (uint32_t)cpu->cr[3]);
    zf_put16(bytes + ZF_STATE_AUTHORITY + 4, (uint16_t)(cpu->cr[8] >> 16));
    zf_put16(bytes + ZF_STATE_AUTHORITY + 6, zf_primary_asn(cpu->cr));
    zf_put64(bytes + ZF_STATE_PSW, entry->mask);
    zf_put64(bytes + ZF_STATE_ADDRESS, entry->address);
    zf_put64(bytes + ZF_STATE_TARGET, entry->target);
    if (zf_asn_reuse(cpu)) {
        zf_put32(bytes + ZF_STATE_INSTANCE, (uint32_t)(cpu->cr[3] >> 32));
        zf_put32(bytes + ZF_STATE_INSTANCE + 4, (uint32_t)(cpu->cr[4] >> 32));
    }
    put_descriptor(bytes + ZF_STATE_DESCRIPTOR, &own);
}

bool zf_stack_push(struct zf_cpu *cpu, const struct zf_stack_new *entry, struct zf_linkage *l) {
    struct place p;
    struct zf_range back, state, before;
    uint8_t bytes[ZF_STATE_LENGTH], backward[SECTION_ADDRESS];
    if (!find_place(cpu, &p)) {
        return false;
    }
    const struct zf_end header = home(p.address - SECTION_ADDRESS);
    const struct zf_end new = home(p.address + DESCRIPTOR), last = home(p.address);
    if ((p.new_section && !zf_range_find(cpu, &header, sizeof backward, ZF_ACCESS_WRITE, &back)) ||
        !zf_range_find(cpu, &new, sizeof bytes, ZF_ACCESS_WRITE, &state) ||
        !zf_range_find(cpu, &last, DESCRIPTOR, ZF_ACCESS_WRITE, &before)) {
        return false;
    }
    if (p.new_section) {
        zf_put64(backward, (cpu->cr[15] & ENTRY_ADDRESS) | VALID);
        store(cpu, header.address, &back, backward);
    }
    fill(cpu, entry, &p.descriptor, bytes);
    store(cpu, new.address, &state, bytes);
    p.descriptor.next = ZF_STATE_LENGTH;
    put_descriptor(bytes, &p.descriptor);
    store(cpu, last.address, &before, bytes);
    l->cr[15] = p.address + ZF_STATE_LENGTH;
    return true;
}

/* From a header entry to the last entry of the section before. */
static bool section_before(struct zf_cpu *cpu, uint64_t *address, struct descriptor *d) {
    uint64_t backward;
    if (!load64(cpu, *address - SECTION_ADDRESS, &backward)) {
        return false;
    }
    if (!(backward & VALID)) {
        return zf_pgm(cpu, ZF_PGM_STACK_EMPTY);
    }
    *address = backward & ENTRY_ADDRESS;
    if (!load_descriptor(cpu, *address, d)) {
        return false;
    }
    return (d->type & TYPE_MASK) != ZF_STACK_HEADER || zf_pgm(cpu, ZF_PGM_STACK_SPEC);
}

bool zf_stack_locate(struct zf_cpu *cpu, bool unstacking, struct zf_stack_entry *entry) {
    struct descriptor d;
    uint64_t address = cpu->cr[15] & ENTRY_ADDRESS;
    if (!load_descriptor(cpu, address, &d)) {
        return false;
    }
    if ((d.type & TYPE_MASK) == ZF_STACK_HEADER) {
        if (unstacking && d.type & UNSTACK_SUPPRESSION) {
            return zf_pgm(cpu, ZF_PGM_STACK_OPERATION);
        }
        if (!section_before(cpu, &address, &d)) {
            return false;
        }
    }
    entry->descriptor = address;
    entry->type = d.type & TYPE_MASK;
    if (entry->type != ZF_STACK_BRANCH && entry->type != ZF_STACK_CALL) {
        return zf_pgm(cpu, ZF_PGM_STACK_TYPE);
    }
    if (unstacking && d.type & UNSTACK_SUPPRESSION) {
        return zf_pgm(cpu, ZF_PGM_STACK_OPERATION);
    }
    return true;
}

bool zf_stack_get(struct zf_cpu *cpu, const struct zf_stack_entry *entry, unsigned offset,
                  uint8_t *bytes, size_t length) {
    return load(cpu, entry->descriptor - ZF_STATE_DESCRIPTOR + offset, bytes, length);
}

static struct zf_end end_before(const struct zf_stack_entry *entry) {
    return home(entry->descriptor - ZF_STATE_LENGTH);
}

bool zf_stack_before(struct zf_cpu *cpu, const struct zf_stack_entry *entry,
                     struct zf_range *before) {
    const struct zf_end end = end_before(entry);
    return zf_range_find(cpu, &end, DESCRIPTOR, ZF_ACCESS_WRITE, before);
}

void zf_stack_pop(struct zf_cpu *cpu, const struct zf_stack_entry *entry,
                  const struct zf_range *before, struct zf_linkage *l) {
    uint8_t bytes[DESCRIPTOR];
    l->cr[15] = end_before(entry).address;
    zf_range_get(cpu, before, bytes);
    zf_put16(bytes + 4, 0);
    store(cpu, l->cr[15], before, bytes);
}

/* Of the instructions that look at the current entry: the mode that they need. */
static bool stack_mode(struct zf_cpu *cpu) {
    if (!(cpu->psw.mask & ZF_PSW_DAT) || (cpu->psw.mask & ZF_PSW_AS) == ZF_PSW_AS_SECONDARY) {
        return zf_pgm(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    return true;
}

/* BAKR: R1 and R2 of 0 are the next instruction, and no branch */
enum zf_next zf_do_bakr(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_linkage l, to;
    if (!(cpu->psw.mask & ZF_PSW_DAT) || cpu->psw.mask & ZF_PSW_AS_SECONDARY) {
        return zf_raise(cpu, ZF_PGM_SPECIAL_OPERATION);
    }
    zf_linkage_begin(cpu, i, &l);
    to = l;
    if (i->o.r1) {
        zf_linkage_target(&to, cpu->gr[i->o.r1]);
    }
    if (i->o.r2) {
        l.address = zf_wrap(cpu, cpu->gr[i->o.r2]);
    }
    const struct zf_stack_new entry = {ZF_STACK_BRANCH, to.mask, to.address,
                                       zf_linkage_link(l.mask, l.address)};
    if ((i->o.r2 && !zf_trace_branch(cpu, &l, l.mask, l.address)) ||
        !zf_stack_push(cpu, &entry, &l)) {
        return ZF_NEXT_PGM;
    }
    return zf_linkage_end(cpu, i, &l, i->o.r2);
}

/* EREG, EREGG: registers R1 to R2, from 15 on with 0 */
enum zf_next zf_do_ereg(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_stack_entry entry;
    uint8_t gr[16 * 8], ar[16 * 4];
    if (!stack_mode(cpu) || !zf_stack_locate(cpu, false, &entry) ||
        !zf_stack_get(cpu, &entry, ZF_STATE_GR, gr, sizeof gr) ||
        !zf_stack_get(cpu, &entry, ZF_STATE_AR, ar, sizeof ar)) {
        return ZF_NEXT_PGM;
    }
    for (unsigned r = i->o.r1;; r = (r + 1) & 15) {
        uint64_t value = zf_get64(gr + 8 * r);
        if (i->argument == 64) {
            cpu->gr[r] = value;
        } else {
            zf_set_low(cpu, r, (uint32_t)value);
        }
        cpu->ar[r] = zf_get32(ar + 4 * r);
        if (r == i->o.r2) {
            return ZF_NEXT;
        }
    }
}

/* What ESTA gives of a state entry for a code: a pair of registers, or of their halves. */
enum { ESTA_SHORT_PSW = 1, ESTA_PSW = 4, ESTA_INSTANCE = 5 };

static bool extract_psw(struct zf_cpu *cpu, const struct zf_stack_entry *entry, unsigned r1,
                        bool whole) {
    uint8_t left[8], right[8];
    if (!zf_stack_get(cpu, entry, ZF_STATE_PSW, left, sizeof left) ||
        !zf_stack_get(cpu, entry, ZF_STATE_ADDRESS, right, sizeof right)) {
        return false;
    }
    uint64_t mask = zf_get64(left), address = zf_get64(right);
    if (whole) {
        cpu->gr[r1] = mask;
        cpu->gr[r1 + 1] = address;
        return true;
    }
    zf_set_low(cpu, r1, (uint32_t)((mask | ZF_PSW_BIT12) >> 32));
    zf_set_low(cpu, r1 + 1,
               (uint32_t)((mask & ZF_PSW_BA) | (address & 0x7fffffff) | (address > 0x7fffffff)));
    return true;
}

/* ESTA */
enum zf_next zf_do_esta(struct zf_cpu *cpu, const struct zf_call *call) {
    static const uint8_t offset[] = {ZF_STATE_AUTHORITY,  0, ZF_STATE_TARGET,
                                     ZF_STATE_MODIFIABLE, 0, ZF_STATE_INSTANCE};
    const struct zf_insn_call *i = zf_insn_call(call);
    unsigned r1 = i->o.r1, code = (unsigned)cpu->gr[i->o.r2] & 0xff;
    unsigned last = zf_cpu_has_facility(cpu, ZF_FACILITY_ASN_LX_REUSE) ? ESTA_INSTANCE : ESTA_PSW;
    struct zf_stack_entry entry;
    uint8_t bytes[8];
    if (!stack_mode(cpu)) {
        return ZF_NEXT_PGM;
    }
    if (r1 & 1 || code > last) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_stack_locate(cpu, false, &entry)) {
        return ZF_NEXT_PGM;
    }
    if (code == ESTA_SHORT_PSW || code == ESTA_PSW) {
        if (!extract_psw(cpu, &entry, r1, code == ESTA_PSW)) {
            return ZF_NEXT_PGM;
        }
    } else if (!zf_stack_get(cpu, &entry, offset[code], bytes, sizeof bytes)) {
        return ZF_NEXT_PGM;
    } else if (code == ESTA_INSTANCE) {
        zf_set_high(cpu, r1, zf_get32(bytes));
        zf_set_high(cpu, r1 + 1, zf_get32(bytes + 4));
    } else {
        zf_set_low(cpu, r1, zf_get32(bytes));
        zf_set_low(cpu, r1 + 1, zf_get32(bytes + 4));
    }
    cpu->cc = entry.type == ZF_STACK_CALL;
    return ZF_NEXT;
}

/* MSTA */
enum zf_next zf_do_msta(struct zf_cpu *cpu, const struct zf_call *call) {
    unsigned r1 = zf_insn_call(call)->o.r1;
    struct zf_stack_entry entry;
    struct zf_range range;
    uint8_t bytes[8];
    if (!stack_mode(cpu)) {
        return ZF_NEXT_PGM;
    }
    if (r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_stack_locate(cpu, false, &entry)) {
        return ZF_NEXT_PGM;
    }
    const struct zf_end area = home(entry.descriptor - ZF_STATE_DESCRIPTOR + ZF_STATE_MODIFIABLE);
    if (!zf_range_find(cpu, &area, sizeof bytes, ZF_ACCESS_WRITE, &range)) {
        return ZF_NEXT_PGM;
    }
    zf_put32(bytes, zf_low(cpu, r1));
    zf_put32(bytes + 4, zf_low(cpu, r1 + 1));
    store(cpu, area.address, &range, bytes);
    return ZF_NEXT_LEAVE;
}
