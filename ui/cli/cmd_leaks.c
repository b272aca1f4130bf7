/*
 * zfacet leaks: what a guest can execute although its model does not have it, because clearing a
 * facility bit stops nothing and the IBC value is not older.
 */
#include "cli/command.h"
#include "model/input.h"
#include "model/losses.h"
#include "model/machine_text.h"
#include "text/args.h"
#include "text/common.h"
#include "text/wrap.h"

#include "zfacet/ibc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: zfacet leaks --model MODEL [--host HOST] [OPTION]...\n"
    "\n"
    "Lists what a guest of a hypervisor can execute although its model lacks it: instructions,\n"
    "operand values that are newer than their instruction, function codes. Clearing a facility "
    "bit\n"
    "changes only what STFLE says. What executes depends on the host's IBC value, which blocks by\n"
    "machine level, and on the few facilities that have a guest control of their own. A program\n"
    "that does not check STFLE may fail after migration to a machine without them.\n"
    "\n"
    "  --model MODEL       the guest's model, @FILE or -\n"
    "  --host HOST         the host machine (default: all that the newest machine can have)\n"
    "  --ibc VALUE         the IBC value requested (default: the model's own)\n"
    "  --lowest-ibc VALUE  lowest IBC value that the host supports (default: two generations "
    "back)\n"
    "  --instructions      list each instruction with the reason\n"
    "  --json              {model, host, ibc, facilities: [{bit, name, instructions: [MNEMONIC],\n"
    "                      forms: [{mnemonic, when}]}], functions: [{mnemonic, codes: [CODE]}],\n"
    "                      leaks: [{mnemonic, when?, code?, name?, facility?, first, why,\n"
    "                      runs}]}. why: the reason the model lacks it; runs: the reason it\n"
    "                      executes; bit: null for what needs no facility\n"
    "\n"
    "Exit status: 0 if there is no leak, else 3.\n"
    "\n"
    "examples:\n"
    "  zfacet leaks --host z16 --model z13\n"
    "  zfacet leaks --host z14 --model z14,msa8=off,minste2=off --instructions\n";

struct leak {
    struct zf_subject subject;
    struct zf_explanation why;
};

struct leaks {
    struct zf_gate gate;
    unsigned count;
    struct leak *list;
};

enum { LEAK_LIMIT = ZF_ROW_COUNT + ZF_FORM_COUNT + ZF_FEATURE_COUNT + ZF_QUERY_COUNT };

static void add(struct leaks *leaks, struct zf_subject subject) {
    struct leak *leak = &leaks->list[leaks->count++];
    leak->subject = subject;
    zf_gate_explain(&leaks->gate, &subject, &leak->why);
}

static void collect(struct leaks *leaks) {
    const struct zf_gate *gate = &leaks->gate;
    for (unsigned row = ZF_ROW_INVALID + 1; row < ZF_ROW_COUNT; row++) {
        if (zf_gate_permits(gate, row) && zf_gate_flags(gate, row)) {
            add(leaks, zf_subject_row(row));
        }
    }
    for (unsigned i = 0; i < ZF_FORM_COUNT; i++) {
        const struct zf_form *form = zf_form_at(i);
        bool runs = zf_bitmap_test(gate->form_permitted, i) && zf_gate_permits(gate, form->row);
        if (runs && zf_bitmap_test(gate->form_flagged, i) && !zf_gate_flags(gate, form->row)) {
            add(leaks, zf_subject_form(form));
        }
    }
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        for (unsigned code = 0; code < ZF_QUERY_BITS && leaks->count < LEAK_LIMIT; code++) {
            struct zf_subject subject = zf_subject_function(q, code);
            if (zf_gate_permits(gate, subject.row) && zf_gate_flags_function(gate, q, code)) {
                add(leaks, subject);
            }
        }
    }
}

static const char *mnemonic(const struct leak *leak) {
    return zf_row_get(leak->subject.row)->mnemonic;
}

/* Facility `bit` (-1: none) of what is no function code: its leaks from number `from` on. */
static const struct leak *next_of(const struct leaks *leaks, int bit, unsigned *from) {
    while (*from < leaks->count) {
        const struct leak *leak = &leaks->list[(*from)++];
        if (leak->subject.kind != ZF_SUBJECT_FUNCTION && leak->why.facility == bit) {
            return leak;
        }
    }
    return NULL;
}

static void print_facility(const struct leaks *leaks, int bit) {
    struct zf_wrap line = {stdout, 6, 0};
    const struct leak *leak;
    unsigned from = 0, count = 0;
    while (next_of(leaks, bit, &from)) {
        count++;
    }
    if (!count) {
        return;
    }
    if (bit >= 0) {
        printf("%5d %s, %u\n", bit, zf_facility_name((unsigned)bit), count);
    } else {
        printf("    - newer than the model, no facility, %u\n", count);
    }
    for (from = 0; (leak = next_of(leaks, bit, &from));) {
        char text[ZF_SUBJECT_TEXT_LENGTH];
        zf_subject_text(&leak->subject, text);
        zf_wrap_put(&line, text);
    }
    zf_wrap_end(&line, NULL);
}

