/*
 * Compares two pictures: compare_pictures A.png B PERMILLE. B is a PNG file or what Xvfb leaves in
 * its -fbdir (an XWD file). Status 0 when at most PERMILLE of the pixels differ by more than 16 in
 * any channel.
 */
#include <arpa/inet.h>
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture {
    unsigned width, height;
    uint8_t *rgb;
};

static int read_png(const char *path, struct picture *p) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path)) {
        return 0;
    }
    image.format = PNG_FORMAT_RGB;
    p->width = image.width;
    p->height = image.height;
    p->rgb = malloc(PNG_IMAGE_SIZE(image));
    return p->rgb && png_image_finish_read(&image, NULL, p->rgb, 0, NULL);
}

/* Words of an XWD header that matter, by number. */
enum { HEADER_SIZE, WIDTH = 4, HEIGHT = 5, BITS = 11, LINE = 12, COLOURS = 19, WORDS = 25 };

static int read_xwd(const char *path, struct picture *p) {
    uint32_t head[WORDS];
    FILE *in = fopen(path, "rb");
    if (!in || fread(head, 4, WORDS, in) != WORDS) {
        return 0;
    }
    for (int i = 0; i < WORDS; i++) {
        head[i] = ntohl(head[i]);
    }
    uint8_t *line = malloc(head[LINE]);
    p->width = head[WIDTH];
    p->height = head[HEIGHT];
    p->rgb = malloc((size_t)p->width * p->height * 3);
    if (head[BITS] != 32 || !line || !p->rgb) {
        return 0;
    }
    fseek(in, (long)(head[HEADER_SIZE] + head[COLOURS] * 12), SEEK_SET);
    for (unsigned y = 0; y < p->height; y++) {
        if (fread(line, 1, head[LINE], in) != head[LINE]) {
            return 0;
        }
        for (unsigned x = 0; x < p->width; x++) {
            uint8_t *to = p->rgb + ((size_t)y * p->width + x) * 3;
            to[0] = line[x * 4 + 2];
            to[1] = line[x * 4 + 1];
            to[2] = line[x * 4];
        }
    }
    free(line);
    fclose(in);
    return 1;
}

int main(int argc, char **argv) {
    struct picture a, b;
    if (argc != 4 || !read_png(argv[1], &a) || !(read_png(argv[2], &b) || read_xwd(argv[2], &b))) {
        fprintf(stderr, "compare_pictures: cannot read %s and %s\n", argv[1], argv[2]);
        return 2;
    }
    if (a.width != b.width || a.height != b.height) {
        printf("%u x %u, %u x %u\n", a.width, a.height, b.width, b.height);
        return 1;
    }
    size_t count = (size_t)a.width * a.height, different = 0;
    for (size_t i = 0; i < count; i++) {
        int most = 0;
        for (int c = 0; c < 3; c++) {
            int d = abs(a.rgb[i * 3 + c] - b.rgb[i * 3 + c]);
            most = d > most ? d : most;
        }
        different += most > 16;
    }
    printf("%zu of %zu pixels differ\n", different, count);
    free(a.rgb);
    free(b.rgb);
    return different * 1000 > count * (size_t)atoi(argv[3]);
}
