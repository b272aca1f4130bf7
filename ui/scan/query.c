/*
 * Functions and variables that tell of facilities, by their names, or by what is left of them.
 */
#include "scan/walk.h"

#include <string.h>

/* Variables that are known by their names. */
static const char *const names[] = {"_rtld_global_ro", "_dl_hwcap", "_dl_hwcap2",
                                    "OPENSSL_s390xcap_P"};
static const char *const functions[] = {"getauxval", "__getauxval", "elf_aux_info"};

static bool is_one_of(const char *name, const char *const *list, unsigned count) {
    for (unsigned i = 0; name && i < count; i++) {
        if (!strcmp(name, list[i])) {
            return true;
        }
    }
    return false;
}

bool zf_scan_tells_by_name(const char *name) {
    return is_one_of(name, names, ZF_ARRAY_LENGTH(names));
}

uint8_t zf_scan_source_by_name(const char *name) {
    return !strcmp(name, "_dl_hwcap")            ? ZF_ANSWER_HWCAP
           : !strcmp(name, "OPENSSL_s390xcap_P") ? ZF_ANSWER_LIST
                                                 : ZF_ANSWER_UNKNOWN;
}

/* What the stub of the procedure linkage table at `target` loads; or what objects refer to that are
 * not linked with it. NULL: it is no such place. */
static const struct zf_scan_pointer *stub_at(const struct zf_walk *w, uint64_t target) {
    const struct zf_scan_section *s = zf_scan_section_at(w->file, target);
    struct zf_insn insn;
    if (s && !s->bytes && w->file->relocatable) {
        return zf_scan_pointer_at(w->file, target);
    }
    if (!s || !s->code || !s->bytes || strncmp(s->name, ".plt", 4) != 0 ||
        !zf_decode_bytes(s->bytes + (target - s->address), s->size - (target - s->address),
                         &insn) ||
        insn.row != ZF_ROW_larl) {
        return NULL;
    }
    return zf_scan_pointer_at(w->file, target + (uint64_t)insn.imm);
}

static const char *called_name(const struct zf_walk *w, uint64_t target) {
    const struct zf_scan_function *f = zf_scan_function_at(w->file, target);
    const struct zf_scan_pointer *stub = f && f->name ? NULL : stub_at(w, target);
    return f && f->name ? f->name : stub ? stub->symbol : NULL;
}

uint64_t zf_walk_destination(const struct zf_walk *w, uint64_t target) {
    const struct zf_scan_pointer *stub = stub_at(w, target);
    return stub ? stub->value : target;
}

/* Whether the code is that of the GNU C library's getauxval(), in a program without names: it looks
 * for AT_HWCAP and AT_HWCAP2 first, and stores nothing where its second argument points to. */
static bool is_nameless_query(const struct zf_walk *w, uint64_t target) {
    enum { AT_HWCAP = 16, AT_HWCAP2 = 26, FIRST = 5, SMALL = 256, ARGUMENT = 2, SECOND = 3 };
    const struct zf_scan_function *f = zf_scan_function_at(w->file, target);
    const struct zf_scan_section *s = f && !f->name ? zf_scan_section_at(w->file, target) : NULL;
    uint64_t size = s && f->end - target < SMALL ? f->end - target : SMALL;
    unsigned asked = 0;
    struct zf_insn insn;
    struct zf_operands o;
    insn.length = 0;
    for (uint64_t at = 0, n = 0; s && s->bytes && at < size; at += insn.length, n++) {
        if (!zf_decode_bytes(s->bytes + (target - s->address) + at, size - at, &insn)) {
            break;
        }
        zf_insn_operands(&insn, &o);
        bool compares = n < FIRST && (insn.row == ZF_ROW_cghi || insn.row == ZF_ROW_cgij);
        asked |= compares && o.r1 == ARGUMENT ? (o.i2 == AT_HWCAP) | (o.i2 == AT_HWCAP2) << 1 : 0;
        if ((n >= FIRST && asked != 3) || (insn.row == ZF_ROW_stg && o.b2 == SECOND)) {
            return false;
        }
    }
    return asked == 3;
}

bool zf_walk_is_query(const struct zf_walk *w, uint64_t target) {
    return is_one_of(called_name(w, target), functions, ZF_ARRAY_LENGTH(functions)) ||
           is_nameless_query(w, target);
}

bool zf_scan_is_for_facilities(const struct zf_scan_function *f) {
    return f->name && (!strncmp(f->name, "internal/cpu.", strlen("internal/cpu.")) ||
                       strstr(f->name, "golang.org/x/sys/cpu."));
}
