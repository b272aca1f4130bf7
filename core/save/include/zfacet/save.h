/*
 * A machine's guest as sections of a stream: all that goes on elsewhere, bit for bit. The guest's
 * clocks stand still while it is saved. What the model and the gate are is said by who writes the
 * stream; the machine's own sections come after that.
 *
 * - "STOR": bytes of storage (8), CPUs (2)
 * - "CPU ": one each, by address: PSW (16), TOD clock (8), CPU timer (8), then as
 *   core/save/cpu_field.def says
 * - "SCLP": receive mask, send mask (4 each), quiesce pending (1), console input
 * - "WRAP": the wrapping keys and their patterns (112)
 * - "KEYS": number of the first page (8), pages (4), storage keys, deflated
 * - "uses": the same of what ESSA has set; who does not know it takes all pages for stable
 * - "PAGE": address (8), bytes (4), contents, deflated; storage of zeros is not there
 */
#ifndef ZFACET_SAVE_H
#define ZFACET_SAVE_H

#include "zfacet/machine.h"
#include "zfacet/stream.h"

/**
 * Writes the guest of a machine that does not run. Errors: UNSUPPORTED for a Linux program, whose
 * files are the host's; else as the stream's.
 */
enum zf_status zf_machine_save(const struct zf_machine *machine, struct zf_stream *stream,
                               struct zf_section *section, struct zf_error *err);

/**
 * Reads storage_size and cpus from a "STOR" section: what zf_machine_create() wants to know.
 */
enum zf_status zf_machine_restore_config(struct zf_section *section,
                                         struct zf_machine_config *config, struct zf_error *err);

/**
 * Reads the sections after "STOR", up to the stream's end, into a machine that never ran, with
 * that much storage and that many CPUs. After an error the machine is good for nothing but to be
 * destroyed.
 */
enum zf_status zf_machine_restore(struct zf_machine *machine, struct zf_stream *stream,
                                  struct zf_section *section, struct zf_error *err);

#endif
