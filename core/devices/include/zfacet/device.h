/*
 * A device, as the machine and saved guests see it: one list of them, each asked in turn. Devices
 * embed struct zf_device as their first member. What an instruction asks of a device (SERVICE CALL)
 * is the device's own; interruptions it posts by zfacet/pending.h.
 */
#ifndef ZFACET_DEVICE_H
#define ZFACET_DEVICE_H

#include "zfacet/error.h"
#include "zfacet/stream.h"

struct zf_device {
    struct zf_device *next;
    uint32_t tag; /* of its section in a saved guest */
    void (*destroy)(struct zf_device *device);
    /** As it was created; connections to the host stay. */
    void (*reset)(struct zf_device *device);
    /** All of its state that the guest can notice; and back. FORMAT when damaged. */
    void (*save)(const struct zf_device *device, struct zf_payload *payload);
    enum zf_status (*load)(struct zf_device *device, struct zf_payload *payload,
                           struct zf_error *err);
    /**
     * Input and output with the host: looks for input and posts interruptions, waiting at most `ns`
     * nanoseconds for it. False: none will ever come. Called between blocks with 0, and while a CPU
     * is in the wait state.
     */
    bool (*poll)(struct zf_device *device, uint64_t ns);
    uint32_t interrupts; /* enum zf_external: what input makes pending */
};

#endif
