#include "loader.h"

#include "zfacet/load.h"
#include "zfacet/rom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loaded {
    struct zf_facilities facilities;
    struct zf_machine *machine;
    struct zf_control *control;
    char no_way_back[sizeof((struct zf_error *)0)->message];
};

/* lgfi 1,2000000000; brctg 1,itself; lpswe of a disabled wait */
enum { LOOP_AT = 0x800 };
static const uint8_t loop[] = {0xc0, 0x11, 0x77, 0x35, 0x94, 0x00, 0xa7, 0x17, 0x00, 0x00, 0xb2,
                               0xb2, 0x08, 0x10, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x80, 0x00,
                               0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

static void close_loaded(void *context) {
    struct loaded *loaded = context;
    zf_control_destroy(loaded->control);
    zf_machine_destroy(loaded->machine);
    free(loaded);
}

bool load_rom(const struct zf_inspector *in, struct zf_watch_guest *guest, char *message,
              size_t size) {
    struct loaded *loaded = calloc(1, sizeof *loaded);
    struct zf_machine_config config = {.storage_size = 16 << 20,
                                       .deterministic = !in->real_time,
                                       .engine = ZF_ENGINE_GOTO,
                                       .frontend = {.translate = zf_translate_block,
                                                    .cc_use = zf_insn_cc_use,
                                                    .has_facility = zf_machine_has_facility}};
    struct zf_rom rom;
    struct zf_error err = {0};
    enum zf_guest_kind kind = ZF_GUEST_ELF;
    snprintf(message, size, "no such ROM");
    if (!strcmp(in->guest, "loop")) {
        rom = (struct zf_rom){.bytes = loop, .size = sizeof loop};
        kind = ZF_GUEST_FLAT;
    } else if (!loaded || strncmp(in->guest, "rom:", 4) || !zf_rom_find(in->guest + 4, &rom)) {
        free(loaded);
        return false;
    }
    loaded->facilities.gate = zf_inspector_active(in)->gate;
    loaded->machine = zf_machine_create(&config, &err);
    if (!loaded->machine) {
        free(loaded);
        return false;
    }
    loaded->machine->facilities = &loaded->facilities;
    const struct zf_control_config control = {
        .machine = loaded->machine, .facilities = &loaded->facilities, .console = true};
    loaded->control = zf_control_create(&control);
    if (loaded->control && zf_control_record(loaded->control, &err) != ZF_OK) {
        snprintf(loaded->no_way_back, sizeof loaded->no_way_back, "%s", err.message);
    }
    *guest = (struct zf_watch_guest){.control = loaded->control,
                                     .machine = loaded->machine,
                                     .no_way_back = loaded->no_way_back,
                                     .context = loaded,
                                     .close = close_loaded};
    if (loaded->control &&
        zf_guest_load(loaded->machine, kind, rom.bytes, rom.size, LOOP_AT, &err) == ZF_OK) {
        return true;
    }
    close_loaded(loaded);
    return false;
}
