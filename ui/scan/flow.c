/*
 * Follows the code of each function from its beginning: both ways of conditional branches, jump
 * tables in data, targets of EXECUTE RELATIVE LONG. What a function needs comes from what is
 * reached; where it leads, from its calls and from addresses of functions that it takes. A jump
 * table says nowhere how long it is: it ends where other data begins that any code refers to.
 *
 * A branch after something that knows the facilities was looked at (STFLE, the result of
 * getauxval(), a variable that such code has written) is a guard: what cannot be reached when it
 * always goes one way, or never, is guarded.
 */
#include "scan/walk.h"

#include <stdlib.h>
#include <string.h>

/* A bitmap of halfwords of a function. */
static bool test(const uint64_t *map, uint64_t bit) {
    return map[bit / 64] >> bit % 64 & 1;
}

static void set(uint64_t *map, uint64_t bit) {
    map[bit / 64] |= UINT64_C(1) << bit % 64;
}

bool zf_walk_fetch(const struct zf_walk *w, uint64_t address, struct zf_insn *insn) {
    if (address < w->f->address || address >= w->f->end || address & 1) {
        return false;
    }
    const uint8_t *bytes = w->bytes + (address - w->f->address);
    uint64_t left = w->f->end - address;
    if (left >= sizeof(uint64_t)) { /* as nearly always */
        zf_decode(zf_get64(bytes), insn);
    } else if (!zf_decode_bytes(bytes, left, insn)) {
        return false;
    }
    return insn->row != ZF_ROW_INVALID;
}

static void push(struct zf_walk *w, uint64_t address) {
    if (address < w->f->address || address >= w->f->end || address & 1) {
        return;
    }
    uint64_t bit = (address - w->f->address) / 2;
    if (!test(w->seen, bit) && w->ahead_count < w->halfwords) {
        set(w->seen, bit);
        w->ahead[w->ahead_count++] = address;
    }
}

/* Where control goes from an instruction. */
static void push_ways(struct zf_walk *w, uint64_t at, const struct zf_way *way, unsigned length) {
    if (way->falls) {
        push(w, at + length);
    }
    if (way->branches) {
        push(w, way->target);
    }
}

static void take_table(struct zf_walk *w) {
    for (unsigned i = 0; i < w->target_count; i++) {
        push(w, w->targets[i]);
    }
}

/* Whether a function that is called at `target` may be another one than the one that reaches to
 * there, because nothing says where that ends. */
static bool may_begin_in(const struct zf_scan_function *f, const struct zf_insn *insn,
                         uint64_t target) {
    enum { RETURN = 14 };
    struct zf_operands o;
    zf_insn_operands(insn, &o);
    return insn->row == ZF_ROW_brasl && o.r1 == RETURN && !f->named_size && target != f->address;
}

/* Calls and jumps to where no function is known: one begins there. */
static void note_target(struct zf_walk *w, uint64_t at, const struct zf_insn *insn,
                        const struct zf_way *way) {
    uint64_t target;
    bool goes = way->branches || insn->row == ZF_ROW_brasl || insn->row == ZF_ROW_bras;
    if (!goes || !zf_relative_target(insn, at, &target)) {
        return;
    }
    const struct zf_scan_section *s = zf_scan_section_at(w->file, target);
    const struct zf_scan_function *f = zf_scan_function_of(w->file, target);
    if (s && s->code && !(target & 1) && strncmp(s->name, ".plt", 4) != 0 &&
        (!f || may_begin_in(f, insn, target))) {
        w->file->out_of_memory |= !zf_scan_add_place(w->starts, target);
    }
}

