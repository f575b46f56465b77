/* table.c - looking things up in a table's description. Names are compared exactly: they are catalog spellings. */
#include "sql/table.h"

#include <string.h>

const struct sql_column *sql_table_column(const struct sql_table *table, const char *name) {
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

const struct sql_index *sql_table_primary(const struct sql_table *table) {
    for (size_t i = 0; i < table->index_count; i++)
        if (table->indexes[i].is_primary)
            return &table->indexes[i];
    return NULL;
}

static bool contains(const char *const *columns, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i], name) == 0)
            return true;
    return false;
}

static bool begins_with(const struct sql_index *index, const char *const *columns, size_t count) {
    if (index->column_count < count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (index->columns[i] == NULL || strcmp(index->columns[i], columns[i]) != 0)
            return false;
    return true;
}

/* Columns of an index are distinct, so equal counts and inclusion make equal sets. */
static bool same_columns(const struct sql_index *index, const char *const *columns, size_t count) {
    if (index->column_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (index->columns[i] == NULL || !contains(columns, count, index->columns[i]))
            return false;
    return true;
}

const struct sql_index *sql_table_unique(const struct sql_table *table, const char *const *columns, size_t count, bool any_order) {
    for (size_t i = 0; i < table->index_count; i++) {
        const struct sql_index *index = &table->indexes[i];
        if (!index->is_unique || index->is_partial || index->is_expression || index->is_deferrable || !index->is_valid)
            continue;
        if (any_order ? same_columns(index, columns, count) : index->column_count == count && begins_with(index, columns, count))
            return index;
    }
    return NULL;
}

const struct sql_index *sql_table_range_index(const struct sql_table *table, const char *const *columns, size_t count) {
    const struct sql_index *found = NULL;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct sql_index *index = &table->indexes[i];
        if (index->is_partial || index->is_expression || index->is_custom_order || !index->is_valid)
            continue;
        if (!begins_with(index, columns, count))
            continue;
        if (index->is_unique)
            return index;
        if (found == NULL)
            found = index;
    }
    return found;
}
