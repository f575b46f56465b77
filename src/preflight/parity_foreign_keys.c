/* parity_foreign_keys.c - the foreign keys of the plan's tables, by what they say, not by what they are called. */
#include "base/buf.h"
#include "base/text.h"
#include "preflight/parity.h"

static void add_names(struct buf *out, const char *const *names, size_t count) {
    buf_add(out, "(");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? ", " : "", names[i] ? names[i] : "its key");
    buf_add(out, ")");
}

static const char *shape_of(struct parity *parity, const struct sql_foreign_key *key) {
    struct buf text;
    buf_init(&text);
    add_names(&text, key->columns, key->column_count);
    buf_printf(&text, " references %s ", key->ref_table);
    add_names(&text, key->ref_columns, key->column_count);
    const char *shape = buf_ok(&text) ? parity_text(parity, "%s", text.data) : "";
    parity->failed = parity->failed || !buf_ok(&text);
    buf_release(&text);
    return shape;
}

static bool has(struct parity *parity, const struct sql_table *table, const char *shape) {
    for (size_t i = 0; i < table->foreign_key_count; i++)
        if (text_equal(shape_of(parity, &table->foreign_keys[i]), shape))
            return true;
    return false;
}

static void compare_table(struct parity *parity, const struct parity_table *table, size_t side) {
    const struct sql_table *mine = table->table[side];
    for (size_t i = 0; i < mine->foreign_key_count; i++) {
        const char *shape = shape_of(parity, &mine->foreign_keys[i]), *name = mine->foreign_keys[i].name;
        const char *subject = parity_text(parity, "%s: %s", table->label, shape);
        bool is_there = has(parity, table->table[1 - side], shape);
        if (is_there && side == 0)
            parity_say(parity, PARITY_PASS, subject, "yes", "yes", NULL, "%s", "");
        if (!is_there)
            parity_say(parity, parity_for(table, PARITY_FAIL, PARITY_WARN), subject, side == 0 ? name : NULL,
                       side == 1 ? name : NULL, NULL, "not in %s: %s", parity->sides[1 - side].name,
                       table->is_target ? "rows without a parent are refused with it and taken without it"
                                        : "rows of the source may have no parent there");
    }
}

static int compare(struct parity *parity, struct err *err) {
    (void)err;
    for (size_t i = 0; i < parity->table_count && parity->same_engine; i++)
        for (size_t side = 0; side < 2 && parity->tables[i].table[0] && parity->tables[i].table[1]; side++)
            compare_table(parity, &parity->tables[i], side);
    return 0;
}

const struct parity_item foreign_keys_parity = {"foreign-keys", compare};
