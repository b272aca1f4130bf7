/*
 * DIAGNOSE: what a guest asks of the hypervisor or the partition's firmware. Layouts and answers
 * are those that Linux and KVM document by their use; a code that is not here is refused with a
 * specification exception, as there.
 */
#include "control/control.h"

#include "zfacet/clock.h"
#include "zfacet/watchdog.h"

enum { NOT_FOUND = 22 /* EINVAL, which hypercalls return negated */ };

/* X'10': releases the frames from R1 to R3, but for the prefix area's; they read as zeros then. */
static enum zf_next release_pages(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum { PREFIX_AREA = 2 * ZF_PAGE_SIZE };
    uint64_t first = cpu->gr[i->o.r1], last = cpu->gr[i->o.r3];
    if ((first | last) & ~ZF_PAGE_MASK || first > last || first < PREFIX_AREA) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    for (uint64_t at = first; at <= last && at < cpu->storage->size; at += ZF_PAGE_SIZE) {
        uint8_t *page = zf_absolute(cpu->storage, (struct zf_aaddr){at}, ZF_PAGE_SIZE);
        if (page && at - cpu->prefix >= PREFIX_AREA) {
            zf_code_changed(cpu->storage, at, ZF_PAGE_SIZE);
            memset(page, 0, ZF_PAGE_SIZE);
        }
    }
    return ZF_NEXT_LEAVE;
}

/* Storage at an absolute address, to be written to; NULL: there is none. */
static uint8_t *output(struct zf_cpu *cpu, uint64_t address, size_t size) {
    uint8_t *p = zf_absolute(cpu->storage, (struct zf_aaddr){address}, size);
    if (p) {
        zf_code_changed(cpu->storage, address, size);
    }
    return p;
}

/* X'204': the partitions and their CPUs. R1 has an address, R3 the subcode and a number of pages,
 * and gets a return code and the pages that are used. */
