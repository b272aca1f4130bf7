/*
 * A back end of lines of characters: each command of a frame in cells.
 */
#include "gui/text_out.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_WIDTH = 4000, LIMIT_HEIGHT = 20000 };

static int measure_cells(void *fonts, enum zf_font font, const char *text, size_t bytes) {
    const char *end = text + bytes;
    int count = 0;
    while (text < end) {
        zf_next_character(&text, end);
        count++;
    }
    return count;
}

struct zf_metrics zf_text_metrics(bool paper) {
    return (struct zf_metrics){.line = 1,
                               .row = 1,
                               .pad_x = 1,
                               .pad_y = 0,
                               .rule = 1,
                               .cells = true,
                               .paper = paper,
                               .measure = measure_cells};
}

struct grid {
    uint32_t *cells;
    int width, height;
    struct zf_box clip;
};

static void put(struct grid *grid, int x, int y, uint32_t code) {
    if (zf_box_has(grid->clip, x, y) && x >= 0 && y >= 0 && x < grid->width && y < grid->height) {
        grid->cells[(size_t)y * (size_t)grid->width + (size_t)x] = code;
    }
}

static void fill(struct grid *grid, struct zf_box box, uint32_t code) {
    box =
        zf_box_clip(zf_box_clip(box, grid->clip), (struct zf_box){0, 0, grid->width, grid->height});
    for (int y = box.y; y < box.y + box.h; y++) {
        for (int x = box.x; x < box.x + box.w; x++) {
            put(grid, x, y, code);
        }
    }
}

static void write_text(struct grid *grid, const struct zf_draw_command *command, const char *text) {
    const char *end = text + command->length;
    int x = command->box.x, y = command->box.y + (command->box.h - 1) / 2;
    while (text < end) {
        put(grid, x++, y, zf_next_character(&text, end));
    }
}

static void measure_frame(const struct zf_draw *draw, struct grid *grid) {
    for (size_t i = 0; i < draw->count; i++) {
        const struct zf_draw_command *c = &draw->commands[i];
        if (c->kind == ZF_DRAW_TEXT) {
            int right = c->box.x + (int)c->length, bottom = c->box.y + (c->box.h + 1) / 2;
            grid->width = right > grid->width ? right : grid->width;
            grid->height = bottom > grid->height ? bottom : grid->height;
        }
    }
    grid->width = grid->width > LIMIT_WIDTH ? LIMIT_WIDTH : grid->width;
    grid->height = grid->height > LIMIT_HEIGHT ? LIMIT_HEIGHT : grid->height;
}

static void draw_grid(const struct zf_draw *draw, struct grid *grid) {
    for (size_t i = 0; i < draw->count; i++) {
        const struct zf_draw_command *c = &draw->commands[i];
        switch ((enum zf_draw_kind)c->kind) {
        case ZF_DRAW_RECT:
            fill(grid, c->box, ' ');
            break;
        case ZF_DRAW_LINE:
            fill(grid, c->box, c->box.h > c->box.w ? 0x2502 : 0x2500);
            break;
        case ZF_DRAW_TEXT:
            write_text(grid, c, draw->text + c->text);
            break;
        case ZF_DRAW_CLIP:
            grid->clip = c->box;
            break;
        case ZF_DRAW_RING:
            break;
        }
    }
}

static char *put_utf8(char *p, uint32_t code) {
    if (code < 0x80) {
        *p++ = (char)code;
    } else if (code < 0x800) {
        *p++ = (char)(0xc0 | code >> 6);
        *p++ = (char)(0x80 | (code & 63));
    } else if (code < 0x10000) {
        *p++ = (char)(0xe0 | code >> 12);
        *p++ = (char)(0x80 | (code >> 6 & 63));
        *p++ = (char)(0x80 | (code & 63));
    } else {
        *p++ = (char)(0xf0 | code >> 18);
        *p++ = (char)(0x80 | (code >> 12 & 63));
        *p++ = (char)(0x80 | (code >> 6 & 63));
        *p++ = (char)(0x80 | (code & 63));
    }
    return p;
}

static char *grid_text(const struct grid *grid) {
    char *text = malloc((size_t)grid->height * ((size_t)grid->width * 4 + 1) + 1), *p = text;
    for (int y = 0; text && y < grid->height; y++) {
        const uint32_t *row = grid->cells + (size_t)y * (size_t)grid->width;
        int used = grid->width;
        while (used > 0 && row[used - 1] == ' ') {
            used--;
        }
        for (int x = 0; x < used; x++) {
            p = put_utf8(p, row[x] < ' ' ? ' ' : row[x]);
        }
        *p++ = '\n';
    }
    while (text && p - text > 1 && p[-1] == '\n' && p[-2] == '\n') {
        p--;
    }
    if (text) {
        *p = 0;
    }
    return text;
}

char *zf_text_out(const struct zf_draw *draw) {
    struct grid grid = {.clip = {0, 0, LIMIT_WIDTH, LIMIT_HEIGHT}};
    measure_frame(draw, &grid);
    size_t size = (size_t)grid.width * (size_t)grid.height;
    grid.cells = malloc((size ? size : 1) * sizeof *grid.cells);
    if (!grid.cells) {
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        grid.cells[i] = ' ';
    }
    draw_grid(draw, &grid);
    char *text = grid_text(&grid);
    free(grid.cells);
    return text;
}
