/* problem.c - see problem.h. */
#include "preflight/problem.h"

#include <stdarg.h>

#include "base/buf.h"

void problems_init(struct problems *problems, struct arena *arena) {
    *problems = (struct problems){.arena = arena};
}

void problem_add(struct problems *problems, const char *fill, const char *check, enum problem_severity severity, const char *next,
                 const char *format, ...) {
    char text[ERR_MESSAGE_MAX / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);

    problems->count++;
    problems->failures += severity == PROBLEM_FAIL; /* also when it cannot be kept: what depends on it is not to be built */
    struct problem *problem = arena_alloc(problems->arena, sizeof *problem);
    char *message = arena_strdup(problems->arena, text);
    char *way_out = arena_strdup(problems->arena, next ? next : "");
    if (problem == NULL || message == NULL || way_out == NULL) {
        problems->failed = true;
        return;
    }
    *problem = (struct problem){fill ? fill : "", check, severity, message, way_out, NULL};
    if (problems->last)
        problems->last->following = problem;
    else
        problems->first = problem;
    problems->last = problem;
}

int problems_to_err(const struct problems *problems, int code, struct err *err) {
    if (problems->failed)
        return err_nomem(err);
    if (problems->failures == 0)
        return 0;
    struct buf text;
    buf_init(&text);
    buf_printf(&text, "%zu thing%s in the way of this plan", problems->failures, problems->failures == 1 ? " is" : "s are");
    for (const struct problem *p = problems->first; p; p = p->following) {
        if (p->severity != PROBLEM_FAIL)
            continue;
        buf_printf(&text, "\n  - %s%s%s: %s", p->fill[0] ? "fill " : "", p->fill, p->fill[0] ? "" : "plan", p->message);
        if (p->next[0])
            buf_printf(&text, "\n    %s", p->next);
    }
    err_set(err, code, "%s", buf_ok(&text) ? text.data : "the plan cannot run here");
    err_next(err, "nothing was written; infill plan shows the whole list");
    buf_release(&text);
    return code;
}