/* Everything that is reached from the function's beginning, in w->seen. */
static void reach(struct zf_walk *w) {
    memset(w->seen, 0, (w->halfwords / 64 + 1) * sizeof *w->seen);
    w->ahead_count = 0;
    push(w, w->f->address);
    while (w->ahead_count) {
        uint64_t at = w->ahead[--w->ahead_count];
        struct zf_insn insn;
        struct zf_way way;
        if (!zf_walk_fetch(w, at, &insn)) {
            continue;
        }
        zf_way_of(&insn, at, &way);
        push_ways(w, at, &way, insn.length);
        if (w->starts) {
            note_target(w, at, &insn, &way);
        }
        if (way.indirect) {
            w->f->indirect = true;
            take_table(w);
        }
    }
}

/* The next bit that is set, or that many. */
static uint64_t next_bit(const uint64_t *map, uint64_t bit, uint64_t many) {
    while (bit < many) {
        uint64_t rest = map[bit / 64] >> bit % 64;
        if (rest) {
            return bit + (uint64_t)__builtin_ctzll(rest);
        }
        bit = (bit / 64 + 1) * 64;
    }
    return many;
}

uint64_t zf_walk_next(const struct zf_walk *w, uint64_t at, struct zf_insn *insn) {
    for (; at < w->f->end; at += 2) {
        at = w->f->address + 2 * next_bit(w->seen, (at - w->f->address) / 2, w->halfwords);
        if (zf_walk_fetch(w, at, insn)) {
            return at;
        }
    }
    return w->f->end;
}

uint64_t zf_scan_end_of_data(const struct zf_scan_file *file, const struct zf_scan_section *s,
                             uint64_t place) {
    const struct zf_scan_places *data = &file->data;
    unsigned next = zf_scan_up_to(data->list, data->count, sizeof *data->list, place);
    uint64_t end = s->address + s->size;
    return next < data->count && data->list[next] < end ? data->list[next] : end;
}

/* Entries of a jump table at `table`: offsets from it of 8 or 4 bytes, or addresses. */
static unsigned read_table(struct zf_walk *w, const struct zf_scan_section *s, uint64_t table,
                           unsigned width, bool relative) {
    unsigned count = 0;
    uint64_t end = zf_scan_end_of_data(w->file, s, table) - s->address;
    for (uint64_t at = table - s->address; at + width <= end; at += width) {
        const uint8_t *entry = s->bytes + at;
        uint64_t value = width == 8 ? zf_get64(entry) : (uint64_t)(int64_t)(int32_t)zf_get32(entry);
        const struct zf_scan_pointer *pointer =
            relative ? NULL : zf_scan_pointer_at(w->file, s->address + at);
        uint64_t target = relative ? table + value : pointer ? pointer->value : value;
        if (target < w->f->address || target >= w->f->end || target & 1 ||
            w->target_count + count == ZF_WALK_TARGETS) {
            break;
        }
        w->targets[w->target_count + count++] = target;
    }
    return count;
}

static void try_table(struct zf_walk *w, uint64_t table) {
    static const struct {
        unsigned width;
        bool relative;
    } kinds[] = {{8, true}, {8, false}, {4, true}};
    const struct zf_scan_section *s = zf_scan_section_at(w->file, table);
    for (unsigned k = 0; s && s->bytes && !s->code && k < ZF_ARRAY_LENGTH(kinds); k++) {
        unsigned count = read_table(w, s, table, kinds[k].width, kinds[k].relative);
        if (count >= 2) {
            w->target_count += count;
            return;
        }
    }
}

/* When the function branches to what it computes: the tables whose addresses it loads. */
static void find_tables(struct zf_walk *w) {
    struct zf_insn insn;
    w->target_count = 0;
    for (uint64_t at = w->f->address;
         w->f->indirect && (at = zf_walk_next(w, at, &insn)) < w->f->end; at += insn.length) {
        if (insn.row == ZF_ROW_larl) {
            try_table(w, at + (uint64_t)insn.imm);
        }
    }
}

