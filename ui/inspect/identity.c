/*
 * What a guest of a model is told of it, field by field: STIDP, STFLE, STSI, SCLP, cpuinfo, hwcap.
 */
#include "inspect/identity.h"

#include "zfacet/guest_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct zf_identity_row *add(struct zf_identity *identity, const char *field,
                                   const char *place) {
    /* the last row serves for what would be too much */
    identity->count += identity->count < ZF_IDENTITY_ROWS;
    struct zf_identity_row *row = &identity->rows[identity->count - 1];
    *row = (struct zf_identity_row){0};
    snprintf(row->field, sizeof row->field, "%s", field);
    snprintf(row->place, sizeof row->place, "%s", place);
    return row;
}

static void group(struct zf_identity *identity, const char *title) {
    add(identity, title, "")->group = true;
}

__attribute__((format(printf, 3, 4))) static void say(char *text, size_t size, const char *format,
                                                      ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, size, format, arguments);
    va_end(arguments);
}
#define HEX(row, ...) say((row)->hex, sizeof(row)->hex, __VA_ARGS__)
#define TEXT(row, ...) say((row)->text, sizeof(row)->text, __VA_ARGS__)

static void add_stidp(struct zf_identity *identity, const struct zf_guest_config *config) {
    uint64_t id = zf_guest_cpu_id(config);
    struct zf_identity_row *row;
    group(identity, "STIDP: store CPU ID");
    row = add(identity, "whole", "bits 0-63");
    HEX(row, "%016lx", (unsigned long)id);
    row = add(identity, "version", "bits 0-7");
    HEX(row, "%02x", (unsigned)zf_bits64(id, 0, 7));
    TEXT(row, "%s", zf_bits64(id, 0, 7) == 0xff ? "under a hypervisor" : "no hypervisor indicated");
    row = add(identity, "identification", "bits 8-31");
    HEX(row, "%06x", (unsigned)zf_bits64(id, 8, 31));
    row = add(identity, "machine type", "bits 32-47");
    HEX(row, "%04x", (unsigned)zf_bits64(id, 32, 47));
    TEXT(row, "%s", config->model->machine->title);
    row = add(identity, "format", "bit 48");
    HEX(row, "%x", (unsigned)zf_bits64(id, 48, 48));
}

/* Sixteen bits: their marks, the same in hex, and those that are on by number. */
static void add_halfword(struct zf_identity *identity, const char *what, unsigned first,
                         unsigned bits) {
    char place[24];
    size_t used = 0;
    snprintf(place, sizeof place, "bits %u-%u", first, first + 15);
    struct zf_identity_row *row = add(identity, what, place);
    HEX(row, "%04x", bits);
    for (unsigned n = 0; n < 16; n++) {
        used += (size_t)snprintf(row->text + used, sizeof row->text - used, "%s%s",
                                 bits & 0x8000u >> n ? "■" : "·", n % 4 == 3 ? " " : "");
    }
    for (unsigned n = 0; n < 16 && used < sizeof row->text; n++) {
        if (bits & 0x8000u >> n) {
            used += (size_t)snprintf(row->text + used, sizeof row->text - used, " %u", first + n);
        }
    }
}

static void add_facility_list(struct zf_identity *identity, const struct zf_model *model) {
    unsigned count = zf_model_facility_doublewords(model);
    char title[48];
    group(identity, "STFL: store facility list, at real 200");
    HEX(add(identity, "word", "bits 0-31"), "%08x", zf_guest_facility_word(model));
    snprintf(title, sizeof title, "STFLE: %u doublewords", count);
    group(identity, title);
    for (unsigned i = 0; i < count; i++) {
        char place[24];
        snprintf(place, sizeof place, "bits %u-%u", i * 64, i * 64 + 63);
        HEX(add(identity, "doubleword", place), "%016lx", (unsigned long)model->facilities[i]);
        for (unsigned part = 0; part < 4; part++) {
            unsigned bits = (unsigned)zf_bits64(model->facilities[i], part * 16, part * 16 + 15);
            if (bits) {
                add_halfword(identity, "", i * 64 + part * 16, bits);
            }
        }
    }
}

static void add_query(struct zf_identity *identity, const struct zf_model *model,
                      enum zf_query query) {
    const uint64_t *mask = model->query[query];
    size_t used = 0;
    if (!(mask[0] | mask[1])) {
        return;
    }
    struct zf_identity_row *row = add(identity, zf_query_mnemonic(query), "codes 0-127");
    HEX(row, "%016lx %016lx", (unsigned long)mask[0], (unsigned long)mask[1]);
    for (unsigned code = 0; code < 128 && used < sizeof row->text; code++) {
        if (zf_model_has_function(model, query, code)) {
            used += (size_t)snprintf(row->text + used, sizeof row->text - used, "%s%u",
                                     used ? " " : "", code);
        }
    }
}

enum kind { CHARACTERS, NUMBER, BYTES };

