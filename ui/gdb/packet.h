/*
 * The framing of GDB's remote protocol: "$text#checksum" from a stream of any bytes, and back.
 */
#ifndef ZFACET_GDB_PACKET_H
#define ZFACET_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZF_GDB_PACKET_SIZE = 0x4000 };

/* What one byte completes. */
enum zf_gdb_input_event {
    ZF_GDB_INPUT_NOTHING,
    ZF_GDB_INPUT_PACKET, /* input->text, ended with a zero that `length` does not count */
    ZF_GDB_INPUT_BAD,    /* a wrong checksum, or too long: to be sent again */
    ZF_GDB_INPUT_BREAK,  /* the byte that interrupts */
};

enum zf_gdb_input_state { ZF_GDB_OUTSIDE, ZF_GDB_TEXT, ZF_GDB_ESCAPED, ZF_GDB_SUM_1, ZF_GDB_SUM_2 };

/* Zero-initialized, it is at the beginning of a stream. */
struct zf_gdb_input {
    enum zf_gdb_input_state state;
    uint8_t sum, given;
    bool bad;
    size_t length;
    char text[ZF_GDB_PACKET_SIZE + 1];
};

enum zf_gdb_input_event zf_gdb_input_feed(struct zf_gdb_input *input, char byte);

/* The text of an answer. What does not fit is lost, and `full` says so. */
struct zf_gdb_reply {
    size_t length;
    bool full;
    char text[ZF_GDB_PACKET_SIZE];
};

void zf_gdb_add(struct zf_gdb_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Bytes as hexadecimal digits. */
void zf_gdb_add_hex(struct zf_gdb_reply *reply, const void *bytes, size_t length);
/** Bytes as they are, escaped where framing needs it; how many fit is returned. */
size_t zf_gdb_add_binary(struct zf_gdb_reply *reply, const void *bytes, size_t length);

/** Frames an answer; `out` has room for its text and 4 bytes more. */
size_t zf_gdb_frame(const struct zf_gdb_reply *reply, char *out);

/** Reads hexadecimal digits, at least one; false, with *at unchanged, when there is none or they
 * are too many. */
bool zf_gdb_take_hex(const char **at, uint64_t *value);
/** The same after `sign`, which must come next. */
bool zf_gdb_take_hex_after(const char **at, char sign, uint64_t *value);
/** Reads the digits of exactly `length` bytes. */
bool zf_gdb_take_bytes(const char **at, void *bytes, size_t length);

#endif
