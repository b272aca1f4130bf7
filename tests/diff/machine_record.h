/*
 * What a record of machine_records is, and how two emulators' are compared.
 */
#ifndef DIFF_MACHINE_RECORD_H
#define DIFF_MACHINE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

/* The record, big-endian, as machine_driver.s has it, and places in storage. */
enum {
    R_PSW = 0,
    R_GR = 16,
    R_CR = 144,
    R_PREFIX = 272,
    R_CODE = 280,
    R_KEYS = 312,
    R_PAGES = 344,
    R_SEGMENT = 600,
    R_REGION = 608,
    R_LOW = 640,
    R_SECOND = 1152, /* the beginning of the second page */
    R_DATA = 1664,
    R_SIZE = R_DATA + 0x5000,
    CODE_SIZE = 32,
    PAGES = 32, /* that have a key and an entry */
    LOW_SIZE = 512,
    AREA = 0x10000,
    SEGMENT_TABLE = 0x40000,
    PAGE_TABLE = 0x44000,
    REGION_TABLE = 0x48000,
    CODE = 0x6000,
    DATA = 0x8000,
    DATA_SIZE = 0x5000,
    NEW_PSWS = 0x1a0,
    OLD_PSWS = 0x120,
    NEW_ADDRESS = 0x100000,
    STORAGE = 0x20000000,
    BASE_GR = 8, /* from here on four registers with addresses of data */
};

/* Of records from before an instruction, and of what it came to here and on the other emulator: */
/** The other emulator does not execute the instruction, but would the zeros after it. */
bool machine_is_missing(const uint8_t *before, const uint8_t *theirs);
/** What differs, or NULL. */
const char *machine_difference(const uint8_t *ours, const uint8_t *theirs);
/** The other emulator does otherwise than the book says. */
bool machine_is_excused(const uint8_t *before, const uint8_t *ours, const uint8_t *theirs);

#endif
