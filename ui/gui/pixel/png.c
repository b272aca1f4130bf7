#include "gui/pixel/canvas.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Colours are few, so a palette would be smaller still; RGB is what everybody reads. */
static uint8_t *to_rgb(const struct zf_canvas *canvas) {
    size_t count = (size_t)canvas->width * (size_t)canvas->height;
    uint8_t *bytes = malloc(count * 3);
    for (size_t i = 0; bytes && i < count; i++) {
        bytes[3 * i] = (uint8_t)(canvas->pixels[i] >> 16);
        bytes[3 * i + 1] = (uint8_t)(canvas->pixels[i] >> 8);
        bytes[3 * i + 2] = (uint8_t)canvas->pixels[i];
    }
    return bytes;
}

bool zf_canvas_save(struct zf_canvas *canvas, const char *path, char *message, size_t size) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)canvas->width,
                       .height = (png_uint_32)canvas->height,
                       .format = PNG_FORMAT_RGB};
    uint8_t *bytes = to_rgb(canvas);
    if (!bytes) {
        snprintf(message, size, "there is no memory left");
        return false;
    }
    bool done = png_image_write_to_file(&image, path, 0, bytes, 0, NULL);
    snprintf(message, size, "%s%s%s", path, done ? "" : ": ", done ? "" : image.message);
    free(bytes);
    return done;
}
