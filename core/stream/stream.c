/*
 * Sections of tagged, checked bytes over a file or a socket. Whatever arrives damaged, cut off, or
 * longer than it may be is an error that names the section.
 */
#include "zfacet/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { MAGIC_LENGTH = 8, HEADER_LENGTH = 8, CHECKSUM_LENGTH = 4 };

static const char magic[MAGIC_LENGTH + 1] = "ZFACETVM";

bool zf_section_create(struct zf_section *section) {
    *section = (struct zf_section){.payload.bytes = malloc(ZF_STREAM_PAYLOAD_LIMIT)};
    return section->payload.bytes != NULL;
}

void zf_section_destroy(struct zf_section *section) {
    free(section->payload.bytes);
}

void zf_section_begin(struct zf_section *section, uint32_t tag) {
    section->tag = tag;
    section->payload.length = section->payload.at = 0;
    section->payload.bad = false;
}

void zf_put_bytes(struct zf_payload *payload, const void *bytes, size_t length) {
    if (length > ZF_STREAM_PAYLOAD_LIMIT - payload->length) {
        payload->bad = true;
        return;
    }
    if (length) {
        memcpy(payload->bytes + payload->length, bytes, length);
    }
    payload->length += length;
}

void zf_put_number(struct zf_payload *payload, unsigned size, uint64_t value) {
    uint8_t bytes[8];
    zf_put64(bytes, value);
    zf_put_bytes(payload, bytes + 8 - size, size);
}

void zf_put_text(struct zf_payload *payload, const char *text) {
    size_t length = text ? strlen(text) : 0;
    if (length > UINT16_MAX) {
        payload->bad = true;
        return;
    }
    zf_put_number(payload, 2, length);
    zf_put_bytes(payload, text, length);
}

const uint8_t *zf_take_bytes(struct zf_payload *payload, size_t length) {
    if (length > payload->length - payload->at) {
        payload->bad = true;
        return NULL;
    }
    payload->at += length;
    return payload->bytes + payload->at - length;
}

uint64_t zf_take_number(struct zf_payload *payload, unsigned size) {
    uint8_t number[8] = {0};
    const uint8_t *bytes = zf_take_bytes(payload, size);
    if (!bytes) {
        return 0;
    }
    memcpy(number + 8 - size, bytes, size);
    return zf_get64(number);
}

void zf_take_text(struct zf_payload *payload, char *text, size_t size) {
    size_t length = (size_t)zf_take_number(payload, 2);
    const uint8_t *bytes = zf_take_bytes(payload, length);
    text[0] = '\0';
    if (!bytes || length >= size || memchr(bytes, 0, length)) {
        payload->bad = true;
        return;
    }
    memcpy(text, bytes, length);
    text[length] = '\0';
}

static enum zf_status write_all(struct zf_stream *stream, const uint8_t *bytes, size_t length,
                                struct zf_error *err) {
    while (length) {
        /* a reader that went away is an error like any other, not the end of the process */
        ssize_t written = stream->is_socket ? send(stream->fd, bytes, length, MSG_NOSIGNAL)
                                            : write(stream->fd, bytes, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return zf_fail(err, ZF_ERROR_IO, "cannot write the stream: %s",
                           written ? strerror(errno) : "nothing was accepted");
        }
        bytes += written;
        length -= (size_t)written;
        stream->bytes += (size_t)written;
    }
    return ZF_OK;
}

static enum zf_status read_all(struct zf_stream *stream, uint8_t *bytes, size_t length,
                               struct zf_error *err) {
    while (length) {
        ssize_t got = read(stream->fd, bytes, length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return zf_fail(err, ZF_ERROR_IO, "cannot read the stream: %s", strerror(errno));
        }
        if (!got) {
            return zf_fail(err, ZF_ERROR_FORMAT, "stream truncated after %llu bytes",
                           (unsigned long long)stream->bytes);
        }
        bytes += got;
        length -= (size_t)got;
        stream->bytes += (size_t)got;
    }
    return ZF_OK;
}

