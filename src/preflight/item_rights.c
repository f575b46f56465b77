/* item_rights.c - the rights that this plan needs, each asked for by itself, and the statement that gives a missing one. */
#include <string.h>

#include "base/buf.h"
#include "preflight/checklist.h"

enum { RIGHTS_MAX = 64, LEDGER_RIGHTS_MAX = 40 };

struct wanted {
    struct db_right rights[RIGHTS_MAX];
    const char *because[RIGHTS_MAX]; /* NULL: nothing works without it */
    size_t count;
};

static void want(struct wanted *wanted, const struct sql_table *table, const char *right, const char *because) {
    if (wanted->count == RIGHTS_MAX)
        return;
    wanted->because[wanted->count] = because;
    wanted->rights[wanted->count++] = (struct db_right){.table = table, .right = right, .held = DB_UNKNOWN};
}

/* Beside writers, what a batch got wrong is written again under lock (settling). */
static void want_fill(const struct checklist *list, const struct job *job, struct wanted *wanted) {
    static const char settling[] = "settling repairs rows that a writer overtook";
    bool overwrites = job->map.on_conflict == FILL_OVERWRITE;
    bool settles = list->plan->writes == PLAN_WRITES_APPLICATION;
    want(wanted, job->source, "SELECT", NULL);
    if (job->map.in_place) {
        want(wanted, job->source, "UPDATE", NULL);
        return;
    }
    want(wanted, job->target, "SELECT", NULL);
    want(wanted, job->target, "INSERT", NULL);
    if (overwrites)
        want(wanted, job->source, "UPDATE", NULL); /* to lock the rows that are read */
    if (overwrites || settles)
        want(wanted, job->target, "UPDATE", overwrites ? NULL : settling);
    if (settles) {
        want(wanted, job->target, "DELETE", settling);
        if (!overwrites)
            want(wanted, job->source, "UPDATE", "settling locks the source rows that it repairs");
    }
}

static int want_ledger(struct checklist *list, struct wanted *wanted, struct err *err) {
    struct ledger_right needs[LEDGER_RIGHTS_MAX];
    size_t count;
    if (!list->installed) {
        want(wanted, NULL, "CREATE", "the ledger is not there yet");
        return 0;
    }
    int rc = ledger_rights(list->ledger, list->db, list->arena, needs, LEDGER_RIGHTS_MAX, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        want(wanted, needs[i].table, needs[i].right, NULL);
    return rc;
}

/* Missing rights on one table for one reason make one line. */
struct missing {
    const struct db_right *first;
    const char *because;
    struct buf words, grants;
};

static void say_missing(struct checklist *list, const struct job *job, struct missing *missing) {
    const struct db_right *right = missing->first;
    if (right == NULL)
        return;
    bool is_whole = buf_ok(&missing->words) && buf_ok(&missing->grants);
    list->failed = list->failed || !is_whole;
    const char *words = is_whole ? missing->words.data : "", *grants = is_whole ? missing->grants.data : "";
    if (right->held == DB_UNKNOWN)
        checklist_say(list, job, CHECKLIST_WARN, grants, "whether this role has %s%s%s cannot be told", words,
                      right->table ? " on " : "", right->table ? right->table->name : "");
    else
        checklist_say(list, job, missing->because == NULL || right->table == NULL ? CHECKLIST_FAIL : CHECKLIST_WARN, grants,
                      "missing: %s%s%s%s%s", words, right->table ? " on " : "", right->table ? right->table->name : "",
                      missing->because ? "; " : "", missing->because ? missing->because : "");
    missing->first = NULL;
}

static void add_missing(struct checklist *list, const struct job *job, struct missing *missing, const struct db_right *right,
                        const char *because) {
    const struct db_right *first = missing->first;
    if (first == NULL || first->table != right->table || first->held != right->held || missing->because != because) {
        say_missing(list, job, missing);
        missing->first = right;
        missing->because = because;
        buf_clear(&missing->words);
        buf_clear(&missing->grants);
    }
    buf_printf(&missing->words, "%s%s", missing->words.len ? ", " : "", right->right);
    if (right->grant && (missing->grants.len == 0 || strstr(missing->grants.data, right->grant) == NULL))
        buf_printf(&missing->grants, "%s%s", missing->grants.len ? "; " : "", right->grant);
}

static int ask(struct checklist *list, const struct job *job, struct wanted *wanted, size_t *held, size_t *lacking,
               struct err *err) {
    struct missing missing = {.first = NULL};
    bool known;
    int rc = db_rights(list->db, wanted->rights, wanted->count, list->arena, &known, err);
    if (rc)
        return rc;
    buf_init(&missing.words);
    buf_init(&missing.grants);
    for (size_t i = 0; i < wanted->count; i++) {
        bool is_held = wanted->rights[i].held == 1;
        *held += is_held;
        *lacking += !is_held;
        if (!is_held)
            add_missing(list, job, &missing, &wanted->rights[i], wanted->because[i]);
    }
    say_missing(list, job, &missing);
    buf_release(&missing.words);
    buf_release(&missing.grants);
    return 0;
}

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"privilege", NULL};
    struct wanted wanted = {.count = 0};
    size_t held = 0, missing = 0;
    int rc = 0;
    if (list->db->engine->rights == NULL) {
        checklist_say(list, NULL, CHECKLIST_NONE, NULL, "this engine has no roles; the file can be %s",
                      list->jobs->identity.is_read_only ? "read only" : "written");
        return 0;
    }
    for (size_t i = 0; i < list->jobs->count && rc == 0; i++) {
        const struct job *job = &list->jobs->jobs[i];
        missing += checklist_problems(list, job, kinds);
        if (job->source == NULL || job->target == NULL)
            continue;
        wanted.count = 0;
        want_fill(list, job, &wanted);
        rc = ask(list, job, &wanted, &held, &missing, err);
    }
    wanted.count = 0;
    if (rc == 0)
        rc = want_ledger(list, &wanted, err);
    if (rc == 0)
        rc = ask(list, NULL, &wanted, &held, &missing, err);
    if (rc == 0 && list->survey.grant)
        checklist_say(list, NULL, CHECKLIST_WARN, list->survey.grant,
                      "what other sessions do is hidden from this role: who holds locks, and for how long");
    else if (rc == 0 && missing == 0)
        checklist_say(list, NULL, CHECKLIST_PASS, NULL, "all %zu rights that the fills and the ledger need are there", held);
    return rc;
}

const struct checklist_item rights_item = {"rights", CHECKLIST_BEFORE, look};
