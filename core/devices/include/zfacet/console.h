/*
 * The guest's console, as the service processor (SCLP) offers it: line mode and VT220.
 */
#ifndef ZFACET_CONSOLE_H
#define ZFACET_CONSOLE_H

#include "zfacet/sclp.h"

/* Who shows the console. Functions may be NULL. */
struct zf_console {
    void *context;
    /* Text that the guest wrote, in ASCII; a line of the line mode ends with '\n'. */
    void (*write)(void *context, const char *text, size_t length);
    /*
     * Waits at most `ns` host nanoseconds for input, 0: only looks. Hands what there is to
     * zf_console_input(). Returns false when no input will ever come. Called between blocks of
     * the guest, and while it waits.
     */
    bool (*poll)(void *context, struct zf_sclp *sclp, uint64_t ns);
};

/** Connects the console; `console` is copied. */
void zf_console_attach(struct zf_sclp *sclp, const struct zf_console *console);

/** Queues input for the guest; returns how much of it there was room for. */
size_t zf_console_input(struct zf_sclp *sclp, const char *text, size_t length);

/** Asks the guest to shut down (signal quiesce); false when it does not listen to that. */
bool zf_console_quiesce(struct zf_sclp *sclp);

#endif
