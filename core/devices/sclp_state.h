/*
 * What the files of the SCLP share.
 */
#ifndef ZF_SCLP_STATE_H
#define ZF_SCLP_STATE_H

#include "zfacet/console.h"
#include "zfacet/sclp.h"

enum { CONSOLE_INPUT_SIZE = 8192, CONSOLE_LINES_SIZE = 4096 };

struct zf_sclp {
    struct zf_device device;
    struct zf_cpus *cpus; /* get service signals */
    struct zf_console console;
    bool console_ended; /* no input will come */
    struct zf_configuration configuration;
    /* SCLP events: bit n from the left is event type n + 1 */
    uint32_t receive_mask; /* what the guest wants to be told */
    uint32_t send_mask;    /* what the guest says it sends */
    bool quiesce;          /* the event waits to be read */
    uint8_t input[CONSOLE_INPUT_SIZE];
    size_t input_length;
    /* Of the line mode, since the VT220 wrote last, without ends of lines: a kernel that starts
     * writes all on both, which are one console here. More than fits is not compared. */
    char lines[CONSOLE_LINES_SIZE];
    size_t lines_length;
};

/** EBCDIC to ASCII and back (code page 500, as consoles use it); what has no counterpart becomes
 * '.' or X'4B'. */
char zf_ascii_of_ebcdic(uint8_t code);
uint8_t zf_ebcdic_of_ascii(char c);

/** A line-mode message, as WRITE EVENT DATA has it: each text object of it is a line. False: it is
 * none, or an object of it does not end within it. */
bool zf_sclp_message(struct zf_sclp *sclp, const uint8_t *data, size_t length);

/** Writes the event for one input line at `to` (room for it is there); returns its length. */
size_t zf_sclp_command_event(uint8_t *to, const uint8_t *line, size_t length);

#endif
