/*
 * Dynamic address translation and access checks: virtual to absolute.
 */
#include "machine_state.h"
#include "tb/tb.h"

uint32_t zf_space_number(struct zf_cpu *cpu) {
    bool home = (cpu->psw.mask & ZF_PSW_AS) == ZF_PSW_AS_HOME;
    uint64_t asce = cpu->cr[home ? 13 : 1];
    for (unsigned i = 0; i < cpu->spaces; i++) {
        if (cpu->space_asce[i] == asce) {
            return i + 1;
        }
    }
    if (cpu->spaces == ZF_ARRAY_LENGTH(cpu->space_asce)) {
        zf_tb_drop_virtual(cpu->machine->tbs);
        cpu->spaces = 0;
    }
    cpu->space_asce[cpu->spaces] = asce;
    return ++cpu->spaces;
}

bool zf_translate(struct zf_cpu *cpu, struct zf_vaddr address, enum zf_access access,
                  struct zf_aaddr *absolute, bool *cacheable) {
    (void)access;
    *absolute = zf_prefix(cpu, (struct zf_raddr){address.v});
    *cacheable = true;
    if (absolute->v >= cpu->machine->storage.size) {
        return zf_pgm(cpu, ZF_PGM_ADDRESSING);
    }
    return true;
}