static void add_need(struct zf_scan_file *file, struct zf_scan_function *f,
                     const struct zf_scan_need *need) {
    enum { ALL_HAVE = 7 };
    f->guarded_machine = need->machine > f->guarded_machine ? need->machine : f->guarded_machine;
    if (!need->guarded && need->machine > f->machine) {
        f->machine = need->machine;
    }
    if (need->machine <= ALL_HAVE) {
        return;
    }
    for (unsigned i = 0; i < f->need_count; i++) {
        struct zf_scan_need *known = &f->needs[i];
        if (known->row == need->row && known->form == need->form) {
            known->count++;
            known->address = known->guarded && !need->guarded ? need->address : known->address;
            known->guarded &= need->guarded;
            known->promise = zf_scan_lesser_promise(known->promise, need->promise);
            return;
        }
    }
    struct zf_scan_need *needs = zf_scan_grow(f->needs, &f->need_count, sizeof *needs);
    file->out_of_memory |= !needs;
    if (needs) {
        f->needs = needs;
        needs[f->need_count - 1] = *need;
    }
}

/* Of the instruction, or one that it executes: what is known to be promised says more than a test
 * of which that is not known. */
static void take_need(struct zf_walk *w, struct zf_scan_need need, uint64_t at) {
    uint8_t clear = w->promised ? w->promised[(at - w->f->address) / 2] : 0;
    need.promise = zf_scan_covers(clear, &need) ? clear : zf_walk_promise(w, at);
    need.guarded = zf_scan_covers(need.promise, &need);
    add_need(w->file, w->f, &need);
}

static void take_needs(struct zf_walk *w, uint64_t at, const struct zf_insn *insn, uint64_t by) {
    struct zf_scan_need need = {.row = insn->row,
                                .form = ZF_SCAN_NO_FORM,
                                .machine = zf_scan_row_machine((enum zf_row)insn->row),
                                .count = 1,
                                .address = at};
    take_need(w, need, by);
    for (const struct zf_form *form = zf_insn_form(insn); form;
         form = zf_insn_next_form(insn, form)) {
        if (form->when_absent == ZF_ABSENT_HINT) {
            continue;
        }
        need.form = (uint16_t)zf_form_index(form);
        need.machine = zf_scan_form_machine(need.form);
        take_need(w, need, by);
    }
}

/* Whether what a register got by the instruction before `at` is soon stored, not in the frame. */
static bool is_stored(const struct zf_walk *w, uint64_t at, unsigned reg) {
    enum { SOON = 6, STACK = 15, FRAME_POINTER = 11 };
    struct zf_insn insn;
    struct zf_operands o;
    for (unsigned i = 0; i < SOON && zf_walk_fetch(w, at, &insn); i++) {
        struct zf_way way;
        zf_way_of(&insn, at, &way);
        zf_insn_operands(&insn, &o);
        bool call = insn.row == ZF_ROW_brasl || insn.row == ZF_ROW_basr;
        if ((insn.row == ZF_ROW_stg || insn.row == ZF_ROW_stgrl) && o.r1 == reg) {
            return o.b2 != STACK && o.b2 != FRAME_POINTER;
        }
        if (call || (!way.falls && !way.branches)) {
            break;
        }
        at = way.falls ? at + insn.length : way.target;
    }
    return false;
}

void zf_scan_add_edge(struct zf_scan_file *file, struct zf_scan_function *f,
                      struct zf_scan_edge edge) {
    struct zf_scan_edge *edges = zf_scan_grow(f->edges, &f->edge_count, sizeof *edges);
    file->out_of_memory |= !edges;
    if (edges) {
        f->edges = edges;
        edge.taken &= !f->clear || edge.guarded;
        if (f->resolver && !f->clear) {
            edge.guarded = true;
            edge.promise = ZF_SCAN_UNKNOWN;
        }
        edges[f->edge_count - 1] = edge;
    }
}

