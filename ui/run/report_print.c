/*
 * A report as text, its findings one by one and then the sums, and as JSON.
 */
#include "run/report_print.h"

#include "model/machine_text.h"
#include "text/common.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Text ends here; the JSON has all places. */
enum { TEXT_PLACES = 200, TEXT_CALLS = 8 };

/* The function code or the form, where it is not the whole instruction. */
static void subject_text(const struct zf_subject *subject, char *text, size_t size) {
    text[0] = 0;
    if (subject->kind == ZF_SUBJECT_FORM) {
        snprintf(text, size, " (form %s)", subject->form->text);
    } else if (subject->kind == ZF_SUBJECT_FUNCTION) {
        enum zf_feature feature = zf_feature_of_function(subject->query, subject->code);
        snprintf(text, size, " (function %u%s%s)", subject->code,
                 feature == ZF_FEATURE_COUNT ? "" : ", ",
                 feature == ZF_FEATURE_COUNT ? "" : zf_feature_info(feature)->name);
    }
}

static void print_location(FILE *out, const struct zf_finding_details *details) {
    const struct zf_symbol *symbol = &details->symbol;
    fprintf(out, "0x%" PRIx64, details->finding->address);
    if (!details->has_symbol) {
        return;
    }
    fprintf(out, " in %s%s%s+0x%" PRIx64, symbol->image, symbol->function[0] ? "!" : "",
            symbol->function, symbol->offset);
    if (symbol->file[0]) {
        fprintf(out, " (%s:%u)", symbol->file, symbol->line);
    }
}

static void print_frame(FILE *out, const struct zf_frame *frame) {
    const struct zf_symbol *symbol = &frame->symbol;
    const char *slash = strrchr(symbol->image, '/');
    fprintf(out, "    from   0x%" PRIx64 " in %s%s%s", frame->address,
            slash ? slash + 1 : symbol->image, symbol->function[0] ? "!" : "", symbol->function);
    if (symbol->file[0]) {
        fprintf(out, " (%s:%u)", symbol->file, symbol->line);
    }
    fputc('\n', out);
}

/* The calls that led to a finding, as far as they are the program's; and whether it is a probe. */
static void print_place(FILE *out, const struct zf_place *place) {
    for (unsigned i = 1; i < place->frames && i <= TEXT_CALLS; i++) {
        if (place->frame[i].symbol.image[0]) {
            print_frame(out, &place->frame[i]);
        }
    }
    if (place->probed) {
        fprintf(out, "    probe  the guest caught the exception and continued\n");
    }
}

static void print_finding(FILE *out, const struct zf_finding_details *details) {
    const struct zf_finding *finding = details->finding;
    const struct zf_explanation *e = &details->explanation;
    char subject[96];
    bool blocked = finding->kind == ZF_FINDING_BLOCKED;
    subject_text(&finding->subject, subject, sizeof subject);
    fprintf(out, "\n%s%s%s at ", zf_colour(out, blocked ? ZF_COLOUR_RED : ZF_COLOUR_YELLOW),
            zf_finding_kind_name(finding->kind), zf_colour(out, ZF_COLOUR_NONE));
    print_location(out, details);
    fprintf(out, ", %" PRIu64 " time%s\n", finding->count, finding->count == 1 ? "" : "s");
    fprintf(out, "    insn   %s  %s%s\n", details->bytes, details->text, subject);
    if (finding->target) {
        fprintf(out, "    at     0x%" PRIx64 ", the target of an EXECUTE\n", finding->target);
    }
    if (finding->kind == ZF_FINDING_UNIMPLEMENTED) {
        fprintf(out, "    why    permitted, but not implemented by zfacet\n");
    } else {
        if (e->facility >= 0) {
            fprintf(out, "    needs  facility %d (%s), first on %s\n", e->facility,
                    e->facility_name, e->first);
        } else {
            fprintf(out, "    needs  %s or later\n", e->first);
        }
        fprintf(out, "    why    %s\n", e->why);
    }
    fprintf(out, "    guest  %s\n", zf_outcome_text(finding->outcome));
    if (details->place) {
        print_place(out, details->place);
    }
}

