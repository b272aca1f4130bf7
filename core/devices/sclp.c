/*
 * The service-call logical processor: configuration, console events, shutdown.
 */
#include "zfacet/sclp.h"

#include "sclp_state.h"
#include "zfacet/pending.h"
#include "zfacet/storage.h"

/* Command words, with the bits that only tell the kind of configuration taken out. */
#define COMMAND_MASK 0xffff00ffu
enum {
    READ_SCP_INFO = 0x00020001,
    READ_SCP_INFO_FORCED = 0x00120001,
    READ_CPU_INFO = 0x00010001,
    DECONFIGURE_CPU = 0x00100001, /* the CPU's address is in the bits that are taken out */
    CONFIGURE_CPU = 0x00110001,
    READ_EVENT_DATA = 0x00770005,
    WRITE_EVENT_DATA = 0x00760005,
    WRITE_EVENT_MASK = 0x00780005,
};

enum {
    RESPONSE_OK = 0x0020,
    RESPONSE_BOUNDARY = 0x0100,
    RESPONSE_NO_ACTION = 0x0120,
    RESPONSE_INVALID_COMMAND = 0x01f0,
    RESPONSE_TOO_SHORT = 0x0300,
    RESPONSE_NOT_STOPPED = 0x04f0,
    RESPONSE_NO_CPU = 0x09f0,
    RESPONSE_NO_EVENTS = 0x60f0,
    RESPONSE_INVALID_FUNCTION = 0x40f0,
    RESPONSE_SELECTION = 0x70f0,
    RESPONSE_SYNTAX = 0x73f0,
    RESPONSE_MASK_LENGTH = 0x74f0,
};

enum { HEADER = 8, FUNCTION = 2, RESPONSE = 6, EVENT_HEADER = 6, EVENT_TYPE = 2, EVENT_FLAGS = 3 };

enum {
    EVENT_OPERATOR_COMMAND = 0x01,
    EVENT_MESSAGE = 0x02,
    EVENT_PRIORITY_MESSAGE = 0x09,
    EVENT_ASCII = 0x1a,
    EVENT_QUIESCE = 0x1d,
};
#define EVENT_BIT(type) (0x80000000u >> ((type)-1))
#define SCLP_SENDS                                                                                 \
    (EVENT_BIT(EVENT_OPERATOR_COMMAND) | EVENT_BIT(EVENT_ASCII) | EVENT_BIT(EVENT_QUIESCE))
#define SCLP_RECEIVES                                                                              \
    (EVENT_BIT(EVENT_MESSAGE) | EVENT_BIT(EVENT_PRIORITY_MESSAGE) | EVENT_BIT(EVENT_ASCII))

enum { EVENT_PENDING = 1 }; /* in the service signal's parameter */

static bool line_complete(const struct zf_sclp *sclp) {
    return memchr(sclp->input, '\n', sclp->input_length) != NULL;
}

/* The kind of event that waits for the guest, of those in `mask`; 0 when none. */
static unsigned waiting_event(const struct zf_sclp *sclp, uint32_t mask) {
    if (sclp->input_length && mask & EVENT_BIT(EVENT_ASCII)) {
        return EVENT_ASCII;
    }
    if (line_complete(sclp) && mask & EVENT_BIT(EVENT_OPERATOR_COMMAND)) {
        return EVENT_OPERATOR_COMMAND;
    }
    return sclp->quiesce && mask & EVENT_BIT(EVENT_QUIESCE) ? EVENT_QUIESCE : 0;
}

static bool event_waits(const struct zf_sclp *sclp) {
    return waiting_event(sclp, sclp->receive_mask);
}

size_t zf_console_input(struct zf_sclp *sclp, const char *text, size_t length) {
    size_t room = sizeof sclp->input - sclp->input_length;
    length = length < room ? length : room;
    memcpy(sclp->input + sclp->input_length, text, length);
    sclp->input_length += length;
    if (length && event_waits(sclp)) {
        zf_service_signal_post(sclp->cpus, EVENT_PENDING);
    }
    return length;
}