static void print_functions(const struct leaks *leaks) {
    struct zf_wrap line = {stdout, 6, 0};
    int query = -1;
    for (unsigned i = 0; i < leaks->count; i++) {
        const struct leak *leak = &leaks->list[i];
        char code[16];
        if (leak->subject.kind != ZF_SUBJECT_FUNCTION) {
            continue;
        }
        if (query != (int)leak->subject.query) {
            zf_wrap_end(&line, NULL);
            fputs(query < 0 ? "\nFunction codes that execute although the model lacks them\n" : "",
                  stdout);
            query = (int)leak->subject.query;
            zf_wrap_put(&line, mnemonic(leak));
        }
        snprintf(code, sizeof code, "%u", leak->subject.code);
        zf_wrap_put(&line, code);
    }
    zf_wrap_end(&line, NULL);
}

/* What is off, and why nothing stops it. */
static void reason_text(const struct leaks *leaks, const struct leak *leak, char text[160]) {
    char off[64], ibc[64] = "no IBC value is in force";
    if (leak->subject.kind == ZF_SUBJECT_FUNCTION) {
        snprintf(off, sizeof off, "the function code is off");
    } else if (leak->why.facility >= 0) {
        snprintf(off, sizeof off, "facility %d is off, but has no guest control of its own",
                 leak->why.facility);
    } else {
        snprintf(off, sizeof off, "newer than the model, no facility");
    }
    if (leaks->gate.ibc) {
        snprintf(ibc, sizeof ibc, "IBC value 0x%03x permits %s", leaks->gate.ibc, leak->why.first);
    }
    snprintf(text, 160, "%s; %s", off, ibc);
}

static void print_each(const struct leaks *leaks) {
    for (unsigned i = 0; i < leaks->count; i++) {
        const struct leak *leak = &leaks->list[i];
        char text[ZF_SUBJECT_TEXT_LENGTH], reason[160];
        zf_subject_text(&leak->subject, text);
        reason_text(leaks, leak, reason);
        printf("%-26s %-6s %s\n", text, leak->why.first, reason);
    }
}

static void print_leaks(const struct leaks *leaks, const char *host, bool each) {
    char ibc[48], name[ZF_MODEL_TEXT_LENGTH];
    zf_ibc_text(leaks->gate.ibc, ibc, sizeof ibc);
    zf_model_text(&leaks->gate.model, name);
    printf("Guest of model %s on %s, IBC value %s: %u %s\n", name, host, ibc, leaks->count,
           leaks->count == 1 ? "leak" : "leaks");
    if (!leaks->count) {
        return;
    }
    if (each) {
        putchar('\n');
        print_each(leaks);
        return;
    }
    puts("\nInstructions (and operand values) that execute although their facility bit is off");
    print_facility(leaks, -1);
    for (int bit = 0; bit < ZF_FACILITY_LIMIT; bit++) {
        if (bit == 0 || zf_facility_find((unsigned)bit)) {
            print_facility(leaks, bit);
        }
    }
    print_functions(leaks);
    puts("\nNeither the IBC value nor a guest control blocks them. 'zfacet leaks --instructions' "
         "gives\n"
         "the reason for each; 'zfacet run --policy ibc' finds the programs that use them.");
}

static json_t *leak_json(const struct leaks *leaks, const struct leak *leak) {
    char reason[160];
    json_t *value = json_pack("{s:s}", "mnemonic", mnemonic(leak));
    if (leak->subject.kind == ZF_SUBJECT_FORM) {
        json_object_set_new(value, "when", json_string(leak->subject.form->text));
    } else if (leak->subject.kind == ZF_SUBJECT_FUNCTION) {
        enum zf_feature feature = zf_feature_of_function(leak->subject.query, leak->subject.code);
        json_object_set_new(value, "code", json_integer(leak->subject.code));
        json_object_set_new(
            value, "name",
            json_string(feature == ZF_FEATURE_COUNT ? "query" : zf_feature_info(feature)->name));
    }
    if (leak->why.facility >= 0) {
        json_object_set_new(value, "facility", json_integer(leak->why.facility));
    }
    json_object_set_new(value, "first", json_string(leak->why.first));
    json_object_set_new(value, "why", json_string(leak->why.why));
    reason_text(leaks, leak, reason);
    json_object_set_new(value, "runs", json_string(reason));
    return value;
}

