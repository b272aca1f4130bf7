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

/* Of C and C++, and of Go and Rust by how the names begin. */
static const char *const leaving[] = {"abort",
                                      "exit",
                                      "_exit",
                                      "_Exit",
                                      "quick_exit",
                                      "pthread_exit",
                                      "longjmp",
                                      "_longjmp",
                                      "siglongjmp",
                                      "__longjmp_chk",
                                      "__assert",
                                      "__assert_fail",
                                      "__assert_perror_fail",
                                      "__stack_chk_fail",
                                      "__chk_fail",
                                      "__fortify_fail",
                                      "__libc_fatal",
                                      "_Unwind_Resume",
                                      "__cxa_throw",
                                      "__cxa_rethrow",
                                      "__cxa_bad_cast",
                                      "__cxa_throw_bad_array_new_length",
                                      "_ZSt9terminatev",
                                      "runtime.throw",
                                      "runtime.gopanic",
                                      "runtime.fatalthrow",
                                      "runtime.fatalpanic"};
static const char *const leaving_so[] = {
    "runtime.panicIndex", "runtime.panicSlice", "runtime.panicdivide",  "runtime.panicshift",
    "runtime.panicmem",   "runtime.panicnil",   "runtime.panicdottype", "runtime.panicoverflow",
    "runtime.panicwrap",  "runtime.goPanic",    "_ZSt17__throw_",       "_ZSt19__throw_",
    "_ZSt20__throw_",     "_ZSt24__throw_",     "_ZN4core9panicking"};

bool zf_walk_never_returns(const struct zf_walk *w, uint64_t target) {
    const char *name = called_name(w, target);
    bool never = is_one_of(name, leaving, ZF_ARRAY_LENGTH(leaving));
    for (unsigned i = 0; name && !never && i < ZF_ARRAY_LENGTH(leaving_so); i++) {
        never = !strncmp(name, leaving_so[i], strlen(leaving_so[i]));
    }
    return never;
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

struct zf_helper zf_walk_helper(const struct zf_scan_file *file, const struct zf_scan_function *f) {
    enum { FIRST = 2, SECOND = 3, MOST = 8 };
    const struct zf_scan_section *s = zf_scan_section_at(file, f->address);
    struct zf_helper helper = {0}; /* as register 0 says so far: the last word */
    struct zf_insn insn;
    struct zf_operands o;
    bool counted = false;
    uint64_t at = f->address;
    for (int i = 0; i < MOST && at < f->end && s && s->bytes; i++, at += insn.length) {
        if (!zf_decode_bytes(s->bytes + (at - s->address), f->end - at, &insn)) {
            break;
        }
        zf_insn_operands(&insn, &o);
        bool loads = insn.row == ZF_ROW_lghi || insn.row == ZF_ROW_lhi;
        bool adds = insn.row == ZF_ROW_aghi || insn.row == ZF_ROW_ahi;
        bool copies = insn.row == ZF_ROW_lgr || insn.row == ZF_ROW_lr;
        if (insn.row == ZF_ROW_bcr && !o.r2) {
            continue;
        }
        if (insn.row == ZF_ROW_stfle && o.b2 == FIRST && !o.d2 && counted && !helper.stores) {
            helper.stores = true;
            helper.words++;
        } else if (loads && !o.r1 && !helper.stores) {
            helper = (struct zf_helper){.words = (int)o.i2};
            counted = true;
        } else if (copies && !o.r1 && o.r2 == SECOND && !helper.stores) {
            helper = (struct zf_helper){.by_count = true};
            counted = true;
        } else if ((insn.row == ZF_ROW_aghik || insn.row == ZF_ROW_ahik) && !o.r1 &&
                   o.r3 == SECOND && !helper.stores) {
            helper = (struct zf_helper){.by_count = true, .words = (int)o.i2};
            counted = true;
        } else if (adds && !o.r1 && counted && !helper.stores) {
            helper.words += (int)o.i2;
        } else if (insn.row == ZF_ROW_bcr && helper.stores) {
            return helper;
        } else if (!helper.stores || !(copies || adds || loads)) {
            break;
        }
    }
    return (struct zf_helper){0};
}
