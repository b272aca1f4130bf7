/*
 * System calls that the guest made and zfacet does not have: as text, as JSON, and whether they
 * make the result doubtful.
 */
#include "run/part.h"

#include "text/common.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 320 };

/* A program that is linked to fixed addresses is where it says, wherever its first page is. */
uint64_t zf_run_bias(const char *path, uint64_t start) {
    enum { TYPE_AT = 16, TYPE_FIXED = 2 };
    uint8_t type[2] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool fixed = fd >= 0 && pread(fd, type, sizeof type, TYPE_AT) == sizeof type &&
                 zf_get16(type) == TYPE_FIXED;
    if (fd >= 0) {
        close(fd);
    }
    return fixed ? 0 : start;
}

static void find_symbol(const struct zf_linux_absent *call, struct zf_symbol *symbol) {
    struct zf_symbols *symbols = call->image[0] ? zf_symbols_create() : NULL;
    struct zf_error err;
    *symbol = (struct zf_symbol){0};
    if (symbols) {
        uint64_t bias = zf_run_bias(call->image, call->bias);
        zf_symbols_add(symbols, call->image, call->image, bias, &err);
        zf_symbols_find(symbols, call->address, symbol);
        zf_symbols_destroy(symbols);
    }
}

static void name_of(const struct zf_linux_absent *call, char *text, size_t size) {
    if (call->foreign[0]) {
        snprintf(text, size, "execve of %s, for another machine", call->foreign);
    } else if (call->name) {
        snprintf(text, size, "%s", call->name);
    } else {
        snprintf(text, size, "number %u", call->number);
    }
}

static void print_call(FILE *out, const struct zf_linux_absent *call) {
    char name[NAME];
    struct zf_symbol symbol;
    name_of(call, name, sizeof name);
    find_symbol(call, &symbol);
    fprintf(out, "   %4u  %-22s %8" PRIu64 " time%-2s first at 0x%" PRIx64, call->number,
            call->name ? name : "unknown", call->count, call->count == 1 ? "," : "s,",
            call->address);
    if (symbol.image[0]) {
        fprintf(out, " in %s%s%s+0x%" PRIx64, symbol.image, symbol.function[0] ? "!" : "",
                symbol.function, symbol.offset);
    }
    if (call->program[0] && strcmp(call->program, call->image) != 0) {
        fprintf(out, " of %s", call->program);
    }
    fprintf(out, "%s\n", call->optional ? "; optional" : "");
}

unsigned zf_run_absent_count(const struct zf_run *run) {
    struct zf_linux_absent call;
    unsigned count = 0;
    for (unsigned i = 0; run->program && zf_linux_absent_at(run->program, i, &call); i++) {
        count += !call.optional;
    }
    return count;
}

void zf_run_print_absent(FILE *out, const struct zf_run *run) {
    struct zf_linux_absent call;
    if (!zf_run_absent_count(run)) {
        return; /* optional ones alone are what any kernel might do */
    }
    fprintf(out, "%s%sSystem calls that are not implemented%s (the guest got ENOSYS, or ENOEXEC)\n",
            zf_report_count(run->report) ? "\n" : "", zf_colour(out, ZF_COLOUR_BOLD),
            zf_colour(out, ZF_COLOUR_NONE));
    for (unsigned i = 0; zf_linux_absent_at(run->program, i, &call); i++) {
        print_call(out, &call);
    }
}

void zf_run_warn_absent(const struct zf_run *run) {
    char names[2 * NAME] = "";
    struct zf_linux_absent call;
    unsigned count = zf_run_absent_count(run);
    for (unsigned i = 0, used = 0; count && zf_linux_absent_at(run->program, i, &call); i++) {
        char name[NAME];
        name_of(&call, name, sizeof name);
        if (!call.optional && used + strlen(name) + sizeof ", ..." < sizeof names) {
            used += (unsigned)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                       name);
        }
    }
    if (count) {
        zf_warn("%u system call%s not implemented (%s): the guest may have behaved differently "
                "than on a real system",
                count, count == 1 ? " is" : "s are", names);
    }
}

static void set_hex(json_t *object, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    json_object_set_new(object, key, json_string(text));
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text && text[0]) {
        json_object_set_new(object, key, zf_json_text(text));
    }
}

static json_t *call_json(const struct zf_linux_absent *call) {
    struct zf_symbol symbol;
    json_t *object = json_object();
    find_symbol(call, &symbol);
    json_object_set_new(object, "number", json_integer(call->number));
    set_text(object, "name", call->name);
    set_text(object, "foreign_program", call->foreign);
    json_object_set_new(object, "count", json_integer((json_int_t)call->count));
    json_object_set_new(object, "optional", json_boolean(call->optional));
    set_hex(object, "address", call->address);
    set_text(object, "program", call->program);
    set_text(object, "image", symbol.image);
    set_text(object, "symbol", symbol.function);
    if (symbol.image[0]) {
        set_hex(object, "offset", symbol.offset);
    }
    return object;
}

json_t *zf_run_absent_json(const struct zf_run *run) {
    json_t *calls = json_array();
    struct zf_linux_absent call;
    for (unsigned i = 0; run->program && zf_linux_absent_at(run->program, i, &call); i++) {
        json_array_append_new(calls, call_json(&call));
    }
    return calls;
}

json_t *zf_run_report_json(const struct zf_run *run) {
    json_t *value = zf_report_json(run->report, run->symbols);
    json_object_set_new(value, "system_calls", zf_run_absent_json(run));
    return value;
}
