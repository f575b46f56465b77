/* item_foreign_keys.c - who refers to what, and whether the columns that refer have an index. */
#include "base/text.h"
#include "preflight/checklist.h"

static bool has_column(const struct sql_foreign_key *key, const char *name) {
    for (size_t i = 0; i < key->column_count; i++)
        if (text_equal(key->columns[i], name))
            return true;
    return false;
}

/* Some index begins with the columns of the key, in whatever order. */
static bool is_indexed(const struct sql_table *table, const struct sql_foreign_key *key) {
    for (size_t i = 0; i < table->index_count; i++) {
        const struct sql_index *index = &table->indexes[i];
        if (index->is_partial || index->is_expression || !index->is_valid || index->column_count < key->column_count)
            continue;
        size_t covered = 0;
        while (covered < key->column_count && has_column(key, index->columns[covered]))
            covered++;
        if (covered == key->column_count)
            return true;
    }
    return false;
}

static int look(struct checklist *list, struct err *err) {
    static const char *const kinds[] = {"foreign-key", NULL};
    (void)err;
    for (size_t i = 0; i < list->jobs->count; i++) {
        const struct job *job = &list->jobs->jobs[i];
        size_t found = checklist_problems(list, job, kinds);
        if (job->target == NULL)
            continue;
        for (size_t k = 0; k < job->target->foreign_key_count; k++) {
            const struct sql_foreign_key *key = &job->target->foreign_keys[k];
            if (is_indexed(job->target, key))
                continue;
            found++;
            checklist_say(list, job, CHECKLIST_WARN, "create an index that begins with the columns of the foreign key",
                          "foreign key %s of %s has no index: a change in %s reads all of %s", key->name, job->target_name,
                          key->ref_table, job->target->name);
        }
        if (found == 0 && job->target->foreign_key_count == 0)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "%s has no foreign keys", job->target_name);
        else if (found == 0)
            checklist_say(list, job, CHECKLIST_PASS, NULL, "%zu foreign key%s of %s, each with an index",
                          job->target->foreign_key_count, job->target->foreign_key_count == 1 ? "" : "s", job->target_name);
    }
    return 0;
}

const struct checklist_item foreign_keys_item = {"foreign-keys", CHECKLIST_BEFORE, look};
