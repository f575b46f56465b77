/* parity_plans.c - how the two servers read for each statement of a batch: by an index range, or the whole table. */
#include "base/text.h"
#include "preflight/parity.h"

static const json_t *statements(const struct parity *parity, size_t side, size_t fill) {
    return json_object_get(json_array_get(json_object_get(parity->sides[side].dry_run, "fills"), fill), "statements");
}

static const char *scan_of(const json_t *list, const char *name) {
    size_t i;
    json_t *statement;
    json_array_foreach (list, i, statement) {
        const char *scan = json_string_value(json_object_get(statement, "scan"));
        if (text_equal(json_string_value(json_object_get(statement, "name")), name))
            return scan && scan[0] ? scan : NULL;
    }
    return NULL;
}

/* A small table is read as a whole everywhere; a large one, in every batch, is how a fill takes a server down. */
static bool is_small(const struct parity *parity, size_t side, size_t fill) {
    const struct sql_table *source = parity->sides[side].jobs->jobs[fill].source;
    return source && source->row_estimate >= 0 && source->row_estimate <= 4 * parity->sides[side].plan->set.batch_rows;
}

static void compare_statement(struct parity *parity, size_t fill, const char *name) {
    const char *scans[2], *subject = parity_text(parity, "%s: %s", parity->sides[0].jobs->jobs[fill].name, name);
    for (size_t s = 0; s < 2; s++)
        scans[s] = scan_of(statements(parity, s, fill), name);
    size_t full = text_equal(scans[1], "full scan");
    bool is_full = text_equal(scans[full], "full scan");
    if (text_equal(scans[0], scans[1]))
        parity_say(parity, PARITY_PASS, subject, scans[0], scans[1], NULL, "%s", "");
    else if (scans[0] == NULL || scans[1] == NULL || !is_full)
        parity_say(parity, PARITY_INFO, subject, scans[0], scans[1], NULL, "the plan of one of them does not show it");
    else if (is_small(parity, full, fill))
        parity_say(parity, PARITY_INFO, subject, scans[0], scans[1], NULL, "the table in %s is small enough to be read as a whole",
                   parity->sides[full].name);
    else
        parity_say(parity, PARITY_FAIL, subject, scans[0], scans[1], "ANALYZE the table; compare its indexes",
                   "%s would read the whole table for each batch", parity->sides[full].name);
}

static int compare(struct parity *parity, struct err *err) {
    (void)err;
    for (size_t fill = 0; fill < parity->sides[0].jobs->count; fill++) {
        size_t i;
        json_t *statement;
        bool both = parity->sides[0].jobs->jobs[fill].has_sql && parity->sides[1].jobs->jobs[fill].has_sql;
        if (!both)
            parity_say(parity, PARITY_UNKNOWN, parity->sides[0].jobs->jobs[fill].name, NULL, NULL,
                       "infill plan PLAN --env ENVIRONMENT says what is wrong",
                       "the statements cannot be built in both environments");
        json_array_foreach (both ? statements(parity, 0, fill) : NULL, i, statement)
            compare_statement(parity, fill, json_string_value(json_object_get(statement, "name")));
    }
    return 0;
}

const struct parity_item plans_parity = {"plans", compare};
