/* table.h - rows of text in columns that fit the terminal.
 *
 * Cells are escaped (term.h) as they come in. Wider than the terminal, the widest columns give way, cut with "…"; into a file or a pipe
 * (width 0) nothing is ever cut. A table without rows prints nothing, not even the headings. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 12, TABLE_GAP = 2 };

struct table {
    const char *const *headings;
    size_t column_count;
    unsigned right; /* bit i: column i is a number, aligned right */
    char **cells;   /* row after row */
    size_t cell_count;
};

/* `headings` must outlive the table and end with NULL. */
void table_init(struct table *table, const char *const *headings, unsigned right);
void table_release(struct table *table);
/* Adds the next cell; NULL is "". */
void table_cell(struct table *table, const char *text);
void table_print(const struct table *table, FILE *out, unsigned indent, unsigned columns);

#endif