/* STSI(block, first byte, length, kind, name): what is told there is the book's. */
static const struct {
    unsigned block;
    unsigned first, length;
    enum kind kind;
    const char *name;
} fields[] = {
    {0x111, 32, 16, CHARACTERS, "manufacturer"},
    {0x111, 48, 4, CHARACTERS, "type"},
    {0x111, 64, 16, CHARACTERS, "model capacity"},
    {0x111, 80, 16, CHARACTERS, "sequence code"},
    {0x111, 96, 4, CHARACTERS, "plant"},
    {0x111, 100, 16, CHARACTERS, "model"},
    {0x122, 32, 4, NUMBER, "CPU capability"},
    {0x122, 36, 2, NUMBER, "CPUs, all"},
    {0x122, 38, 2, NUMBER, "CPUs, configured"},
    {0x122, 40, 2, NUMBER, "CPUs, standby"},
    {0x122, 42, 2, NUMBER, "CPUs, reserved"},
    {0x222, 32, 2, NUMBER, "partition number"},
    {0x222, 35, 1, BYTES, "characteristics"},
    {0x222, 36, 2, NUMBER, "CPUs, all"},
    {0x222, 38, 2, NUMBER, "CPUs, configured"},
    {0x222, 44, 8, CHARACTERS, "partition name"},
    {0x222, 52, 4, NUMBER, "capability factor"},
    {0x322, 31, 1, NUMBER, "levels below"},
    {0x322, 36, 2, NUMBER, "CPUs, all"},
    {0x322, 38, 2, NUMBER, "CPUs, configured"},
    {0x322, 44, 8, CHARACTERS, "guest name"},
    {0x322, 52, 4, NUMBER, "capability factor"},
    {0x322, 56, 16, CHARACTERS, "control program"},
    {0x322, 80, 16, BYTES, "UUID"},
};

static char from_ebcdic(uint8_t byte) {
    unsigned high = byte >> 4, low = byte & 15;
    if (high == 0xf && low < 10) {
        return (char)('0' + low);
    }
    if (high == 0xc && low >= 1 && low <= 9) {
        return (char)('A' + low - 1);
    }
    if (high == 0xd && low >= 1 && low <= 9) {
        return (char)('J' + low - 1);
    }
    return high == 0xe && low >= 2 && low <= 9 ? (char)('S' + low - 2) : ' ';
}

static void add_field(struct zf_identity *identity, const uint8_t *block, size_t i) {
    char place[24];
    uint64_t value = 0;
    size_t used = 0;
    snprintf(place, sizeof place, "bytes %u-%u", fields[i].first,
             fields[i].first + fields[i].length - 1);
    struct zf_identity_row *row = add(identity, fields[i].name, place);
    for (unsigned n = 0; n < fields[i].length; n++) {
        uint8_t byte = block[fields[i].first + n];
        used += (size_t)snprintf(row->hex + used, sizeof row->hex - used, "%02x", byte);
        value = value << 8 | byte;
        if (fields[i].kind == CHARACTERS) {
            row->text[n] = from_ebcdic(byte);
        }
    }
    if (fields[i].kind == NUMBER) {
        TEXT(row, "%lu", (unsigned long)value);
    }
}

static void add_stsi(struct zf_identity *identity, const struct zf_guest_config *config) {
    uint8_t block[ZF_SYSIB_LENGTH];
    unsigned last = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        unsigned code = fields[i].block;
        if (code != last) {
            char title[40];
            if (!zf_guest_sysib(config, code >> 8, code >> 4 & 15, code & 15, 0, block)) {
                continue;
            }
            snprintf(title, sizeof title, "STSI %u.%u.%u", code >> 8, code >> 4 & 15, code & 15);
            group(identity, title);
            last = code;
        }
        add_field(identity, block, i);
    }
}

void zf_identity_of(const struct zf_model *model, struct zf_identity *identity) {
    struct zf_guest_config config = {.model = model};
    identity->count = 0;
    add_stidp(identity, &config);
    add_facility_list(identity, model);
    group(identity, "Query functions: installed codes");
    for (unsigned query = 0; query < ZF_QUERY_COUNT; query++) {
        add_query(identity, model, query);
    }
    add_stsi(identity, &config);
}

static void identity_cell(void *context, int at, int column, struct zf_cell *cell) {
    const struct zf_identity_row *row = &((const struct zf_identity *)context)->rows[at];
    const char *texts[] = {row->field, row->place, row->hex, row->text};
    snprintf(cell->text, sizeof cell->text, "%s", texts[column]);
    cell->group = row->group;
    cell->ink = row->group ? ZF_INK_ACCENT : column == 1 ? ZF_INK_MUTED : ZF_INK_TEXT;
}

void zf_identity_table(struct zf_gui *gui, struct zf_box box, struct zf_identity *identity) {
    static const struct zf_column columns[] = {
        {"visible to the guest", "field", 15, ZF_LEFT, ZF_FONT_TEXT},
        {"where", "where", 13, ZF_LEFT, ZF_FONT_TEXT},
        {"hex", "hex", 34, ZF_LEFT, ZF_FONT_MONO},
        {"meaning", "meaning", 70, ZF_LEFT, ZF_FONT_MONO},
    };
    struct zf_table table = {.name = "identity",
                             .columns = columns,
                             .column_count = 4,
                             .sticky = 1,
                             .rows = identity->count,
                             .cell = identity_cell,
                             .context = identity};
    zf_gui_table(gui, &table, box);
}