bool zf_console_quiesce(struct zf_sclp *sclp) {
    sclp->quiesce = sclp->receive_mask & EVENT_BIT(EVENT_QUIESCE);
    if (sclp->quiesce) {
        zf_service_signal_post(sclp->cpus, EVENT_PENDING);
    }
    return sclp->quiesce;
}

/* Whether the line mode has just shown this. */
static bool is_repeated(const struct zf_sclp *sclp, const uint8_t *text, size_t length) {
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        bool end_of_line = text[i] == '\n' || text[i] == '\r';
        if (!end_of_line && (at == sclp->lines_length || sclp->lines[at++] != (char)text[i])) {
            return false;
        }
    }
    return at && at == sclp->lines_length;
}

static void write_terminal(struct zf_sclp *sclp, const uint8_t *text, size_t length) {
    bool repeated = is_repeated(sclp, text, length);
    sclp->lines_length = 0;
    if (sclp->console.write && length && !repeated) {
        sclp->console.write(sclp->console.context, (const char *)text, length);
    }
}

static unsigned write_event(struct zf_sclp *sclp, uint8_t *event, unsigned length) {
    enum { ACCEPTED = 0x80 };
    const uint8_t *data = event + EVENT_HEADER;
    switch (event[EVENT_TYPE]) {
    case EVENT_ASCII:
        write_terminal(sclp, data, length - EVENT_HEADER);
        break;
    case EVENT_MESSAGE:
    case EVENT_PRIORITY_MESSAGE:
        if (!zf_sclp_message(sclp, data, length - EVENT_HEADER)) {
            return RESPONSE_SYNTAX;
        }
        break;
    default:
        return RESPONSE_INVALID_FUNCTION;
    }
    event[EVENT_FLAGS] |= ACCEPTED;
    return RESPONSE_OK;
}

static unsigned write_event_data(struct zf_sclp *sclp, uint8_t *sccb, unsigned length) {
    unsigned at = HEADER;
    unsigned response = RESPONSE_OK;
    while (response == RESPONSE_OK && at + EVENT_HEADER <= length) {
        unsigned event = zf_get16(sccb + at);
        if (event < EVENT_HEADER || event > length - at) {
            return RESPONSE_SYNTAX;
        }
        response = write_event(sclp, sccb + at, event);
        at += event;
    }
    return at == HEADER ? RESPONSE_SYNTAX : response;
}

static void drop_input(struct zf_sclp *sclp, size_t length) {
    sclp->input_length -= length;
    memmove(sclp->input, sclp->input + length, sclp->input_length);
}

/* VT220: a byte that tells "characters follow", then these. */
static unsigned put_ascii_event(struct zf_sclp *sclp, uint8_t *to, unsigned room) {
    size_t length = sclp->input_length;
    if (room <= EVENT_HEADER + 1) {
        return 0;
    }
    if (length > room - EVENT_HEADER - 1) {
        length = room - EVENT_HEADER - 1;
    }
    memset(to, 0, EVENT_HEADER + 1);
    zf_put16(to, (uint16_t)(EVENT_HEADER + 1 + length));
    to[EVENT_TYPE] = EVENT_ASCII;
    memcpy(to + EVENT_HEADER + 1, sclp->input, length);
    drop_input(sclp, length);
    return (unsigned)(EVENT_HEADER + 1 + length);
}

static unsigned put_line_event(struct zf_sclp *sclp, uint8_t *to, unsigned room) {
    enum { OVERHEAD = EVENT_HEADER + 16, LONGEST = 250 };
    const uint8_t *end = memchr(sclp->input, '\n', sclp->input_length);
    size_t length = (size_t)(end - sclp->input);
    size_t used = length < LONGEST ? length : LONGEST;
    if (room < OVERHEAD + used) {
        return 0;
    }
    size_t total = zf_sclp_command_event(to, sclp->input, used);
    drop_input(sclp, length + 1);
    return (unsigned)total;
}

