/*
 * Facility lists as text: /proc/cpuinfo, Hercules, hexadecimal.
 */
#include "model/format.h"

#include "zfacet/guest_view.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

/* Moves to the next line; NULL after the last one. */
static const char *next_line(const char *line) {
    const char *end = strchr(line, '\n');
    return end && end[1] ? end + 1 : NULL;
}

static void set_told(struct zf_facility_list *list, unsigned long bit, bool on) {
    if (bit < ZF_FACILITY_LIMIT) {
        zf_bitmap_set(list->told, (unsigned)bit);
        zf_bitmap_assign(list->on, (unsigned)bit, on);
    }
}

/* Decimal numbers of bits that are all on, or all off, up to the end of the line or what is none.
 */
static unsigned read_numbers(const char **text, struct zf_facility_list *list, bool on,
                             struct zf_model_notes *notes) {
    unsigned count = 0, beyond = 0;
    while (true) {
        char *end;
        *text += strspn(*text, " \t,\r");
        if (!isdigit((unsigned char)**text)) {
            break;
        }
        unsigned long bit = strtoul(*text, &end, 10);
        set_told(list, bit, on);
        beyond += bit >= ZF_FACILITY_LIMIT;
        *text = end;
        count++;
    }
    if (beyond) {
        zf_note(notes, "%u numbers ignored: the highest facility is %u", beyond,
                ZF_FACILITY_LIMIT - 1);
    }
    return count;
}

/* "machine = 3906", of the first processor. */
static unsigned machine_type(const char *text) {
    const char *at = strstr(text, "machine");
    for (; at; at = strstr(at + 1, "machine")) {
        const char *value = at + strlen("machine");
        value += strspn(value, " \t");
        if (*value == '=') {
            return (unsigned)strtoul(value + 1, NULL, 16) & 0xffff;
        }
    }
    return 0;
}

static bool has_word(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) && at < words + strcspn(words, "\n");
         at++) {
        if (isspace((unsigned char)at[-1]) && (!at[length] || isspace((unsigned char)at[length]))) {
            return true;
        }
    }
    return false;
}

/* Kernels before 4.10 list no facilities, but the features that programs see. */
static enum zf_status from_features(const char *text, struct zf_model *model,
                                    struct zf_model_notes *notes, struct zf_error *err) {
    struct zf_facility_list list = {.type = machine_type(text)};
    const char *line = text, *name;
    while (line && strncmp(line, "features", 8) != 0) {
        line = next_line(line);
    }
    if (!line || !list.type) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "/proc/cpuinfo: neither facilities nor both features "
                       "and a machine type");
    }
    line += strcspn(line, ":\n");
    for (unsigned i = 0; (name = zf_guest_hwcap_name(i)); i++) {
        uint8_t bits[2];
        unsigned count = zf_guest_hwcap_facilities(i, bits);
        for (unsigned j = 0; j < count; j++) {
            set_told(&list, bits[j], has_word(line, name));
        }
    }
    zf_note(
        notes,
        "it lists no facilities; assuming those that 'features' does not name as on the machine");
    return zf_model_from_facilities(&list, model, notes, err);
}

enum zf_status zf_model_from_kernel(const char *text, struct zf_model *model,
                                    struct zf_model_notes *notes, struct zf_error *err) {
    static const char type[] = "machine-type number:";
    struct zf_facility_list list = {.all_off = true};
    const char *at = strstr(text, type), *missing = strstr(text, ZF_KERNEL_MISSING);
    missing += strlen(ZF_KERNEL_MISSING);
    list.type = at ? (unsigned)strtoul(at + strlen(type), NULL, 16) & 0xffff : 0;
    if (!read_numbers(&missing, &list, false, notes)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "no numbers after '%s'", ZF_KERNEL_MISSING);
    }
    return zf_model_from_facilities(&list, model, notes, err);
}

