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
    assert(table->column_count <= TABLE_COLUMNS_MAX);
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

static void print_cell(const struct table *table, FILE *out, size_t column, const char *text, unsigned width) {
    char *shown = xformat("%s…", text);
    shown[strlen(text)] = '\0';
    if ((table->right >> column & 1) == 0)
        term_cut(shown, width);
    unsigned used = term_width(shown);
    unsigned pad = used < width ? width - used : 0;
    bool last = column + 1 == table->column_count;
    if (table->right >> column & 1)
        fprintf(out, "%*s%s", (int)pad, "", shown);
    else
        fprintf(out, "%s%*s", shown, last ? 0 : (int)pad, "");
    fprintf(out, "%*s", last ? 0 : TABLE_GAP, "");
    free(shown);
}

void table_print(const struct table *table, FILE *out, unsigned indent, unsigned columns) {
    unsigned widths[TABLE_COLUMNS_MAX];
    if (table->cell_count == 0)
        return;
    measure(table, widths);
    if (columns > indent)
        shrink(table, widths, columns - indent);
    for (size_t i = 0; i < table->column_count + table->cell_count; i++) {
        size_t column = i % table->column_count;
        if (column == 0)
            fprintf(out, "%*s", (int)indent, "");
        const char *text = i < table->column_count ? table->headings[i] : table->cells[i - table->column_count];
        print_cell(table, out, column, text, widths[column]);
        if (column + 1 == table->column_count)
            fputc('\n', out);
    }
}
