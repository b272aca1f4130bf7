/*
 * Files of allowed findings. An entry without a reason is refused, one whose day is over allows
 * nothing any more; that, and that it was not needed, is reported.
 */
#include "check/allow.h"

#include "check/document.h"
#include "text/input.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum key { IMAGE, FUNCTION, MNEMONIC, MODEL, FACILITY, ADDRESS, UNTIL, REASON, KEYS };

static const char *const key_names[KEYS] = {"image",    "function", "mnemonic", "model",
                                            "facility", "address",  "until",    "reason"};

struct entry {
    char *value[KEYS]; /* NULL: not given */
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
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || text[used] || month < 1 ||
        month > 12 || day < 1 || day > 31) {
        return 0;
    }
    return year * 10000 + month * 100 + day;
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

static const char *check_entry(struct entry *entry) {
    bool any = false;
    for (int k = 0; k < UNTIL; k++) {
        any |= entry->value[k] != NULL;
    }
    if (!any || !entry->value[REASON]) {
        return any ? "reason= is missing" : "nothing says which findings are meant";
    }
    int day = entry->value[UNTIL] ? parse_day(entry->value[UNTIL]) : 0;
    if (entry->value[UNTIL] && !day) {
        return "until= is not a day such as 2027-01-31";
    }
    entry->expired = day && day < today();
    return NULL;
}

/* NULL, or what is wrong with the pair at *at, or with the whole when that is the end of the line.
 */
static const char *parse_line(struct zf_allow *allow, const char **at, unsigned number) {
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
    return wrong ? wrong : check_entry(entry);
}

struct zf_allow *zf_allow_read(const char *path, struct zf_error *err) {
    enum { MOST = 1 << 22 };
    char *text = zf_input_text(path, MOST, err), *rest = text;
    struct zf_allow *allow = text ? calloc(1, sizeof *allow) : NULL;
    const char *wrong = allow ? NULL : "out of memory", *at = "";
    unsigned number = 0;
    if (!text) {
        return NULL;
    }
    for (char *line; !wrong && (line = strsep(&rest, "\n"));) {
        line[strcspn(line, "\r")] = 0;
        at = line;
        wrong = parse_line(allow, &at, ++number);
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

static bool is_facility(const char *wanted, const json_t *place) {
    const json_t *number = json_object_get(place, "facility");
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)json_integer_value(number));
    return !wanted || (number && (!strcmp(wanted, text) ||
                                  !strcmp(wanted, zf_text_of(place, "facility_name"))));
}

static bool is_address(const char *wanted, const json_t *place) {
    return !wanted || strtoull(wanted, NULL, 0) == strtoull(zf_text_of(place, "address"), NULL, 16);
}

static bool allows(const struct entry *entry, const json_t *place, const char *model) {
    const char *image = zf_text_of(place, "image");
    return !entry->expired &&
           (matches(entry->value[IMAGE], image) ||
            matches(entry->value[IMAGE], zf_base_name(image))) &&
           matches(entry->value[FUNCTION], zf_text_of(place, "symbol")) &&
           matches(entry->value[MNEMONIC], zf_text_of(place, "mnemonic")) &&
           matches(entry->value[MODEL], model) && is_facility(entry->value[FACILITY], place) &&
           is_address(entry->value[ADDRESS], place);
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
