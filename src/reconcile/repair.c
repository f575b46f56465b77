/* repair.c - see repair.h: which slices have findings, who repairs them, and what came of it. */
#include "reconcile/repair.h"

#include "base/mem.h"
#include "base/tasks.h"
#include "base/text.h"
#include "reconcile/repair_keys.h"
#include "reconcile/repair_slice.h"

enum { FINDINGS_AT_ONCE = 1000000 };

struct repair {
    const struct repair_options *options;
    struct verify *verify;
    struct repairer *repairers;
    unsigned workers;
    int64_t findings, repaired, already_right, deleted, left_count;
    json_t *left, *slices;
    json_t *planned; /* of a dry run: {"write" | "delete" | "leave": {kind: findings}} */
    bool all_match;
};

/* ---- who works ---- */

/* Where writers come one by one anyway, more of them would only wait for each other. */
static unsigned workers_of(const struct verify *verify) {
    const struct plan_settings *set = &verify->plan->set;
    int64_t most = set->connections_max - 1; /* the ledger is asked over one */
    if (!db_dialect(verify->db)->concurrent_writers)
        return 1;
    return (unsigned)(set->workers < most ? set->workers : most);
}

static int open_repairers(struct repair *repair, struct err *err) {
    unsigned workers = workers_of(repair->verify);
    repair->repairers = mem_zalloc(workers, sizeof *repair->repairers);
    if (repair->repairers == NULL)
        return err_nomem(err);
    for (; repair->workers < workers; repair->workers++)
        repairer_init(&repair->repairers[repair->workers], repair->verify, repair->options->delete_extra, repair->workers);
    return 0;
}

static void close_repairers(struct repair *repair) {
    for (unsigned i = 0; i < repair->workers; i++)
        repairer_release(&repair->repairers[i]);
    mem_free(repair->repairers);
}

/* ---- tasks ---- */

/* Slices of one fill that have findings, in the order of their numbers. */
struct task_list {
    struct repair *repair;
    struct repair_task *tasks;
    size_t count;
};

static struct ledger_slice *find_slice(const struct proof_fill *fill, int64_t number) {
    for (size_t i = 0; i < fill->slice_count; i++)
        if (fill->slices[i].range_no == number)
            return &fill->slices[i];
    return NULL;
}

/* Findings of one range follow each other: how many of the first one's. */
static size_t of_one_range(const struct ledger_finding *findings, size_t count) {
    size_t some = 0;
    while (some < count && findings[some].range_no == findings[0].range_no)
        some++;
    return some;
}

static int make_tasks(const struct proof_fill *fill, const struct ledger_finding *findings, size_t count, struct arena *arena,
                      struct task_list *list, struct err *err) {
    size_t ranges = 0;
    for (size_t at = 0; at < count; at += of_one_range(findings + at, count - at))
        ranges++;
    list->tasks = arena_array(arena, ranges + 1, sizeof *list->tasks);
    if (list->tasks == NULL)
        return err_nomem(err);
    for (size_t at = 0, some; at < count; at += some) {
        some = of_one_range(findings + at, count - at);
        struct ledger_slice *slice = find_slice(fill, findings[at].range_no);
        if (slice == NULL)
            return err_set(err, ERR_MISMATCH, "a finding names range %lld of fill %s, which the ledger does not have",
                           (long long)findings[at].range_no, fill->job->name);
        list->tasks[list->count++] = (struct repair_task){.fill = fill, .slice = slice, .findings = findings + at, .count = some};
    }
    return 0;
}

static int do_task(void *context, unsigned worker, size_t task, struct err *err) {
    const struct task_list *list = context;
    return repair_slice(&list->repair->repairers[worker], &list->tasks[task], err);
}

/* What lies in no range is fenced by the last range, and comes first, one after the other. So does everything where a row of the target
 * can belong to several ranges: what one of them writes would be another one's rest. */
static int do_tasks(struct task_list *list, struct err *err) {
    size_t outside = 0;
    while (outside < list->count && list->tasks[outside].slice->range_no <= 0)
        outside++;
    struct task_list ranges = {list->repair, list->tasks + outside, list->count - outside};
    bool apart = ranges.count > 0 && ranges.tasks[0].fill->sql.aligned;
    int rc = tasks_run(do_task, list, outside, 1, err);
    return rc ? rc : tasks_run(do_task, &ranges, ranges.count, apart ? list->repair->workers : 1, err);
}

/* ---- what came of it ---- */

static void add_left(struct repair *repair, const json_t *left) {
    size_t i;
    json_t *one;
    json_array_foreach (left, i, one)
        if (json_array_size(repair->left) < REPAIR_LEFT_SHOWN)
            json_array_append(repair->left, one);
}

