/*
 * The watchdog: a time at which something happens unless it is put off. Time is the host's; in a
 * repeatable run it is that of the turns, and a wait of all CPUs, in which that stands still, is
 * not ended by it.
 */
#include "zfacet/watchdog.h"

#include "zfacet/turn.h"

#include <stdlib.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)

struct zf_watchdog {
    struct zf_device device;
    struct zf_cpus *cpus;
    void (*bite)(struct zf_cpus *cpus);
    uint64_t deadline; /* nanoseconds; 0: it is not set */
};

static uint64_t now_ns(const struct zf_watchdog *dog) {
    struct timespec t;
    if (dog->cpus->turns.on) {
        return zf_turn_time(dog->cpus);
    }
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

void zf_watchdog_set(struct zf_watchdog *dog, uint32_t seconds) {
    dog->deadline = seconds ? now_ns(dog) + seconds * SECOND_NS : 0;
}

bool zf_watchdog_is_set(const struct zf_watchdog *dog) {
    return dog->deadline;
}

static void reset(struct zf_device *device) {
    ((struct zf_watchdog *)device)->deadline = 0;
}

static bool poll(struct zf_device *device, uint64_t ns) {
    struct zf_watchdog *dog = (struct zf_watchdog *)device;
    if (!dog->deadline) {
        return false;
    }
    uint64_t now = now_ns(dog), left = now < dog->deadline ? dog->deadline - now : 0;
    if (!left) {
        dog->deadline = 0;
        dog->bite(dog->cpus);
        return true;
    }
    ns = ns < left ? ns : left;
    if (ns && !dog->cpus->turns.on) {
        struct timespec t = {.tv_sec = (time_t)(ns / SECOND_NS), .tv_nsec = (long)(ns % SECOND_NS)};
        nanosleep(&t, NULL);
    }
    return !dog->cpus->turns.on;
}

static void save(const struct zf_device *device, struct zf_payload *p) {
    const struct zf_watchdog *dog = (const struct zf_watchdog *)device;
    uint64_t now = now_ns(dog);
    zf_put_number(p, 8, !dog->deadline ? 0 : dog->deadline > now ? dog->deadline - now : 1);
}

static enum zf_status load(struct zf_device *device, struct zf_payload *p, struct zf_error *err) {
    struct zf_watchdog *dog = (struct zf_watchdog *)device;
    uint64_t left = zf_take_number(p, 8);
    if (p->bad || left > UINT32_MAX * SECOND_NS) {
        return zf_fail(err, ZF_ERROR_FORMAT, "invalid watchdog state in the stream");
    }
    dog->deadline = left ? now_ns(dog) + left : 0;
    return ZF_OK;
}

static void destroy(struct zf_device *device) {
    free(device);
}

struct zf_watchdog *zf_watchdog_create(struct zf_cpus *cpus, void (*bite)(struct zf_cpus *cpus)) {
    struct zf_watchdog *dog = calloc(1, sizeof *dog);
    if (dog) {
        dog->device = (struct zf_device){.tag = ZF_STREAM_TAG("WDOG"),
                                         .destroy = destroy,
                                         .reset = reset,
                                         .save = save,
                                         .load = load,
                                         .poll = poll,
                                         .interrupts = ~UINT32_C(0)};
        dog->cpus = cpus;
        dog->bite = bite;
    }
    return dog;
}

struct zf_device *zf_watchdog_device(struct zf_watchdog *dog) {
    return &dog->device;
}
