/* What system calls write. Of what moves from file to file in the kernel, nothing is seen. */
#include "run/lockstep_written.h"

#include "run/lockstep_calls.h"

#include "zfacet/base.h"

#include <stdbool.h>

enum call {
    SOCKETCALL = 102,
    WRITEV = 146,
    MQ_TIMEDSEND = 273,
    VMSPLICE = 309,
    PWRITEV = 329,
    SENDMMSG = 358,
    SENDTO = 369,
    SENDMSG = 370,
    PWRITEV2 = 377
};

/* Calls of sockets by one number. */
enum socket_call { CALL_SEND = 9, CALL_SENDTO = 11, CALL_SENDMSG = 16, CALL_SENDMMSG = 20 };

/* As many as the kernel takes. */
enum { VECTOR = 1024, PART = 16, MESSAGE_VECTOR = 16, MESSAGE = 64 };

struct sum {
    const struct zf_lockstep_reader *reader;
    uint64_t hash, length;
};

static void add_bytes(struct sum *s, uint64_t address, uint64_t length) {
    const uint8_t *bytes =
        (int64_t)length > 0 ? s->reader->at(s->reader->context, address, length) : NULL;
    zf_lockstep_add(&s->hash, bytes, bytes ? length : 0);
    s->length += length;
}

static bool get_numbers(const struct sum *s, uint64_t address, uint64_t *numbers, unsigned count) {
    const uint8_t *bytes = s->reader->at(s->reader->context, address, 8 * (uint64_t)count);
    for (unsigned i = 0; bytes && i < count; i++) {
        numbers[i] = zf_get64(bytes + 8 * (uint64_t)i);
    }
    return bytes;
}

static void add_vector(struct sum *s, uint64_t address, uint64_t count) {
    uint64_t part[2];
    for (uint64_t i = 0;
         i < count && count <= VECTOR && get_numbers(s, address + PART * i, part, 2); i++) {
        add_bytes(s, part[0], part[1]);
    }
}

static void add_message(struct sum *s, uint64_t address) {
    uint64_t vector[2];
    if (get_numbers(s, address + MESSAGE_VECTOR, vector, 2)) {
        add_vector(s, vector[0], vector[1]);
    }
}

static void add_messages(struct sum *s, uint64_t address, uint64_t count) {
    for (uint64_t i = 0; i < (uint32_t)count && i < VECTOR; i++) {
        add_message(s, address + MESSAGE * i);
    }
}

static void add_socket_call(struct sum *s, const uint64_t *args) {
    enum { ARGUMENTS = 3 };
    uint64_t a[ARGUMENTS] = {0};
    bool message = args[0] == CALL_SENDMSG;
    if (!get_numbers(s, args[1], a, message ? 2 : ARGUMENTS)) {
        return;
    }
    if (args[0] == CALL_SEND || args[0] == CALL_SENDTO) {
        add_bytes(s, a[1], a[2]);
    } else if (message) {
        add_message(s, a[1]);
    } else if (args[0] == CALL_SENDMMSG) {
        add_messages(s, a[1], a[2]);
    }
}

uint64_t zf_lockstep_written(const struct zf_lockstep_reader *reader, uint64_t number,
                             const uint64_t *args) {
    struct sum s = {.reader = reader};
    switch (number) {
    case WRITE:
    case PWRITE:
    case SENDTO:
    case MQ_TIMEDSEND:
        add_bytes(&s, args[1], args[2]);
        break;
    case WRITEV:
    case PWRITEV:
    case PWRITEV2:
    case VMSPLICE:
        add_vector(&s, args[1], args[2]);
        break;
    case SENDMSG:
        add_message(&s, args[1]);
        break;
    case SENDMMSG:
        add_messages(&s, args[1], args[2]);
        break;
    case SOCKETCALL:
        add_socket_call(&s, args);
        break;
    default:
        break;
    }
    return s.hash + s.length;
}
