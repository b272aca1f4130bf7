/*
 * A guest as sections of a stream, written and read: CPUs, storage, keys, devices. The format is in
 * zfacet/save.h; a register comes from its row, a device saves itself.
 */
#include "zfacet/save.h"

#include "zfacet/clock.h"
#include "zfacet/device.h"
#include "zfacet/interrupt.h"
#include "zfacet/register.h"

#include <stdlib.h>
#include <zlib.h>

enum { FIRST_OF_VERSION_2 = ZF_REGISTER_GSD };

/* Storage and keys go in pieces of at most this many bytes before they are deflated. */
enum { PIECE = 256 << 10, PIECE_PAGES = PIECE / ZF_PAGE_SIZE };

static const uint32_t tag_storage = ZF_STREAM_TAG("STOR"), tag_cpu = ZF_STREAM_TAG("CPU "),
                      tag_wrap = ZF_STREAM_TAG("WRAP"), tag_keys = ZF_STREAM_TAG("KEYS"),
                      tag_uses = ZF_STREAM_TAG("uses"), tag_page = ZF_STREAM_TAG("PAGE"),
                      tag_end = ZF_STREAM_TAG("END ");

/* Numbers are big-endian in the stream, whatever a register's size. */
static void put_registers(struct zf_payload *p, const struct zf_cpu *cpu) {
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        for (unsigned n = 0; n < info->count && !info->part; n++) {
            zf_u128 value = zf_register_get(cpu, (enum zf_register)id, n);
            if (info->bytes == 16) {
                zf_put_number(p, 8, (uint64_t)(value >> 64));
            }
            zf_put_number(p, info->bytes == 16 ? 8 : info->bytes, (uint64_t)value);
        }
    }
}

static void take_registers(struct zf_payload *p, struct zf_cpu *cpu) {
    for (unsigned id = 0; id < ZF_REGISTER_COUNT; id++) {
        const struct zf_register_info *info = zf_register_info((enum zf_register)id);
        if (p->version < 2 && id >= FIRST_OF_VERSION_2) {
            return;
        }
        for (unsigned n = 0; n < info->count && !info->part; n++) {
            zf_u128 high = info->bytes == 16 ? zf_take_number(p, 8) : 0;
            uint64_t low = zf_take_number(p, info->bytes == 16 ? 8 : info->bytes);
            zf_register_set(cpu, (enum zf_register)id, n, high << 64 | low);
        }
    }
}

