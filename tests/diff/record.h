/*
 * How a guest's state and code travel to another emulator and back: one record, big-endian, changed
 * in place by case_driver.s.
 */
#ifndef ZF_TEST_RECORD_H
#define ZF_TEST_RECORD_H

#include "../guest.h"

enum {
    RECORD_PSW = 0,
    RECORD_GR = 16,
    RECORD_AR = 144,
    RECORD_CR0 = 208,
    RECORD_CR8 = 216,
    RECORD_FPC = 224,
    RECORD_VR = 240,
    RECORD_CODE = 752, /* before; afterwards: */
    RECORD_PGM = 752,  /* length and code, or those of the supervisor call */
    RECORD_DXC = 756,
    RECORD_MONITOR_CODE = 760,
    RECORD_MONITOR_CLASS = 768,
    RECORD_KIND = 772, /* 1 program interruption, 2 supervisor call */
    RECORD_DATA = 832,
    RECORD_SIZE = 832 + 0x5000,
};

/** Fills a record from what the guest begins with; psw_mask is as it is to be. */
void record_pack(uint8_t record[RECORD_SIZE], const struct guest_state *state, const void *code,
                 size_t length);
/** The state that came back, but for the control registers, and the interruption in `guest`. */
void record_unpack(const uint8_t record[RECORD_SIZE], struct guest_state *state,
                   struct guest *guest);

#endif
