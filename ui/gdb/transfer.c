/*
 * qXfer: texts and tables that GDB reads in parts: the target description, a Linux program's
 * auxiliary vector and the path of its file.
 */
#include "gdb/state.h"

#include <stdlib.h>
#include <string.h>

/* "m" and a part, "l" and the last one. */
static void answer_part(struct zf_gdb *g, const void *bytes, size_t size, uint64_t offset,
                        uint64_t length) {
    enum { ROOM = sizeof g->reply.text - 2 };
    if (offset > size) {
        zf_gdb_fail(g, 0x16);
        return;
    }
    size_t rest = size - (size_t)offset;
    size_t part = length < rest ? (size_t)length : rest;
    g->reply.text[g->reply.length++] = 'm';
    part = zf_gdb_add_binary(&g->reply, (const char *)bytes + offset, part);
    if (part == rest) {
        g->reply.text[0] = 'l';
    }
}

/* "ANNEX:OFFSET,LENGTH"; the annex must be that, or anything when it is NULL. */
static bool take_range(const char *arguments, const char *annex, uint64_t *offset,
                       uint64_t *length) {
    const char *at = strchr(arguments, ':');
    return at &&
           (!annex || (strlen(annex) == (size_t)(at - arguments) &&
                       !strncmp(arguments, annex, strlen(annex)))) &&
           zf_gdb_take_hex_after(&at, ':', offset) && zf_gdb_take_hex_after(&at, ',', length) &&
           !*at;
}

static void send_description(struct zf_gdb *g, const char *arguments) {
    uint64_t offset, length;
    char *text = zf_gdb_describe(g);
    if (text && take_range(arguments, "target.xml", &offset, &length)) {
        answer_part(g, text, strlen(text), offset, length);
    } else {
        zf_gdb_fail(g, 0);
    }
    free(text);
}

static void send_auxv(struct zf_gdb *g, const char *arguments) {
    uint64_t offset, length, address, size;
    uint8_t bytes[1024];
    zf_linux_auxv(g->config.program, &address, &size);
    if (take_range(arguments, "", &offset, &length) && size <= sizeof bytes &&
        zf_control_read(g->config.control, address, bytes, size)) {
        answer_part(g, bytes, size, offset, length);
    } else {
        zf_gdb_fail(g, 0);
    }
}

static void send_path(struct zf_gdb *g, const char *arguments) {
    uint64_t offset, length;
    const char *path = zf_linux_program(g->config.program);
    if (take_range(arguments, NULL, &offset, &length)) {
        answer_part(g, path, strlen(path), offset, length);
    } else {
        zf_gdb_fail(g, 0);
    }
}

void zf_gdb_transfer(struct zf_gdb *g, const char *arguments, size_t length) {
    static const struct {
        const char *object;
        void (*send)(struct zf_gdb *g, const char *arguments);
        bool program; /* of Linux programs only */
    } objects[] = {
        {"features:read:", send_description, false},
        {"auxv:read:", send_auxv, true},
        {"exec-file:read:", send_path, true},
    };
    for (unsigned i = 0; i < ZF_ARRAY_LENGTH(objects); i++) {
        size_t n = strlen(objects[i].object);
        if (!strncmp(arguments, objects[i].object, n) &&
            (g->config.program || !objects[i].program)) {
            objects[i].send(g, arguments + n);
            return;
        }
    }
}
