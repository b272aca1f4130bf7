#include "guest.h"

#include "zfacet/linear.h"
#include "zfacet/vector_register.h"

#include <stdlib.h>

enum { AFP_AND_VECTOR = 0x60000, TIMEOUT_NS = 2000000000 };

static bool on_pgm(void *context, struct zf_cpu *cpu) {
    struct guest *guest = context;
    guest->end = GUEST_PGM;
    guest->pgm = cpu->pgm;
    cpu->machine->stop = ZF_STOP_REQUESTED;
    return false;
}

static bool on_svc(void *context, struct zf_cpu *cpu, uint8_t code) {
    struct guest *guest = context;
    guest->end = GUEST_SVC;
    guest->svc = code;
    cpu->machine->stop = ZF_STOP_REQUESTED;
    return false;
}

struct guest *guest_create(enum zf_engine engine, bool linear) {
    struct guest *guest = calloc(1, sizeof *guest);
    struct zf_machine_config config = {
        /* beside a second CPU, which stays stopped, updates are interlocked */
        .cpus = (engine == ZF_ENGINE_SWITCH) != linear ? 2 : 1,
        .storage_size = GUEST_TOP,
        .linear = linear,
        .engine = engine,
        .heat = 2, /* cold once */
        .frontend = {.translate = zf_translate_block,
                     .cc_use = zf_insn_cc_use,
                     .has_facility = zf_machine_has_facility},
        .timeout_ns = TIMEOUT_NS,
    };
    struct zf_error err;
    ZF_ASSERT(guest);
    guest->machine = zf_machine_create(&config, &err);
    ZF_ASSERT(guest->machine);
    guest->machine->facilities = &guest->facilities;
    guest->machine->personality = (struct zf_personality){guest, on_svc, on_pgm};
    ZF_ASSERT(guest_set_model(guest, "z17-full"));
    return guest;
}

void guest_destroy(struct guest *guest) {
    zf_machine_destroy(guest->machine);
    free(guest);
}

bool guest_set_model(struct guest *guest, const char *name) {
    struct zf_model model;
    struct zf_error err;
    if (zf_model_parse(name, false, &model, NULL, &err) != ZF_OK) {
        return false;
    }
    struct zf_gate_config config = zf_gate_config_default(&model);
    zf_gate_compute(&config, &guest->facilities.gate);
    zf_machine_flush(guest->machine);
    return true;
}

static void clear(struct zf_machine *machine, uint64_t start, uint64_t end) {
    if (machine->storage.linear) {
        bool mapped = zf_linear_map(&machine->storage, start, end - start,
                                    ZF_PROT_READ | ZF_PROT_WRITE | ZF_PROT_EXEC, -1, 0);
        ZF_ASSERT(mapped);
    } else {
        memset(machine->storage.ram + start, 0, end - start);
    }
}

void guest_clear(struct guest *guest) {
    zf_machine_flush(guest->machine);
    clear(guest->machine, GUEST_CODE, GUEST_CODE_END);
    clear(guest->machine, GUEST_DATA, GUEST_DATA_END);
    clear(guest->machine, GUEST_LAST_PAGE, GUEST_TOP);
}

void guest_put_code(struct guest *guest, uint64_t address, const void *code, size_t length) {
    ZF_ASSERT(address >= GUEST_CODE && address + length <= GUEST_CODE_END);
    memcpy(guest->machine->storage.ram + address, code, length);
}

int guest_data_index(uint64_t address) {
    if (address >= GUEST_DATA && address < GUEST_DATA_END) {
        return (int)(address - GUEST_DATA);
    }
    if (address >= GUEST_LAST_PAGE && address < GUEST_TOP) {
        return (int)(address - GUEST_LAST_PAGE + GUEST_DATA_END - GUEST_DATA);
    }
    return -1;
}

void guest_state_init(struct guest_state *state) {
    memset(state, 0, sizeof *state);
    for (unsigned i = 0; i < 16; i++) {
        state->gr[i] = UINT64_C(0xc1c2c3c4d5d6d7d0) + i;
        state->ar[i] = 0xa0 + i;
    }
    for (unsigned i = 0; i < 32; i++) {
        state->vr[i][0] = UINT64_C(0xe1e2e3e4e5e6e700) + i;
        state->vr[i][1] = UINT64_C(0xf1f2f3f4f5f6f700) + i;
    }
    state->cr[0] = AFP_AND_VECTOR;
    state->cc = 1;
    state->psw_mask = ZF_PSW_EA | ZF_PSW_BA;
    state->psw_addr = GUEST_CODE;
}