static unsigned put_quiesce_event(struct zf_sclp *sclp, uint8_t *to, unsigned room) {
    enum { LENGTH = EVENT_HEADER + 4 };
    if (room < LENGTH) {
        return 0;
    }
    memset(to, 0, LENGTH);
    zf_put16(to, LENGTH);
    to[EVENT_TYPE] = EVENT_QUIESCE;
    sclp->quiesce = false;
    return LENGTH;
}

/* Which events a guest reads: all that it receives, or those of a mask in the block. */
static unsigned select_events(const struct zf_sclp *sclp, const uint8_t *sccb, unsigned length,
                              uint32_t *mask) {
    enum { ALL = 0, SELECTED = 1, MASK_SIZE = 4 };
    *mask = sclp->receive_mask;
    if (sccb[FUNCTION] == SELECTED) {
        *mask = length >= HEADER + MASK_SIZE ? zf_get32(sccb + HEADER) : 0;
        return *mask && !(*mask & ~sclp->receive_mask) ? RESPONSE_OK : RESPONSE_SELECTION;
    }
    return sccb[FUNCTION] == ALL ? RESPONSE_OK : RESPONSE_INVALID_FUNCTION;
}

static unsigned read_event_data(struct zf_sclp *sclp, uint8_t *sccb, unsigned length) {
    enum { VARIABLE_LENGTH = 5, VARIABLE = 0x80 }; /* byte of the control mask, and its bit */
    unsigned put = 0, room = length - HEADER;
    uint32_t mask;
    unsigned response = select_events(sclp, sccb, length, &mask);
    if (response != RESPONSE_OK) {
        return response;
    }
    switch (waiting_event(sclp, mask)) {
    case 0:
        return RESPONSE_NO_EVENTS;
    case EVENT_ASCII:
        put = put_ascii_event(sclp, sccb + HEADER, room);
        break;
    case EVENT_OPERATOR_COMMAND:
        put = put_line_event(sclp, sccb + HEADER, room);
        break;
    default:
        put = put_quiesce_event(sclp, sccb + HEADER, room);
    }
    if (!put) {
        return RESPONSE_TOO_SHORT;
    }
    if (sccb[VARIABLE_LENGTH] & VARIABLE) {
        sccb[VARIABLE_LENGTH] &= (uint8_t)~VARIABLE;
        zf_put16(sccb, (uint16_t)(HEADER + put));
    }
    return RESPONSE_OK;
}

/* Four masks of a length that the guest chooses: its two, then SCLP's two. */
static unsigned write_event_mask(struct zf_sclp *sclp, uint8_t *sccb, unsigned length) {
    enum { MASK_LENGTH = 10, MASKS = 12, LONGEST_MASK = 1021 };
    unsigned size = length >= MASKS ? zf_get16(sccb + MASK_LENGTH) : 0;
    if (!size || size > LONGEST_MASK || length < MASKS + 4 * size) {
        return RESPONSE_MASK_LENGTH;
    }
    const uint32_t ours[2] = {SCLP_RECEIVES, SCLP_SENDS};
    uint32_t theirs[2] = {0};
    uint8_t *mask = sccb + MASKS;
    for (unsigned i = 0; i < size; i++) {
        for (unsigned m = 0; m < 2; m++) {
            if (i < 4) {
                theirs[m] |= (uint32_t)mask[m * size + i] << (24 - 8 * i);
            }
            mask[(m + 2) * size + i] = i < 4 ? (uint8_t)(ours[m] >> (24 - 8 * i)) : 0;
        }
    }
    sclp->receive_mask = theirs[0];
    sclp->send_mask = theirs[1];
    return RESPONSE_OK;
}

static unsigned information_length(uint32_t command, uint8_t *sccb, unsigned length,
                                   const struct zf_sclp_information *information) {
    return command == READ_CPU_INFO ? information->cpu(information->context, sccb, length)
                                    : information->scp(information->context, sccb, length);
}

