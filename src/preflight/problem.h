/* problem.h - what a look before the first write found: a list of sentences with a severity and the way out. */
#ifndef PREFLIGHT_PROBLEM_H
#define PREFLIGHT_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum problem_severity { PROBLEM_WARN, PROBLEM_FAIL };

struct problem {
    const char *fill;  /* name of the fill, or "" for the whole plan */
    const char *check; /* one word for the kind: "key", "match", "column", "volatile", "trigger" ... */
    enum problem_severity severity;
    const char *message;
    const char *next; /* what to do, or "" */
    struct problem *following;
};

/* Append-only; memory of the arena. */
struct problems {
    struct arena *arena;
    struct problem *first, *last;
    size_t count;
    size_t failures;
    bool failed; /* out of memory: one is missing */
};

void problems_init(struct problems *problems, struct arena *arena);
void problem_add(struct problems *problems, const char *fill, const char *check, enum problem_severity severity, const char *next,
                 const char *format, ...) __attribute__((format(printf, 6, 7)));

/* 0 when nothing failed; else `code` with every failure as one line of the message. */
int problems_to_err(const struct problems *problems, int code, struct err *err);

#endif
