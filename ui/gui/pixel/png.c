/*
 * A surface into a PNG file.
 */
#include "gui/pixel/canvas.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLOURS = 256, SLOTS = 1024 };

/* The colours met so far, by hash. */
struct palette {
    uint32_t colour[SLOTS]; /* 0: free; colours are opaque, so none is 0 */
    uint8_t number[SLOTS];
    uint8_t rgb[COLOURS * 3];
    unsigned used;
};

/* The number of a colour, or -1 when there are too many. */
static int number_of(struct palette *palette, uint32_t colour) {
    unsigned i = colour * 2654435761u % SLOTS;
    while (palette->colour[i] && palette->colour[i] != colour) {
        i = (i + 1) % SLOTS;
    }
    if (!palette->colour[i]) {
        if (palette->used == COLOURS) {
            return -1;
        }
        uint8_t *rgb = palette->rgb + 3 * palette->used;
        rgb[0] = (uint8_t)(colour >> 16);
        rgb[1] = (uint8_t)(colour >> 8);
        rgb[2] = (uint8_t)colour;
        palette->colour[i] = colour;
        palette->number[i] = (uint8_t)palette->used++;
    }
    return palette->number[i];
}

/* One byte a pixel; false when there are more colours than that. */
static bool to_numbers(const struct zf_canvas *canvas, struct palette *palette, uint8_t *bytes) {
    size_t count = (size_t)canvas->width * (size_t)canvas->height;
    for (size_t i = 0; i < count; i++) {
        int number = number_of(palette, canvas->pixels[i]);
        if (number < 0) {
            return false;
        }
        bytes[i] = (uint8_t)number;
    }
    return true;
}

static void to_rgb(const struct zf_canvas *canvas, uint8_t *bytes) {
    size_t count = (size_t)canvas->width * (size_t)canvas->height;
    for (size_t i = 0; i < count; i++) {
        bytes[3 * i] = (uint8_t)(canvas->pixels[i] >> 16);
        bytes[3 * i + 1] = (uint8_t)(canvas->pixels[i] >> 8);
        bytes[3 * i + 2] = (uint8_t)canvas->pixels[i];
    }
}

bool zf_canvas_save(struct zf_canvas *canvas, const char *path, char *message, size_t size) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)canvas->width,
                       .height = (png_uint_32)canvas->height};
    uint8_t *bytes = malloc((size_t)canvas->width * (size_t)canvas->height * 3);
    struct palette *palette = calloc(1, sizeof *palette);
    bool done = false;
    if (bytes && palette) {
        bool few = to_numbers(canvas, palette, bytes);
        if (!few) {
            to_rgb(canvas, bytes);
        }
        image.format = few ? PNG_FORMAT_RGB_COLORMAP : PNG_FORMAT_RGB;
        image.colormap_entries = few ? palette->used : 0;
        done = png_image_write_to_file(&image, path, 0, bytes, 0, few ? palette->rgb : NULL);
    }
    snprintf(message, size, "%s%s%s", path, done ? "" : ": ", done ? "" : image.message);
    free(palette);
    free(bytes);
    return done;
}
