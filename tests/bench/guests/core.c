/* Integer work of the mixed kind: linked list, small matrices, a state machine over text, CRC. */
#include "runtime.h"

enum { ITEMS = 60, SIZE = 12, ROUNDS = 13000 / SHRINK };

struct item {
    struct item *next;
    u16 key;
    u16 data;
};

static struct item items[ITEMS];
static short a[SIZE][SIZE], b[SIZE][SIZE];
static s32 c[SIZE][SIZE];
static const char text[] =
    "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,"
    "-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^";

static u16 crc8(u8 data, u16 crc) {
    for (int i = 0; i < 8; i++) {
        u8 bit = (u8)((data & 1) ^ (crc & 1));
        data >>= 1;
        if (bit) {
            crc ^= 0x4002;
        }
        crc >>= 1;
        if (bit) {
            crc |= 0x8000;
        }
    }
    return crc;
}

static u16 crc32of(u32 value, u16 crc) {
    for (int i = 0; i < 4; i++, value >>= 8) {
        crc = crc8((u8)value, crc);
    }
    return crc;
}

static struct item *reverse(struct item *list) {
    struct item *result = 0;
    while (list) {
        struct item *next = list->next;
        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

static struct item *find(struct item *list, u16 key) {
    while (list && list->key != key) {
        list = list->next;
    }
    return list;
}

/* Merge sort by key or by data. */
static struct item *sort(struct item *list, int by_data) {
    for (u64 width = 1;; width *= 2) {
        struct item *p = list, *tail = 0;
        u64 merges = 0;
        list = 0;
        while (p) {
            struct item *q = p;
            u64 p_left = 0, q_left = width;
            merges++;
            for (u64 i = 0; i < width && q; i++, p_left++) {
                q = q->next;
            }
            while (p_left || (q_left && q)) {
                struct item *taken;
                int from_p =
                    p_left && (!q_left || !q || (by_data ? p->data <= q->data : p->key <= q->key));
                if (from_p) {
                    taken = p;
                    p = p->next;
                    p_left--;
                } else {
                    taken = q;
                    q = q->next;
                    q_left--;
                }
                if (tail) {
                    tail->next = taken;
                } else {
                    list = taken;
                }
                tail = taken;
            }
            p = q;
        }
        tail->next = 0;
        if (merges <= 1) {
            return list;
        }
    }
}

static u16 list_work(u32 seed) {
    u16 crc = 0;
    for (int i = 0; i < ITEMS; i++) {
        items[i].key = (u16)(i * 7 % ITEMS);
        items[i].data = (u16)((seed + i) * 2654435761u >> 16);
        items[i].next = i + 1 < ITEMS ? &items[i + 1] : 0;
    }
    struct item *list = &items[0];
    for (u16 key = 0; key < 20; key++) {
        struct item *found = find(list, key);
        crc = crc32of(found ? found->data : key, crc);
        list = reverse(list);
    }
    list = sort(list, 1);
    for (struct item *p = list; p; p = p->next) {
        crc = crc8((u8)p->data, crc);
    }
    list = sort(list, 0);
    return crc32of(list->data, crc);
}

static u16 matrix_work(u32 seed) {
    s32 sum = 0, previous = 0;
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            a[i][j] = (short)(seed + i * j);
            b[i][j] = (short)(seed * 3 + i - j);
        }
    }
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            s32 s = 0;
            for (int k = 0; k < SIZE; k++) {
                s32 product = a[i][k] * b[k][j];
                s += (product >> 2 & 15) * (product >> 5 & 127);
            }
            c[i][j] = s;
        }
    }
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            sum += c[i][j] > previous ? 10 : 1;
            previous = c[i][j];
        }
    }
    return crc32of((u32)sum, 0);
}

enum state { START, INVALID, SIGN, INTEGER, POINT, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, STATES };

static int is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

static enum state next_state(enum state s, char ch) {
    switch (s) {
    case START:
        return is_digit(ch) ? INTEGER : ch == '+' || ch == '-' ? SIGN : ch == '.' ? POINT : INVALID;
    case SIGN:
        return is_digit(ch) ? INTEGER : ch == '.' ? POINT : INVALID;
    case INTEGER:
        return is_digit(ch) ? INTEGER : ch == '.' ? POINT : INVALID;
    case POINT:
        return is_digit(ch) ? POINT : ch == 'e' || ch == 'E' ? EXPONENT : INVALID;
    case EXPONENT:
        return ch == '+' || ch == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN:
    case SCIENTIFIC:
        return is_digit(ch) ? SCIENTIFIC : INVALID;
    default:
        return INVALID;
    }
}

static u16 state_work(u32 seed) {
    u32 finals[STATES] = {0}, transitions = 0;
    u16 crc = 0;
    enum state s = START;
    for (u64 i = 0; i < sizeof text - 1; i++) {
        char ch = text[i];
        if ((i + seed) % 23 == 0) {
            ch ^= 1;
        }
        if (ch == ',') {
            finals[s]++;
            s = START;
            continue;
        }
        enum state n = next_state(s, ch);
        transitions += n != s;
        s = n;
    }
    for (int i = 0; i < STATES; i++) {
        crc = crc32of(finals[i], crc);
    }
    return crc32of(transitions, crc);
}

int guest_main(void) {
    u16 crc = 0;
    for (u32 round = 0; round < ROUNDS; round++) {
        crc = crc32of(list_work(round), crc);
        crc = crc32of(matrix_work(round), crc);
        crc = crc32of(state_work(round), crc);
    }
    print_hex("core ", crc);
    return 0;
}
