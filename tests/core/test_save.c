/*
 * A machine's guest through a stream: nothing of it changes, and a stream that is not whole is
 * refused.
 */
#include "zfacet/clock.h"
#include "zfacet/console.h"
#include "zfacet/register.h"
#include "zfacet/save.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STORAGE = 1 << 20, CPUS = 3, PREFIX = 0x6000 };

static const int64_t TIMER = 0x123456789abc;

static struct zf_machine *create(void) {
    struct zf_error err;
    struct zf_machine_config config = {.storage_size = STORAGE, .cpus = CPUS};
    struct zf_machine *machine = zf_machine_create(&config, &err);
    cr_assert_not_null(machine);
    return machine;
}

static uint64_t pattern(uint64_t n) {
    return (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

/* A guest of which no two parts are alike. */
static void fill(struct zf_machine *machine) {
    struct zf_cpu *cpu = machine->cpus.cpu[0];
    for (unsigned i = 0; i < 32; i++) {
        cpu->vr[i].half[ZF_VR_LEFT] = pattern(i);
        cpu->vr[i].half[ZF_VR_RIGHT] = pattern(i + 32);
    }
    for (unsigned i = 0; i < 16; i++) {
        cpu->gr[i] = pattern(i + 64);
        cpu->cr[i] = pattern(i + 80) & 0xffff;
        cpu->ar[i] = (uint32_t)pattern(i + 96);
    }
    cpu->fpc = 0x00f80000;
    cpu->prefix = PREFIX;
    cpu->clock_comparator = pattern(200);
    cpu->tod_programmable = 0x1234;
    cpu->breaking_event = pattern(201);
    cpu->external_pending = ZF_EXTERNAL_CALL;
    machine->cpus.floating_pending = ZF_EXTERNAL_SERVICE;
    machine->cpus.service_parameter = 0x20000001;
    cpu->external_call_source = 3;
    cpu->emergency_sources = 5;
    zf_psw_load(cpu, UINT64_C(0x0704200180000000), 0x12344);
    zf_machine_cpu(machine, 2)->gr[7] = 0x77;
    zf_machine_cpu(machine, 2)->prefix = 0x4000;
    for (unsigned i = 0; i < STORAGE / ZF_PAGE_SIZE; i++) {
        machine->storage.keys[i] = (uint8_t)(i << 1);
        machine->storage.uses[i] = i % 4 << 2;
    }
    for (unsigned i = 0; i < STORAGE; i += i % 3 ? 8 : 40960) { /* with pages of zeros */
        zf_put64(machine->storage.ram + i, pattern(i));
    }
    zf_machine_cpu(machine, 1)->state = ZF_CPU_OPERATING;
    zf_machine_cpu(machine, 1)->orders = ZF_ORDER_STOP;
    cr_assert_eq(zf_console_input(machine->sclp, "typed ahead\n", 12), 12);
}

static FILE *save(const struct zf_machine *machine) {
    struct zf_error err = {0};
    struct zf_section section;
    FILE *file = tmpfile();
    struct zf_stream stream = {.fd = fileno(file)};
    cr_assert(zf_section_create(&section));
    cr_assert_eq(zf_stream_begin(&stream, &err), ZF_OK);
    cr_assert_eq(zf_machine_save(machine, &stream, &section, &err), ZF_OK, "%s", err.message);
    zf_section_destroy(&section);
    lseek(stream.fd, 0, SEEK_SET);
    return file;
}

static enum zf_status restore(struct zf_machine *machine, int fd, struct zf_error *err) {
    struct zf_section section;
    struct zf_stream stream = {.fd = fd};
    struct zf_machine_config config;
    cr_assert(zf_section_create(&section));
    enum zf_status status = zf_stream_open(&stream, err);
    if (status == ZF_OK && (status = zf_stream_read(&stream, &section, err)) == ZF_OK &&
        (status = zf_machine_restore_config(&section, &config, err)) == ZF_OK) {
        cr_expect_eq(config.storage_size, STORAGE);
        cr_expect_eq(config.cpus, CPUS);
        status = zf_machine_restore(machine, &stream, &section, err);
    }
    zf_section_destroy(&section);
    return status;
}

Test(save, nothing_changes) {
    struct zf_machine *before = create(), *after = create();
    struct zf_error err = {0};
    const struct zf_cpu *a = zf_machine_cpu(before, 0), *b = zf_machine_cpu(after, 0);
    fill(before);
    zf_clock_set_cpu_timer(zf_machine_cpu(before, 0), TIMER);
    FILE *file = save(before);
    cr_assert_neq(memcmp(&before->wrapping, &after->wrapping, sizeof before->wrapping), 0);
    cr_assert_eq(restore(after, fileno(file), &err), ZF_OK, "%s", err.message);
    cr_expect_eq(memcmp(&before->wrapping, &after->wrapping, sizeof before->wrapping), 0);
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        for (unsigned n = 0; n < info->count; n++) {
            cr_expect(zf_register_get(a, (enum zf_register)id, n) ==
                          zf_register_get(b, (enum zf_register)id, n),
                      "%s%u", info->name, n);
        }
    }
#define FIELD(size, member) cr_expect_eq(a->member, b->member, "%s", #member);
#define FIELD_2(size, member) FIELD(size, member)
#define PENDING(member) FIELD(4, member)
#include "save/cpu_field.def"
    cr_expect_eq(after->cpus.floating_pending, (uint32_t)ZF_EXTERNAL_SERVICE);
    cr_expect_eq(after->cpus.service_parameter, 0x20000001);
    cr_expect_eq(zf_machine_cpu(after, 1)->state, ZF_CPU_OPERATING);
    cr_expect_eq(zf_machine_cpu(after, 1)->orders, (uint32_t)ZF_ORDER_STOP);
    cr_expect_eq(zf_machine_cpu(after, 2)->state, ZF_CPU_STOPPED);
    cr_expect_eq(zf_machine_cpu(after, 2)->gr[7], 0x77);
    cr_expect_eq(zf_machine_cpu(after, 2)->prefix, 0x4000);
    cr_expect_eq(zf_psw_mask(a), zf_psw_mask(b));
    cr_expect_eq(a->psw.addr, b->psw.addr);
    cr_expect_eq(a->mode, b->mode);
    cr_expect_eq(a->key, b->key);
    /* the clocks stood still while it was saved, and went on after it */
    cr_expect_leq(zf_clock_tod(b), zf_clock_tod(a));
    cr_expect_leq(zf_clock_cpu_timer(b), TIMER);
    cr_expect_geq(zf_clock_cpu_timer(b), zf_clock_cpu_timer(a));
    cr_expect_eq(memcmp(before->storage.ram, after->storage.ram, STORAGE), 0);
    cr_expect_eq(memcmp(before->storage.keys, after->storage.keys, STORAGE / ZF_PAGE_SIZE), 0);
    cr_expect_eq(memcmp(before->storage.uses, after->storage.uses, STORAGE / ZF_PAGE_SIZE), 0);
    fclose(file);
    zf_machine_destroy(before);
    zf_machine_destroy(after);
}

/* The saved guest's bytes. */
static uint8_t *bytes_of(FILE *file, size_t *size) {
    *size = (size_t)lseek(fileno(file), 0, SEEK_END);
    uint8_t *bytes = malloc(*size);
    cr_assert_eq(pread(fileno(file), bytes, *size, 0), (ssize_t)*size);
    return bytes;
}

static void expect_refused(const uint8_t *bytes, size_t size, size_t at, const char *what) {
    struct zf_machine *machine = create();
    struct zf_error err = {0};
    FILE *file = tmpfile();
    cr_assert_eq(write(fileno(file), bytes, size), (ssize_t)size);
    lseek(fileno(file), 0, SEEK_SET);
    cr_expect_neq(restore(machine, fileno(file), &err), ZF_OK, "%s at %zu", what, at);
    cr_expect_neq(err.message[0], '\0');
    fclose(file);
    zf_machine_destroy(machine);
}

Test(save, damage_is_refused) {
    enum { PLACES = 60 };
    struct zf_machine *machine = create();
    size_t size;
    fill(machine);
    FILE *file = save(machine);
    uint8_t *bytes = bytes_of(file, &size);
    for (unsigned i = 0; i < PLACES; i++) {
        size_t at = i < 16 ? i : size * i / PLACES;
        bytes[at] ^= 0x10;
        expect_refused(bytes, size, at, "a changed byte");
        bytes[at] ^= 0x10;
        expect_refused(bytes, at, at, "cut short");
    }
    free(bytes);
    fclose(file);
    zf_machine_destroy(machine);
}

/* A section without its tag being known: skipped when it may be, else refused. */
Test(save, unknown_sections) {
    static const struct {
        const char *tag;
        bool fine;
    } cases[] = {{"note", true}, {"NOTE", false}};
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(cases); i++) {
        struct zf_machine *machine = create();
        struct zf_error err = {0};
        struct zf_section section;
        FILE *file = save(machine);
        struct zf_stream stream = {.fd = fileno(file)};
        cr_assert(zf_section_create(&section));
        lseek(stream.fd, -12, SEEK_END); /* over "END " */
        zf_section_begin(&section, ZF_STREAM_TAG(cases[i].tag));
        zf_put_text(&section.payload, "from a later version");
        zf_stream_write(&stream, &section, &err);
        zf_stream_end(&stream, &err);
        lseek(stream.fd, 0, SEEK_SET);
        cr_expect_eq(restore(machine, stream.fd, &err) == ZF_OK, cases[i].fine, "%s", cases[i].tag);
        zf_section_destroy(&section);
        fclose(file);
        zf_machine_destroy(machine);
    }
}
