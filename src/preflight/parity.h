/* parity.h - are two environments of a plan comparable? What differs between them, and whether it matters to a fill.
 *
 * An item compares one kind of thing. It is one file parity_NAME.c with one constant `struct parity_item NAME_parity`, and its name in the
 * list of meson.build, which also gives the order. Both sides are read completely before the first item is asked; what is measured is
 * measured in turns, so that a busy minute hits both. */
#ifndef PREFLIGHT_PARITY_H
#define PREFLIGHT_PARITY_H

#include <jansson.h>

#include "base/log.h"
#include "preflight/probe.h"
#include "preflight/ratio.h"
#include "preflight/resolve.h"

/* From the best to the worst. */
enum parity_verdict {
    PARITY_NONE, /* not compared: there is no such thing, or nobody wanted it */
    PARITY_PASS,
    PARITY_INFO,    /* differs, and a fill does not feel it */
    PARITY_UNKNOWN, /* could not be told on a side */
    PARITY_WARN,    /* another speed or load: forecasts of one do not hold for the other */
    PARITY_FAIL,    /* another result: what was proven on one is not proven for the other */
    PARITY_VERDICTS,
};

enum { PARITY_COMMITS = 100, PARITY_ROUND_TRIPS = 50, PARITY_ROUNDS = 10, PARITY_BATCHES = 6, PARITY_REHEARSALS = 2 };
enum { PARITY_BATCHES_MAX = PARITY_BATCHES * PARITY_REHEARSALS };

/* What was measured; of a count of 0 nothing is known. */
struct parity_sample {
    double values[PARITY_COMMITS];
    size_t count;
};

/* One environment. */
struct parity_side {
    const struct plan *plan; /* given */
    const char *name;
    struct db *db;
    struct ledger *ledger;
    struct db_options options; /* of the connection */
    struct jobs *jobs;
    struct db_survey survey;
    json_t *dry_run;                                          /* "fills" are those of jobs, in that order */
    struct parity_sample round_trips, commits, batch_commits; /* milliseconds; the last as the plan's batches commit */
    struct parity_sample *batches;       /* one per fill: microseconds a row, of batches that were rolled back */
    const char *no_probe, *no_rehearsal; /* why not, or NULL */
    struct probe probe;
};

/* One table that the plan names, on both sides. */
struct parity_table {
    const char *label;                /* as the plan spells it */
    const struct sql_table *table[2]; /* NULL: not there */
    bool is_target;                   /* some fill writes to it */
};

struct parity;

struct parity_item {
    const char *name;                                       /* one word */
    int (*compare)(struct parity *parity, struct err *err); /* an error ends everything: a connection that broke, no memory */
};

struct parity_line {
    const struct parity_item *item;
    enum parity_verdict verdict;
    const char *subject;   /* what is compared: a table, a setting ... */
    const char *values[2]; /* NULL: not there */
    const char *message;   /* what it means for a fill, or "" */
    const char *next;      /* what to do, or "" */
    struct parity_line *following;
};

struct parity {
    /* given */
    struct parity_side sides[2];
    struct arena *arena;
    const struct log *log;
    bool no_probe, no_rehearsal;
    bool (*stopped)(void *context); /* NULL: never */
    void *stopped_context;
    /* found */
    bool same_engine;
    struct parity_table *tables;
    size_t table_count;
    int64_t batch_rows; /* that were rehearsed on both sides: the smaller of the two plans' */
    /* the lines so far */
    const struct parity_item *item; /* that is being asked */
    struct parity_line *first, *last;
    size_t counts[PARITY_VERDICTS];
    bool failed; /* out of memory: a line is missing */
};

/* Reads, measures and compares. *out is the document described at infill_parity (include/infill.h). New reference. The sides are open; an
 * error says in which environment. */
int parity_run(struct parity *parity, json_t **out, struct err *err);

/* ---- for items ---- */
void parity_say(struct parity *parity, enum parity_verdict verdict, const char *subject, const char *a, const char *b,
                const char *next, const char *format, ...) __attribute__((format(printf, 7, 8)));
/* PASS where both values are the same text (or both NULL), else `verdict` and the message. */
void parity_texts(struct parity *parity, enum parity_verdict verdict, const char *subject, const char *a, const char *b,
                  const char *message);
/* A measurement in `unit`: PASS, or WARN with what `format` (of the slower one's name, the factor, the other's name) makes of it. */
void parity_measured(struct parity *parity, const char *subject, const struct spread spreads[2], const char *unit, double floor,
                     const char *means);
/* Text of the arena, never NULL. */
const char *parity_text(struct parity *parity, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "6", "2.3": a factor as one says it. */
const char *parity_factor(struct parity *parity, double factor);
/* Does a fill read or write this column of the table? */
bool parity_uses(const struct parity *parity, const struct parity_table *table, const char *column);
/* The worse one for a table that is written to. */
static inline enum parity_verdict parity_for(const struct parity_table *table, enum parity_verdict target,
                                             enum parity_verdict source) {
    return table->is_target ? target : source;
}

/* parity_names.c: the tables of the plan, each once. */
int parity_find_tables(struct parity *parity, struct err *err);
/* parity_measure.c: round trips, commits and batches of both sides, in turns. */
int parity_measure(struct parity *parity, struct err *err);
/* parity_doc.c */
int parity_document(const struct parity *parity, json_t **out, struct err *err);

#endif
