/*
 * The document as SARIF 2.1.0: a rule a facility, a result a finding. What is excused is there,
 * suppressed; so services that show results at their lines know about it and do not fail.
 */
#define _GNU_SOURCE /* asprintf */

#include "check/document.h"

#include "text/common.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char schema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

static bool is_unimplemented(const json_t *place) {
    return !strcmp(zf_text_of(place, "kind"), "unimplemented");
}

static void rule_id(const json_t *place, char *id, size_t size) {
    const json_t *facility = json_object_get(place, "facility");
    if (is_unimplemented(place)) {
        snprintf(id, size, "not-implemented");
    } else if (facility) {
        snprintf(id, size, "facility-%d", (int)json_integer_value(facility));
    } else {
        snprintf(id, size, "machine-level");
    }
}

static json_t *rule_of(const json_t *place) {
    char id[32], text[160];
    rule_id(place, id, sizeof id);
    if (is_unimplemented(place)) {
        snprintf(text, sizeof text, "The model has it, zfacet does not implement it");
    } else if (json_object_get(place, "facility")) {
        snprintf(text, sizeof text, "Uses the facility %s, which the model lacks",
                 zf_text_of(place, "facility_name"));
    } else {
        snprintf(text, sizeof text, "Uses what came with a machine newer than the model");
    }
    return json_pack("{s:s, s:{s:s}}", "id", id, "shortDescription", "text", text);
}

static void add_rule(json_t *rules, const json_t *place) {
    size_t i;
    json_t *rule;
    char id[32];
    rule_id(place, id, sizeof id);
    json_array_foreach(rules, i, rule) {
        if (!strcmp(zf_text_of(rule, "id"), id)) {
            return;
        }
    }
    json_array_append_new(rules, rule_of(place));
}

/* A file as a URI: relative to where zfacet was started when it is below, else with its scheme. */
void zf_file_uri(const char *path, char *uri, size_t size) {
    static const char hex[] = "0123456789ABCDEF";
    char here[PATH_MAX];
    size_t used = 0, length = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (length && !strncmp(path, here, length) && path[length] == '/') {
        path += length + 1;
    } else if (*path == '/') {
        used = (size_t)snprintf(uri, size, "file://");
    }
    for (; *path && used + 4 < size; path++) {
        bool plain = (*path >= 'a' && *path <= 'z') || (*path >= 'A' && *path <= 'Z') ||
                     (*path >= '0' && *path <= '9') || strchr("/._-~", *path);
        if (plain) {
            uri[used++] = *path;
        } else {
            uri[used++] = '%';
            uri[used++] = hex[(unsigned char)*path >> 4];
            uri[used++] = hex[(unsigned char)*path & 15];
        }
    }
    uri[used] = 0;
}

/* At the source's line where that is known, else at the address in the image. */
static json_t *location_of(const json_t *place) {
    char uri[PATH_MAX];
    const char *file = zf_text_of(place, "file"), *image = zf_text_of(place, "image");
    json_int_t line = json_integer_value(json_object_get(place, "line"));
    json_t *location = json_object(), *physical = json_object();
    zf_file_uri(*file ? file : image, uri, sizeof uri);
    if (*uri) {
        json_object_set_new(physical, "artifactLocation", json_pack("{s:s}", "uri", uri));
    }
    if (*file && line > 0) {
        json_object_set_new(physical, "region", json_pack("{s:I}", "startLine", line));
    }
    const char *address = zf_text_of(place, "address");
    if (*address) {
        json_int_t number = (json_int_t)strtoull(address, NULL, 16);
        json_object_set_new(
            physical, "address",
            json_pack("{s:I, s:s}", "absoluteAddress", number, "kind", "instruction"));
    }
    json_object_set_new(location, "physicalLocation", physical);
    if (*zf_text_of(place, "symbol")) {
        json_object_set_new(location, "logicalLocations",
                            json_pack("[{s:o, s:s}]", "name",
                                      zf_json_text(zf_text_of(place, "symbol")), "kind",
                                      "function"));
    }
    return location;
}

