/*
 * What a scan says of a file: the machines it needs, the facilities, and the functions that need
 * what the model asked about lacks.
 */
#include "scan/result.h"

#include "text/common.h"

#include "zfacet/facility.h"
#include "zfacet/ibc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { INSNS = 8 };

/* What of one facility a file has. */
struct use {
    int facility; /* -1: the machine's level */
    uint8_t machine;
    unsigned functions[ZF_SCAN_REACHES], count;
};

static json_t *hex(uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

/* How the need is reached: guarded in a function that is not makes it guarded; and where a test
 * promises less, its function is as good as called. */
static enum zf_scan_reach reach_of(const struct zf_scan_function *f,
                                   const struct zf_scan_need *need) {
    return need->guarded                         ? ZF_SCAN_GUARDED
           : zf_scan_is_beyond(f, need->machine) ? ZF_SCAN_DIRECT
                                                 : f->reach;
}

/* Whether code behind a test is executed on the model. */
static bool holds(const struct zf_model *model, uint8_t promise) {
    return promise != ZF_SCAN_UNKNOWN && (!promise || zf_model_has_facility(model, promise - 1u));
}

/* The same on the model that is asked about, which lacks what is needed: a test guards it when the
 * model lacks what that tests. */
static enum zf_scan_reach reach_on(const struct zf_scan_question *question,
                                   const struct zf_scan_function *f,
                                   const struct zf_scan_need *need) {
    if (!question->has_against || (need->guarded && !need->promise)) {
        return reach_of(f, need);
    }
    if (!holds(&question->against, need->promise)) {
        return ZF_SCAN_GUARDED;
    }
    if (f->reach != ZF_SCAN_GUARDED) {
        return f->reach;
    }
    return holds(&question->against, f->promise) ? ZF_SCAN_DIRECT : ZF_SCAN_GUARDED;
}

/* Whether nobody knows what the test is of that guards it. */
static bool is_unknown(const struct zf_scan_question *question, const struct zf_scan_function *f,
                       const struct zf_scan_need *need) {
    if (reach_on(question, f, need) != ZF_SCAN_GUARDED) {
        return false;
    }
    bool module = need->guarded && !need->promise;
    bool here = question->has_against && !module ? !holds(&question->against, need->promise)
                                                 : need->guarded;
    return (here ? need->promise : f->promise) == ZF_SCAN_UNKNOWN;
}

static struct use *find_use(struct use **uses, unsigned *count, int facility, uint8_t machine) {
    for (unsigned i = 0; i < *count; i++) {
        if ((*uses)[i].facility == facility && (facility >= 0 || (*uses)[i].machine == machine)) {
            return &(*uses)[i];
        }
    }
    struct use *more = zf_scan_grow(*uses, count, sizeof *more);
    if (!more) {
        return NULL;
    }
    *uses = more;
    more[*count - 1] = (struct use){.facility = facility, .machine = machine};
    return &more[*count - 1];
}

static void count_uses(const struct zf_scan_function *f, struct use **uses, unsigned *count) {
    for (unsigned n = 0; n < f->need_count; n++) {
        const struct zf_scan_need *need = &f->needs[n];
        struct use *use = find_use(uses, count, zf_scan_facility(need), need->machine);
        if (use) {
            use->machine = need->machine < use->machine ? need->machine : use->machine;
            use->functions[reach_of(f, need)]++;
            use->count += need->count;
        }
    }
}

static int by_machine(const void *a, const void *b) {
    const struct use *x = a, *y = b;
    return x->machine != y->machine ? y->machine - x->machine : x->facility - y->facility;
}

static json_t *uses_json(const struct zf_scan_file *file) {
    struct use *uses = NULL;
    unsigned count = 0;
    json_t *list = json_array();
    for (unsigned i = 0; i < file->function_count; i++) {
        count_uses(&file->functions[i], &uses, &count);
    }
    if (count) {
        qsort(uses, count, sizeof *uses, by_machine);
    }
    for (unsigned i = 0; i < count; i++) {
        const struct use *u = &uses[i];
        json_t *use = json_pack(
            "{s:s, s:i, s:i, s:i, s:i}", "first_machine", zf_scan_machine_name(u->machine), "insns",
            (int)u->count, "direct", (int)u->functions[ZF_SCAN_DIRECT], "pointer",
            (int)u->functions[ZF_SCAN_POINTER], "guarded", (int)u->functions[ZF_SCAN_GUARDED]);
        if (u->facility >= 0) {
            json_object_set_new(use, "facility", json_integer(u->facility));
            json_object_set_new(use, "name", json_string(zf_facility_name((unsigned)u->facility)));
        }
        json_array_append_new(list, use);
    }
    free(uses);
    return list;
}

static bool lacks(const struct zf_model *model, const struct zf_scan_need *need) {
    struct zf_subject subject = need->form == ZF_SCAN_NO_FORM
                                    ? zf_subject_row((enum zf_row)need->row)
                                    : zf_subject_form(zf_form_at(need->form));
    return !zf_model_runs(model, &subject);
}

static json_t *need_json(const struct zf_scan_question *question, const struct zf_scan_function *f,
                         const struct zf_scan_need *need) {
    int facility = zf_scan_facility(need);
    json_t *json = json_pack("{s:s, s:s, s:s, s:i, s:o}", "mnemonic",
                             zf_row_get((enum zf_row)need->row)->mnemonic, "first_machine",
                             zf_scan_machine_name(need->machine), "reach",
                             zf_scan_reach_name(reach_on(question, f, need)), "count",
                             (int)need->count, "address", hex(need->address));
    if (need->form != ZF_SCAN_NO_FORM) {
        json_object_set_new(json, "form", json_string(zf_form_at(need->form)->text));
    }
    if (facility >= 0) {
        json_object_set_new(json, "facility", json_integer(facility));
    }
    if (is_unknown(question, f, need)) {
        json_object_set_new(json, "guard_unknown", json_true());
    }
    return json;
}

static bool is_asked_for(const struct zf_scan_question *question, const struct zf_scan_need *need) {
    return question->has_against ? lacks(&question->against, need) : question->functions;
}

/* Whether pointers alone lead to a function that needs what is asked for. */
static bool is_pointed_need(const struct zf_scan_function *f,
                            const struct zf_scan_question *question) {
    bool any = false;
    for (unsigned n = 0; n < f->need_count && !any; n++) {
        any = reach_on(question, f, &f->needs[n]) == ZF_SCAN_POINTER &&
              is_asked_for(question, &f->needs[n]);
    }
    return any;
}

/* Whether only a few functions are so, in a file that tests for facilities. */
static bool has_few(const struct zf_scan_file *file, const struct zf_scan_question *question) {
    unsigned count = 0;
    for (unsigned i = 0; i < file->function_count; i++) {
        count += is_pointed_need(&file->functions[i], question);
    }
    return file->queries && count <= file->function_count / ZF_SCAN_FEW;
}

/* A function with the needs that are asked for; NULL when there are none. */
static json_t *function_json(const struct zf_scan_file *file, const struct zf_scan_function *f,
                             const struct zf_scan_question *question, bool few, bool *unguarded) {
    json_t *needs = json_array();
    for (unsigned n = 0; n < f->need_count; n++) {
        const struct zf_scan_need *need = &f->needs[n];
        if (!is_asked_for(question, need)) {
            continue;
        }
        enum zf_scan_reach reach = reach_on(question, f, need);
        bool excused = few || need->machine > zf_scan_needed(file);
        *unguarded |= reach == ZF_SCAN_DIRECT || (reach == ZF_SCAN_POINTER && !excused);
        json_array_append_new(needs, need_json(question, f, need));
    }
    if (!json_array_size(needs)) {
        json_decref(needs);
        return NULL;
    }
    uint8_t machine = f->reach == ZF_SCAN_GUARDED ? f->guarded_machine : f->machine;
    json_t *json = json_pack("{s:o, s:s, s:s, s:s, s:o}", "address", hex(f->address), "reach",
                             zf_scan_reach_name(f->reach), "needs", zf_scan_machine_name(machine),
                             "guarded", zf_scan_machine_name(f->guarded_machine), "insns", needs);
    if (f->name) {
        json_object_set_new(json, "name", zf_json_text(f->name));
    }
    return json;
}

json_t *zf_scan_result(const char *name, const struct zf_scan_file *file,
                       const struct zf_scan_question *question) {
    json_t *functions = json_array();
    bool unguarded = false, few = has_few(file, question);
    for (unsigned i = 0; i < file->function_count; i++) {
        json_t *function = function_json(file, &file->functions[i], question, few, &unguarded);
        if (function) {
            json_array_append_new(functions, function);
        }
    }
    unsigned top = 0;
    for (unsigned i = 0; i < file->function_count; i++) {
        top += zf_scan_is_top(file, &file->functions[i]);
    }
    json_t *result =
        json_pack("{s:o, s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:{s:i, s:i, s:i}, s:o}", "file",
                  zf_json_text(name), "needs", zf_scan_machine_name(zf_scan_needed(file)),
                  "guarded", zf_scan_machine_name(zf_scan_guarded(file)), "direct",
                  zf_scan_machine_name(file->machine[ZF_SCAN_DIRECT]), "pointer",
                  zf_scan_machine_name(file->machine[ZF_SCAN_POINTER]), "functions",
                  (int)file->function_count, "code_bytes", (json_int_t)file->code_bytes, "insns",
                  (json_int_t)file->insns, "reached", "direct", (int)file->reached[ZF_SCAN_DIRECT],
                  "pointer", (int)file->reached[ZF_SCAN_POINTER], "guarded",
                  (int)file->reached[ZF_SCAN_GUARDED], "facilities", uses_json(file));
    json_object_set_new(result, "top", json_integer(top));
    const char *partial = zf_scan_partial(file);
    json_object_set_new(result, "partial", json_boolean(partial != NULL));
    if (partial) {
        json_object_set_new(result, "why", json_string(partial));
    }
    if (file->unfinished) {
        json_object_set_new(result, "unfinished", json_true());
    }
    if (question->has_against || question->functions) {
        json_object_set_new(result, "found", functions);
    } else {
        json_decref(functions);
    }
    if (question->has_against && (unguarded || !partial)) {
        json_object_set_new(result, "passes", json_boolean(!unguarded));
    }
    return result;
}

/* Whether symbols say where most functions are. */
static bool has_names(const struct zf_scan_file *file) {
    unsigned count = 0;
    for (unsigned i = 0; i < file->function_count; i++) {
        count += file->functions[i].name != NULL;
    }
    return count > file->function_count / 2;
}

const char *zf_scan_partial(const struct zf_scan_file *file) {
    enum { LITTLE_CODE = 16384, FEW = 8, LENGTH = 4 };
    uint64_t found = file->insns * LENGTH;
    if (file->unfinished) {
        return "calls lead too deep for all of its code to be found";
    }
    if (file->code_bytes >= LITTLE_CODE && found < file->code_bytes / FEW) {
        return "hardly any of its code was found";
    }
    return file->go && !file->go_read && !has_names(file)
               ? "Go's table of its functions cannot be read"
               : NULL;
}

bool zf_scan_fails(const json_t *result) {
    return json_is_false(json_object_get(result, "passes"));
}
