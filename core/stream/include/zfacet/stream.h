/*
 * The stream that carries a saved guest: sections with a checksum each, over a file or a socket.
 *
 *     "ZFACETVM"  version (4 bytes)
 *     section...  tag (4 bytes), length (4), payload, CRC-32 of all that (4)
 *     section "END " with an empty payload
 *
 * Numbers are big-endian. A reader refuses a section that it does not know, unless its tag begins
 * with a small letter: such a section may be left out. Within a version sections and their fields
 * stay as they are. Version 1 can still be read: what is new in version 2 stands under a condition
 * on zf_payload.version.
 */
#ifndef ZFACET_STREAM_H
#define ZFACET_STREAM_H

#include "zfacet/base.h"
#include "zfacet/error.h"

enum { ZF_STREAM_VERSION = 2, ZF_STREAM_OLDEST = 1, ZF_STREAM_PAYLOAD_LIMIT = 1 << 20 };

/** A section's tag: ZF_STREAM_TAG("CPU "). */
#define ZF_STREAM_TAG(text)                                                                        \
    ((uint32_t)(uint8_t)(text)[0] << 24 | (uint32_t)(uint8_t)(text)[1] << 16 |                     \
     (uint32_t)(uint8_t)(text)[2] << 8 | (uint32_t)(uint8_t)(text)[3])

/* Where a stream comes from or goes to: a file descriptor of the caller's, which stays open. */
struct zf_stream {
    int fd;
    bool is_socket;
    uint32_t version; /* of what is read */
    uint64_t bytes;   /* so far */
};

/* A payload: to be written, or as it was read and how far it was taken apart. */
struct zf_payload {
    uint8_t *bytes; /* ZF_STREAM_PAYLOAD_LIMIT of them */
    size_t length;
    size_t at;        /* reading: the next field */
    uint32_t version; /* reading: the stream's */
    bool bad;         /* a field was put or asked for that there is no room for */
};

struct zf_section {
    uint32_t tag;
    struct zf_payload payload;
};

/** A section without payload and room for one; false when there is no memory. */
bool zf_section_create(struct zf_section *section);
void zf_section_destroy(struct zf_section *section);

/** Begins anew: `tag` and an empty payload. */
void zf_section_begin(struct zf_section *section, uint32_t tag);

void zf_put_number(struct zf_payload *payload, unsigned size, uint64_t value);
void zf_put_bytes(struct zf_payload *payload, const void *bytes, size_t length);
/** Up to 65535 bytes, with their length; NULL as "". */
void zf_put_text(struct zf_payload *payload, const char *text);

/** The next field; 0 with payload->bad when the payload is too short. */
uint64_t zf_take_number(struct zf_payload *payload, unsigned size);
/** `length` bytes of the payload itself, or NULL with payload->bad. */
const uint8_t *zf_take_bytes(struct zf_payload *payload, size_t length);
/** Copies a text to `text`; one that is too long or contains zeros is bad. */
void zf_take_text(struct zf_payload *payload, char *text, size_t size);

/*
 * Writing and reading. Errors: IO when the host refuses, or the other side went away; FORMAT when
 * what is read is no stream, of a version that is not known, cut short or damaged.
 */
enum zf_status zf_stream_begin(struct zf_stream *stream, struct zf_error *err);
enum zf_status zf_stream_write(struct zf_stream *stream, const struct zf_section *section,
                               struct zf_error *err);
enum zf_status zf_stream_end(struct zf_stream *stream, struct zf_error *err);

enum zf_status zf_stream_open(struct zf_stream *stream, struct zf_error *err);
/** Reads the next section; "END " is the last one, with nothing to follow in a file. */
enum zf_status zf_stream_read(struct zf_stream *stream, struct zf_section *section,
                              struct zf_error *err);

#endif
