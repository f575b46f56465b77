/* parity_indexes.c - the indexes of the plan's tables, by what they are, not by what they are called. */
#include "base/buf.h"
#include "base/text.h"
#include "preflight/parity.h"

static const char *shape_of(struct parity *parity, const struct sql_index *index) {
    struct buf text;
    buf_init(&text);
    buf_add(&text, index->is_primary ? "primary key (" : index->is_unique ? "unique (" : "index (");
    for (size_t i = 0; i < index->column_count; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", index->columns[i] ? index->columns[i] : "an expression");
    buf_printf(&text, ")%s%s%s%s%s%s", index->is_partial ? " of some rows" : "",
               index->is_expression && index->columns[0] ? " of parts" : "", index->is_deferrable ? " deferrable" : "",
               index->is_descending ? " descending" : "", index->is_custom_order ? " of another order" : "",
               index->is_valid ? "" : " not valid");
    const char *shape = buf_ok(&text) ? parity_text(parity, "%s", text.data) : "";
    parity->failed = parity->failed || !buf_ok(&text);
    buf_release(&text);
    return shape;
}

/* Which one of that shape is it: the first, the second ...? Two of a kind are two. */
static size_t count_before(struct parity *parity, const struct sql_table *table, size_t end, const char *shape) {
    size_t count = 0;
    for (size_t i = 0; i < end; i++)
        count += text_equal(shape_of(parity, &table->indexes[i]), shape);
    return count;
}

static void compare_table(struct parity *parity, const struct parity_table *table, size_t side) {
    const struct sql_table *mine = table->table[side], *theirs = table->table[1 - side];
    for (size_t i = 0; i < mine->index_count; i++) {
        const struct sql_index *index = &mine->indexes[i];
        const char *shape = shape_of(parity, index);
        bool is_there = count_before(parity, theirs, theirs->index_count, shape) > count_before(parity, mine, i, shape);
        const char *subject = parity_text(parity, "%s: %s", table->label, shape);
        const char *name = index->name && index->name[0] ? index->name : "yes";
        if (is_there && side == 0)
            parity_say(parity, PARITY_PASS, subject, "yes", "yes", NULL, "%s", "");
        if (!is_there)
            parity_say(parity, index->is_unique ? PARITY_FAIL : PARITY_WARN, subject, side == 0 ? name : NULL,
                       side == 1 ? name : NULL, NULL, "not in %s: %s", parity->sides[1 - side].name,
                       index->is_unique   ? "rows that are refused with it are taken without it"
                       : table->is_target ? "each row written costs less there, and what reads by it reads the whole table"
                                          : "what reads by it reads the whole table");
    }
}

static int compare(struct parity *parity, struct err *err) {
    (void)err;
    for (size_t i = 0; i < parity->table_count && parity->same_engine; i++)
        for (size_t side = 0; side < 2 && parity->tables[i].table[0] && parity->tables[i].table[1]; side++)
            compare_table(parity, &parity->tables[i], side);
    return 0;
}

const struct parity_item indexes_parity = {"indexes", compare};
