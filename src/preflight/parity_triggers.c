/* parity_triggers.c - the triggers of the plan's tables: which, when, and whether they do the same. */
#include "base/text.h"
#include "preflight/parity.h"

static const struct sql_trigger *find(const struct sql_table *table, const char *name) {
    for (size_t i = 0; i < table->trigger_count; i++)
        if (text_equal(table->triggers[i].name, name))
            return &table->triggers[i];
    return NULL;
}

static const char *shape_of(struct parity *parity, const struct sql_trigger *trigger) {
    return parity_text(parity, "%s%s%s%s%s%s", trigger->timing, trigger->on_insert ? " insert" : "",
                       trigger->on_update ? " update" : "", trigger->on_delete ? " delete" : "",
                       trigger->per_row ? "" : ", per statement", trigger->enabled ? "" : ", disabled");
}

static void compare_trigger(struct parity *parity, const struct parity_table *table, const struct sql_trigger *a,
                            const struct sql_trigger *b) {
    const char *subject = parity_text(parity, "%s: trigger %s", table->label, a ? a->name : b->name);
    const char *shapes[] = {a ? shape_of(parity, a) : NULL, b ? shape_of(parity, b) : NULL};
    enum parity_verdict verdict = parity_for(table, PARITY_FAIL, PARITY_INFO);
    bool is_other = a && b && text_equal(shapes[0], shapes[1]) && !text_equal(a->body, b->body);
    if (is_other)
        parity_say(parity, verdict, subject, shapes[0], shapes[1], NULL, "it does not do the same in both");
    else
        parity_texts(parity, verdict, subject, shapes[0], shapes[1],
                     table->is_target ? "it fires for rows that a fill writes, in one of them or at another time"
                                      : "a fill only reads this table");
}

static void compare_table(struct parity *parity, const struct parity_table *table) {
    const struct sql_table *a = table->table[0], *b = table->table[1];
    for (size_t i = 0; i < a->trigger_count; i++)
        compare_trigger(parity, table, &a->triggers[i], find(b, a->triggers[i].name));
    for (size_t i = 0; i < b->trigger_count; i++)
        if (find(a, b->triggers[i].name) == NULL)
            compare_trigger(parity, table, NULL, &b->triggers[i]);
}

static int compare(struct parity *parity, struct err *err) {
    (void)err;
    for (size_t i = 0; i < parity->table_count && parity->same_engine; i++)
        if (parity->tables[i].table[0] && parity->tables[i].table[1])
            compare_table(parity, &parity->tables[i]);
    return 0;
}

const struct parity_item triggers_parity = {"triggers", compare};
