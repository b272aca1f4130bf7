#define _GNU_SOURCE /* memfd_create */
#include "subject.h"
#include "../assemble.h"
#include "zfacet/ibc.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HEADERS = 0x78, CODE_LIMIT = 0x1000 };

static size_t assemble_all(const char *code, uint8_t *to) {
    char copy[1024], error[128];
    size_t used = 0;
    char *rest = copy;
    snprintf(copy, sizeof copy, "%s", code);
    for (char *insn; (insn = strsep(&rest, ";"));) {
        unsigned length = assemble(insn, to + used, error, sizeof error);
        cr_assert(length, "%s: %s", insn, error);
        used += length;
    }
    return used;
}

/* An ELF file with one segment, that can be read, written and executed. */
static void write_program(int file, const char *code) {
    uint8_t image[HEADERS + CODE_LIMIT] = {0x7f, 'E', 'L', 'F', 2, 2, 1};
    uint8_t *segment = image + 0x40;
    assemble_all(code, image + HEADERS);
    zf_put16(image + 0x10, 2);  /* linked to fixed addresses */
    zf_put16(image + 0x12, 22); /* s390 */
    zf_put32(image + 0x14, 1);
    zf_put64(image + 0x18, SUBJECT_CODE + HEADERS);
    zf_put64(image + 0x20, 0x40); /* program headers */
    zf_put16(image + 0x34, 0x40);
    zf_put16(image + 0x36, 0x38);
    zf_put16(image + 0x38, 1);
    zf_put32(segment, 1);
    zf_put32(segment + 4, 7);
    zf_put64(segment + 0x10, SUBJECT_CODE);
    zf_put64(segment + 0x18, SUBJECT_CODE);
    zf_put64(segment + 0x20, sizeof image);
    zf_put64(segment + 0x28, sizeof image);
    zf_put64(segment + 0x30, 0x1000);
    cr_assert_eq(write(file, image, sizeof image), (ssize_t)sizeof image);
}

void subject_load(struct subject *s, const char *code) {
    uint8_t image[CODE_LIMIT] = {0};
    struct zf_cpu *cpu = zf_machine_cpu(s->machine, 0);
    size_t size = assemble_all(code, image);
    cr_assert(zf_debug_write(cpu, ZF_DEBUG_REAL, SUBJECT_CODE, image, size));
    zf_psw_load(cpu, ZF_PSW_EA | ZF_PSW_BA, SUBJECT_CODE);
}

static void open_program(struct subject *s, const char *code) {
    char path[64];
    struct zf_error err = {0};
    s->file = memfd_create("program", MFD_CLOEXEC);
    write_program(s->file, code);
    snprintf(path, sizeof path, "/proc/self/fd/%d", s->file);
    struct zf_linux_config config = {.program = path};
    s->program = zf_linux_create(s->machine, &config, &err);
    cr_assert_not_null(s->program, "%s", err.message);
}

static void create(struct subject *s, const struct zf_machine_config *shape, const char *model,
                   const char *code) {
    struct zf_model m;
    struct zf_error err = {0};
    struct zf_machine_config config = *shape;
    config.storage_size = 1 << 20;
    config.frontend = (struct zf_frontend){.translate = zf_translate_block,
                                           .cc_use = zf_insn_cc_use,
                                           .has_facility = zf_machine_has_facility};
    *s = (struct subject){.file = -1};
    cr_assert_eq(zf_model_parse(model, false, &m, NULL, &err), ZF_OK);
    struct zf_gate_config gate = zf_gate_config_default(&m);
    zf_gate_compute(&gate, &s->facilities.gate);
    s->machine = zf_machine_create(&config, &err);
    cr_assert_not_null(s->machine, "%s", err.message);
    s->machine->facilities = &s->facilities;
    if (config.linear) {
        open_program(s, code);
    } else {
        subject_load(s, code);
    }
}

void subject_create(struct subject *s, bool linear, const char *model, const char *code) {
    const struct zf_machine_config shape = {.cpus = linear ? 1 : 2, .linear = linear};
    create(s, &shape, model, code);
}

void subject_create_repeatable(struct subject *s, enum zf_engine engine, unsigned cpus,
                               const char *code) {
    const struct zf_machine_config shape = {
        .cpus = cpus, .deterministic = true, .engine = engine, .heat = 2};
    create(s, &shape, "z14", code);
}

void subject_destroy(struct subject *s) {
    zf_linux_destroy(s->program);
    zf_machine_destroy(s->machine);
    if (s->file >= 0) {
        close(s->file);
    }
}

struct zf_control_config subject_config(struct subject *s) {
    return (struct zf_control_config){
        .machine = s->machine, .facilities = &s->facilities, .program = s->program};
}
