/* checklist.c - see checklist.h: the frame. */
#include "preflight/checklist.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "preflight/dry_run.h"

#define ITEM(name) extern const struct checklist_item name##_item;
#include "item_list.h"
#undef ITEM

static const struct checklist_item *const items[] = {
#define ITEM(name) &name##_item,
#include "item_list.h"
#undef ITEM
};
enum { ITEMS = sizeof items / sizeof items[0] };

static bool is_accepted(const struct checklist *list, const char *name) {
    for (size_t i = 0; i < list->accept_count; i++)
        if (text_equal(list->accept[i], name))
            return true;
    return false;
}

void checklist_say(struct checklist *list, const struct job *job, enum checklist_verdict verdict, const char *next,
                   const char *format, ...) {
    char text[ERR_MESSAGE_MAX / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (verdict >= CHECKLIST_WARN && is_accepted(list, list->item->name))
        verdict = CHECKLIST_ACCEPTED;
    list->counts[verdict]++; /* also when the line cannot be kept: what depends on it is not to start */
    struct checklist_line *line = arena_alloc(list->arena, sizeof *line);
    const char *message = arena_strdup(list->arena, text), *way_out = arena_strdup(list->arena, next ? next : "");
    if (line == NULL || message == NULL || way_out == NULL) {
        list->failed = true;
        return;
    }
    *line = (struct checklist_line){list->item, verdict, job ? job->name : "", message, way_out, NULL};
    if (list->last)
        list->last->following = line;
    else
        list->first = line;
    list->last = line;
}

size_t checklist_problems(struct checklist *list, const struct job *job, const char *const *kinds) {
    size_t count = 0;
    for (const struct problem *p = list->jobs->problems.first; p; p = p->following) {
        bool mine = false;
        for (size_t i = 0; kinds[i]; i++)
            mine = mine || text_equal(kinds[i], p->check);
        if (!mine || !text_equal(p->fill, job ? job->name : ""))
            continue;
        checklist_say(list, job, p->severity == PROBLEM_FAIL ? CHECKLIST_FAIL : CHECKLIST_WARN, p->next, "%s", p->message);
        count++;
    }
    return count;
}

bool checklist_can_run(const struct job *job) {
    return job->source && job->target && job->has_sql;
}

const json_t *checklist_fill(const struct checklist *list, const struct job *job) {
    return json_array_get(json_object_get(list->dry_run, "fills"), (size_t)(job - list->jobs->jobs));
}

bool checklist_is_careful(const struct checklist *list) {
    return text_equal(list->plan->builtin_profile, "prod");
}

enum checklist_verdict checklist_strict(const struct checklist *list) {
    return checklist_is_careful(list) ? CHECKLIST_FAIL : CHECKLIST_WARN;
}

int64_t checklist_rows(const struct checklist *list) {
    int64_t rows = 0;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct sql_table *source = list->jobs->jobs[i].source;
        if (source == NULL || source->row_estimate < 0)
            return -1;
        rows += source->row_estimate;
    }
    return rows;
}

static const char *text_of(struct checklist *list, const char *text) {
    list->failed = list->failed || text == NULL;
    return text ? text : "";
}

const char *checklist_time(struct checklist *list, int64_t s) {
    enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
    if (s < MINUTE)
        return text_of(list, arena_printf(list->arena, "%" PRId64 "s", s));
    if (s < HOUR)
        return text_of(list, arena_printf(list->arena, "%" PRId64 "m %" PRId64 "s", s / MINUTE, s % MINUTE));
    if (s < DAY)
        return text_of(list, arena_printf(list->arena, "%" PRId64 "h %" PRId64 "m", s / HOUR, s % HOUR / MINUTE));
    return text_of(list, arena_printf(list->arena, "%" PRId64 "d %" PRId64 "h", s / DAY, s % DAY / HOUR));
}

const char *checklist_size(struct checklist *list, int64_t bytes) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double size = (double)bytes;
    size_t unit = 0;
    while (size >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
        size /= 1000;
        unit++;
    }
    return text_of(list, arena_printf(list->arena, unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size, units[unit]));
}

static int check_names(const struct checklist *list, struct err *err) {
    const char *names[ITEMS];
    for (size_t i = 0; i < ITEMS; i++)
        names[i] = items[i]->name;
    for (size_t a = 0; a < list->accept_count; a++) {
        bool known = false;
        for (size_t i = 0; i < ITEMS; i++)
            known = known || text_equal(names[i], list->accept[a]);
        if (known)
            continue;
        const char *near = text_nearest(list->accept[a], names, ITEMS);
        return err_set(err, ERR_USAGE, "nothing on the checklist is called %s%s%s%s", list->accept[a],
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return 0;
}

/* The clocks are compared with the middle of the question. */
static int survey(struct checklist *list, struct err *err) {
    int64_t before_us = clock_wall_us();
    int rc = db_survey(list->db, list->arena, &list->survey, err);
    int64_t middle_us = before_us + (clock_wall_us() - before_us) / 2;
    list->clock_off_us = list->survey.clock_us < 0 ? 0 : list->survey.clock_us - middle_us;
    return rc;
}

static int dry_run(struct checklist *list, struct err *err) {
    struct dry_run dry = {.plan = list->plan,
                          .db = list->db,
                          .ledger = list->ledger,
                          .jobs = list->jobs,
                          .tx = list->tx,
                          .quick = list->quick,
                          .arena = list->arena};
    return dry_run_document(&dry, NULL, &list->dry_run, err);
}

static int ask_items(struct checklist *list, struct err *err) {
    for (size_t i = 0; i < ITEMS; i++) {
        list->item = items[i];
        int rc = items[i]->look(list, err);
        if (rc) {
            err_where(err, "check %s", items[i]->name);
            return rc;
        }
    }
    return 0;
}

int checklist_run(struct checklist *list, json_t **out, struct err *err) {
    unsigned long refusals = mem_refusals();
    int rc = check_names(list, err);
    if (rc == 0)
        rc = survey(list, err);
    if (rc == 0)
        rc = dry_run(list, err);
    if (rc == 0)
        rc = ledger_is_installed(list->ledger, list->db, &list->installed, err);
    if (rc == 0)
        rc = ask_items(list, err);
    if (rc == 0)
        rc = list->failed ? err_nomem(err) : checklist_document(list, out, err);
    json_decref(list->dry_run);
    list->dry_run = NULL;
    if (rc == 0 && mem_refusals() != refusals) { /* members that found no memory are missing */
        json_decref(*out);
        *out = NULL;
        return err_nomem(err);
    }
    return rc;
}
