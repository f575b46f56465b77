/* heat.c - see heat.h. */
#include "cli/heat.h"

#include <stdlib.h>

#include "cli/doc.h"
#include "cli/xalloc.h"

static void add(struct heat_cell *cell, size_t place, const json_t *range) {
    enum verdict verdict = verdict_of(range);
    if (cell->count == 0)
        *cell = (struct heat_cell){.first = place, .worst = verdict};
    cell->count++;
    cell->worst = verdict_worse(cell->worst, verdict);
    cell->verdicts[verdict]++;
    cell->rows += doc_int(range, "rows", 0);
}

void heat_init(struct heat *heat, const json_t *ranges) {
    size_t count = json_array_size(ranges);
    size_t place;
    json_t *range;
    *heat = (struct heat){.ranges_per_cell = count > 0 ? (count + HEAT_CELLS_MAX - 1) / HEAT_CELLS_MAX : 1};
    heat->cell_count = (count + heat->ranges_per_cell - 1) / heat->ranges_per_cell;
    heat->cells = xalloc(heat->cell_count, sizeof *heat->cells);
    json_array_foreach (ranges, place, range) {
        add(&heat->cells[place / heat->ranges_per_cell], place, range);
        heat->verdicts[verdict_of(range)]++;
    }
}

void heat_release(struct heat *heat) {
    free(heat->cells);
    *heat = (struct heat){0};
}
