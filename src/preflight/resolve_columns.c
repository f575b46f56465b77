/* resolve_columns.c - the columns of a fill: what each target column is filled from, checked here and by the server. */
#include "base/text.h"
#include "preflight/resolve.h"
#include "sql/expr.h"

static const char *nearest_column(const struct sql_table *table, const char *name) {
    const char *names[256];
    size_t count = 0;
    for (size_t i = 0; i < table->column_count && count < 256; i++)
        names[count++] = table->columns[i].name;
    return text_nearest(name, names, count);
}

void resolve_no_column(struct jobs *jobs, struct job *job, const struct sql_table *table, const char *name, const char *what) {
    const char *near = nearest_column(table, name);
    problem_add(&jobs->problems, job->name, "column", PROBLEM_FAIL, "", "%s %s is not a column of %s%s%s%s", what, name,
                table->name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* Words of expressions that name source columns count as used; a carried column is used by itself. */
struct uses {
    bool *used; /* per source column */
    bool fills; /* by expressions that say what is written, or to which rows */
};

static void use(struct uses *uses, const struct sql_table *source, const char *word) {
    for (size_t i = 0; i < source->column_count; i++)
        if (text_equal_nocase(source->columns[i].name, word))
            uses->used[i] = true;
}

static int check_volatile(struct jobs *jobs, struct job *job, struct db *db, const struct expr_scan *scan, const char *what,
                          struct err *err) {
    const char *found = scan->volatile_word;
    if (found == NULL) {
        int rc = db->engine->volatile_function(db, scan->functions, scan->function_count, &found, err);
        if (rc)
            return rc;
    }
    if (found == NULL)
        return 0;
    bool allowed = job->plan->volatile_allow;
    problem_add(&jobs->problems, job->name, "volatile", allowed ? PROBLEM_WARN : PROBLEM_FAIL,
                allowed ? "" : "write a value that is the same every time, or say volatile: allow for this fill",
                "%s uses %s: a batch that is tried again would write something else", what, found);
    return 0;
}

static const char *read_and_set(const struct job *job, const struct expr_scan *scan) {
    if (job->map.in_place && scan->reads_row)
        return job->plan->columns[0].name;
    for (size_t i = 0; job->map.in_place && i < job->plan->column_count; i++)
        for (size_t j = 0; j < scan->own_word_count; j++)
            if (text_equal_nocase(job->plan->columns[i].name, scan->own_words[j]))
                return job->plan->columns[i].name;
    return NULL;
}

/* In place a column that is read and set is another one once the row is filled. */
static void check_idempotent(struct jobs *jobs, struct job *job, const struct expr_scan *scan, const char *expr, const char *what) {
    const char *found = read_and_set(job, scan);
    if (found == NULL)
        return;
    if (expr == job->map.where)
        problem_add(&jobs->problems, job->name, "where", PROBLEM_FAIL,
                    "leave it out: rows that are right already are not written; values that are there already are kept by "
                    "coalesce(src.NAME, …) with idempotent: true",
                    "where reads %s, which this fill sets: filled rows are out of it, and nothing could be verified", found);
    else if (!job->plan->idempotent)
        problem_add(
            &jobs->problems, job->name, "expression", PROBLEM_FAIL,
            "read other columns, with a table's name in front of what a subquery reads; or say idempotent: true for this fill if "
            "doing it twice gives what doing it once gives, as lower(src.NAME) does",
            "%s reads %s, which this fill sets: settling, verify and repair would do it once more", what, found);
}

/* Scans one expression of the plan; *ok says whether the server may see it. */
static int scan_expr(struct jobs *jobs, struct job *job, struct db *db, struct uses *uses, const char *expr, const char *what,
                     bool *ok, struct err *err) {
    struct expr_scan scan = {0};
    *ok = false;
    int rc = expr_scan(db_dialect(db), expr, &jobs->arena, &scan, err);
    if (rc == ERR_PLAN) {
        problem_add(&jobs->problems, job->name, "expression", PROBLEM_FAIL, "", "%s: %s", what, err->message);
        err_clear(err);
        return 0;
    }
    if (rc)
        return rc;
    for (size_t i = 0; i < scan.word_count; i++)
        use(uses, job->source, scan.words[i]);
    *ok = true;
    if (uses->fills)
        check_idempotent(jobs, job, &scan, expr, what);
    return check_volatile(jobs, job, db, &scan, what, err);
}

static int add_value(struct jobs *jobs, struct job *job, struct db *db, struct uses *uses, const struct plan_column *column,
                     struct err *err) {
    const struct sql_column *target = sql_table_column(job->target, column->name);
    if (target == NULL)
        resolve_no_column(jobs, job, job->target, column->name, "target column");
    else if (target->is_generated)
        problem_add(&jobs->problems, job->name, "column", PROBLEM_FAIL, "leave it out: the database computes it",
                    "%s of %s is generated", column->name, job->target->name);
    const char *expr = column->expr;
    bool ok = true;
    if (expr == NULL) {
        if (sql_table_column(job->source, column->name) == NULL) {
            resolve_no_column(jobs, job, job->source, column->name, "carried column");
            return 0;
        }
        use(uses, job->source, column->name);
        struct buf text;
        buf_init(&text);
        buf_add(&text, "src.");
        sql_ident(db_dialect(db), &text, column->name);
        expr = buf_ok(&text) ? arena_strdup(&jobs->arena, text.data) : NULL;
        buf_release(&text);
        if (expr == NULL)
            return err_nomem(err);
    } else {
        char what[ERR_NAME_MAX + 32];
        snprintf(what, sizeof what, "the expression of %.160s", column->name);
        int rc = scan_expr(jobs, job, db, uses, expr, what, &ok, err);
        if (rc)
            return rc;
    }
    if (target && ok)
        job->map.values[job->map.value_count++] = (struct fill_value){target, expr};
    return 0;
}

static bool is_plans_fault(int code) {
    return code == ERR_SQL || code == ERR_ROW || code == ERR_DENIED;
}

/* Does the server compile it? A refusal is a problem of the plan. */
static int compile_one(struct jobs *jobs, struct job *job, struct db *db, const char *expr, const char *what, struct err *err) {
    const char *type;
    int rc = db->engine->expression_types(db, job->source, &expr, 1, &jobs->arena, &type, err);
    if (!is_plans_fault(rc))
        return rc;
    problem_add(&jobs->problems, job->name, "expression", PROBLEM_FAIL, "columns of the source row are src.name",
                "%s: the server says: %s", what, err->message);
    err_clear(err);
    return 0;
}

int resolve_expression(struct jobs *jobs, struct job *job, struct db *db, const char *expr, const char *what, struct err *err) {
    struct uses uses = {.used = arena_array(&jobs->arena, job->source->column_count + 1, sizeof *uses.used)};
    bool ok;
    if (uses.used == NULL)
        return err_nomem(err);
    int rc = scan_expr(jobs, job, db, &uses, expr, what, &ok, err);
    return rc == 0 && ok ? compile_one(jobs, job, db, expr, what, err) : rc;
}

/* A carried or bare column that is wider than where it goes fails on the first row that does not fit: better said beforehand. */
static void warn_narrow(struct jobs *jobs, struct job *job, const struct fill_value *value) {
    const char *dot = text_starts(value->expr, "src.") ? value->expr + 4 : value->expr;
    const struct sql_column *from = NULL;
    for (size_t i = 0; i < job->source->column_count; i++) {
        const char *name = job->source->columns[i].name;
        size_t len = strlen(name);
        if (strcmp(dot, name) == 0 || (strlen(dot) == len + 2 && strncmp(dot + 1, name, len) == 0))
            from = &job->source->columns[i];
    }
    const struct sql_column *to = value->column;
    if (from == NULL || from == to || from->class == SQL_ANY || to->class == SQL_ANY)
        return;
    bool narrower = from->class != to->class && to->class != SQL_TEXT;
    if (from->class == to->class) {
        narrower = to->length > 0 && (from->length == 0 || from->length > to->length);
        if (from->class != SQL_TEXT && from->class != SQL_BYTES)
            narrower = narrower || (to->precision > 0 && from->precision > to->precision) || from->scale > to->scale ||
                       (to->class == SQL_INTEGER && from->is_unsigned != to->is_unsigned);
    }
    if (narrower)
        problem_add(&jobs->problems, job->name, "narrowing", PROBLEM_WARN, "rows that do not fit become rejects",
                    "%s %s goes into %s %s", from->name, from->type, to->name, to->type);
    if (!from->not_null && to->not_null)
        problem_add(&jobs->problems, job->name, "narrowing", PROBLEM_WARN, "rows with NULL become rejects",
                    "%s may be NULL, %s may not", from->name, to->name);
}

/* Which of them is it? Asked one by one only after all together were refused. */
static int compile_each(struct jobs *jobs, struct job *job, struct db *db, bool where_ok, struct err *err) {
    int rc = 0;
    for (size_t i = 0; i < job->map.value_count && rc == 0; i++) {
        char what[ERR_NAME_MAX + 32];
        snprintf(what, sizeof what, "the expression of %.160s", job->map.values[i].column->name);
        rc = compile_one(jobs, job, db, job->map.values[i].expr, what, err);
    }
    return rc == 0 && where_ok ? compile_one(jobs, job, db, job->map.where, "where", err) : rc;
}

static int compile(struct jobs *jobs, struct job *job, struct db *db, bool where_ok, struct err *err) {
    size_t count = 0;
    const char **exprs = arena_array(&jobs->arena, job->map.value_count + 1, sizeof *exprs);
    const char **types = arena_array(&jobs->arena, job->map.value_count + 1, sizeof *types);
    if (exprs == NULL || types == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < job->map.value_count; i++) {
        exprs[count++] = job->map.values[i].expr;
        warn_narrow(jobs, job, &job->map.values[i]);
    }
    if (where_ok)
        exprs[count++] = job->map.where;
    int rc = count ? db->engine->expression_types(db, job->source, exprs, count, &jobs->arena, types, err) : 0;
    if (!is_plans_fault(rc))
        return rc;
    if (rc != ERR_DENIED) {
        err_clear(err);
        return compile_each(jobs, job, db, where_ok, err);
    }
    problem_add(&jobs->problems, job->name, "privilege", PROBLEM_FAIL,
                "infill install PLAN --print-sql prints the grants each role needs", "%s", err->message);
    err_clear(err);
    return 0;
}

static bool is_filled(const struct job *job, const struct sql_column *column) {
    for (size_t i = 0; i < job->map.value_count; i++)
        if (job->map.values[i].column == column)
            return true;
    return false;
}

static bool is_omitted(const struct plan_fill *fill, const char *name) {
    for (size_t i = 0; i < fill->omit.count; i++)
        if (text_equal(fill->omit.names[i], name))
            return true;
    return false;
}

static void check_left_out(struct jobs *jobs, struct job *job, const struct uses *uses) {
    for (size_t i = 0; i < job->target->column_count; i++) {
        const struct sql_column *column = &job->target->columns[i];
        if (column->not_null && !column->has_default && !column->is_generated && !is_filled(job, column))
            problem_add(&jobs->problems, job->name, "column", PROBLEM_FAIL, "give it an expression, or a default in the table",
                        "%s of %s is NOT NULL without a default and the plan does not fill it", column->name, job->target->name);
    }
    for (size_t i = 0; i < job->source->column_count; i++) {
        const char *name = job->source->columns[i].name;
        if (!uses->used[i] && !is_omitted(job->plan, name) && !job->source->columns[i].is_generated)
            problem_add(&jobs->problems, job->name, "left-behind", PROBLEM_WARN,
                        "carry it, use it, or name it under omit:", "column %s of %s is carried nowhere", name, job->source->name);
    }
    for (size_t i = 0; i < job->plan->omit.count; i++)
        if (sql_table_column(job->source, job->plan->omit.names[i]) == NULL)
            resolve_no_column(jobs, job, job->source, job->plan->omit.names[i], "omit:");
}

/* Columns that would update themselves are set to themselves, so that a fill leaves no trace in updated_at. */
static int keep_columns(struct jobs *jobs, struct job *job, struct err *err) {
    if (job->plan->touch || !job->in_place_or_overwrite)
        return 0;
    job->map.keep_columns = arena_array(&jobs->arena, job->target->column_count, sizeof *job->map.keep_columns);
    if (job->map.keep_columns == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < job->target->column_count; i++) {
        const struct sql_column *column = &job->target->columns[i];
        if (column->updates_itself && !is_filled(job, column))
            job->map.keep_columns[job->map.keep_count++] = column->name;
    }
    return 0;
}

static int note_reads(struct jobs *jobs, struct job *job, const struct uses *uses, struct err *err) {
    job->reads = arena_array(&jobs->arena, job->source->column_count + 1, sizeof *job->reads);
    if (job->reads == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < job->source->column_count; i++)
        if (uses->used[i])
            job->reads[job->read_count++] = &job->source->columns[i];
    return 0;
}

int resolve_columns(struct jobs *jobs, struct job *job, struct db *db, struct err *err) {
    struct uses uses = {.used = arena_array(&jobs->arena, job->source->column_count + 1, sizeof *uses.used), .fills = true};
    job->map.values = arena_array(&jobs->arena, job->plan->column_count + 1, sizeof *job->map.values);
    if (uses.used == NULL || job->map.values == NULL)
        return err_nomem(err);
    for (size_t i = 0; i < job->plan->column_count; i++) {
        int rc = add_value(jobs, job, db, &uses, &job->plan->columns[i], err);
        if (rc)
            return rc;
    }
    bool where_ok = false;
    if (job->map.where) {
        int rc = scan_expr(jobs, job, db, &uses, job->map.where, "where", &where_ok, err);
        if (rc)
            return rc;
    }
    for (size_t i = 0; i < job->plan->key.count; i++)
        use(&uses, job->source, job->plan->key.names[i]);
    int rc = note_reads(jobs, job, &uses, err);
    if (rc == 0)
        rc = compile(jobs, job, db, where_ok, err);
    if (rc)
        return rc;
    if (!job->map.in_place)
        check_left_out(jobs, job, &uses);
    return keep_columns(jobs, job, err);
}
