/*
 * Line-mode messages: the vectors that text travels in.
 */
#include "sclp_state.h"

/* Message data block: a header, then objects that begin with length and type. */
enum {
    MDB_HEADER = 12,
    MDB_TYPE = 2, /* offset */
    MDB_TYPE_MESSAGE = 1,
    OBJECT_TYPE = 2, /* offset */
    OBJECT_TYPE_TEXT = 4,
    TEXT_HEADER = 10,
};

static void remember(struct zf_sclp *sclp, const char *text, size_t length) {
    if (length > sizeof sclp->lines - sclp->lines_length) {
        length = sizeof sclp->lines - sclp->lines_length;
    }
    memcpy(sclp->lines + sclp->lines_length, text, length);
    sclp->lines_length += length;
}

static void write_line(struct zf_sclp *sclp, const uint8_t *text, size_t length) {
    char line[256];
    if (!sclp->console.write) {
        return;
    }
    while (length) {
        size_t n = 0;
        while (n < length && n < sizeof line - 1) {
            line[n] = zf_ascii_of_ebcdic(text[n]);
            n++;
        }
        text += n;
        length -= n;
        remember(sclp, line, n);
        if (!length) {
            line[n++] = '\n';
        }
        sclp->console.write(sclp->console.context, line, n);
    }
}

bool zf_sclp_message(struct zf_sclp *sclp, const uint8_t *data, size_t length) {
    /* it says itself where it ends, which may be before the event does */
    const size_t whole = length < MDB_HEADER ? 0 : zf_get16(data);
    if (whole < MDB_HEADER || whole > length || zf_get16(data + MDB_TYPE) != MDB_TYPE_MESSAGE) {
        return false;
    }
    size_t at = MDB_HEADER;
    while (at + 4 <= whole) {
        size_t object = zf_get16(data + at);
        if (object < 4 || object > whole - at) {
            return false;
        }
        if (zf_get16(data + at + OBJECT_TYPE) == OBJECT_TYPE_TEXT && object >= TEXT_HEADER) {
            write_line(sclp, data + at + TEXT_HEADER, object - TEXT_HEADER);
        }
        at += object;
    }
    return true;
}

static uint8_t *put_vector(uint8_t *to, size_t length, unsigned id) {
    zf_put16(to, (uint16_t)length);
    zf_put16(to + 2, (uint16_t)id);
    return to + 4;
}

static uint8_t *put_subvector(uint8_t *to, size_t length, unsigned key) {
    to[0] = (uint8_t)length;
    to[1] = (uint8_t)key;
    return to + 2;
}

/*
 * Message unit > control-point message unit > text command > self-defining text message > text.
 */
size_t zf_sclp_command_event(uint8_t *to, const uint8_t *line, size_t length) {
    enum {
        EVENT_OPERATOR_COMMAND = 1,
        EVENT_HEADER = 6,
        MESSAGE_UNIT = 0x1310,
        CONTROL_POINT = 0x1212,
        TEXT_COMMAND = 0x1320,
        SELF_DEFINING = 0x31,
        TEXT = 0x30,
    };
    size_t total = EVENT_HEADER + 16 + length;
    memset(to, 0, EVENT_HEADER);
    zf_put16(to, (uint16_t)total);
    to[2] = EVENT_OPERATOR_COMMAND;
    uint8_t *p = put_vector(to + EVENT_HEADER, length + 16, MESSAGE_UNIT);
    p = put_vector(p, length + 12, CONTROL_POINT);
    p = put_vector(p, length + 8, TEXT_COMMAND);
    p = put_subvector(p, length + 4, SELF_DEFINING);
    p = put_subvector(p, length + 2, TEXT);
    for (size_t i = 0; i < length; i++) {
        p[i] = zf_ebcdic_of_ascii((char)line[i]);
    }
    return total;
}
