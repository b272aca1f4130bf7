/*
 * What a system call of a program under comparison writes, as a sum: its bytes, from wherever the
 * call gathers them.
 */
#ifndef ZFACET_UI_LOCKSTEP_WRITTEN_H
#define ZFACET_UI_LOCKSTEP_WRITTEN_H

#include <stdint.h>

/** The storage of the program: NULL: it cannot be read there. */
struct zf_lockstep_reader {
    const uint8_t *(*at)(void *context, uint64_t address, uint64_t length);
    void *context;
};

/** 0: it writes nothing. */
uint64_t zf_lockstep_written(const struct zf_lockstep_reader *reader, uint64_t number,
                             const uint64_t *args);

#endif
