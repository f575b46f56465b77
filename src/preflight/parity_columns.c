/* parity_columns.c - the columns of the plan's tables: types, NULL, collations, what is computed, defaults. */
#include "base/text.h"
#include "preflight/parity.h"

/* What a value has to be and becomes. */
static const char *nature(struct parity *parity, const struct sql_column *column) {
    return parity_text(parity, "%s%s%s%s%s%s%s%s%s%s", column->type, column->charset ? " " : "",
                       column->charset ? column->charset : "", column->collation ? " " : "",
                       column->collation ? column->collation : "", column->not_null ? " NOT NULL" : "",
                       column->is_identity ? " identity" : "", column->updates_itself ? " updates itself" : "",
                       column->is_generated ? " computed: " : "", column->is_generated && column->formula ? column->formula : "");
}

static const char *default_of(const struct sql_column *column) {
    return column->is_generated ? NULL : column->formula ? column->formula : column->has_default ? "numbered by the server" : NULL;
}

static void missing(struct parity *parity, const struct parity_table *table, const char *subject, const struct sql_column *column,
                    size_t has_it) {
    bool is_used = parity_uses(parity, table, column->name);
    const char *text = nature(parity, column);
    enum parity_verdict verdict = is_used ? PARITY_FAIL : parity_for(table, PARITY_WARN, PARITY_INFO);
    parity_say(parity, verdict, subject, has_it == 0 ? text : NULL, has_it == 1 ? text : NULL, NULL, "%s",
               is_used ? "a fill reads or writes it" : "no fill reads or writes it; rows are wider in one");
}

static void compare_column(struct parity *parity, const struct parity_table *table, const char *subject, const struct sql_column *a,
                           const struct sql_column *b) {
    bool is_used = parity_uses(parity, table, a->name);
    if (!parity->same_engine)
        return;
    parity_texts(parity, is_used ? PARITY_FAIL : parity_for(table, PARITY_WARN, PARITY_INFO), subject, nature(parity, a),
                 nature(parity, b),
                 is_used ? "what fits into one may be refused by the other, cut, or compared otherwise"
                         : "no fill reads or writes it; rows take other room");
    /* A column that is filled does not need its default; any other column of a target gets it. */
    parity_texts(parity, is_used ? PARITY_INFO : parity_for(table, PARITY_FAIL, PARITY_INFO),
                 parity_text(parity, "%s: default", subject), default_of(a), default_of(b),
                 is_used || !table->is_target ? "a fill does not use it" : "rows that a fill inserts get another value there");
}

static void compare_table(struct parity *parity, const struct parity_table *table) {
    const struct sql_table *const *t = table->table;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < t[s]->column_count; i++) {
            const struct sql_column *column = &t[s]->columns[i], *other = sql_table_column(t[1 - s], column->name);
            const char *subject = parity_text(parity, "%s.%s", table->label, column->name);
            if (other == NULL)
                missing(parity, table, subject, column, s);
            else if (s == 0)
                compare_column(parity, table, subject, column, other);
        }
}

static int compare(struct parity *parity, struct err *err) {
    (void)err;
    for (size_t i = 0; i < parity->table_count; i++)
        if (parity->tables[i].table[0] && parity->tables[i].table[1])
            compare_table(parity, &parity->tables[i]);
    return 0;
}

const struct parity_item columns_parity = {"columns", compare};