static void edge(struct zf_walk *w, uint64_t target, struct zf_scan_edge edge) {
    const struct zf_scan_function *to = zf_scan_function_at(w->file, target);
    if (to && to != w->f) {
        edge.to = (uint32_t)(to - w->file->functions);
        zf_scan_add_edge(w->file, w->f, edge);
    }
}

/* What is promised where a branch goes that is a test itself. */
static uint8_t past(const struct zf_walk *w, uint64_t at, uint8_t promise) {
    const struct zf_guard *guard = zf_walk_guard(w, at);
    bool promises = guard && (guard->taken || guard->promise == ZF_SCAN_UNKNOWN);
    return promises && zf_scan_lesser_promise(promise, guard->promise) == promise ? guard->promise
                                                                                  : promise;
}

/* Targets of relative operands: calls, addresses of functions, instructions to be executed. */
static void take_target(struct zf_walk *w, uint64_t at, const struct zf_insn *insn) {
    uint64_t target;
    uint8_t promise = past(w, at, zf_walk_returned(w, at, insn));
    struct zf_insn executed;
    struct zf_operands o;
    if (!zf_relative_target(insn, at, &target)) {
        return;
    }
    zf_insn_operands(insn, &o);
    if (insn->row == ZF_ROW_exrl && zf_walk_fetch(w, target, &executed)) {
        take_needs(w, target, &executed, at);
        return;
    }
    bool loads = insn->row == ZF_ROW_lgrl ||
                 (insn->row == ZF_ROW_larl && zf_scan_is_of_code(w->file, target));
    const struct zf_scan_pointer *p = loads ? zf_scan_pointer_at(w->file, target) : NULL;
    bool taken = insn->row == ZF_ROW_larl || insn->row == ZF_ROW_lgrl;
    target = p ? p->value : target;
    const struct zf_scan_section *s = taken ? zf_scan_section_at(w->file, target) : NULL;
    uint8_t chosen = taken ? zf_walk_chooses(w, at) : 0;
    bool known = chosen && (chosen != ZF_SCAN_UNKNOWN || (s && !s->code));
    promise = known && zf_scan_lesser_promise(promise, chosen) == promise ? chosen : promise;
    if (s && !s->code) {
        bool used = !promise && !zf_walk_compares(w, at + insn->length, o.r1);
        zf_scan_add_ref(w->file, &(struct zf_scan_ref){target, promise != 0, promise, used});
    } else {
        edge(w, taken ? target : zf_walk_destination(w, target),
             (struct zf_scan_edge){.guarded = promise != 0,
                                   .promise = promise,
                                   .taken = taken,
                                   .stored = taken && is_stored(w, at + insn->length, o.r1),
                                   .chosen = chosen != 0});
    }
}

static void take_all(struct zf_walk *w) {
    struct zf_insn insn;
    bool computed = w->f->indirect;
    unsigned refs = w->file->ref_count;
    w->f->clear = zf_walk_resolves_clearly(w);
    for (uint64_t at = w->f->address; (at = zf_walk_next(w, at, &insn)) < w->f->end;
         at += insn.length) {
        computed |= insn.row == ZF_ROW_basr;
        w->f->insns++;
        take_needs(w, at, &insn, at);
        take_target(w, at, &insn);
    }
    if (computed && w->file->ref_count > refs) { /* to data */
        zf_walk_take_tables(w);
    }
}

/* The lists at the end are large, and say how much of them counts: one walk serves all functions.
 */
static bool open_walk(struct zf_walk *w, struct zf_scan_file *file, struct zf_scan_function *f) {
    const struct zf_scan_section *s = zf_scan_section_at(file, f->address);
    memset(w, 0, offsetof(struct zf_walk, targets));
    w->file = file;
    w->f = f;
    w->bytes = s->bytes + (f->address - s->address);
    w->halfwords = (f->end - f->address) / 2 + 1;
    size_t words = w->halfwords / 64 + 1;
    w->fresh = !f->seen;
    f->seen = f->seen ? f->seen : calloc(words, sizeof *f->seen);
    w->seen = f->seen;
    w->guarded = calloc(words, sizeof *w->guarded);
    w->unknown = calloc(words, sizeof *w->unknown);
    w->told = calloc(words, sizeof *w->told);
    w->entries = calloc(1, sizeof *w->entries + words * sizeof *w->entries->bits);
    w->ahead = malloc(w->halfwords * sizeof *w->ahead);
    return w->seen && w->guarded && w->unknown && w->told && w->entries && w->ahead;
}