static void print_facilities(FILE *out, const struct zf_report *report) {
    struct zf_report_facility facility;
    for (unsigned i = 0; zf_report_facility_at(report, i, &facility); i++) {
        if (facility.facility >= 0) {
            fprintf(out, "    %3d  %-45s ", facility.facility, facility.name);
        } else {
            fprintf(out, "      -  %-45s ", "machine level or function code");
        }
        fprintf(out, "%6u finding%s %12" PRIu64 " execution%s\n", facility.findings,
                facility.findings == 1 ? " " : "s", facility.count, facility.count == 1 ? "" : "s");
    }
}

static void print_summary(FILE *out, const struct zf_report *report) {
    bool full;
    struct zf_report_facility any;
    const struct zf_machine_type *oldest = zf_report_oldest(report, &full);
    uint64_t others = zf_report_others(report);
    if (others) {
        fprintf(out,
                "\n%" PRIu64 " execution%s at further addresses %s counted, but not recorded.\n",
                others, zf_plural(others), others == 1 ? "was" : "were");
    }
    if (!zf_report_facility_at(report, 0, &any)) {
        return; /* nothing but what zfacet does not execute */
    }
    fprintf(out, "\n%sFacilities%s\n", zf_colour(out, ZF_COLOUR_BOLD),
            zf_colour(out, ZF_COLOUR_NONE));
    print_facilities(out, report);
    if (oldest) {
        fprintf(out, "The oldest machine that runs all of it is %s%s (%s).\n",
                zf_machine_short_name(oldest), full ? "-full" : "", oldest->title);
    } else {
        fputs("No machine runs all of it.\n", out);
    }
}

static void print_heading(FILE *out, const struct zf_report *report) {
    const struct zf_gate *gate = zf_report_gate(report);
    unsigned count = zf_report_count(report);
    char model[ZF_MODEL_TEXT_LENGTH], ibc[48];
    zf_model_text(&gate->model, model);
    zf_ibc_text(gate->ibc, ibc, sizeof ibc);
    fprintf(out, "%s%u finding%s%s on model %s, policy %s%s%s\n", zf_colour(out, ZF_COLOUR_BOLD),
            count, zf_plural(count), zf_colour(out, ZF_COLOUR_NONE), model,
            zf_policy_name(gate->policy), gate->ibc ? ", IBC value " : "", gate->ibc ? ibc : "");
}

void zf_print_report(FILE *out, const struct zf_report *report, struct zf_symbols *symbols) {
    unsigned count = zf_report_count(report);
    if (!count) {
        return;
    }
    print_heading(out, report);
    for (unsigned i = 0; i < count && i < TEXT_PLACES; i++) {
        struct zf_finding_details details;
        zf_report_describe(report, i, symbols, &details);
        print_finding(out, &details);
    }
    if (count > TEXT_PLACES) {
        fprintf(out, "\n%u more findings; --report writes all of them.\n", count - TEXT_PLACES);
    }
    print_summary(out, report);
}

static json_t *hex_json(uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    return json_string(text);
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text && text[0]) {
        json_object_set_new(object, key, zf_json_text(text));
    }
}

static void set_symbol(json_t *object, const struct zf_symbol *symbol) {
    set_text(object, "image", symbol->image);
    set_text(object, "symbol", symbol->function);
    json_object_set_new(object, "offset", hex_json(symbol->offset));
    if (symbol->file[0]) {
        set_text(object, "file", symbol->file);
        json_object_set_new(object, "line", json_integer(symbol->line));
    }
}

static void set_place(json_t *object, const struct zf_place *place) {
    json_t *stack = json_array();
    for (unsigned i = 0; i < place->frames; i++) {
        json_t *frame = json_pack("{s:o}", "address", hex_json(place->frame[i].address));
        if (place->frame[i].symbol.image[0]) {
            set_symbol(frame, &place->frame[i].symbol);
        }
        json_array_append_new(stack, frame);
    }
    json_object_set_new(object, "stack", stack);
    set_text(object, "program", place->program);
    json_object_set_new(object, "seconds", json_real(place->seconds));
    json_object_set_new(object, "probed", json_boolean(place->probed));
}