#define FIELD(size, member)                                                                        \
    _Static_assert(sizeof((struct zf_cpu *)0)->member == (size), "the size of " #member);
#define FIELD_2(size, member) FIELD(size, member)
#define PENDING(member) FIELD(4, member)
#include "cpu_field.def"
#undef PENDING
#undef FIELD_2
#undef FIELD

static void put_pending(struct zf_payload *p, const struct zf_cpu *cpu) {
    const struct zf_cpus *cpus = cpu->cpus;
    bool first = !cpu->address;
    zf_put_number(p, 4, cpu->external_pending | (first ? cpus->floating_pending : 0));
    zf_put_number(p, 4, first ? cpus->service_parameter : 0);
}

static void take_pending(struct zf_payload *p, struct zf_cpu *cpu) {
    uint32_t pending = (uint32_t)zf_take_number(p, 4);
    cpu->external_pending = pending & ~(uint32_t)ZF_EXTERNAL_SERVICE;
    cpu->cpus->floating_pending |= pending & ZF_EXTERNAL_SERVICE;
    cpu->cpus->service_parameter |= (uint32_t)zf_take_number(p, 4);
}

static void put_cpu(struct zf_section *section, const struct zf_cpu *cpu) {
    struct zf_payload *p = &section->payload;
    zf_section_begin(section, tag_cpu);
    zf_put_number(p, 8, zf_psw_mask(cpu));
    zf_put_number(p, 8, cpu->psw.addr);
    zf_put_number(p, 8, zf_clock_tod(cpu));
    zf_put_number(p, 8, (uint64_t)zf_clock_cpu_timer(cpu));
    put_registers(p, cpu);
#define FIELD(size, member) zf_put_number(p, size, (uint64_t)cpu->member);
#define FIELD_2(size, member) FIELD(size, member)
#define PENDING(member) put_pending(p, cpu);
#include "cpu_field.def"
#undef PENDING
#undef FIELD_2
#undef FIELD
}

/* The CPU with `address`, which must be one that there is. */
static enum zf_status take_cpu(struct zf_machine *machine, unsigned address, struct zf_payload *p,
                               struct zf_error *err) {
    struct zf_cpu *cpu = zf_machine_cpu(machine, address);
    if (!cpu) {
        return zf_fail(err, ZF_ERROR_FORMAT, "the stream has more CPUs than it declares");
    }
    uint64_t mask = zf_take_number(p, 8);
    uint64_t instruction = zf_take_number(p, 8);
    uint64_t tod = zf_take_number(p, 8);
    int64_t timer = (int64_t)zf_take_number(p, 8);
    take_registers(p, cpu);
#define FIELD(size, member) cpu->member = (__typeof__(cpu->member))zf_take_number(p, size);
#define FIELD_2(size, member)                                                                      \
    if (p->version >= 2) {                                                                         \
        FIELD(size, member)                                                                        \
    }
#define PENDING(member) take_pending(p, cpu);
#include "cpu_field.def"
#undef PENDING
#undef FIELD_2
#undef FIELD
    uint64_t prefix_area = 2 * ZF_PAGE_SIZE;
    if (p->bad || cpu->address != address || cpu->state > ZF_CPU_LOAD ||
        cpu->prefix % prefix_area || cpu->prefix > machine->storage.size - prefix_area) {
        return zf_fail(err, ZF_ERROR_FORMAT, "invalid CPU state in the stream");
    }
    zf_clock_set_tod(cpu, tod);
    zf_clock_set_cpu_timer(cpu, timer);
    if (cpu->state == ZF_CPU_OPERATING) {
        zf_psw_load_checked(cpu, mask, instruction);
    } else {
        zf_psw_load(cpu, mask, instruction);
    }
    zf_cpu_mode_changed(cpu);
    zf_tlb_clear(cpu);
    return ZF_OK;
}

static void put_wrapping(struct zf_section *section, const struct zf_wrapping *wrapping) {
    zf_section_begin(section, tag_wrap);
    zf_put_bytes(&section->payload, wrapping, sizeof *wrapping);
}

static enum zf_status take_wrapping(struct zf_wrapping *wrapping, struct zf_payload *p,
                                    struct zf_error *err) {
    const uint8_t *bytes = zf_take_bytes(p, sizeof *wrapping);
    if (p->bad) {
        return zf_fail(err, ZF_ERROR_FORMAT, "the stream's wrapping keys are too short");
    }
    memcpy(wrapping, bytes, sizeof *wrapping);
    return ZF_OK;
}

/* `bytes` deflated after what the payload has already. */
static void put_deflated(struct zf_payload *p, const uint8_t *bytes, size_t length) {
    uLongf room = ZF_STREAM_PAYLOAD_LIMIT - p->length;
    if (compress2(p->bytes + p->length, &room, bytes, length, Z_BEST_SPEED) == Z_OK) {
        p->length += room;
    } else {
        p->bad = true;
    }
}

/* The rest of the payload must inflate to exactly `length` bytes. */
static bool take_deflated(struct zf_payload *p, uint8_t *bytes, size_t length) {
    uLongf room = length;
    return uncompress(bytes, &room, p->bytes + p->at, p->length - p->at) == Z_OK && room == length;
}

static bool all_zero(const uint8_t *bytes, size_t length) {
    return !length || (!bytes[0] && !memcmp(bytes, bytes + 1, length - 1));
}

/* An array that has a byte for each page, in pieces that are not all zero. */
static enum zf_status save_page_bytes(const uint8_t *bytes, uint64_t pages, uint32_t tag,
                                      struct zf_stream *stream, struct zf_section *section,
                                      struct zf_error *err) {
    enum zf_status status = ZF_OK;
    for (uint64_t first = 0; first < pages && status == ZF_OK; first += PIECE) {
        uint64_t count = pages - first < PIECE ? pages - first : PIECE;
        if (all_zero(bytes + first, count)) {
            continue;
        }
        zf_section_begin(section, tag);
        zf_put_number(&section->payload, 8, first);
        zf_put_number(&section->payload, 4, count);
        put_deflated(&section->payload, bytes + first, count);
        status = zf_stream_write(stream, section, err);
    }
    return status;
}

/* Pages from `first` on that are not zero, at most a piece of them. */
static uint64_t used_pages(const struct zf_storage *storage, uint64_t first) {
    uint64_t end = storage->size / ZF_PAGE_SIZE, n = 0;
    while (n < PIECE_PAGES && first + n < end &&
           !all_zero(storage->ram + (first + n) * ZF_PAGE_SIZE, ZF_PAGE_SIZE)) {
        n++;
    }
    return n;
}

static enum zf_status save_pages(const struct zf_storage *storage, struct zf_stream *stream,
                                 struct zf_section *section, struct zf_error *err) {
    enum zf_status status = ZF_OK;
    uint64_t pages = storage->size / ZF_PAGE_SIZE;
    for (uint64_t page = 0; page < pages && status == ZF_OK;) {
        uint64_t n = used_pages(storage, page);
        if (!n) {
            page++;
            continue;
        }
        zf_section_begin(section, tag_page);
        zf_put_number(&section->payload, 8, page * ZF_PAGE_SIZE);
        zf_put_number(&section->payload, 4, n * ZF_PAGE_SIZE);
        put_deflated(&section->payload, storage->ram + page * ZF_PAGE_SIZE, n * ZF_PAGE_SIZE);
        status = zf_stream_write(stream, section, err);
        page += n;
    }
    return status;
}

enum zf_status zf_machine_save(const struct zf_machine *machine, struct zf_stream *stream,
                               struct zf_section *section, struct zf_error *err) {
    const struct zf_storage *storage = &machine->storage;
    uint64_t pages = storage->size / ZF_PAGE_SIZE;
    if (storage->linear) {
        return zf_fail(
            err, ZF_ERROR_UNSUPPORTED,
            "a Linux program cannot be saved: its files and processes belong to the host");
    }
    zf_section_begin(section, tag_storage);
    zf_put_number(&section->payload, 8, storage->size);
    zf_put_number(&section->payload, 2, zf_machine_cpus(machine));
    enum zf_status status = zf_stream_write(stream, section, err);
    for (unsigned i = 0; i < zf_machine_cpus(machine) && status == ZF_OK; i++) {
        put_cpu(section, zf_machine_cpu(machine, i));
        status = zf_stream_write(stream, section, err);
    }
    for (const struct zf_device *d = machine->devices; d && status == ZF_OK; d = d->next) {
        zf_section_begin(section, d->tag);
        d->save(d, &section->payload);
        status = zf_stream_write(stream, section, err);
    }
    if (status == ZF_OK) {
        put_wrapping(section, &machine->wrapping);
        status = zf_stream_write(stream, section, err);
    }
    if (status == ZF_OK) {
        status = save_page_bytes(storage->keys, pages, tag_keys, stream, section, err);
    }
    if (status == ZF_OK) {
        status = save_page_bytes(storage->uses, pages, tag_uses, stream, section, err);
    }
    if (status == ZF_OK) {
        status = save_pages(storage, stream, section, err);
    }
    return status == ZF_OK ? zf_stream_end(stream, err) : status;
}

enum zf_status zf_machine_restore_config(struct zf_section *section,
                                         struct zf_machine_config *config, struct zf_error *err) {
    const uint64_t unit = 1 << 20, limit = UINT64_C(1) << 40;
    config->storage_size = zf_take_number(&section->payload, 8);
    config->cpus = (unsigned)zf_take_number(&section->payload, 2);
    if (section->tag != tag_storage || section->payload.bad || !config->storage_size ||
        config->storage_size % unit || config->storage_size > limit || !config->cpus ||
        config->cpus > ZF_CPUS) {
        return zf_fail(err, ZF_ERROR_FORMAT, "the stream does not declare its storage and CPUs");
    }
    return ZF_OK;
}

/* Into `array` of `limit` bytes; a piece says where it begins and how long it is. */
static enum zf_status take_piece(struct zf_payload *p, uint8_t *array, uint64_t limit,
                                 struct zf_error *err) {
    uint64_t first = zf_take_number(p, 8);
    uint64_t count = zf_take_number(p, 4);
    if (p->bad || count > PIECE || count > limit || first > limit - count ||
        !take_deflated(p, array + first, count)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "invalid storage section in the stream");
    }
    return ZF_OK;
}