/* What was reached stays with the function. */
static void close_walk(struct zf_walk *w) {
    free(w->guarded);
    free(w->unknown);
    free(w->told);
    free(w->entries);
    free(w->promised);
    free(w->writes);
    free(w->guards);
    free(w->choices);
    free(w->chosen);
    free(w->ahead);
}

/* Code that one table leads to may have another. */
static void reach_all(struct zf_walk *w) {
    enum { ROUNDS = 4 };
    w->target_count = 0;
    reach(w);
    unsigned before = ~0u;
    for (unsigned round = 0; w->f->indirect && w->target_count != before && round < ROUNDS;
         round++) {
        before = w->target_count;
        find_tables(w);
        if (w->target_count != before) {
            reach(w);
        }
    }
}

static bool note_targets(struct zf_walk *w, struct zf_scan_file *file, struct zf_scan_function *f,
                         struct zf_scan_places *starts) {
    bool good = open_walk(w, file, f);
    if (good) {
        w->starts = starts;
        reach_all(w);
        f->noted = true;
    }
    close_walk(w);
    return good;
}

/* Where data begins that the section's code refers to. All that looks like LOAD ADDRESS RELATIVE
 * LONG is taken for it, as not all code is known; of other bytes hardly any would lead to data. */
static bool find_data(struct zf_scan_file *file, const struct zf_scan_section *s) {
    enum { LARL = 0xc0, LENGTH = 6, ALIGNED = 4 };
    bool good = true;
    for (size_t at = 0; s->code && good && at + LENGTH <= s->size; at += 2) {
        const uint8_t *bytes = s->bytes + at;
        if (bytes[0] != LARL || bytes[1] & 15) {
            continue;
        }
        uint64_t to = s->address + at + 2 * (uint64_t)(int64_t)(int32_t)zf_get32(bytes + 2);
        const struct zf_scan_section *data = zf_scan_section_at(file, to);
        good = !data || data->code || to % ALIGNED || zf_scan_add_place(&file->data, to);
    }
    return good;
}

static bool find_all_data(struct zf_scan_file *file) {
    bool good = true;
    for (unsigned i = 0; i < file->ref_count && good; i++) {
        good = zf_scan_add_place(&file->data, file->refs[i].address);
    }
    for (unsigned i = 0; i < file->section_count && good; i++) {
        good = find_data(file, &file->sections[i]);
    }
    zf_scan_sort_places(&file->data);
    return good;
}

/* Functions that only calls tell of, until there are no more: a round for each that is called by
 * the one before alone. A file can be made of nothing else, so that there is an end. */
static bool find_functions(struct zf_walk *w, struct zf_scan_file *file) {
    enum { MOST = 1 << 28 };
    bool good = true, more = true;
    for (uint64_t looks = 0; looks < MOST && good && more; looks += file->function_count + 1) {
        struct zf_scan_places starts = {0};
        for (unsigned i = 0; i < file->function_count && good; i++) {
            good = file->functions[i].noted || note_targets(w, file, &file->functions[i], &starts);
        }
        more = starts.count != 0;
        good = good && zf_scan_add_functions(file, &starts);
        free(starts.list);
    }
    file->unfinished = more;
    return good;
}