enum zf_status zf_model_from_cpuinfo(const char *text, struct zf_model *model,
                                     struct zf_model_notes *notes, struct zf_error *err) {
    struct zf_facility_list list = {.type = machine_type(text), .complete = true};
    unsigned count = 0;
    for (const char *line = text; line && !count; line = next_line(line)) {
        const char *at = line + strspn(line, " \t");
        if (!strncmp(at, "facilities", 10)) {
            at += 10 + strspn(at + 10, " \t");
            at += *at == ':';
            count = at[-1] == ':' ? read_numbers(&at, &list, true, notes) : 0;
            if (count && *at && *at != '\n') {
                return zf_fail(err, ZF_ERROR_FORMAT, "/proc/cpuinfo: invalid facility '%.*s'",
                               (int)strcspn(at, " \t\r\n"), at);
            }
        }
    }
    if (!count && !strstr(text, "facilities")) {
        return from_features(text, model, notes, err);
    }
    if (!count) {
        return zf_fail(err, ZF_ERROR_FORMAT, "/proc/cpuinfo: no numbers after 'facilities :'");
    }
    return zf_model_from_facilities(&list, model, notes, err);
}

/* Behind "0x" where a word of hexadecimal digits begins with it. */
static const char *skip_prefix(const char *text) {
    return text[0] == '0' && (text[1] | 0x20) == 'x' && isxdigit((unsigned char)text[2]) ? text + 2
                                                                                         : text;
}

bool zf_is_stfle_text(const char *text) {
    size_t digits = 0, word = 0;
    for (; *text; text++) {
        text = word ? text : skip_prefix(text);
        if (isxdigit((unsigned char)*text)) {
            digits++;
            word++;
        } else if (isspace((unsigned char)*text) || *text == '_') {
            if (word && word < 8) {
                return false; /* a list of numbers, or anything */
            }
            word = 0;
        } else {
            return false;
        }
    }
    return digits >= 8 && (!word || word >= 8);
}

enum zf_status zf_model_from_stfle(const char *text, struct zf_model *model,
                                   struct zf_model_notes *notes, struct zf_error *err) {
    struct zf_facility_list list = {.complete = true};
    unsigned bit = 0;
    bool in_word = false;
    for (; *text; text++) {
        text = in_word ? text : skip_prefix(text);
        in_word = isxdigit((unsigned char)*text);
        if (!in_word && !isspace((unsigned char)*text) && *text != '_') {
            return zf_fail(
                err, ZF_ERROR_FORMAT,
                "'%.40s' is not a facility list: hexadecimal digits, as STFLE stores them", text);
        }
        if (!in_word) {
            continue;
        }
        unsigned digit = isdigit((unsigned char)*text)
                             ? (unsigned)(*text - '0')
                             : (unsigned)(tolower((unsigned char)*text) - 'a' + 10);
        if (bit >= ZF_FACILITY_LIMIT) {
            return zf_fail(err, ZF_ERROR_FORMAT, "the facility list has more than %u bits",
                           ZF_FACILITY_LIMIT);
        }
        for (unsigned i = 0; i < 4; i++) {
            set_told(&list, bit++, digit >> (3 - i) & 1);
        }
    }
    if (!bit) {
        return zf_fail(err, ZF_ERROR_FORMAT, "facility list without digits");
    }
    if (bit < 32) {
        zf_note(notes, "the facility list has %u bits; assuming all others off", bit);
    } else if (bit == 32) {
        zf_note(notes, "%u bits, as from STFL; assuming all others off", bit);
    }
    return zf_model_from_facilities(&list, model, notes, err);
}

/* "129_ZVECTOR", "BIT129", "129": false when it has no number. */
static bool hercules_bit(const char *name, unsigned long *bit) {
    char *end;
    name += strncasecmp(name, "BIT", 3) ? 0 : 3;
    if (!isdigit((unsigned char)*name)) {
        return false;
    }
    *bit = strtoul(name, &end, 10);
    return *end == '_' || *end == 0 || *end == ')' || isspace((unsigned char)*end);
}

