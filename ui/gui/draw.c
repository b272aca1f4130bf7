/*
 * The list of commands that a frame becomes: rectangles and texts, cut to the area they are in.
 */
#include "gui/draw.h"

#include <stdlib.h>
#include <string.h>

void zf_draw_reset(struct zf_draw *draw) {
    draw->count = 0;
    draw->text_used = 0;
    draw->failed = false;
}

void zf_draw_free(struct zf_draw *draw) {
    free(draw->commands);
    free(draw->text);
    *draw = (struct zf_draw){0};
}

static struct zf_draw_command *append(struct zf_draw *draw) {
    if (draw->count == draw->capacity) {
        size_t capacity = draw->capacity ? draw->capacity * 2 : 1024;
        void *grown = realloc(draw->commands, capacity * sizeof *draw->commands);
        if (!grown) {
            draw->failed = true;
            return NULL;
        }
        draw->commands = grown;
        draw->capacity = capacity;
    }
    struct zf_draw_command *command = &draw->commands[draw->count++];
    /* padding is hashed with the rest */
    memset(command, 0, sizeof *command);
    return command;
}

void zf_draw_shape(struct zf_draw *draw, enum zf_draw_kind kind, struct zf_box box,
                   enum zf_ink ink) {
    struct zf_draw_command *command = append(draw);
    if (command) {
        command->kind = (uint8_t)kind;
        command->box = box;
        command->ink = (uint8_t)ink;
    }
}

static bool room_for_text(struct zf_draw *draw, size_t length) {
    if (draw->text_used + length > draw->text_capacity) {
        size_t capacity = (draw->text_used + length) * 2 + 4096;
        char *grown = realloc(draw->text, capacity);
        if (!grown) {
            draw->failed = true;
            return false;
        }
        draw->text = grown;
        draw->text_capacity = capacity;
    }
    return true;
}

void zf_draw_text(struct zf_draw *draw, struct zf_box box, enum zf_font font, enum zf_ink ink,
                  const char *text, size_t length) {
    if (length == 0 || !room_for_text(draw, length)) {
        return;
    }
    struct zf_draw_command *command = append(draw);
    if (command) {
        command->kind = ZF_DRAW_TEXT;
        command->box = box;
        command->ink = (uint8_t)ink;
        command->font = (uint8_t)font;
        command->text = (uint32_t)draw->text_used;
        command->length = (uint32_t)length;
        memcpy(draw->text + draw->text_used, text, length);
        draw->text_used += length;
    }
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *p = bytes;
    uint64_t chunk;
    for (; size >= sizeof chunk; p += sizeof chunk, size -= sizeof chunk) {
        memcpy(&chunk, p, sizeof chunk);
        hash = (hash ^ chunk) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    for (; size > 0; size--) {
        hash = (hash ^ *p++) * UINT64_C(0x100000001b3);
    }
    return hash;
}

uint64_t zf_draw_hash(const struct zf_draw *draw) {
    uint64_t hash = hash_bytes(UINT64_C(0xcbf29ce484222325), draw->commands,
                               draw->count * sizeof *draw->commands);
    return hash_bytes(hash, draw->text, draw->text_used);
}

bool zf_box_has(struct zf_box box, int x, int y) {
    return x >= box.x && y >= box.y && x < box.x + box.w && y < box.y + box.h;
}

struct zf_box zf_box_clip(struct zf_box a, struct zf_box b) {
    int x = a.x > b.x ? a.x : b.x, y = a.y > b.y ? a.y : b.y;
    int right = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int bottom = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    return (struct zf_box){x, y, right > x ? right - x : 0, bottom > y ? bottom - y : 0};
}

struct zf_box zf_box_inset(struct zf_box box, int x, int y) {
    box.x += x;
    box.y += y;
    box.w = box.w > 2 * x ? box.w - 2 * x : 0;
    box.h = box.h > 2 * y ? box.h - 2 * y : 0;
    return box;
}

static int within(int size, int limit) {
    return size < 0 ? 0 : size > limit ? limit : size;
}

struct zf_box zf_box_cut_top(struct zf_box *box, int size) {
    struct zf_box cut = *box;
    cut.h = within(size, box->h);
    box->y += cut.h;
    box->h -= cut.h;
    return cut;
}

struct zf_box zf_box_cut_bottom(struct zf_box *box, int size) {
    struct zf_box cut = *box;
    cut.h = within(size, box->h);
    box->h -= cut.h;
    cut.y = box->y + box->h;
    return cut;
}

struct zf_box zf_box_cut_left(struct zf_box *box, int size) {
    struct zf_box cut = *box;
    cut.w = within(size, box->w);
    box->x += cut.w;
    box->w -= cut.w;
    return cut;
}

struct zf_box zf_box_cut_right(struct zf_box *box, int size) {
    struct zf_box cut = *box;
    cut.w = within(size, box->w);
    box->w -= cut.w;
    cut.x = box->x + box->w;
    return cut;
}

uint32_t zf_next_character(const char **text, const char *end) {
    const unsigned char *p = (const unsigned char *)*text;
    unsigned extra = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : p[0] < 0xf5 ? 3 : 0;
    uint32_t code = p[0] < 0x80 ? p[0] : 0xfffd;
    if (extra && (size_t)(end - *text) > extra) {
        code = p[0] & (0x3fu >> extra);
        for (unsigned i = 1; i <= extra; i++) {
            if ((p[i] & 0xc0) != 0x80) {
                *text += 1;
                return 0xfffd;
            }
            code = code << 6 | (p[i] & 0x3f);
        }
        *text += extra;
    }
    *text += 1;
    return code;
}