static json_t *place_json(const struct zf_finding_details *details) {
    const struct zf_finding *finding = details->finding;
    const struct zf_explanation *e = &details->explanation;
    const struct zf_subject *subject = &finding->subject;
    json_t *object = json_object();
    set_text(object, "kind", zf_finding_kind_name(finding->kind));
    json_object_set_new(object, "address", hex_json(finding->address));
    if (finding->target) {
        json_object_set_new(object, "target", hex_json(finding->target));
    }
    set_text(object, "bytes", details->bytes);
    set_text(object, "text", details->text);
    set_text(object, "mnemonic", details->mnemonic);
    if (subject->kind == ZF_SUBJECT_FORM) {
        set_text(object, "form", subject->form->text);
    } else if (subject->kind == ZF_SUBJECT_FUNCTION) {
        json_object_set_new(object, "function", json_integer(subject->code));
    }
    if (details->has_symbol) {
        set_symbol(object, &details->symbol);
    }
    if (e->facility >= 0) {
        json_object_set_new(object, "facility", json_integer(e->facility));
        set_text(object, "facility_name", e->facility_name);
    }
    set_text(object, "first_machine", e->first);
    if (finding->kind != ZF_FINDING_UNIMPLEMENTED) {
        set_text(object, "reason", zf_gate_reason_name(e->reason));
        set_text(object, "why", e->why);
    }
    set_text(object, "outcome", zf_outcome_text(finding->outcome));
    json_object_set_new(object, "count", json_integer((json_int_t)finding->count));
    if (details->place) {
        set_place(object, details->place);
    }
    return object;
}

static json_t *facilities_json(const struct zf_report *report) {
    struct zf_report_facility facility;
    json_t *list = json_array();
    for (unsigned i = 0; zf_report_facility_at(report, i, &facility); i++) {
        json_t *object = json_object();
        if (facility.facility >= 0) {
            json_object_set_new(object, "facility", json_integer(facility.facility));
            set_text(object, "name", facility.name);
        }
        json_object_set_new(object, "places", json_integer(facility.findings));
        json_object_set_new(object, "count", json_integer((json_int_t)facility.count));
        json_array_append_new(list, object);
    }
    return list;
}

json_t *zf_report_json(const struct zf_report *report, struct zf_symbols *symbols) {
    const struct zf_gate *gate = zf_report_gate(report);
    char model[ZF_MODEL_NAME_LENGTH];
    bool full;
    const struct zf_machine_type *oldest = zf_report_oldest(report, &full);
    json_t *value = json_object(), *totals = json_object(), *places = json_array();
    zf_model_name(&gate->model, model);
    set_text(value, "model", model);
    set_text(value, "machine", gate->model.machine->title);
    set_text(value, "policy", zf_policy_name(gate->policy));
    json_object_set_new(value, "ibc", gate->ibc ? hex_json(gate->ibc) : json_null());
    for (unsigned kind = 0; kind < ZF_FINDING_KINDS; kind++) {
        json_object_set_new(totals, zf_finding_kind_name(kind),
                            json_integer((json_int_t)zf_report_total(report, kind)));
    }
    json_object_set_new(value, "totals", totals);
    for (unsigned i = 0; i < zf_report_count(report); i++) {
        struct zf_finding_details details;
        zf_report_describe(report, i, symbols, &details);
        json_array_append_new(places, place_json(&details));
    }
    json_object_set_new(value, "places", places);
    json_object_set_new(value, "facilities", facilities_json(report));
    json_object_set_new(value, "others", json_integer((json_int_t)zf_report_others(report)));
    json_object_set_new(
        value, "oldest",
        oldest ? json_pack("{s:s, s:s}", "machine", oldest->name, "set", full ? "full" : "default")
               : json_null());
    return value;
}

static int cannot_write(const char *path) {
    fprintf(stderr, "zfacet: cannot write %s: %s\n", path, strerror(errno));
    return ZF_EXIT_FAILURE;
}

bool zf_can_write_report(const char *path) {
    struct stat st;
    if (stat(path, &st) == 0) {
        errno = EISDIR;
        return !S_ISDIR(st.st_mode) && access(path, W_OK) == 0;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

int zf_write_report(const char *path, FILE *opened, json_t *report) {
    FILE *out = opened ? opened : fopen(path, "w");
    if (!out) {
        json_decref(report);
        return cannot_write(path);
    }
    int status = zf_print_json(out, report);
    bool failed = ferror(out);
    return fclose(out) != 0 || failed ? cannot_write(path) : status;
}
