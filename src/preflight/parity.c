/* parity.c - see parity.h: the frame. */
#include "preflight/parity.h"

#include <stdarg.h>

#include "base/mem.h"
#include "base/text.h"
#include "preflight/dry_run.h"

#define PARITY(name) extern const struct parity_item name##_parity;
#include "parity_list.h"
#undef PARITY

static const struct parity_item *const items[] = {
#define PARITY(name) &name##_parity,
#include "parity_list.h"
#undef PARITY
};
enum { ITEMS = sizeof items / sizeof items[0] };

static void add_line(struct parity *parity, const struct parity_line *line) {
    struct parity_line *kept = arena_alloc(parity->arena, sizeof *kept);
    parity->counts[line->verdict]++; /* also when the line cannot be kept */
    if (kept == NULL) {
        parity->failed = true;
        return;
    }
    *kept = *line;
    if (parity->last)
        parity->last->following = kept;
    else
        parity->first = kept;
    parity->last = kept;
}

static const char *copy(struct parity *parity, const char *text) {
    const char *kept = arena_strdup(parity->arena, text);
    parity->failed = parity->failed || (text && kept == NULL);
    return kept;
}

void parity_say(struct parity *parity, enum parity_verdict verdict, const char *subject, const char *a, const char *b,
                const char *next, const char *format, ...) {
    char text[ERR_MESSAGE_MAX / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_line(parity, &(struct parity_line){.item = parity->item,
                                           .verdict = verdict,
                                           .subject = copy(parity, subject),
                                           .values = {copy(parity, a), copy(parity, b)},
                                           .message = copy(parity, text),
                                           .next = copy(parity, next ? next : "")});
}

void parity_texts(struct parity *parity, enum parity_verdict verdict, const char *subject, const char *a, const char *b,
                  const char *message) {
    bool same = text_equal(a, b);
    parity_say(parity, same ? PARITY_PASS : verdict, subject, a, b, NULL, "%s", same ? "" : message);
}

const char *parity_text(struct parity *parity, const char *format, ...) {
    char text[ERR_MESSAGE_MAX / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *kept = copy(parity, text);
    return kept ? kept : "";
}

const char *parity_factor(struct parity *parity, double factor) {
    if (factor > 1e6)
        return "more than a million";
    return parity_text(parity, factor < 9.95 ? "%.1f" : "%.0f", factor);
}

static const char *measure_text(struct parity *parity, const struct spread *spread, const char *unit) {
    if (spread->count == 0)
        return NULL;
    double middle = spread->middle;
    return parity_text(parity, middle < 1 ? "%.3f %s" : middle < 100 ? "%.1f %s" : "%.0f %s", middle, unit);
}

void parity_measured(struct parity *parity, const char *subject, const struct spread spreads[2], const char *unit, double floor,
                     const char *means) {
    struct ratio ratio = ratio_of(spreads, floor);
    const char *a = measure_text(parity, &spreads[0], unit), *b = measure_text(parity, &spreads[1], unit);
    if (ratio.verdict == RATIO_FEW)
        parity_say(parity, PARITY_NONE, subject, a, b, NULL, "too few measurements to tell: %zu and %zu", spreads[0].count,
                   spreads[1].count);
    else if (ratio.verdict == RATIO_SAME)
        parity_say(parity, PARITY_PASS, subject, a, b, NULL, "%s", "");
    else
        parity_say(parity, PARITY_WARN, subject, a, b, NULL, "%s times slower in %s than in %s: %s",
                   parity_factor(parity, ratio.factor), parity->sides[ratio.slower].name, parity->sides[1 - ratio.slower].name,
                   means);
}

static int read_side(struct parity *parity, struct parity_side *side, struct err *err) {
    struct dry_run dry = {.plan = side->plan,
                          .db = side->db,
                          .ledger = side->ledger,
                          .tx = plan_tx(side->plan, true, false),
                          .quick = true,
                          .arena = parity->arena};
    int rc = jobs_resolve(side->plan, side->db, &side->jobs, err);
    dry.jobs = side->jobs;
    if (rc == 0)
        rc = db_survey(side->db, parity->arena, &side->survey, err);
    if (rc == 0)
        rc = dry_run_document(&dry, NULL, &side->dry_run, err);
    side->batches = arena_array(parity->arena, side->plan->fill_count, sizeof *side->batches);
    if (rc == 0 && side->batches == NULL)
        rc = err_nomem(err);
    if (rc)
        err_where(err, "environment %s", side->name);
    return rc;
}

static int ask_items(struct parity *parity, struct err *err) {
    for (size_t i = 0; i < ITEMS; i++) {
        parity->item = items[i];
        int rc = items[i]->compare(parity, err);
        if (rc) {
            err_where(err, "comparing %s", items[i]->name);
            return rc;
        }
    }
    return parity->failed ? err_nomem(err) : 0;
}

int parity_run(struct parity *parity, json_t **out, struct err *err) {
    unsigned long refusals = mem_refusals();
    int rc = 0;
    parity->same_engine = parity->sides[0].db->engine == parity->sides[1].db->engine;
    for (size_t i = 0; i < 2 && rc == 0; i++)
        rc = read_side(parity, &parity->sides[i], err);
    if (rc == 0)
        rc = parity_find_tables(parity, err);
    if (rc == 0)
        rc = parity_measure(parity, err);
    if (rc == 0)
        rc = ask_items(parity, err);
    if (rc == 0)
        rc = parity_document(parity, out, err);
    for (size_t i = 0; i < 2; i++) {
        json_decref(parity->sides[i].dry_run);
        jobs_free(parity->sides[i].jobs);
    }
    if (rc == 0 && mem_refusals() != refusals) { /* members that found no memory are missing */
        json_decref(*out);
        *out = NULL;
        return err_nomem(err);
    }
    return rc;
}