static void add_task(struct repair *repair, const struct repair_task *task) {
    const struct ledger_slice *slice = task->slice;
    repair->findings += (int64_t)(task->keys - task->count);
    repair->repaired += task->repaired;
    repair->already_right += task->already_right;
    repair->deleted += task->deleted;
    repair->left_count += task->left_count;
    repair->all_match = repair->all_match && text_equal(slice->verdict, "match");
    add_left(repair, task->left);
    json_array_append_new(repair->slices, json_pack("{s:s, s:I, s:I, s:s, s:b}", "fill", task->fill->job->name, "range",
                                                    (json_int_t)slice->range_no, "keys", (json_int_t)task->keys, "verdict",
                                                    slice->verdict, "rest_untouched", task->untouched));
}

/* What a finding asks for; a repair looks at its row once more before it does so. */
static const char *fate_of(const struct repair *repair, const char *kind) {
    if (text_equal(kind, "extra"))
        return repair->options->delete_extra ? "delete" : "leave";
    return text_equal(kind, "duplicate") ? "leave" : "write";
}

static void add_planned(struct repair *repair, const struct ledger_finding *findings, size_t count) {
    for (size_t i = 0; i < count; i++) {
        json_t *kinds = json_object_get(repair->planned, fate_of(repair, findings[i].kind));
        json_int_t some = json_integer_value(json_object_get(kinds, findings[i].kind));
        json_object_set_new(kinds, findings[i].kind, json_integer(some + 1));
    }
}

static int repair_fill(struct repair *repair, const struct proof_fill *fill, struct err *err) {
    struct verify *verify = repair->verify;
    struct task_list list = {.repair = repair};
    struct ledger_finding *findings;
    size_t count = 0;
    int rc = ledger_findings(verify->ledger, verify->db, verify->run, fill->job->name, FINDINGS_AT_ONCE, &verify->arena, &findings,
                             &count, err);
    repair->findings += (int64_t)count;
    if (rc == 0 && repair->options->dry_run)
        add_planned(repair, findings, count);
    if (rc || repair->options->dry_run)
        return rc;
    rc = make_tasks(fill, findings, count, &verify->arena, &list, err);
    if (rc == 0)
        rc = do_tasks(&list, err);
    for (size_t i = 0; i < list.count; i++) {
        if (rc == 0)
            add_task(repair, &list.tasks[i]);
        repair_task_release(&list.tasks[i]);
    }
    return rc;
}

static json_t *document(struct repair *repair) {
    const struct verify *verify = repair->verify;
    bool dry = repair->options->dry_run;
    const char *verdict = dry ? "not repaired: a dry run" : repair->left_count || !repair->all_match ? "differ" : "match";
    return json_pack("{s:s, s:I, s:b, s:b, s:I, s:I, s:I, s:I, s:O, s:I, s:O, s:O, s:s, s:s}", "plan", verify->plan->name, "run",
                     (json_int_t)verify->run, "dry_run", dry, "writers", verify->plan->writes != PLAN_WRITES_NONE, "findings",
                     (json_int_t)repair->findings, "repaired", (json_int_t)repair->repaired, "already_right",
                     (json_int_t)repair->already_right, "deleted", (json_int_t)repair->deleted, "left", repair->left, "left_count",
                     (json_int_t)repair->left_count, "slices", repair->slices, "planned", dry ? repair->planned : json_null(),
                     "verdict", verdict, "next", "");
}

/* ---- all of it ---- */

/* One fill after the other, parents first: what a fill reads may be what another one writes. */
static int repair_all(struct repair *repair, json_t **json, struct err *err) {
    struct verify *verify = repair->verify;
    int rc = open_repairers(repair, err);
    for (size_t i = 0; i < verify->fill_count && rc == 0; i++)
        rc = repair_fill(repair, &verify->fills[i], err);
    if (rc == 0 && (*json = document(repair)) == NULL)
        rc = err_nomem(err);
    close_repairers(repair);
    return rc;
}

int repair(const struct plan *plan, const struct repair_options *options, json_t **json, struct err *err) {
    struct repair repair = {.options = options,
                            .slices = json_array(),
                            .left = json_array(),
                            .planned = json_pack("{s:{}, s:{}, s:{}}", "write", "delete", "leave"),
                            .all_match = true};
    struct verify_options verify = {
        .log = options->log, .fill = options->fill, .restart = true, .reads_only = options->dry_run, .purpose = "repair"};
    bool ready = repair.slices && repair.left && repair.planned;
    int rc = ready ? verify_open(plan, &verify, &repair.verify, err) : err_nomem(err);
    if (ready && rc == 0) {
        rc = repair_all(&repair, json, err);
        verify_abandon(repair.verify);
    }
    json_decref(repair.slices);
    json_decref(repair.left);
    json_decref(repair.planned);
    return rc;
}
