/*
 * Tables of /proc/net in which the kernel writes addresses of IPv4, and IPv6's by words, as numbers
 * of the machine: the guest finds them as its own machine's kernel would write them.
 */
#include "proc.h"

#include <ctype.h>
#include <stdlib.h>

enum { DIGITS = 8 }; /* of a word */

/* Words of hexadecimal digits at `at` in the other order, `count` of them or, 0, all there are. */
static void swap_words(char *at, unsigned count) {
    size_t digits = strspn(at, "0123456789ABCDEF");
    for (size_t i = 0; i + DIGITS <= digits && (!count || i < (size_t)count * DIGITS);
         i += DIGITS) {
        char word[DIGITS + 1];
        memcpy(word, at + i, DIGITS);
        word[DIGITS] = '\0';
        uint32_t value = __builtin_bswap32((uint32_t)strtoul(word, NULL, 16));
        snprintf(word, sizeof word, "%08X", value);
        memcpy(at + i, word, DIGITS);
    }
}

/* Where field `n` of a line begins, or its end. */
static char *field(char *line, unsigned n) {
    line += strspn(line, " \t");
    while (n--) {
        line += strcspn(line, " \t\n");
        line += strspn(line, " \t");
    }
    return line;
}

/* The lines of a table after its head, each given to `change`. */
static void put_table(const char *path, FILE *out, void (*change)(char *line)) {
    char line[1024];
    FILE *in = fopen(path, "re");
    for (unsigned i = 0; in && fgets(line, sizeof line, in); i++) {
        if (i) {
            change(line);
        }
        fputs(line, out);
    }
    if (in) {
        fclose(in);
    }
}

/* A number, then two addresses with ports. */
static void change_socket(char *line) {
    swap_words(field(line, 1), 0);
    swap_words(field(line, 2), 0);
}

/* Interface, destination, gateway, five numbers, mask. */
static void change_route(char *line) {
    static const unsigned addresses[] = {1, 2, 7};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(addresses); i++) {
        swap_words(field(line, addresses[i]), 1);
    }
}

/* Groups are in lines that begin with a space, below their interface's. */
static void change_group(char *line) {
    if (isspace((unsigned char)line[0])) {
        swap_words(field(line, 0), 1);
    }
}

static void put_sockets(struct zf_task *task, const char *path, FILE *out) {
    (void)task;
    put_table(path, out, change_socket);
}

static void put_routes(struct zf_task *task, const char *path, FILE *out) {
    (void)task;
    put_table(path, out, change_route);
}

static void put_groups(struct zf_task *task, const char *path, FILE *out) {
    (void)task;
    put_table(path, out, change_group);
}

zf_proc_text *zf_proc_net_file(const char *path) {
    static const struct {
        const char *name;
        zf_proc_text *text;
    } files[] = {{"tcp", put_sockets},   {"tcp6", put_sockets},    {"udp", put_sockets},
                 {"udp6", put_sockets},  {"udplite", put_sockets}, {"udplite6", put_sockets},
                 {"raw", put_sockets},   {"raw6", put_sockets},    {"icmp", put_sockets},
                 {"icmp6", put_sockets}, {"route", put_routes},    {"igmp", put_groups}};
    const char *name = strstr(path, "/net/");
    for (size_t i = 0; name && i < ZF_ARRAY_LENGTH(files); i++) {
        if (!strcmp(name + strlen("/net/"), files[i].name)) {
            return files[i].text;
        }
    }
    return NULL;
}