enum zf_status zf_stream_begin(struct zf_stream *stream, struct zf_error *err) {
    uint8_t header[MAGIC_LENGTH + 4];
    memcpy(header, magic, MAGIC_LENGTH);
    zf_put32(header + MAGIC_LENGTH, ZF_STREAM_VERSION);
    return write_all(stream, header, sizeof header, err);
}

enum zf_status zf_stream_write(struct zf_stream *stream, const struct zf_section *section,
                               struct zf_error *err) {
    uint8_t header[HEADER_LENGTH], checksum[CHECKSUM_LENGTH];
    const struct zf_payload *payload = &section->payload;
    if (payload->bad) {
        return zf_fail(err, ZF_ERROR_UNSUPPORTED, "a section is too long for the stream");
    }
    zf_put32(header, section->tag);
    zf_put32(header + 4, (uint32_t)payload->length);
    uLong crc = crc32(0, header, sizeof header);
    crc = crc32(crc, payload->bytes, (uInt)payload->length);
    zf_put32(checksum, (uint32_t)crc);
    enum zf_status status = write_all(stream, header, sizeof header, err);
    if (status == ZF_OK) {
        status = write_all(stream, payload->bytes, payload->length, err);
    }
    return status == ZF_OK ? write_all(stream, checksum, sizeof checksum, err) : status;
}

enum zf_status zf_stream_end(struct zf_stream *stream, struct zf_error *err) {
    struct zf_section end = {.tag = ZF_STREAM_TAG("END ")};
    uint8_t nothing = 0;
    end.payload.bytes = &nothing;
    return zf_stream_write(stream, &end, err);
}

enum zf_status zf_stream_open(struct zf_stream *stream, struct zf_error *err) {
    uint8_t header[MAGIC_LENGTH + 4];
    enum zf_status status = read_all(stream, header, sizeof header, err);
    if (status != ZF_OK) {
        return status;
    }
    if (memcmp(header, magic, MAGIC_LENGTH) != 0) {
        return zf_fail(err, ZF_ERROR_FORMAT, "not a saved guest: it does not begin with '%s'",
                       magic);
    }
    stream->version = zf_get32(header + MAGIC_LENGTH);
    if (stream->version < ZF_STREAM_OLDEST || stream->version > ZF_STREAM_VERSION) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "the stream has version %u; supported are versions %u to %u",
                       stream->version, (unsigned)ZF_STREAM_OLDEST, (unsigned)ZF_STREAM_VERSION);
    }
    return ZF_OK;
}

enum zf_status zf_stream_read(struct zf_stream *stream, struct zf_section *section,
                              struct zf_error *err) {
    uint8_t header[HEADER_LENGTH], checksum[CHECKSUM_LENGTH];
    uint64_t at = stream->bytes;
    enum zf_status status = read_all(stream, header, sizeof header, err);
    if (status != ZF_OK) {
        return status;
    }
    zf_section_begin(section, zf_get32(header));
    section->payload.version = stream->version;
    size_t length = zf_get32(header + 4);
    if (length > ZF_STREAM_PAYLOAD_LIMIT) {
        return zf_fail(err, ZF_ERROR_FORMAT, "stream damaged at byte %llu: section of %zu bytes",
                       (unsigned long long)at, length);
    }
    if ((status = read_all(stream, section->payload.bytes, length, err)) != ZF_OK ||
        (status = read_all(stream, checksum, sizeof checksum, err)) != ZF_OK) {
        return status;
    }
    section->payload.length = length;
    uLong crc = crc32(0, header, sizeof header);
    if (crc32(crc, section->payload.bytes, (uInt)length) != zf_get32(checksum)) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "stream damaged: wrong checksum of the section at byte %llu",
                       (unsigned long long)at);
    }
    return ZF_OK;
}
