#ifndef ZFACET_MODEL_NAMES_H
#define ZFACET_MODEL_NAMES_H

/** Name or alias `i` of a machine, or NULL after the last: candidates for zf_nearest(). */
const char *zf_machine_known_name(const void *context, unsigned i);

#endif
