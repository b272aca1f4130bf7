/*
 * What zfacet check found, as one JSON document; docs/check.schema.json describes it. All formats
 * are made from it. A finding that does not count has the member "excused": probed, allowed, known,
 * expected or hint.
 */
#ifndef ZFACET_UI_CHECK_DOCUMENT_H
#define ZFACET_UI_CHECK_DOCUMENT_H

#include "check/allow.h"
#include "check/case.h"

enum { ZF_DOCUMENT_VERSION = 1 };

enum zf_verdict {
#define VERDICT(id, ...) ZF_VERDICT_##id,
#include "check/verdict.def"
#undef VERDICT
    ZF_VERDICT_COUNT
};

const char *zf_verdict_name(enum zf_verdict verdict);
const char *zf_verdict_text(enum zf_verdict verdict);
int zf_verdict_exit(enum zf_verdict verdict);
/** The verdict called `name`, or ZF_VERDICT_ERROR. */
enum zf_verdict zf_verdict_find(const char *name);

/* What findings are excused by. */
struct zf_check_rules {
    bool strict;            /* probes, and ignored fields, count */
    struct zf_allow *allow; /* or NULL */
    json_t *baseline;       /* a document whose findings are known, or NULL */
};

/** What a job that has ended says, judged. */
json_t *zf_result_of(const struct zf_job *job, const struct zf_check_rules *rules);

/** An empty document; a result added to it, in order of cases; what is true of all of them. */
json_t *zf_document_create(const char *version);
void zf_document_add(json_t *document, const struct zf_job *job, json_t *result);
void zf_document_finish(json_t *document, const struct zf_check_rules *rules);
enum zf_verdict zf_document_verdict(const json_t *document);

/** What tells a job apart from one of the same name whose result may be another; `guest` is that
 * of its file, `rules` that of what excuses findings. Files count by what is in them. */
uint64_t zf_identity_of_job(const struct zf_job *job, uint64_t guest, uint64_t rules);
uint64_t zf_identity_of_file(uint64_t sum, const char *path);

/**
 * A file of results, a line each: {case, identity, result}. It is locked, what was written last and
 * is not whole is dropped, and further results are appended.
 */
struct zf_journal;
struct zf_journal *zf_journal_open(const char *path, struct zf_error *err);
/**
 * The results in a file, or in the files of `shards` of a campaign in the folder `path`, of which
 * some may not be there; nothing is locked, and what is added later goes nowhere.
 */
struct zf_journal *zf_journal_read(const char *path, unsigned shards, struct zf_error *err);
/** How long a job took, or -1. */
double zf_journal_seconds(const struct zf_journal *journal, const struct zf_job *job);
/** The result of a job's case and model, or NULL; whether there is one of another identity; adds
 * that of a job, which is job->known. */
json_t *zf_journal_find(const struct zf_journal *journal, const struct zf_job *job);
bool zf_journal_is_stale(const struct zf_journal *journal, const struct zf_job *job);
void zf_journal_add(struct zf_journal *journal, const struct zf_job *job);
void zf_journal_close(struct zf_journal *journal);

/** A document from a file; NULL with `err` filled. */
json_t *zf_document_read(const char *path, struct zf_error *err);

/** The document is that of shard `number`, from 1 on, of `count`. */
void zf_document_set_shard(json_t *document, unsigned number, unsigned count);
/** The place among all shards' cases of the one that was added last. */
void zf_document_set_order(json_t *document, unsigned order);

/** After all shards were added: those that are missing are cases which could not run. */
void zf_document_close_shards(json_t *document);

/** Adds the results of a shard; an error when a case was run on a model in two of them. */
bool zf_document_merge(json_t *document, const json_t *shard, struct zf_error *err);

/**
 * The findings of all results, each once: [{case, place, models: [...], count}], in order of case,
 * image and function. Unimplemented ones are among them.
 */
json_t *zf_document_groups(const json_t *document);

/** A text member, "" if it is not there; the part of a path after its last slash. */
const char *zf_text_of(const json_t *object, const char *key);
const char *zf_base_name(const char *path);

/** "msgrkc %r2,%r2,%r3 needs facility 58 (...), first on z14" and the like, for messages. */
void zf_place_text(const json_t *place, char *text, size_t size);

/** A system call of a result, by name, or "number 5000"; of up to ZF_CALL_TEXT bytes. */
enum { ZF_CALL_TEXT = 320 };
void zf_call_text(const json_t *call, char *text, size_t size);

/* The formats. */
void zf_document_print(FILE *out, const json_t *document);
void zf_document_junit(FILE *out, const json_t *document);
void zf_document_html(FILE *out, const json_t *document);
json_t *zf_document_sarif(const json_t *document);

/** A SARIF log of one run; takes the lists. */
json_t *zf_sarif_log(const char *version, json_t *rules, json_t *results, bool successful,
                     json_t *notifications);

/** A path as a URI, relative if it is below the current folder. */
void zf_file_uri(const char *path, char *uri, size_t size);

/** Whether files of these names (NULL: none) can be written, the error told if not. Nothing is
 * written yet: for commands that take long before they write. */
bool zf_documents_writable(const char *const *paths, unsigned count);

/** Writes a document to `path` unless that is NULL; an exit status, the error told. */
int zf_document_write(const char *path, const json_t *document,
                      void (*print)(FILE *, const json_t *));

#endif