static json_t *facility_json(const struct leaks *leaks, int bit) {
    json_t *rows = json_array(), *forms = json_array();
    const struct leak *leak;
    for (unsigned from = 0; (leak = next_of(leaks, bit, &from));) {
        if (leak->subject.kind == ZF_SUBJECT_FORM) {
            json_array_append_new(forms, json_pack("{s:s, s:s}", "mnemonic", mnemonic(leak), "when",
                                                   leak->subject.form->text));
        } else {
            json_array_append_new(rows, json_string(mnemonic(leak)));
        }
    }
    if (!json_array_size(rows) && !json_array_size(forms)) {
        json_decref(rows);
        json_decref(forms);
        return NULL;
    }
    return json_pack("{s:o, s:s, s:o, s:o}", "bit", bit < 0 ? json_null() : json_integer(bit),
                     "name", bit < 0 ? "none" : zf_facility_name((unsigned)bit), "instructions",
                     rows, "forms", forms);
}

static json_t *functions_json(const struct leaks *leaks) {
    json_t *list = json_array();
    for (unsigned q = 0; q < ZF_QUERY_COUNT; q++) {
        json_t *codes = json_array();
        for (unsigned i = 0; i < leaks->count; i++) {
            const struct zf_subject *subject = &leaks->list[i].subject;
            if (subject->kind == ZF_SUBJECT_FUNCTION && subject->query == q) {
                json_array_append_new(codes, json_integer(subject->code));
            }
        }
        if (json_array_size(codes)) {
            json_array_append_new(
                list, json_pack("{s:s, s:O}", "mnemonic", zf_query_mnemonic(q), "codes", codes));
        }
        json_decref(codes);
    }
    return list;
}

static json_t *leaks_json(const struct leaks *leaks, const char *model, const char *host) {
    json_t *facilities = json_array(), *all = json_array();
    char ibc[16];
    snprintf(ibc, sizeof ibc, "0x%03x", leaks->gate.ibc);
    for (int bit = -1; bit < ZF_FACILITY_LIMIT; bit++) {
        json_t *entry =
            bit < 1 || zf_facility_find((unsigned)bit) ? facility_json(leaks, bit) : NULL;
        if (entry) {
            json_array_append_new(facilities, entry);
        }
    }
    for (unsigned i = 0; i < leaks->count; i++) {
        json_array_append_new(all, leak_json(leaks, &leaks->list[i]));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "model", model, "host", host, "ibc", ibc,
                     "facilities", facilities, "functions", functions_json(leaks), "leaks", all);
}

/* What the options say. */
struct request {
    const char *model, *host, *ibc, *lowest;
    bool each, json;
};

static int find_leaks(const struct request *r, struct leaks *leaks) {
    struct zf_model_input guest, host;
    struct zf_error err;
    int status = zf_model_take(r->model, false, &guest);
    if (status == ZF_EXIT_OK && r->host) {
        status = zf_model_take(r->host, false, &host);
    }
    if (status != ZF_EXIT_OK) {
        return status;
    }
    struct zf_gate_config config = zf_gate_config_default(&guest.model);
    config.policy = ZF_POLICY_IBC;
    config.host = r->host ? &host.model : NULL;
    if ((r->ibc && zf_ibc_parse(r->ibc, &config.ibc, &err) != ZF_OK) ||
        (r->lowest && zf_ibc_parse(r->lowest, &config.lowest, &err) != ZF_OK)) {
        return zf_report_error(&err);
    }
    leaks->list = calloc(LEAK_LIMIT, sizeof *leaks->list);
    if (!leaks->list) {
        return ZF_EXIT_FAILURE;
    }
    zf_gate_compute(&config, &leaks->gate);
    collect(leaks);
    return ZF_EXIT_OK;
}

int zf_cmd_leaks(int argc, char **argv) {
    struct request r = {0};
    const struct zf_option options[] = {
        {"--model", NULL, &r.model},
        {"--host", NULL, &r.host},
        {"--ibc", NULL, &r.ibc},
        {"--lowest-ibc", NULL, &r.lowest},
        {"--instructions", &r.each, NULL},
        {"--json", &r.json, NULL},
        {NULL, NULL, NULL},
    };
    struct zf_args args = {
        usage, options, 0, 0, "no arguments, only --model MODEL and other options", 0, {NULL}};
    int status = zf_args_parse(&args, argc, argv);
    if (status != ZF_ARGS_RUN) {
        return status;
    }
    if (!r.model) {
        return zf_usage_error("leaks: --model MODEL is missing; see 'zfacet help leaks'");
    }
    struct leaks *leaks = calloc(1, sizeof *leaks);
    status = leaks ? find_leaks(&r, leaks) : ZF_EXIT_FAILURE;
    if (status == ZF_EXIT_OK) {
        const char *host = r.host ? r.host : "the newest host";
        if (r.json) {
            status = zf_print_json(stdout, leaks_json(leaks, r.model, host));
        } else {
            print_leaks(leaks, host, r.each);
        }
        status = status == ZF_EXIT_OK && leaks->count ? ZF_EXIT_BLOCKED : status;
    }
    if (leaks) {
        free(leaks->list);
    }
    free(leaks);
    return status;
}
