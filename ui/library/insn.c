/*
 * Errors, versions, and instructions by themselves.
 */
#include "library.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)ZFACET_UNSUPPORTED == (int)ZF_ERROR_UNSUPPORTED &&
                   (int)ZFACET_FORMAT == (int)ZF_ERROR_FORMAT,
               "the codes of errors are the same inside and outside");

const char *zfacet_version(void) {
    return ZFACET_VERSION;
}

int zfacet_api(void) {
    return ZFACET_API;
}

void *zf_library_fail(struct zfacet_error *error, const struct zf_error *why) {
    if (error) {
        error->code = (int)why->status;
        memcpy(error->text, why->message, sizeof error->text);
    }
    return NULL;
}

void *zf_library_no_memory(struct zfacet_error *error) {
    struct zf_error why;
    zf_fail(&why, ZF_ERROR_MEMORY, "out of memory");
    return zf_library_fail(error, &why);
}

bool zf_library_decode(const void *bytes, size_t size, struct zf_insn *insn,
                       struct zfacet_error *error) {
    struct zf_error why;
    if (zf_decode_bytes(bytes, size, insn)) {
        return true;
    }
    zf_fail(&why, ZF_ERROR_FORMAT, "%zu bytes are no whole instruction", size);
    zf_library_fail(error, &why);
    return false;
}

/* An answer with room for its text. */
struct insn {
    struct zfacet_insn answer;
    char text[128];
};

static void describe(const struct zf_insn *decoded, uint64_t address, struct insn *insn) {
    const struct zf_row_info *row = zf_row_get((enum zf_row)decoded->row);
    bool needs = row->facility.count != 0;
    zf_disasm(decoded, address, insn->text, sizeof insn->text);
    char *tab = strchr(insn->text, '\t');
    if (tab) {
        *tab = ' ';
    }
    insn->answer = (struct zfacet_insn){
        .known = decoded->row != ZF_ROW_INVALID,
        .privileged = row->privilege == ZF_PRIVILEGED,
        .length = decoded->length,
        .mnemonic = row->mnemonic,
        .name = row->name,
        .format = zf_format_name((enum zf_format)row->format),
        .text = insn->text,
        .facility = needs ? row->facility.bit[0] : -1,
        .facility_name = needs ? zf_facility_name(row->facility.bit[0]) : NULL,
        .first = decoded->row ? zf_since_name((enum zf_since)row->since) : "",
    };
}

const struct zfacet_insn *zfacet_decode(const void *bytes, size_t size, uint64_t address,
                                        struct zfacet_error *error) {
    struct zf_insn decoded;
    if (!zf_library_decode(bytes, size, &decoded, error)) {
        return NULL;
    }
    struct insn *insn = calloc(1, sizeof *insn);
    if (!insn) {
        return zf_library_no_memory(error);
    }
    describe(&decoded, address, insn);
    return &insn->answer;
}

void zfacet_insn_free(const struct zfacet_insn *insn) {
    free((void *)insn);
}
