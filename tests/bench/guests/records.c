/* Records, strings and calls in the manner of Dhrystone. */
#include "runtime.h"

enum { RUNS = 3000000 / SHRINK };
enum kind { FIRST, SECOND, THIRD, FOURTH, FIFTH };

struct record {
    struct record *other;
    enum kind kind, component;
    int number;
    char text[31];
};

static struct record one, two;
static int global_number, global_flag;
static char first_char, second_char;
static int vector[50], table[50][50];

static __attribute__((noinline)) int same_text(const char *p, const char *q) {
    while (*p && *p == *q) {
        p++;
        q++;
    }
    return *p - *q;
}

static __attribute__((noinline)) void copy_text(char *to, const char *from) {
    while ((*to++ = *from++)) {
    }
}

static __attribute__((noinline)) enum kind pick(char a, char b) {
    if (a != b) {
        return FIRST;
    }
    first_char = a;
    return SECOND;
}

static __attribute__((noinline)) void add_seven(int a, int b, int *sum) {
    *sum = a + 2 + b;
}

static __attribute__((noinline)) void choose(enum kind in, enum kind *out) {
    *out = in == THIRD ? SECOND : in;
    switch (in) {
    case FIRST:
        *out = FIRST;
        break;
    case SECOND:
        *out = global_number > 100 ? FIRST : FOURTH;
        break;
    case THIRD:
        *out = SECOND;
        break;
    case FIFTH:
        *out = THIRD;
        break;
    default:
        break;
    }
}

static __attribute__((noinline)) void fill(int *line, int (*grid)[50], int index, int value) {
    int at = index + 5;
    line[at] = value;
    line[at + 1] = line[at];
    line[at + 30] = at;
    for (int i = at; i <= at + 1; i++) {
        grid[at][i] = at;
    }
    grid[at][at - 1]++;
    grid[at + 20][at] = line[at];
    global_number = 5;
}

static __attribute__((noinline)) int compare_text(const char *p, const char *q) {
    int i = 2;
    char ch = 'A';
    while (i <= 2) {
        if (pick(p[i], q[i + 1]) == FIRST) {
            ch = 'A';
            i++;
        } else {
            break;
        }
    }
    if (ch >= 'W' && ch < 'Z') {
        i = 7;
    }
    if (ch == 'R') {
        return 1;
    }
    if (same_text(p, q) > 0) {
        global_number = i + 7;
        return 1;
    }
    return 0;
}

static __attribute__((noinline)) void through_record(struct record *r) {
    struct record *next = r->other;
    *r->other = one;
    r->number = 5;
    next->number = r->number;
    next->other = r->other;
    if (next->kind == FIRST) {
        next->number = 6;
        choose(r->component, &next->component);
        next->other = one.other;
        add_seven(next->number, 10, &next->number);
    } else {
        *r = *r->other;
    }
}

int guest_main(void) {
    u64 sum = 0;
    char text1[31], text2[31];
    one.other = &two;
    one.kind = FIRST;
    one.component = THIRD;
    one.number = 40;
    copy_text(one.text, "RECORDS OF SOME LENGTH, FIRST");
    copy_text(text1, "RECORDS OF SOME LENGTH, 1ST ST");
    for (int run = 0; run < RUNS; run++) {
        int a = 2, b = 3, c = 0;
        enum kind kind = SECOND;
        global_flag = 0;
        first_char = 'A';
        second_char = 'B';
        copy_text(text2, "RECORDS OF SOME LENGTH, 2ND ST");
        global_flag = !compare_text(text1, text2);
        while (a < b) {
            c = 5 * a - b;
            add_seven(a, b, &c);
            a++;
        }
        fill(vector, table, a, c);
        through_record(&one);
        for (char ch = 'A'; ch <= second_char; ch++) {
            if (kind == pick(ch, 'C')) {
                choose(FIRST, &kind);
                copy_text(text2, "RECORDS OF SOME LENGTH, 3RD ST");
                b = run;
            }
        }
        b = b * a;
        a = b / c;
        b = 7 * (b - c) - a;
        sum += (u64)(a + b + c) + (u64)global_flag;
    }
    print_hex("records ", sum);
    return 0;
}
