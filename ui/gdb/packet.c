/*
 * Packets in and out. Input may be anything: a packet ends at its checksum or where the next one
 * begins, and one that is too long is dropped as a whole.
 */
#include "gdb/packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ESCAPE = '}', ESCAPE_XOR = 0x20, INTERRUPT = 3 };

static const char digits[] = "0123456789abcdef";

static int digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void begin(struct zf_gdb_input *input) {
    input->state = ZF_GDB_TEXT;
    input->sum = 0;
    input->bad = false;
    input->length = 0;
}

static void append(struct zf_gdb_input *input, char byte) {
    if (input->length < ZF_GDB_PACKET_SIZE) {
        input->text[input->length++] = byte;
    } else {
        input->bad = true;
    }
}

static void take_text(struct zf_gdb_input *input, char byte) {
    if (byte == '$') {
        begin(input);
    } else if (byte == '#') {
        input->state = ZF_GDB_SUM_1;
    } else {
        input->sum = (uint8_t)(input->sum + (uint8_t)byte);
        if (byte == ESCAPE) {
            input->state = ZF_GDB_ESCAPED;
        } else {
            append(input, byte);
        }
    }
}

static enum zf_gdb_input_event take_sum(struct zf_gdb_input *input, char byte) {
    int value = digit(byte);
    input->bad |= value < 0;
    if (input->state == ZF_GDB_SUM_1) {
        input->given = (uint8_t)((unsigned)value << 4);
        input->state = ZF_GDB_SUM_2;
        return ZF_GDB_INPUT_NOTHING;
    }
    input->given |= (uint8_t)(value & 0xf);
    input->state = ZF_GDB_OUTSIDE;
    input->text[input->length] = '\0';
    return input->bad || input->given != input->sum ? ZF_GDB_INPUT_BAD : ZF_GDB_INPUT_PACKET;
}

enum zf_gdb_input_event zf_gdb_input_feed(struct zf_gdb_input *input, char byte) {
    switch (input->state) {
    case ZF_GDB_OUTSIDE:
        if (byte == '$') {
            begin(input);
        }
        return byte == INTERRUPT ? ZF_GDB_INPUT_BREAK : ZF_GDB_INPUT_NOTHING;
    case ZF_GDB_TEXT:
        take_text(input, byte);
        return ZF_GDB_INPUT_NOTHING;
    case ZF_GDB_ESCAPED:
        input->sum = (uint8_t)(input->sum + (uint8_t)byte);
        append(input, (char)(byte ^ ESCAPE_XOR));
        input->state = ZF_GDB_TEXT;
        return ZF_GDB_INPUT_NOTHING;
    case ZF_GDB_SUM_1:
    case ZF_GDB_SUM_2:
        break;
    }
    return take_sum(input, byte);
}

void zf_gdb_add(struct zf_gdb_reply *reply, const char *format, ...) {
    size_t room = sizeof reply->text - reply->length;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(reply->text + reply->length, room, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= room) {
        reply->full = true;
        return;
    }
    reply->length += (size_t)length;
}

void zf_gdb_add_hex(struct zf_gdb_reply *reply, const void *bytes, size_t length) {
    const uint8_t *from = bytes;
    if (length * 2 > sizeof reply->text - reply->length) {
        reply->full = true;
        return;
    }
    for (size_t i = 0; i < length; i++) {
        reply->text[reply->length++] = digits[from[i] >> 4];
        reply->text[reply->length++] = digits[from[i] & 0xf];
    }
}

size_t zf_gdb_add_binary(struct zf_gdb_reply *reply, const void *bytes, size_t length) {
    static const char special[] = {'$', '#', '}', '*'};
    const char *from = bytes;
    size_t i = 0;
    for (; i < length && reply->length + 2 <= sizeof reply->text; i++) {
        if (memchr(special, from[i], sizeof special)) {
            reply->text[reply->length++] = ESCAPE;
            reply->text[reply->length++] = (char)(from[i] ^ ESCAPE_XOR);
        } else {
            reply->text[reply->length++] = from[i];
        }
    }
    return i;
}

size_t zf_gdb_frame(const struct zf_gdb_reply *reply, char *out) {
    uint8_t sum = 0;
    for (size_t i = 0; i < reply->length; i++) {
        sum = (uint8_t)(sum + (uint8_t)reply->text[i]);
    }
    *out++ = '$';
    memcpy(out, reply->text, reply->length);
    out += reply->length;
    *out++ = '#';
    *out++ = digits[sum >> 4];
    *out = digits[sum & 0xf];
    return reply->length + 4;
}

bool zf_gdb_take_hex(const char **at, uint64_t *value) {
    const char *from = *at;
    uint64_t number = 0;
    while (digit(*from) >= 0) {
        if (number >> 60) {
            return false;
        }
        number = number << 4 | (unsigned)digit(*from++);
    }
    if (from == *at) {
        return false;
    }
    *at = from;
    *value = number;
    return true;
}

bool zf_gdb_take_hex_after(const char **at, char sign, uint64_t *value) {
    const char *from = *at + 1;
    if (**at != sign || !zf_gdb_take_hex(&from, value)) {
        return false;
    }
    *at = from;
    return true;
}

bool zf_gdb_take_bytes(const char **at, void *bytes, size_t length) {
    uint8_t *to = bytes;
    const char *from = *at;
    for (size_t i = 0; i < length; i++) {
        int high = digit(from[0]), low = high < 0 ? -1 : digit(from[1]);
        if (low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
        from += 2;
    }
    *at = from;
    return true;
}