/* Pages from which something was translated are read-only: makes the data writable again. */
static void make_writable(struct zf_machine *machine) {
    const unsigned prot = ZF_PROT_READ | ZF_PROT_WRITE | ZF_PROT_EXEC;
    if (machine->storage.linear) {
        zf_linear_protect(&machine->storage, GUEST_DATA, GUEST_DATA_END - GUEST_DATA, prot);
        zf_linear_protect(&machine->storage, GUEST_LAST_PAGE, GUEST_TOP - GUEST_LAST_PAGE, prot);
    } else {
        zf_code_changed(&machine->storage, GUEST_DATA, GUEST_DATA_END - GUEST_DATA);
    }
}

/* Copies both data ranges to the guest, or from it. */
static void copy_data(struct guest *guest, uint8_t *to, const uint8_t *from) {
    uint8_t *ram = guest->machine->storage.ram;
    size_t first = GUEST_DATA_END - GUEST_DATA;
    if (to) {
        memcpy(to, ram + GUEST_DATA, first);
        memcpy(to + first, ram + GUEST_LAST_PAGE, GUEST_TOP - GUEST_LAST_PAGE);
    } else {
        memcpy(ram + GUEST_DATA, from, first);
        memcpy(ram + GUEST_LAST_PAGE, from + first, GUEST_TOP - GUEST_LAST_PAGE);
    }
}

void guest_load(struct guest *guest, const struct guest_state *state) {
    struct zf_cpu *cpu = guest->machine->cpus.cpu[0];
    memcpy(cpu->gr, state->gr, sizeof cpu->gr);
    for (unsigned i = 0; i < 32; i++) {
        zf_vr_set(cpu, i, (zf_u128)state->vr[i][0] << 64 | state->vr[i][1]);
    }
    memcpy(cpu->cr, state->cr, sizeof cpu->cr);
    memcpy(cpu->ar, state->ar, sizeof cpu->ar);
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        if (zf_register_info((enum zf_register)id)->count == 1) {
            zf_register_set(cpu, (enum zf_register)id, 0, state->single[id]);
        }
    }
    cpu->pgm = (struct zf_pgm){0};
    zf_psw_load(cpu, (state->psw_mask & ~ZF_PSW_CC) | (uint64_t)state->cc << 44, state->psw_addr);
    make_writable(guest->machine);
    copy_data(guest, NULL, state->data);
}

void guest_protect_last_page(struct guest *guest) {
    zf_linear_protect(&guest->machine->storage, GUEST_LAST_PAGE, GUEST_TOP - GUEST_LAST_PAGE,
                      ZF_PROT_READ);
}

void guest_save(struct guest *guest, struct guest_state *state) {
    struct zf_cpu *cpu = guest->machine->cpus.cpu[0];
    memcpy(state->gr, cpu->gr, sizeof cpu->gr);
    for (unsigned i = 0; i < 32; i++) {
        state->vr[i][0] = cpu->vr[i].half[ZF_VR_LEFT];
        state->vr[i][1] = cpu->vr[i].half[ZF_VR_RIGHT];
    }
    memcpy(state->cr, cpu->cr, sizeof cpu->cr);
    memcpy(state->ar, cpu->ar, sizeof cpu->ar);
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        if (zf_register_info((enum zf_register)id)->count == 1) {
            state->single[id] = (uint64_t)zf_register_get(cpu, (enum zf_register)id, 0);
        }
    }
    state->cc = cpu->cc;
    state->psw_mask = cpu->psw.mask & ~ZF_PSW_CC;
    state->psw_addr = cpu->psw.addr;
    copy_data(guest, state->data, NULL);
}

void guest_run(struct guest *guest) {
    guest->end = GUEST_STOPPED;
    guest->pgm = (struct zf_pgm){0};
    guest->machine->started_ns = 0;
    guest->stop = zf_machine_run(guest->machine);
}
