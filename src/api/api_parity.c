/* api_parity.c - the comparison of two environments of the public API. */
#include "api/api.h"
#include "base/text.h"
#include "preflight/parity.h"

static int open_side(const struct plan *plan, const struct infill_parity_options *options, struct api_session *session,
                     struct parity_side *side, struct err *err) {
    bool read_only = options->no_probe && options->no_rehearsal;
    side->plan = plan;
    side->name = plan->environment;
    side->options = (struct db_options){.url = plan->source_url,
                                        .application_name = "infill parity",
                                        .connect_timeout_ms = (unsigned)(plan->set.connect_timeout_us / 1000)};
    int rc = api_session_open(plan, &options->log, read_only, session, err);
    side->db = session->db;
    side->ledger = session->ledger;
    if (rc)
        err_where(err, "environment %s", plan->environment);
    return rc;
}

/* Two files, or one that changed in between, would be compared fill by fill. */
static int check_plans(const struct plan *a, const struct plan *b, struct err *err) {
    bool alike = text_equal(a->name, b->name) && a->fill_count == b->fill_count;
    for (size_t i = 0; alike && i < a->fill_count; i++)
        alike = text_equal(a->fills[i].name, b->fills[i].name) && a->fills[i].in_place == b->fills[i].in_place;
    return alike ? 0 : err_set(err, ERR_USAGE, "these are not two environments of one plan");
}

int infill_parity(const struct infill_plan *from, const struct infill_plan *to, const struct infill_parity_options *options,
                  char **json, struct infill_error *error) {
    struct err err;
    err_clear(&err);
    struct arena arena;
    struct api_session sessions[2] = {0};
    struct parity parity = {.arena = &arena,
                            .no_probe = options->no_probe,
                            .no_rehearsal = options->no_rehearsal,
                            .stopped = options->stopped,
                            .stopped_context = options->stopped_context};
    const struct infill_plan *plans[] = {from, to};
    json_t *document = NULL;
    arena_init(&arena);
    int rc = check_plans(from->plan, to->plan, &err);
    for (size_t i = 0; i < 2 && rc == 0; i++)
        rc = open_side(plans[i]->plan, options, &sessions[i], &parity.sides[i], &err);
    parity.log = &sessions[0].log;
    if (rc == 0)
        rc = parity_run(&parity, &document, &err);
    if (rc == 0)
        rc = api_document(document, json, &err);
    for (size_t i = 0; i < 2; i++)
        api_session_close(&sessions[i]);
    arena_release(&arena);
    return rc ? api_fail(&err, error) : 0;
}