/* `*cpus` counts those that were there. */
static enum zf_status take_section(struct zf_machine *machine, struct zf_section *section,
                                   unsigned *cpus, struct zf_error *err) {
    struct zf_storage *storage = &machine->storage;
    struct zf_payload *p = &section->payload;
    if (section->tag == tag_cpu) {
        return take_cpu(machine, (*cpus)++, p, err);
    }
    for (struct zf_device *d = machine->devices; d; d = d->next) {
        if (section->tag == d->tag) {
            return d->load(d, p, err);
        }
    }
    if (section->tag == tag_wrap) {
        return take_wrapping(&machine->wrapping, p, err);
    }
    if (section->tag == tag_keys) {
        return take_piece(p, storage->keys, storage->size / ZF_PAGE_SIZE, err);
    }
    if (section->tag == tag_uses) {
        return take_piece(p, storage->uses, storage->size / ZF_PAGE_SIZE, err);
    }
    if (section->tag == tag_page) {
        return take_piece(p, storage->ram, storage->size, err);
    }
    if (section->tag >> 24 >= 'a' && section->tag >> 24 <= 'z') {
        return ZF_OK;
    }
    return zf_fail(err, ZF_ERROR_FORMAT, "unknown section in the stream: %08x", section->tag);
}

enum zf_status zf_machine_restore(struct zf_machine *machine, struct zf_stream *stream,
                                  struct zf_section *section, struct zf_error *err) {
    unsigned cpus = 0;
    for (;;) {
        enum zf_status status = zf_stream_read(stream, section, err);
        if (status != ZF_OK) {
            return status;
        }
        if (section->tag == tag_end) {
            break;
        }
        if ((status = take_section(machine, section, &cpus, err)) != ZF_OK) {
            return status;
        }
    }
    if (cpus < zf_machine_cpus(machine)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "the stream has %u of %u CPUs", cpus,
                       zf_machine_cpus(machine));
    }
    return ZF_OK;
}
