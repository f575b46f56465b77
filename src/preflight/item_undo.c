/* item_undo.c - what of a fill can be taken back, and whether this role could do it. */
#include <inttypes.h>

#include "base/text.h"
#include "preflight/checklist.h"

/* One statement of the fill over everything up to `hi`, as a number. */
static int count_up_to(struct checklist *list, const struct fill_map *map, const char *hi, const struct stmt *stmt, int64_t *count,
                       struct err *err) {
    struct sql_value values[FILL_N + 1] = {{0}}, bound[STMT_ARGS_MAX];
    struct db_result result;
    int rc = key_decode(hi, map->key_count, list->db->engine->tags_keys, list->arena, values + FILL_HI, err);
    if (rc)
        return rc;
    stmt_bind(stmt, values, bound);
    rc = db_query(list->db, &list->tx, stmt->text.data, bound, stmt->arg_count, list->arena, &result, err);
    if (rc == 0)
        *count = db_cell_int(&result, 0, 0, 0);
    return rc;
}

/* "src.a IS NOT NULL OR src.b IS NOT NULL" */
static void any_is_set(const struct job *job, struct buf *where) {
    for (size_t i = 0; i < job->map.value_count; i++) {
        buf_add(where, i ? " OR src." : "src.");
        sql_ident(job->map.dialect, where, job->map.values[i].column->name);
        buf_add(where, " IS NOT NULL");
    }
}

/* Rows of the first batch whose columns hold something: the fill's own statement with another condition. *count -1: too long to count. */
static int count_set(struct checklist *list, const struct job *job, int64_t *count, struct err *err) {
    const char *hi = json_string_value(json_object_get(json_object_get(checklist_fill(list, job), "first_batch"), "hi"));
    struct fill_map map = job->map;
    struct fill_sql sql = {0};
    struct buf where;
    *count = 0;
    if (hi == NULL)
        return 0;
    buf_init(&where);
    any_is_set(job, &where);
    map.where = where.data;
    int rc = buf_ok(&where) ? 0 : err_nomem(err);
    if (rc == 0) {
        rc = fill_sql_build(&map, 0, &sql, err);
        if (rc == 0)
            rc = count_up_to(list, &map, hi, &sql.count[FILL_OPEN], count, err);
        fill_sql_release(&sql);
    }
    buf_release(&where);
    if (rc == ERR_SLOW) {
        err_clear(err);
        *count = -1;
        rc = 0;
    }
    return rc;
}

static int say_in_place(struct checklist *list, const struct job *job, struct err *err) {
    int64_t count;
    int rc = count_set(list, job, &count, err);
    if (rc)
        return rc;
    if (count != 0)
        checklist_say(list, job, CHECKLIST_WARN, "keep a copy of the columns, or a backup that can be restored from",
                      "set: writes over values that are there already, and the old ones are kept nowhere");
    else
        checklist_say(list, job, CHECKLIST_PASS, NULL,
                      "the columns are empty where the fill begins: setting them to NULL takes it back");
    return 0;
}

static int say_into(struct checklist *list, const struct job *job, struct err *err) {
    struct db_right right = {.table = job->target, .right = "DELETE", .held = 1};
    bool known;
    if (job->map.on_conflict == FILL_OVERWRITE) {
        checklist_say(list, job, CHECKLIST_WARN, "keep a backup that can be restored from",
                      "on_conflict: overwrite: values of %s that differ are replaced, and the old ones are kept nowhere",
                      job->target_name);
        return 0;
    }
    int rc = db_rights(list->db, &right, 1, list->arena, &known, err);
    if (rc)
        return rc;
    if (known && right.held != 1)
        checklist_say(list, job, CHECKLIST_WARN, right.grant, "this role may not take rows out of %s again: DELETE is missing",
                      job->target_name);
    else
        checklist_say(list, job, CHECKLIST_PASS, NULL, "%s is not changed, and this role may take rows out of %s again",
                      job->source_name, job->target_name);
    return 0;
}

static int look(struct checklist *list, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < list->jobs->count && rc == 0; i++) {
        const struct job *job = &list->jobs->jobs[i];
        if (checklist_can_run(job))
            rc = job->map.in_place ? say_in_place(list, job, err) : say_into(list, job, err);
    }
    return rc;
}

const struct checklist_item undo_item = {"undo", CHECKLIST_BACK, look};
