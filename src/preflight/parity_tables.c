/* parity_tables.c - the plan's tables: are they there, and of one kind? */
#include "base/text.h"
#include "preflight/parity.h"

static const char *kind_of(struct parity *parity, const struct sql_table *table) {
    if (table == NULL)
        return NULL;
    return parity_text(parity, "%s%s%s%s%s%s", table->kind ? table->kind : "table", table->engine ? ", " : "",
                       table->engine ? table->engine : "", table->is_without_rowid ? ", without rowid" : "",
                       table->has_rules ? ", with rules" : "", table->has_row_security ? ", with row security" : "");
}

static void compare_table(struct parity *parity, const struct parity_table *table) {
    const struct sql_table *const *t = table->table;
    const char *a = kind_of(parity, t[0]), *b = kind_of(parity, t[1]);
    if (t[0] == NULL && t[1] == NULL) {
        parity_say(parity, PARITY_UNKNOWN, table->label, NULL, NULL, "infill plan PLAN --env ENVIRONMENT",
                   "in neither environment");
        return;
    }
    if (t[0] == NULL || t[1] == NULL) {
        parity_say(parity, PARITY_FAIL, table->label, a, b, "make it there, or look at the schema that the plan names",
                   "not in %s: the plan cannot run there", parity->sides[t[0] ? 1 : 0].name);
        return;
    }
    if (parity->same_engine)
        parity_texts(parity, PARITY_FAIL, table->label, a, b, "rows are kept, changed or swallowed in another way");
    if (parity->same_engine && parity->sides[0].jobs->identity.search_path[0] != '\0')
        parity_texts(parity, PARITY_WARN, parity_text(parity, "%s: schema", table->label), t[0]->schema, t[1]->schema,
                     "the plan names no schema, and finds the table in another one");
    if (table->is_target)
        parity_texts(parity, PARITY_WARN, parity_text(parity, "%s: publications", table->label), t[0]->publications,
                     t[1]->publications, "changes are sent out to subscribers: more to do for each row, and for them");
}

static int compare(struct parity *parity, struct err *err) {
    (void)err;
    for (size_t i = 0; i < parity->table_count; i++)
        compare_table(parity, &parity->tables[i]);
    return 0;
}

const struct parity_item tables_parity = {"tables", compare};