/* FACILITY ENABLE|DISABLE NAME [ARCH], CPUMODEL TYPE */
static bool read_hercules_config(const char *line, struct zf_facility_list *list) {
    char word[3][32] = {"", "", ""};
    unsigned long bit;
    if (sscanf(line, "%31s %31s %31s", word[0], word[1], word[2]) < 2) {
        return false;
    }
    if (!strcasecmp(word[0], "CPUMODEL")) {
        list->type = (unsigned)strtoul(word[1], NULL, 16) & 0xffff;
        return false;
    }
    bool on = !strncasecmp(word[1], "ENABLE", 3), off = !strncasecmp(word[1], "DISABLE", 3);
    if (strcasecmp(word[0], "FACILITY") || (!on && !off) || !hercules_bit(word[2], &bit)) {
        return false;
    }
    set_told(list, bit, on);
    return true;
}

/*
 * HHC00890I, HHC00898I: Facility( NAME ) [*]Enabled [(bit N)]; older names have no number in them.
 * HHC00891I BIT BYTE MASK SRDC* NAME
 */
static bool read_hercules_query(const char *line, struct zf_facility_list *list) {
    char flags[8], name[48], state[16];
    unsigned long bit;
    unsigned number;
    const char *facility = strstr(line, "Facility(");
    if (facility && sscanf(facility, "Facility( %47[^ )] ) %15s", name, state) == 2) {
        const char *after = strstr(facility, "(bit ");
        bool told = hercules_bit(name, &bit) || (after && hercules_bit(after + 5, &bit));
        if (told) {
            set_told(list, bit, !strncasecmp(state + (*state == '*'), "enabled", 7));
        }
        return told;
    }
    const char *row = strstr(line, "HHC00891");
    if (row &&
        sscanf(row + 9, " %u %*2[0-9A-Fa-f] %*2[0-9A-Fa-f] %7[-YN01*]", &number, flags) == 2 &&
        strlen(flags) >= 4) {
        set_told(list, number, flags[3] == '1');
        return true;
    }
    return false;
}

/* "z/Arch facility list: 8 digits 8 digits ..., HERC: ...": the bits that a guest can see. */
static bool read_hercules_raw(const char *line, struct zf_facility_list *list) {
    static const char title[] = "facility list:";
    const char *at = strstr(line, title);
    unsigned bit = 0;
    if (!at) {
        return false;
    }
    for (at += strlen(title); *at && *at != ',' && *at != '\n'; at++) {
        if (isxdigit((unsigned char)*at) && bit < ZF_FACILITY_LIMIT) {
            char digit[2] = {*at, 0};
            unsigned long value = strtoul(digit, NULL, 16);
            for (unsigned i = 0; i < 4; i++) {
                set_told(list, bit++, value >> (3 - i) & 1);
            }
        }
    }
    return bit > 0;
}

enum zf_status zf_model_from_hercules(const char *text, struct zf_model *model,
                                      struct zf_model_notes *notes, struct zf_error *err) {
    struct zf_facility_list list = {0};
    unsigned told = 0;
    bool config = false;
    for (const char *line = text; line; line = next_line(line)) {
        char copy[1024];
        snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
        if (read_hercules_config(copy, &list)) {
            config = true;
            told++;
        } else {
            told += read_hercules_raw(copy, &list) || read_hercules_query(copy, &list);
        }
    }
    if (!told) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "no facilities in it: neither 'FACILITY ENABLE' lines nor the answers of "
                       "'facility query'");
    }
    list.complete = !config && zf_bitmap_test(list.told, ZF_FACILITY_ZARCH);
    if (!list.complete) {
        zf_note(notes, "facilities not named %s are as on the machine",
                config ? "in the configuration" : "in it");
    }
    return zf_model_from_facilities(&list, model, notes, err);
}
