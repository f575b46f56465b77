/* table.c - see table.h. */
#include "cli/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/term.h"
#include "cli/xalloc.h"

/* A column is never cut below this: less says nothing. */
enum { COLUMN_MIN = 6 };

void table_init(struct table *table, const char *const *headings, unsigned right) {
    *table = (struct table){.headings = headings, .right = right};
    while (headings[table->column_count] != NULL)
        table->column_count++;
    assert(table->column_count > 0 && table->column_count <= TABLE_COLUMNS_MAX);
}

void table_release(struct table *table) {
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}

void table_cell(struct table *table, const char *text) {
    table->cells = xresize(table->cells, table->cell_count + 1, sizeof *table->cells);
    table->cells[table->cell_count++] = term_escaped(text != NULL ? text : "");
}

static void measure(const struct table *table, unsigned *widths) {
    assert(table->column_count > 0);
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = term_width(table->headings[i]);
    for (size_t i = 0; i < table->cell_count; i++) {
        unsigned width = term_width(table->cells[i]);
        if (width > widths[i % table->column_count])
            widths[i % table->column_count] = width;
    }
}

static unsigned total(const struct table *table, const unsigned *widths) {
    unsigned sum = 0;
    for (size_t i = 0; i < table->column_count; i++)
        sum += widths[i] + (i > 0 ? TABLE_GAP : 0);
    return sum;
}

/* Takes columns from the widest texts, one at a time, until the rows fit; numbers are never cut, they would lie. */
static void shrink(const struct table *table, unsigned *widths, unsigned columns) {
    while (total(table, widths) > columns) {
        size_t widest = TABLE_COLUMNS_MAX;
        for (size_t i = 0; i < table->column_count; i++)
            if ((table->right >> i & 1) == 0 && widths[i] > COLUMN_MIN &&
                (widest == TABLE_COLUMNS_MAX || widths[i] > widths[widest]))
                widest = i;
        if (widest == TABLE_COLUMNS_MAX)
            return;
        widths[widest]--;
    }
}

/* `due` are the blanks owed since the cell before; they are printed only before text, so that no line ends in blanks. Returns those owed
 * to the next cell. */
static unsigned print_cell(const struct table *table, FILE *out, size_t column, const char *text, unsigned width, unsigned due) {
    bool right = (table->right >> column & 1) != 0;
    char *shown = xformat("%s…", text); /* room for term_cut */
    shown[strlen(text)] = '\0';
    if (!right)
        term_cut(shown, width);
    unsigned used = term_width(shown);
    unsigned pad = used < width ? width - used : 0;
    if (used > 0)
        fprintf(out, "%*s%s", (int)(due + (right ? pad : 0)), "", shown);
    free(shown);
    return TABLE_GAP + (used == 0 ? due + width : right ? 0 : pad);
}

void table_print(const struct table *table, FILE *out, unsigned indent, unsigned columns) {
    unsigned widths[TABLE_COLUMNS_MAX];
    if (table->cell_count == 0)
        return;
    measure(table, widths);
    if (columns > indent)
        shrink(table, widths, columns - indent);
    unsigned due = 0;
    for (size_t i = 0; i < table->column_count + table->cell_count; i++) {
        size_t column = i % table->column_count;
        const char *text = i < table->column_count ? table->headings[i] : table->cells[i - table->column_count];
        due = print_cell(table, out, column, text, widths[column], column == 0 ? indent : due);
        if (column + 1 == table->column_count)
            fputc('\n', out);
    }
}
