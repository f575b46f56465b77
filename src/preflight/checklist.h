/* checklist.h - what has to be looked at before the first write, as a list of lines: pass, warn or fail, each with the way out.
 *
 * An item looks at one thing. It is one file item_NAME.c with one constant `struct checklist_item NAME_item`, and its name in the list of
 * meson.build, which also gives the order. What resolving (resolve.h) and the dry run (dry_run.h) have found is told by the item whose
 * subject it is; an item adds what only it knows. Nothing is written to the database. */
#ifndef PREFLIGHT_CHECKLIST_H
#define PREFLIGHT_CHECKLIST_H

#include <jansson.h>

#include "ledger/ledger.h"
#include "preflight/resolve.h"

enum checklist_part { CHECKLIST_BEFORE, CHECKLIST_CONTROLS, CHECKLIST_BACK, CHECKLIST_PARTS };

/* From the best to the worst. */
enum checklist_verdict {
    CHECKLIST_NONE, /* there is no such thing on this engine or in this plan */
    CHECKLIST_PASS,
    CHECKLIST_ACCEPTED, /* it would warn or fail, and somebody has said that it is meant */
    CHECKLIST_WARN,
    CHECKLIST_FAIL,
};

struct checklist;

struct checklist_item {
    const char *name; /* one word: what --accept takes */
    enum checklist_part part;
    int (*look)(struct checklist *list, struct err *err); /* an error ends the whole check: a connection that broke, no memory */
};

struct checklist_line {
    const struct checklist_item *item;
    enum checklist_verdict verdict;
    const char *fill; /* or "" */
    const char *message;
    const char *next; /* what to do, or "" */
    struct checklist_line *following;
};

struct checklist {
    /* given */
    const struct plan *plan;
    struct db *db;
    const struct db_options *db_options; /* of more connections like db */
    const struct ledger *ledger;
    struct jobs *jobs;
    struct arena *arena;
    struct db_tx tx;           /* read-only, with the plan's timeouts */
    int64_t watch_us;          /* how long to wait for a write of the application */
    bool quick;                /* leave out what reads a whole table */
    bool no_hooks;             /* leave the dry calls out */
    const char *const *accept; /* names of items */
    size_t accept_count;
    /* found, before the items are asked */
    struct db_survey survey;
    int64_t clock_off_us; /* the server's clock minus this host's */
    json_t *dry_run;      /* its document; "fills" are those of jobs, in that order */
    bool installed;       /* the ledger is there */
    /* the lines so far */
    const struct checklist_item *item; /* that is being asked */
    struct checklist_line *first, *last;
    size_t counts[CHECKLIST_FAIL + 1];
    bool failed; /* out of memory: a line is missing */
};

/* Asks all items. *out is the document described at infill_check (include/infill.h). New reference. ERR_USAGE for a name to accept that
 * is no item's. */
int checklist_run(struct checklist *list, json_t **out, struct err *err);

/* ---- for items ---- */
/* `job` may be NULL: it is about the whole plan; `next` NULL: nothing to do. */
void checklist_say(struct checklist *list, const struct job *job, enum checklist_verdict verdict, const char *next,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));
/* One line for each problem of the job (NULL: of the plan) whose check is one of `kinds`, ended by NULL; how many. */
size_t checklist_problems(struct checklist *list, const struct job *job, const char *const *kinds);
/* Are both tables known and the statements built? Else another item has said why not. */
bool checklist_can_run(const struct job *job);
/* The fill in the document of the dry run, or NULL. */
const json_t *checklist_fill(const struct checklist *list, const struct job *job);
/* Is this the careful profile, or one that is made from it? */
bool checklist_is_careful(const struct checklist *list);
/* WARN, and FAIL in the careful profile. */
enum checklist_verdict checklist_strict(const struct checklist *list);
/* Rows of all fills by the statistics, -1 when one is unknown. */
int64_t checklist_rows(const struct checklist *list);

/* "9d 6h", "2h 5m", "45s"; "1.4 GB". Text of the arena, never NULL. */
const char *checklist_time(struct checklist *list, int64_t seconds);
const char *checklist_size(struct checklist *list, int64_t bytes);

/* checklist_doc.c: the document. */
int checklist_document(const struct checklist *list, json_t **out, struct err *err);

#endif
