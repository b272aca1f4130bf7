/*
 * The protocol's types: checking arguments against them.
 */
#ifndef ZFACET_QMP_SCHEMA_H
#define ZFACET_QMP_SCHEMA_H

#include "qmp/qmp.h"

enum zf_qmp_type {
#define QMP_TYPE(id, meta, what) ZF_QMP_TYPE_##id,
#include "qmp/type.def"
#undef QMP_TYPE
    ZF_QMP_TYPE_COUNT
};

enum zf_qmp_meta { ZF_QMP_BUILTIN, ZF_QMP_ENUM, ZF_QMP_OBJECT, ZF_QMP_ARRAY };

struct zf_qmp_command {
    const char *name;
    enum zf_qmp_type arguments, reply;
    zf_qmp_function *function;
    const char *text; /* what it does */
};

struct zf_qmp_event_info {
    const char *name;
    enum zf_qmp_type data;
    const char *text;
};

/** Command `i`, event `i`, or NULL after the last one. */
const struct zf_qmp_command *zf_qmp_command_at(unsigned i);
const struct zf_qmp_event_info *zf_qmp_event_at(unsigned i);

/** The command of that name, which may have any bytes, or NULL. */
const struct zf_qmp_command *zf_qmp_command_find(const char *name);

/** Whether `arguments` (NULL for none) is of the type, which is an object; else `error` says why.
 */
bool zf_qmp_check(enum zf_qmp_type type, const json_t *arguments, struct zf_qmp_error *error);

#endif