struct zf_configuration *zf_sclp_configuration(struct zf_sclp *sclp) {
    return &sclp->configuration;
}

/* A CPU that is not configured is no more than a line in the list of those on standby. */
static unsigned configure_cpu(struct zf_sclp *sclp, unsigned address, bool configured) {
    struct zf_configuration *c = &sclp->configuration;
    if (address >= sclp->cpus->count) {
        return RESPONSE_NO_CPU;
    }
    if (configured == !zf_cpu_is_standby(c, address)) {
        return RESPONSE_NO_ACTION;
    }
    if (!configured && sclp->cpus->cpu[address]->state != ZF_CPU_STOPPED) {
        return RESPONSE_NOT_STOPPED;
    }
    c->standby[address / 64] ^= UINT64_C(1) << address % 64;
    c->topology_changed = true;
    return RESPONSE_OK;
}

/* Does the command; the response code goes into the SCCB. */
static void perform(struct zf_sclp *sclp, uint32_t command, uint8_t *sccb, unsigned length,
                    const struct zf_sclp_information *information) {
    unsigned response;
    switch (command & COMMAND_MASK) {
    case READ_SCP_INFO:
    case READ_SCP_INFO_FORCED:
    case READ_CPU_INFO:
        information_length(command & COMMAND_MASK, sccb, length, information);
        return;
    case CONFIGURE_CPU:
    case DECONFIGURE_CPU:
        response =
            configure_cpu(sclp, command >> 8 & 0xff, (command & COMMAND_MASK) == CONFIGURE_CPU);
        break;
    case READ_EVENT_DATA:
        response = read_event_data(sclp, sccb, length);
        break;
    case WRITE_EVENT_DATA:
        response = write_event_data(sclp, sccb, length);
        break;
    case WRITE_EVENT_MASK:
        response = write_event_mask(sclp, sccb, length);
        break;
    default:
        response = RESPONSE_INVALID_COMMAND;
    }
    zf_put16(sccb + RESPONSE, (uint16_t)response);
}

/* An SCCB lies within one page, unless information with its extended length is asked for. */
static bool crosses(uint32_t command, uint64_t sccb, unsigned length) {
    bool may = (command & COMMAND_MASK) == READ_SCP_INFO ||
               (command & COMMAND_MASK) == READ_SCP_INFO_FORCED ||
               (command & COMMAND_MASK) == READ_CPU_INFO;
    return !may && (sccb ^ (sccb + length - 1)) & ZF_PAGE_MASK;
}

int zf_sclp_service(struct zf_sclp *sclp, struct zf_cpu *cpu, uint32_t command, uint64_t sccb,
                    const struct zf_sclp_information *information) {
    const uint64_t prefix_area = ~UINT64_C(0x1fff);
    struct zf_storage *storage = cpu->storage;
    uint8_t *header = zf_absolute(storage, (struct zf_aaddr){sccb}, HEADER);
    if (sccb & 7 || sccb >> 31 || !(sccb & prefix_area) || (sccb & prefix_area) == cpu->prefix) {
        zf_pgm(cpu, ZF_PGM_SPECIFICATION);
        return -1;
    }
    unsigned length = header ? zf_get16(header) : 0;
    if (!header || (length >= HEADER && !zf_absolute(storage, (struct zf_aaddr){sccb}, length))) {
        zf_pgm(cpu, ZF_PGM_ADDRESSING);
        return -1;
    }
    if (length < HEADER) {
        zf_pgm(cpu, ZF_PGM_SPECIFICATION);
        return -1;
    }
    zf_code_changed(storage, sccb, length);
    zf_storage_stored(storage, sccb, length);
    if (crosses(command, sccb, length)) {
        zf_put16(header + RESPONSE, RESPONSE_BOUNDARY);
    } else {
        perform(sclp, command, header, length, information);
    }
    bool waits = event_waits(sclp);
    zf_service_signal_post(sclp->cpus, (uint32_t)sccb | (waits ? EVENT_PENDING : 0));
    return 0;
}
