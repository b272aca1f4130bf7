/*
 * COMPARE AND FORM CODEWORD and UPDATE TREE: sorting by tree selection.
 */
#include "general/operand.h"

/* Sizes that depend on the addressing mode. */
struct sort_mode {
    unsigned key_bytes;  /* compared at a time by CFC: 6 or 2 */
    unsigned word_bytes; /* of a codeword */
};

static struct sort_mode sort_mode(const struct zf_cpu *cpu) {
    return cpu->mode & ZF_MODE_64 ? (struct sort_mode){6, 8} : (struct sort_mode){2, 4};
}

/* The bytes of a key as a number, from `index` on of the operand at general register r. */
static bool load_key(struct zf_cpu *cpu, unsigned r, uint64_t index, unsigned length,
                     uint64_t *key) {
    uint8_t bytes[6];
    if (!zf_load_by(cpu, r, cpu->gr[r] + index, bytes, length)) {
        return false;
    }
    *key = 0;
    for (unsigned i = 0; i < length; i++) {
        *key = *key << 8 | bytes[i];
    }
    return true;
}

/*
 * COMPARE AND FORM CODEWORD: keys at GR1 and GR3, from the index in GR2 to that of the second
 * operand's address, whose last bit is one for a descending sort. The codeword is the index and
 * the complement of the higher key (descending: the lower key). Keys out of order are swapped
 * (CC 2). Interruptible; each comparison is a unit of operation.
 */
enum zf_next zf_do_cfc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    uint64_t control = zf_ea(cpu, i->o.b2, i->o.d2);
    struct sort_mode mode = sort_mode(cpu);
    uint64_t first = 0, third = 0;
    if ((cpu->gr[1] | cpu->gr[2] | cpu->gr[3]) & 1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    do {
        uint64_t index = cpu->gr[2] & 0xffff;
        if (index > (control & 0x7ffe)) {
            uint64_t high = UINT64_C(1) << (8 * mode.word_bytes - 1);
            zf_gr_set_length(cpu, 2, zf_gr_length(cpu, 3) | high);
            cpu->cc = 0;
            return ZF_NEXT;
        }
        if (!load_key(cpu, 1, index, mode.key_bytes, &first) ||
            !load_key(cpu, 3, index, mode.key_bytes, &third)) {
            return ZF_NEXT_PGM;
        }
        zf_gr_set_length(cpu, 2, zf_gr_length(cpu, 2) + mode.key_bytes);
    } while (first == third);
    bool descending = control & 1, swap = descending ? first < third : first > third;
    uint64_t key = swap ? first : third;
    uint64_t mask = (UINT64_C(1) << (8 * mode.key_bytes)) - 1;
    if (swap) {
        uint64_t first_address = zf_gr_length(cpu, 1);
        zf_gr_set_length(cpu, 1, zf_gr_length(cpu, 3));
        zf_gr_set_length(cpu, 3, first_address);
    }
    zf_gr_set_length(cpu, 2,
                     (zf_gr_length(cpu, 2) & 0xffff) << (8 * mode.key_bytes) |
                         ((descending ? key : ~key) & mask));
    cpu->cc = swap ? 2 : 1;
    return ZF_NEXT;
}

/*
 * UPDATE TREE: walks from the node at index GR5 towards the root (index GR5 halved each time),
 * exchanging GR0 and GR1 with each node whose codeword is higher. CC 0 equal codewords, 1 the root
 * is reached, 3 the codeword in GR0 is negative.
 */
enum zf_next zf_do_upt(struct zf_cpu *cpu, const struct zf_call *call) {
    unsigned size = sort_mode(cpu).word_bytes;
    uint64_t align = 2 * size - 1;
    (void)call;
    if ((cpu->gr[4] | cpu->gr[5]) & align) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_use(cpu, 4)) {
        return ZF_NEXT_PGM;
    }
    for (;;) {
        uint64_t index = zf_gr_length(cpu, 5) >> 1 & ~align, code, data;
        uint64_t mine = zf_gr_length(cpu, 0);
        uint64_t node = cpu->gr[4] + index;
        if (!index || mine >> (8 * size - 1)) {
            zf_gr_set_length(cpu, 5, index);
            cpu->cc = index ? 3 : 1;
            return ZF_NEXT;
        }
        if (!zf_load(cpu, node, size, &code) || !zf_load(cpu, node + size, size, &data)) {
            return ZF_NEXT_PGM;
        }
        if (code > mine) {
            if (!zf_probe(cpu, node, 2 * size, ZF_ACCESS_WRITE) ||
                !zf_store(cpu, node, size, mine) ||
                !zf_store(cpu, node + size, size, zf_gr_length(cpu, 1))) {
                return ZF_NEXT_PGM;
            }
            zf_gr_set_length(cpu, 0, code);
            zf_gr_set_length(cpu, 1, data);
        }
        zf_gr_set_length(cpu, 5, index);
        if (code == mine) {
            zf_gr_set_length(cpu, 2, code);
            zf_gr_set_length(cpu, 3, data);
            cpu->cc = 0;
            return ZF_NEXT;
        }
    }
}
