/*
 * Files of allowed findings. An entry without a reason is refused, one whose day is over allows
 * nothing any more; that, and that it was not needed, is reported.
 */
#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "check/allow.h"

#include "check/case.h"
#include "check/document.h"
#include "text/facility_text.h"
#include "text/input.h"

#include "zfacet/decode.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum key { IMAGE, FUNCTION, MNEMONIC, MODEL, FACILITY, ADDRESS, UNTIL, REASON, KEYS };

static const char *const key_names[KEYS] = {"image",    "function", "mnemonic", "model",
                                            "facility", "address",  "until",    "reason"};

struct entry {
    char *value[KEYS]; /* NULL: not given */
    int facility;      /* its number, if one is given */
    uint64_t address;
    unsigned line, used;
    bool expired;
};

struct zf_allow {
    struct entry *entries;
    unsigned count;
};

static int today(void) {
    time_t now = time(NULL);
    struct tm day;
    gmtime_r(&now, &day);
    return (day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday;
}

/* The day as a number, 20270131; 0 when it is none. */
static int parse_day(const char *text) {
    int year, month, day, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || text[used]) {
        return 0;
    }
    struct tm given = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day}, real = given;
    bool exists = timegm(&real) != -1 && real.tm_mon == given.tm_mon && real.tm_mday == day;
    return exists ? year * 10000 + month * 100 + day : 0;
}

static int find_key(const char *word, size_t length) {
    for (int k = 0; k < KEYS; k++) {
        if (strlen(key_names[k]) == length && !strncmp(key_names[k], word, length)) {
            return k;
        }
    }
    return -1;
}

/* Takes "KEY=VALUE" or "KEY="VALUE"" at the beginning of *at; NULL, or what is wrong. */
static const char *take_pair(struct entry *entry, const char **at) {
    const char *word = *at, *equals = word + strcspn(word, "= \t");
    int key = find_key(word, (size_t)(equals - word));
    if (*equals != '=' || key < 0) {
        return "give image=, function=, mnemonic=, model=, facility=, address=, until= or reason=";
    }
    const char *value = equals + 1;
    bool quoted = *value == '"';
    value += quoted;
    size_t length = strcspn(value, quoted ? "\"" : " \t");
    if (!length || (quoted && value[length] != '"') || entry->value[key]) {
        return entry->value[key] ? "the key stands twice" : "the value is empty or lacks its quote";
    }
    entry->value[key] = strndup(value, length);
    *at = value + length + quoted;
    return entry->value[key] ? NULL : "out of memory";
}

static bool is_pattern(const char *text) {
    return strpbrk(text, "*?[\\");
}

/* NULL, or what is wrong: an instruction or a model that nothing is called can never match. */
static const char *check_mnemonic(const char *text, struct zf_error *err) {
    char lower[32];
    if (!text || is_pattern(text)) {
        return NULL;
    }
    snprintf(lower, sizeof lower, "%s", text);
    for (char *c = lower; *c; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
    }
    if (zf_row_find(lower) != ZF_ROW_INVALID || zf_alias_find(lower)) {
        return NULL;
    }
    zf_fail(err, ZF_ERROR_USAGE, "mnemonic=: unknown instruction '%s'", text);
    return err->message;
}

/* Of other models than lists have, such as z14,vx=off, the name is compared as it is. */
static bool is_list_of_models(const char *text) {
    return *text != '@' && !strchr(text, '=') && !is_pattern(text);
}

static const char *check_model(const char *text, struct zf_error *err) {
    return text && is_list_of_models(text) && zf_models_check(text, err) != ZF_OK ? err->message
                                                                                  : NULL;
}

static const char *take_facility(struct entry *entry, struct zf_error *err) {
    const char *text = entry->value[FACILITY];
    entry->facility = text ? zf_facility_parse(text, err) : -1;
    return text && entry->facility < 0 ? err->message : NULL;
}

static const char *take_address(struct entry *entry) {
    const char *text = entry->value[ADDRESS];
    char *end = NULL;
    entry->address = text ? strtoull(text, &end, 0) : 0;
    return text && (*text < '0' || *text > '9' || *end) ? "address= is not a number such as 0x2004c"
                                                        : NULL;
}

static const char *take_until(struct entry *entry) {
    const char *text = entry->value[UNTIL];
    int day = text ? parse_day(text) : 0;
    entry->expired = day && day < today();
    return text && !day ? "until= is not a day such as 2027-01-31" : NULL;
}

static const char *check_entry(struct entry *entry, struct zf_error *err) {
    bool any = false;
    for (int k = 0; k < UNTIL; k++) {
        any |= entry->value[k] != NULL;
    }
    if (!any || !entry->value[REASON]) {
        return any ? "reason= is missing" : "nothing says which findings are meant";
    }
    const char *wrong = check_mnemonic(entry->value[MNEMONIC], err);
    wrong = wrong ? wrong : check_model(entry->value[MODEL], err);
    wrong = wrong ? wrong : take_facility(entry, err);
    wrong = wrong ? wrong : take_address(entry);
    return wrong ? wrong : take_until(entry);
}