static json_t *stack_of(const json_t *place) {
    json_t *frames = json_array(), *frame;
    size_t i;
    json_array_foreach(json_object_get(place, "stack"), i, frame) {
        json_array_append_new(frames, json_pack("{s:o}", "location", location_of(frame)));
    }
    return json_pack("[{s:o}]", "frames", frames);
}

static void suppress(json_t *result, const json_t *place) {
    const char *excused = zf_text_of(place, "excused"),
               *reason = zf_text_of(place, "reason_allowed");
    if (!strcmp(excused, "known")) {
        json_object_set_new(result, "baselineState", json_string("unchanged"));
    } else if (*excused) {
        json_object_set_new(result, "suppressions",
                            json_pack("[{s:s, s:o}]", "kind", "external", "justification",
                                      zf_json_text(*reason ? reason : excused)));
    }
}

static json_t *result_of(const json_t *group) {
    const json_t *place = json_object_get(group, "place");
    char id[32], needs[256], *text = NULL;
    char *models = zf_models_text(json_object_get(group, "models"), ", ");
    rule_id(place, id, sizeof id);
    zf_place_text(place, needs, sizeof needs);
    if (asprintf(&text, "%s; on %s: %s", needs, models ? models : "?",
                 zf_text_of(place, "outcome")) < 0) {
        text = NULL;
    }
    json_t *result =
        json_pack("{s:s, s:s, s:{s:s}, s:[o], s:I}", "ruleId", id, "level",
                  json_object_get(place, "excused") ? "note" : "error", "message", "text",
                  text ? text : needs, "locations", location_of(place), "occurrenceCount",
                  json_integer_value(json_object_get(group, "count")));
    if (json_array_size(json_object_get(place, "stack"))) {
        json_object_set_new(result, "stacks", stack_of(place));
    }
    suppress(result, place);
    free(text);
    free(models);
    return result;
}

/* A case that does not pass for another reason than findings, as a notification of the tool. */
static void add_failures(json_t *notifications, const json_t *one) {
    size_t r;
    json_t *result;
    json_array_foreach(json_object_get(one, "results"), r, result) {
        enum zf_verdict verdict = zf_verdict_find(zf_text_of(result, "verdict"));
        char text[ZF_CASE_WHY + 256];
        if (verdict == ZF_VERDICT_PASSES || verdict == ZF_VERDICT_FINDINGS) {
            continue;
        }
        snprintf(text, sizeof text, "%s on %s: %s: %s", zf_text_of(one, "name"),
                 zf_text_of(result, "model"), zf_verdict_text(verdict), zf_text_of(result, "why"));
        json_array_append_new(notifications, json_pack("{s:s, s:{s:o}}", "level", "error",
                                                       "message", "text", zf_json_text(text)));
    }
}

json_t *zf_sarif_log(const char *version, json_t *rules, json_t *results, bool successful,
                     json_t *notifications) {
    return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o, s:[{s:b, s:o}]}]}", "$schema",
                     schema, "version", "2.1.0", "runs", "tool", "driver", "name", "zfacet",
                     "version", version, "rules", rules, "results", results, "invocations",
                     "executionSuccessful", successful, "toolExecutionNotifications",
                     notifications);
}

json_t *zf_document_sarif(const json_t *document) {
    json_t *rules = json_array(), *results = json_array(), *notifications = json_array();
    json_t *groups = zf_document_groups(document), *group, *one;
    size_t i;
    json_array_foreach(groups, i, group) {
        add_rule(rules, json_object_get(group, "place"));
        json_array_append_new(results, result_of(group));
    }
    json_array_foreach(json_object_get(document, "cases"), i, one) {
        add_failures(notifications, one);
    }
    json_decref(groups);
    return zf_sarif_log(zf_text_of(document, "zfacet"), rules, results,
                        zf_document_verdict(document) != ZF_VERDICT_ERROR, notifications);
}
