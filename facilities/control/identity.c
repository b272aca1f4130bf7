/*
 * Control instructions that tell the guest what it runs on, and its prefix.
 */
#include "control/control.h"

#include "zfacet/sclp.h"

void zf_guest_config_of(const struct zf_cpu *cpu, struct zf_guest_config *config) {
    const struct zf_facilities *f = zf_cpu_facilities(cpu);
    *config = f->guest;
    if (!config->model) {
        config->model = &f->gate.model;
    }
    if (!config->memory) {
        config->memory = cpu->storage->size;
    }
    if (!config->cpus) {
        config->cpus = zf_machine_cpus(cpu->machine);
    }
    if (cpu->machine->sclp) {
        const struct zf_configuration *c = zf_sclp_configuration(cpu->machine->sclp);
        config->standby = c->standby;
        config->vertical = c->vertical;
    }
}

static enum zf_next store_aligned(struct zf_cpu *cpu, const struct zf_call *call, unsigned size,
                                  uint64_t value) {
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    if (address & (size - 1)) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    return zf_done(zf_store(cpu, address, size, value));
}

/* SPX: every page whose place in real storage changes may hold code. */
enum zf_next zf_do_spx(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { AREA = 0x2000 };
    const uint64_t prefix_mask = 0x7fffe000;
    uint64_t address = zf_operand2(cpu, zf_insn_call(call)), prefix;
    if (address & 3) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (!zf_load(cpu, address, 4, &prefix)) {
        return ZF_NEXT_PGM;
    }
    prefix &= prefix_mask;
    if (!zf_absolute(cpu->storage, (struct zf_aaddr){prefix}, AREA)) {
        return zf_raise(cpu, ZF_PGM_ADDRESSING);
    }
    zf_code_changed(cpu->storage, 0, AREA);
    zf_code_changed(cpu->storage, cpu->prefix, AREA);
    zf_code_changed(cpu->storage, prefix, AREA);
    cpu->prefix = prefix;
    zf_tlb_clear(cpu);
    return ZF_NEXT_LEAVE;
}

enum zf_next zf_do_stpx(struct zf_cpu *cpu, const struct zf_call *call) {
    return store_aligned(cpu, call, 4, cpu->prefix);
}

enum zf_next zf_do_stap(struct zf_cpu *cpu, const struct zf_call *call) {
    return store_aligned(cpu, call, 2, cpu->address);
}

enum zf_next zf_do_stidp(struct zf_cpu *cpu, const struct zf_call *call) {
    struct zf_guest_config config;
    zf_guest_config_of(cpu, &config);
    return store_aligned(cpu, call, 8, zf_guest_cpu_id(&config));
}

enum zf_next zf_do_stfl(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { FACILITY_LIST = 200 };
    struct zf_guest_config config;
    (void)call;
    zf_guest_config_of(cpu, &config);
    zf_real_store(cpu, (struct zf_raddr){FACILITY_LIST}, 4, zf_guest_facility_word(config.model));
    return ZF_NEXT;
}

/* STSI */
enum zf_next zf_do_stsi(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { LEVEL_SHIFT = 28, CURRENT = 0 };
    const uint32_t reserved0 = 0x0fffff00, reserved1 = 0xffff0000;
    uint8_t block[ZF_SYSIB_LENGTH];
    struct zf_guest_config config;
    uint32_t r0 = zf_low(cpu, 0), r1 = zf_low(cpu, 1);
    unsigned level = r0 >> LEVEL_SHIFT;
    uint64_t address = zf_operand2(cpu, zf_insn_call(call));
    zf_guest_config_of(cpu, &config);
    bool topology = level == ZF_CONFIG_TOPOLOGY && zf_cpu_has_facility(cpu, ZF_FACILITY_TOPOLOGY);
    if (level > zf_guest_config_level(&config) && !topology) {
        cpu->cc = 3;
        return ZF_NEXT;
    }
    if (r0 & reserved0 || r1 & reserved1) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (level == CURRENT) {
        zf_set_low(cpu, 0, (uint32_t)zf_guest_config_level(&config) << LEVEL_SHIFT);
        cpu->cc = 0;
        return ZF_NEXT;
    }
    if (address & ~ZF_PAGE_MASK) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if ((r0 & 0xff) > 15 || r1 > 15 ||
        !zf_guest_sysib(&config, (enum zf_config_level)level, r0 & 0xff, r1, cpu->address, block)) {
        cpu->cc = 3;
        return ZF_NEXT;
    }
    if (!zf_store_bytes(cpu, address, block, sizeof block)) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = 0;
    return ZF_NEXT;
}

/* STHYI: R1 has the function code, R2 the address of a page, R2 + 1 gets the return code */
enum zf_next zf_do_sthyi(struct zf_cpu *cpu, const struct zf_call *call) {
    enum { NOT_SUPPORTED = 4 };
    const struct zf_operands *o = &zf_insn_call(call)->o;
    uint8_t block[ZF_SYSIB_LENGTH];
    struct zf_guest_config config;
    if (o->r1 & 1 || o->r2 & 1 || o->r1 == o->r2) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    if (cpu->gr[o->r1] & 0xffff) {
        cpu->gr[o->r2 + 1] = NOT_SUPPORTED;
        cpu->cc = 3;
        return ZF_NEXT;
    }
    uint64_t address = zf_wrap(cpu, cpu->gr[o->r2]);
    if (address & ~ZF_PAGE_MASK) {
        return zf_raise(cpu, ZF_PGM_SPECIFICATION);
    }
    zf_guest_config_of(cpu, &config);
    zf_guest_hypervisor_info(&config, block);
    if (!zf_store_bytes(cpu, address, block, sizeof block)) {
        return ZF_NEXT_PGM;
    }
    cpu->gr[o->r2 + 1] = 0;
    cpu->cc = 0;
    return ZF_NEXT;
}

static unsigned scp_info(const void *context, uint8_t *sccb, unsigned length) {
    return zf_guest_scp_info(context, sccb, length);
}

static unsigned cpu_info(const void *context, uint8_t *sccb, unsigned length) {
    return zf_guest_cpu_info(context, sccb, length);
}

/* SERVC: R1 has the command word, R2 the address of the SCCB */
enum zf_next zf_do_servc(struct zf_cpu *cpu, const struct zf_call *call) {
    const struct zf_insn_call *i = zf_insn_call(call);
    struct zf_guest_config config;
    zf_guest_config_of(cpu, &config);
    const struct zf_sclp_information information = {&config, scp_info, cpu_info};
    zf_cpus_claim(cpu->cpus); /* one CPU at a time, and not while one looks for input */
    int cc = zf_sclp_service(cpu->machine->sclp, cpu, zf_low(cpu, i->o.r1),
                             zf_wrap(cpu, cpu->gr[i->o.r2]), &information);
    zf_cpus_release(cpu->cpus);
    if (cc < 0) {
        return ZF_NEXT_PGM;
    }
    cpu->cc = (uint32_t)cc;
    return ZF_NEXT_LEAVE;
}
