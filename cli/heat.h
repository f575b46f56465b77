/* heat.h - the ranges of a fill as squares of a map: one for each, or for several in a row where there are very many. Pure. */
#ifndef CLI_HEAT_H
#define CLI_HEAT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/verdict.h"

enum { HEAT_CELLS_MAX = 2000, HEAT_VERDICTS = VERDICT_DIFFER + 1 };

struct heat_cell {
    size_t first, count; /* places in the list of ranges */
    enum verdict worst;
    size_t verdicts[HEAT_VERDICTS]; /* how many ranges have each */
    int64_t rows;
};

struct heat {
    struct heat_cell *cells;
    size_t cell_count;
    size_t ranges_per_cell;
    size_t verdicts[HEAT_VERDICTS];
};

/* `ranges` is the list of a fill. Release with heat_release. */
void heat_init(struct heat *heat, const json_t *ranges);
void heat_release(struct heat *heat);

#endif
