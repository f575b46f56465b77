/* verify_replica.c - a verification whose first look goes to replicas. Each must have replayed what the primary's log held when the pass
 * began, so that a match says no less of the primary than one that was read there; what differs is looked at again on the primary. */
#include "base/text.h"
#include "reconcile/proof.h"

enum { POSITION_MAX = 512 };

int verify_replica_open(struct verify *verify, struct err *err) {
    const struct sql_load *load = db_dialect(verify->db)->load;
    struct db_result result;
    if (!verify->options.read_replica)
        return 0;
    if (load == NULL || load->replayed == NULL)
        return err_set(err, ERR_UNSUPPORTED, "--read-from replica: %s has no replicas", verify->db->engine->name);
    if (verify->plan->replica_count == 0) {
        err_set(err, ERR_USAGE, "--read-from replica: the plan names no replica");
        err_next(err, "nothing was compared; say replicas: [URL, ...] in the plan");
        return ERR_USAGE;
    }
    int rc = db_query(verify->db, &verify->look_tx, load->position, NULL, 0, &verify->arena, &result, err);
    const char *position = rc || result.row_count == 0 ? NULL : db_cell(&result, 0, 0);
    if (rc == 0 && (position == NULL || strlen(position) >= POSITION_MAX || position[0] == '\0'))
        return err_set(err, ERR_SQL, "the primary says no position of its log that a replica could be compared with");
    verify->replica_mark = position;
    return rc;
}

static int behind(const struct verifier *verifier, struct err *err) {
    err_set(err, ERR_TRANSIENT, "replica %zu of the plan has not replayed what the primary's log held when this began",
            verifier->number % verifier->verify->plan->replica_count + 1);
    err_next(err, "let it catch up and run the same command again, or leave --read-from out");
    return ERR_TRANSIENT;
}

/* It has the run, as the primary has: no other database is taken for a replica. */
static int check_run(struct verifier *verifier, struct db *replica, struct err *err) {
    const struct verify *verify = verifier->verify;
    struct ledger_run run = {0};
    struct arena arena;
    bool found = false;
    arena_init(&arena);
    int rc = ledger_run_find(verify->ledger, replica, verify->plan->name, &arena, &run, &found, err);
    bool same = rc == 0 && found && run.run == verify->run && text_equal(run.meaning, verify->jobs->meaning);
    arena_release(&arena);
    if (rc == 0 && !same)
        return err_set(err, ERR_REFUSED, "replica %zu of the plan is none: the run is not in its ledger",
                       verifier->number % verify->plan->replica_count + 1);
    return rc;
}

static int check_position(struct verifier *verifier, struct db *replica, struct err *err) {
    struct verify *verify = verifier->verify;
    const struct sql_load *load = db_dialect(replica)->load;
    struct db_result result;
    struct arena arena;
    arena_init(&arena);
    int rc = db_query(replica, &verify->look_tx, load->replayed, NULL, 0, &arena, &result, err);
    const char *replayed = rc || result.row_count == 0 ? NULL : db_cell(&result, 0, 0);
    bool reached = replayed && load->has_reached(replayed, verify->replica_mark);
    arena_release(&arena);
    return rc || reached ? rc : behind(verifier, err);
}

int verify_replica_connect(struct verifier *verifier, struct db **replica, struct err *err) {
    const struct verify *verify = verifier->verify;
    struct db_options options = verify->db_options;
    struct db *db = NULL;
    options.url = verify->plan->replicas[verifier->number % verify->plan->replica_count];
    options.read_only = true;
    int rc = db_open(&options, &db, err);
    if (rc == 0)
        rc = check_position(verifier, db, err);
    if (rc == 0)
        rc = check_run(verifier, db, err);
    if (rc) {
        err_where(err, "replica %zu of the plan", verifier->number % verify->plan->replica_count + 1);
        db_close(db);
        return rc;
    }
    *replica = db;
    return 0;
}