/* NULL, or what is wrong with the pair at *at, or with the whole when that is the end of the line.
 */
static const char *parse_line(struct zf_allow *allow, const char **at, unsigned number,
                              struct zf_error *err) {
    const char *wrong = NULL, *line = *at + strspn(*at, " \t");
    if (!*line || *line == '#') {
        return NULL;
    }
    struct entry *entries = realloc(allow->entries, (allow->count + 1) * sizeof *entries);
    if (!entries) {
        return "out of memory";
    }
    allow->entries = entries;
    struct entry *entry = &entries[allow->count++];
    *entry = (struct entry){.line = number};
    while (*line && !wrong) {
        wrong = take_pair(entry, &line);
        line += wrong ? 0 : strspn(line, " \t");
    }
    *at = line;
    return wrong ? wrong : check_entry(entry, err);
}

struct zf_allow *zf_allow_read(const char *path, struct zf_error *err) {
    enum { MOST = 1 << 22 };
    char *text = zf_input_text(path, MOST, err), *rest = text;
    struct zf_allow *allow = text ? calloc(1, sizeof *allow) : NULL;
    const char *wrong = allow ? NULL : "out of memory", *at = "";
    struct zf_error why;
    unsigned number = 0;
    if (!text) {
        return NULL;
    }
    for (char *line; !wrong && (line = strsep(&rest, "\n"));) {
        line[strcspn(line, "\r")] = 0;
        at = line;
        wrong = parse_line(allow, &at, ++number, &why);
    }
    if (wrong) {
        int length = (int)strcspn(at, " \t");
        zf_fail(err, ZF_ERROR_USAGE, "%s: line %u: %s%.*s%s%s", path, number, length ? "'" : "",
                length, at, length ? "': " : "", wrong);
        zf_allow_free(allow);
        allow = NULL;
    }
    free(text);
    return allow;
}

void zf_allow_free(struct zf_allow *allow) {
    for (unsigned i = 0; allow && i < allow->count; i++) {
        for (int k = 0; k < KEYS; k++) {
            free(allow->entries[i].value[k]);
        }
    }
    if (allow) {
        free(allow->entries);
        free(allow);
    }
}

static bool matches(const char *pattern, const char *text) {
    return !pattern || fnmatch(pattern, text, 0) == 0;
}

static bool is_facility(const struct entry *entry, const json_t *place) {
    const json_t *number = json_object_get(place, "facility");
    return !entry->value[FACILITY] || (number && json_integer_value(number) == entry->facility);
}

static bool is_address(const struct entry *entry, const json_t *place) {
    return !entry->value[ADDRESS] ||
           entry->address == strtoull(zf_text_of(place, "address"), NULL, 16);
}

/* Machines have several names: gen15a and z15. */
static bool is_model(const char *wanted, const char *model) {
    char name[ZF_MODEL_NAME_LENGTH] = "";
    struct zf_model parsed;
    if (!strchr(model, ',') && zf_model_parse(model, false, &parsed, NULL, NULL) == ZF_OK) {
        zf_model_name(&parsed, name);
    }
    return matches(wanted, model) || matches(wanted, name) ||
           (is_list_of_models(wanted) && zf_models_have(wanted, model));
}

static bool allows(const struct entry *entry, const json_t *place, const char *model) {
    const char *image = zf_text_of(place, "image"), *mnemonic = entry->value[MNEMONIC];
    return !entry->expired &&
           (matches(entry->value[IMAGE], image) ||
            matches(entry->value[IMAGE], zf_base_name(image))) &&
           matches(entry->value[FUNCTION], zf_text_of(place, "symbol")) &&
           (!mnemonic || !fnmatch(mnemonic, zf_text_of(place, "mnemonic"), FNM_CASEFOLD)) &&
           is_model(entry->value[MODEL], model) && is_facility(entry, place) &&
           is_address(entry, place);
}

const char *zf_allow_find(struct zf_allow *allow, const json_t *place, const char *model) {
    for (unsigned i = 0; allow && i < allow->count; i++) {
        if (allows(&allow->entries[i], place, model)) {
            allow->entries[i].used++;
            return allow->entries[i].value[REASON];
        }
    }
    return NULL;
}

json_t *zf_allow_json(const struct zf_allow *allow) {
    json_t *list = json_array();
    for (unsigned i = 0; allow && i < allow->count; i++) {
        const struct entry *e = &allow->entries[i];
        json_t *object = json_pack("{s:i, s:s, s:i, s:b}", "line", (int)e->line, "reason",
                                   e->value[REASON], "used", (int)e->used, "expired", e->expired);
        if (e->value[UNTIL]) {
            json_object_set_new(object, "until", json_string(e->value[UNTIL]));
        }
        json_array_append_new(list, object);
    }
    return list;
}