/* What was looked at before, and asked nothing, may ask what others have told since. */
static bool may_ask(const struct zf_scan_function *f, const struct zf_known *known) {
    return !f->looked || f->asks || zf_walk_share_marks(&f->touched, &known->pages) ||
           zf_walk_share_marks(&f->calling, &known->tellers);
}

/* Finds the variables that know the facilities, and who asks them; `last`: what is needed, too. */
static bool walk(struct zf_walk *w, struct zf_scan_file *file, struct zf_scan_function *f,
                 struct zf_known *known, bool last) {
    bool good = open_walk(w, file, f);
    if (good) {
        if (w->fresh) { /* it got another end */
            reach_all(w);
        }
        if ((!known->settled && may_ask(f, known)) || f->asks) {
            zf_walk_look(w, known);
            f->asks = w->guard_count || w->chosen || w->tells;
        }
        if (w->guard_count) {
            find_tables(w);
            zf_walk_find_guarded(w);
            zf_walk_learn_guarded(w, known);
        }
        zf_walk_learn_writes(w, known);
        if (last) {
            zf_walk_settle_chosen(w);
            take_all(w);
        }
    }
    close_walk(w);
    return good;
}

/* Who may be told something: by the variables and functions that tell now. */
static void note_telling(const struct zf_scan_file *file, struct zf_known *known) {
    known->pages = (struct zf_scan_marks){0};
    known->tellers = (struct zf_scan_marks){0};
    for (unsigned i = 0; i < known->count; i++) {
        const struct zf_variable *v = &known->variables[i];
        zf_walk_mark_page(&known->pages, v->place);
        zf_walk_mark_page(&known->pages, v->place + v->size - 1);
    }
    for (unsigned i = 0; i < file->function_count; i++) {
        if (file->functions[i].tells) {
            zf_walk_mark(&known->tellers, file->functions[i].address);
        }
    }
}

static bool walk_all(struct zf_walk *w, struct zf_scan_file *file, struct zf_known *known,
                     bool last) {
    bool good = true;
    note_telling(file, known);
    for (unsigned i = 0; i < file->function_count && good; i++) {
        good = walk(w, file, &file->functions[i], known, last);
    }
    return good;
}

/* Where an object tells of which it is not known how: which fields do. */
static bool find_fields(struct zf_walk *w, struct zf_scan_file *file) {
    struct zf_scan_fields fields = {0};
    bool good = true, unknown = false;
    for (unsigned i = 0; i < file->telling_count; i++) {
        unknown |= file->telling[i].source == ZF_ANSWER_UNKNOWN && file->telling[i].size;
    }
    for (unsigned i = 0; unknown && good && i < file->function_count; i++) {
        good = open_walk(w, file, &file->functions[i]);
        if (good) {
            zf_walk_find_fields(w, &fields);
        }
        close_walk(w);
    }
    zf_scan_tell_by_field(file, &fields);
    return good;
}

static unsigned count_telling(const struct zf_scan_file *file) {
    unsigned count = 0;
    for (unsigned i = 0; i < file->function_count; i++) {
        count += file->functions[i].tells;
    }
    return count;
}

bool zf_scan_follow(struct zf_scan_file *file) {
    enum { ROUNDS = 6 };
    struct zf_known known = {0};
    struct zf_walk *w = calloc(1, sizeof *w);
    bool good = w && find_all_data(file) && find_functions(w, file) && find_fields(w, file);
    bool more = true;
    for (unsigned round = 0; round < ROUNDS && good && more; round++) {
        unsigned before = known.count + known.changes + count_telling(file);
        good = walk_all(w, file, &known, false);
        more = known.count + known.changes + count_telling(file) != before;
    }
    known.settled = !more;
    known.doubtful = more;
    good = good && walk_all(w, file, &known, true);
    for (unsigned i = 0; i < file->function_count; i++) {
        file->insns += file->functions[i].insns;
    }
    free(known.variables);
    if (w) {
        free(w->tables);
    }
    free(w);
    return good && !file->out_of_memory;
}
