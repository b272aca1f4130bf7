#include "devices/devices.h"

#include "machine/machine_state.h"
#include "zfacet/interrupt.h"

#include <stdlib.h>
#include <time.h>

enum zf_status zf_devices_create(struct zf_machine *machine, struct zf_error *err) {
    machine->devices = calloc(1, sizeof(struct zf_devices));
    return machine->devices ? ZF_OK : zf_fail(err, ZF_ERROR_MEMORY, "no memory for the devices");
}

void zf_devices_destroy(struct zf_machine *machine) {
    free(machine->devices);
}

void zf_devices_reset(struct zf_machine *machine) {
    const struct zf_devices *old = zf_devices(machine);
    *zf_devices(machine) =
        (struct zf_devices){.console = old->console, .console_ended = old->console_ended};
}

void zf_console_attach(struct zf_machine *machine, const struct zf_console *console) {
    zf_devices(machine)->console = *console;
    zf_devices(machine)->console_ended = false;
}

static void poll_console(struct zf_machine *machine, uint64_t ns) {
    struct zf_devices *devices = zf_devices(machine);
    if (devices->console.poll && !devices->console_ended) {
        devices->console_ended = !devices->console.poll(devices->console.context, machine, ns);
    }
}

void zf_devices_poll(struct zf_machine *machine) {
    poll_console(machine, 0);
}

bool zf_devices_wait(struct zf_machine *machine, uint64_t ns, bool input_wanted) {
    const uint64_t longest = 50000000; /* the run loop's limits want to be looked at */
    struct zf_devices *devices = zf_devices(machine);
    bool more = input_wanted && devices->console.poll && !devices->console_ended;
    ns = ns < longest ? ns : longest;
    if (more) {
        poll_console(machine, ns);
    } else if (ns < longest) {
        struct timespec t = {.tv_nsec = (long)ns};
        nanosleep(&t, NULL);
    } else {
        struct timespec t = {.tv_nsec = (long)longest / 50};
        nanosleep(&t, NULL);
    }
    return more;
}