static enum zf_next partitions(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum { SIMPLE = 4, SPACE = 5, EXTENDED = 6, SECONDARY = 7, REFUSED = 4 };
    const uint64_t subcode_mask = 0xffff, extended_format = 0x10000;
    struct zf_guest_config config;
    unsigned r3 = i->o.r3;
    if (r3 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint64_t subcode = cpu->gr[r3] & subcode_mask;
    bool extended = cpu->gr[r3] & extended_format;
    zf_guest_config_of(cpu, &config);
    unsigned pages = zf_guest_partition_pages(&config, extended);
    if (subcode < SIMPLE || subcode > SECONDARY || extended != (subcode != SIMPLE)) {
        cpu->gr[r3] = REFUSED;
        return ZF_NEXT;
    }
    if (subcode != SPACE) {
        uint64_t address = cpu->gr[i->o.r1];
        if (address & ~ZF_PAGE_MASK || cpu->gr[r3 + 1] < pages) {
            return zf_raise(cpu, ZF_PGM_SPECIFICATION);
        }
        uint8_t *block = output(cpu, address, (size_t)pages * ZF_PAGE_SIZE);
        if (!block) {
            return zf_raise(cpu, ZF_PGM_ADDRESSING);
        }
        zf_guest_partitions(&config, extended, zf_clock_tod(cpu), block);
    }
    cpu->gr[r3] = 0;
    cpu->gr[r3 + 1] = pages;
    return ZF_NEXT_LEAVE;
}

/* X'224': the names of the kinds of CPUs, into the page at R3 */
static enum zf_next cpu_names(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    uint64_t address = cpu->gr[i->o.r3];
    if (address & ~ZF_PAGE_MASK) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint8_t *block = output(cpu, address, ZF_PAGE_SIZE);
    if (!block) {
        return zf_raise(cpu, ZF_PGM_ADDRESSING);
    }
    zf_guest_cpu_names(block);
    return ZF_NEXT_LEAVE;
}

/* The block at R1 of X'258', as Linux has it. */
struct page_reference {
    unsigned code, function, length, version;
    uint64_t token, select, compare, reserved;
};

static bool get_page_reference(struct zf_cpu *cpu, uint64_t address, struct page_reference *block) {
    enum { LENGTH = 40 };
    uint8_t bytes[LENGTH];
    for (unsigned n = 0; n < LENGTH; n++) {
        const uint8_t *p =
            zf_absolute(cpu->storage, zf_prefix(cpu, (struct zf_raddr){address + n}), 1);
        if (!p) {
            return zf_pgm(cpu, ZF_PGM_ADDRESSING);
        }
        bytes[n] = *p;
    }
    *block = (struct page_reference){
        .code = zf_get16(bytes),
        .function = zf_get16(bytes + 2),
        .length = zf_get16(bytes + 4),
        .version = zf_get16(bytes + 6),
        .token = zf_get64(bytes + 8),
        .select = zf_get64(bytes + 16),
        .compare = zf_get64(bytes + 24),
        .reserved = zf_get64(bytes + 32),
    };
    return true;
}

/*
 * X'258': the guest wants to be told of page faults of the hypervisor's, of which there are none:
 * all that is kept is whether it does. R3 gets the return code.
 */
static enum zf_next page_reference(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum { SET = 0, CANCEL = 1, VERSION = 2, WORDS = 5, IS_SET = 8, IS_NOT_SET = 4 };
    struct page_reference b;
    uint64_t address = cpu->gr[i->o.r1];
    if (address & 7) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!get_page_reference(cpu, address, &b)) {
        return ZF_NEXT_PGM;
    }
    bool set = b.function == SET && (b.compare & b.select) == b.compare && !(b.token & 7);
    bool cancel = b.function == CANCEL && !(b.token | b.select | b.compare | b.reserved);
    if (b.code != 0x258 || b.version != VERSION || b.length < WORDS || (!set && !cancel)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (set && !zf_absolute(cpu->storage, (struct zf_aaddr){b.token}, 8)) {
        return zf_raise(cpu, ZF_PGM_ADDRESSING);
    }
    bool done = set != (cpu->page_faults_told != 0);
    cpu->gr[i->o.r3] = done ? 0 : set ? IS_SET : IS_NOT_SET;
    cpu->page_faults_told = set;
    return ZF_NEXT_LEAVE;
}

/* X'260': where storage is. R3 has the subcode. */
static enum zf_next storage_configuration(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum { LAST_BYTES = 0xc, EXTENTS = 0x10, EXTENT = 16 };
    uint64_t last = cpu->storage->size - 1;
    unsigned r1 = i->o.r1, r3 = i->o.r3;
    if (cpu->gr[r3] == LAST_BYTES) {
        cpu->gr[r1] = cpu->gr[r3] = last;
        cpu->cc = 0;
        return ZF_NEXT;
    }
    if (cpu->gr[r3] != EXTENTS || r1 & 1 || cpu->gr[r1] & (EXTENT - 1) ||
        cpu->gr[r1 + 1] < EXTENT || cpu->gr[r1 + 1] & (EXTENT - 1)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    uint8_t *extent = output(cpu, cpu->gr[r1], EXTENT);
    if (!extent) {
        return zf_raise(cpu, ZF_PGM_ADDRESSING);
    }
    zf_put64(extent, 0);
    zf_put64(extent + 8, last);
    cpu->gr[r3] = 1;
    cpu->cc = 0;
    return ZF_NEXT_LEAVE;
}

/* X'288': the watchdog. R1 has the function, R1 + 1 the seconds, R3 the action: a restart alone */
static enum zf_next watchdog(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum { INITIALIZE, CHANGE, CANCEL, RESTART = 0, LEAST = 15 };
    struct zf_watchdog *dog = cpu->machine->watchdog;
    uint64_t function = cpu->gr[i->o.r1], seconds = cpu->gr[(i->o.r1 + 1) & 15];
    if (i->o.r1 & 1 || cpu->gr[i->o.r3] != RESTART || function > CANCEL ||
        (function != CANCEL && (seconds < LEAST || seconds > UINT32_MAX)) ||
        (function != INITIALIZE && !zf_watchdog_is_set(dog))) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    zf_cpus_claim(cpu->cpus);
    zf_watchdog_set(dog, function == CANCEL ? 0 : (uint32_t)seconds);
    zf_cpus_release(cpu->cpus);
    return ZF_NEXT_LEAVE;
}

/* X'308': resets that go on at the PSW at 0; IPL again, and its parameters, of which there are none
 */
static enum zf_next diag_308(struct zf_cpu *cpu, const struct zf_insn_call *i) {
    enum {
        MODIFIED_CLEAR = 0,
        LOAD_NORMAL = 1,
        LOAD_CLEAR = 3,
        LOAD_DUMP = 4,
        SET = 5,
        STORE = 6,
        NO_BLOCK = 0x0102,
        INVALID = 0x0402
    };
    uint64_t subcode = cpu->gr[i->o.r3];
    if (i->o.r1 & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    switch (subcode) {
    case MODIFIED_CLEAR:
    case LOAD_NORMAL:
        zf_machine_load_reset(cpu->machine, cpu, subcode == MODIFIED_CLEAR);
        return ZF_NEXT_BRANCH;
    case LOAD_CLEAR:
    case LOAD_DUMP:
        zf_machine_end(cpu->machine, ZF_STOP_IPL,
                       "the guest requested another IPL (diagnose X'308', subcode %u)",
                       (unsigned)subcode);
        return ZF_NEXT_STOP;
    case SET:
    case STORE:
        if (cpu->gr[i->o.r1] & ~ZF_PAGE_MASK) {
            return zf_raise(cpu, ZF_PGM_SPECIFICATION);
        }
        if (!zf_absolute(cpu->storage, (struct zf_aaddr){cpu->gr[i->o.r1]}, ZF_PAGE_SIZE)) {
            return zf_raise(cpu, ZF_PGM_ADDRESSING);
        }
        cpu->gr[i->o.r1 + 1] = subcode == SET ? INVALID : NO_BLOCK;
        return ZF_NEXT_LEAVE;
    default:
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
}

/* X'500': KVM's hypercalls, whose number is in GR1. There are no devices to be notified. */
static enum zf_next hypercall(struct zf_cpu *cpu) {
    enum { NOTIFY_OLD = 0, NOTIFY = 3, STORAGE_LIMIT = 4 };
    switch (cpu->gr[1]) {
    case NOTIFY_OLD: /* an early console of Linux's looks whether this is there */
    case NOTIFY:
        cpu->gr[2] = (uint64_t)-NOT_FOUND;
        return ZF_NEXT;
    case STORAGE_LIMIT:
        cpu->gr[2] = cpu->storage->size - 1;
        return ZF_NEXT;
    default:
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
}

static enum zf_next name_of_program(struct zf_cpu *cpu) {
    return zf_model_has_feature(&zf_cpu_facilities(cpu)->gate.model, ZF_FEATURE_DIAG318)
               ? ZF_NEXT_LEAVE
               : zf_raise(cpu, ZF_PGM_SPECIFICATION);
}

/* X'44' and X'9C': another CPU may have the host's time */
static enum zf_next yield(struct zf_cpu *cpu) {
    zf_cpu_yield(cpu);
    zf_interrupt_look(cpu);
    return ZF_NEXT_LEAVE;
}

/* X'FAC' is zfacet's own: R1 gets how often the guest had an exception not because of its model,
 * but because zfacet does not execute what it met. */
enum zf_next zf_do_diag(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    switch (zf_operand2(cpu, i) & 0xffff) {
    case 0x10:
        return release_pages(cpu, i);
    case 0x44:
    case 0x9c:
        return yield(cpu);
    case 0x204:
        return partitions(cpu, i);
    case 0x224:
        return cpu_names(cpu, i);
    case 0x258:
        return page_reference(cpu, i);
    case 0x260:
        return storage_configuration(cpu, i);
    case 0x288:
        return watchdog(cpu, i);
    case 0x308:
        return diag_308(cpu, i);
    case 0x318:
        return name_of_program(cpu);
    case 0x500:
        return hypercall(cpu);
    case 0xfac:
        cpu->gr[i->o.r1] = zf_cpu_facilities(cpu)->unimplemented_traps;
        return ZF_NEXT;
    default:
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
}
