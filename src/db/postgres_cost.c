/* postgres_cost.c - a statement executed under EXPLAIN ANALYZE: its own share of the log, to the byte, and the triggers that fired. */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "db/postgres.h"

enum { DEPTH_MAX = 20 };

static double number_of(const json_t *node, const char *key) {
    return json_number_value(json_object_get(node, key));
}

/* The node that writes counts what it inserted beside conflicts; else every row that comes up from below is written. */
static bool read_rows(const json_t *node, int depth, struct db_cost *cost) {
    const char *type = json_string_value(json_object_get(node, "Node Type"));
    size_t i;
    json_t *child;
    if (depth > DEPTH_MAX || type == NULL)
        return false;
    if (strcmp(type, "ModifyTable") == 0) {
        const json_t *below = json_array_get(json_object_get(node, "Plans"), 0);
        double rows = json_object_get(node, "Tuples Inserted") ? number_of(node, "Tuples Inserted")
                                                               : number_of(below, "Actual Rows") * number_of(below, "Actual Loops");
        cost->rows = (uint64_t)(rows + 0.5);
        return true;
    }
    json_array_foreach (json_object_get(node, "Plans"), i, child)
        if (read_rows(child, depth + 1, cost))
            return true;
    return false;
}

static int read_triggers(const json_t *root, struct arena *arena, struct db_cost *cost, struct err *err) {
    struct buf text;
    size_t i;
    json_t *trigger;
    buf_init(&text);
    buf_add(&text, "");
    json_array_foreach (json_object_get(root, "Triggers"), i, trigger) {
        const json_t *constraint = json_object_get(trigger, "Constraint Name");
        const char *name = json_string_value(constraint ? constraint : json_object_get(trigger, "Trigger Name"));
        buf_printf(&text, "%s%s \u00d7 %.0f", i ? ", " : "", name ? name : "?", number_of(trigger, "Calls"));
    }
    cost->triggers = buf_ok(&text) ? arena_strdup(arena, text.data ? text.data : "") : NULL;
    buf_release(&text);
    return cost->triggers ? 0 : err_nomem(err);
}

static int read_plan(const char *plan, struct arena *arena, struct db_cost *cost, struct err *err) {
    json_error_t ignored;
    json_t *list = plan ? json_loads(plan, 0, &ignored) : NULL;
    const json_t *root = json_array_get(list, 0);
    int code = root ? 0 : err_set(err, ERR_INTERNAL, "the server's plan is not JSON that infill can read");
    if (code == 0) {
        read_rows(json_object_get(root, "Plan"), 0, cost);
        cost->log_bytes = (int64_t)number_of(json_object_get(root, "Plan"), "WAL Bytes");
        code = read_triggers(root, arena, cost, err);
    }
    json_decref(list);
    return code;
}

int pg_cost(struct db *db, const struct db_query *query, struct arena *arena, struct db_cost *cost, struct err *err) {
    struct db_result lines;
    struct buf text;
    const char *sql = arena_printf(arena, "EXPLAIN (ANALYZE, WAL, TIMING OFF, FORMAT JSON) %s", query->sql);
    if (sql == NULL) {
        db_rollback(db);
        return err_nomem(err);
    }
    const struct db_query explain = {sql, query->args, query->arg_count, true};
    int code = db_flush(db, 0, NULL, &explain, 1, arena, &lines, err);
    if (code != 0)
        return code;
    buf_init(&text);
    for (unsigned row = 0; row < lines.row_count; row++)
        buf_add(&text, db_cell(&lines, row, 0));
    code = buf_ok(&text) ? read_plan(text.data, arena, cost, err) : err_nomem(err);
    buf_release(&text);
    if (code != 0)
        db_rollback(db);
    return code;
}
