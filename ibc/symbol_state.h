/* The images of a guest, as libdw knows them. */
#ifndef ZF_IBC_SYMBOL_STATE_H
#define ZF_IBC_SYMBOL_STATE_H

#include "zfacet/symbol.h"

#include <elfutils/libdwfl.h>

struct zf_symbols {
    Dwfl *dwfl;
    Dwfl_Callbacks callbacks;
    char *debug_path;               /* of the callbacks, where it is not the default */
    uint64_t moved;                 /* what is taken from addresses before they are looked for */
    bool reporting;                 /* between dwfl_report_begin_add() and dwfl_report_end() */
    bool attached;                  /* libdw asks `unwind` for storage and registers */
    const struct zf_unwind *unwind; /* while it is at work */
    int (*keep)(void *context, int fd);
    void *context; /* of `keep` */
};

/** All images have been added for now. */
void zf_symbols_settle(struct zf_symbols *symbols);

#endif
