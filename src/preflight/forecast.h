/* forecast.h - from a few measured batches to how long a fill takes, and what to set. Pure: no clock, no database. */
#ifndef PREFLIGHT_FORECAST_H
#define PREFLIGHT_FORECAST_H

#include <stddef.h>
#include <stdint.h>

enum { FORECAST_TEXT = 24 };

struct forecast_facts {
    const double *us_per_row; /* one per measured batch, by one worker */
    size_t count;
    int64_t rows;            /* of the fill; -1 unknown */
    int64_t rows_per_second; /* the plan's pace; 0: no limit */
    int64_t workers;         /* that really work side by side */
    int64_t target_us;       /* of a batch */
    int64_t overhead_us;     /* of a batch beside its rows: round trips, COMMIT */
    int64_t batch_rows;      /* by the plan: what the overhead is shared by */
    int64_t rows_max;        /* of a batch, by the plan */
};

struct forecast {
    double us_per_row;                         /* mean */
    double us_per_row_low, us_per_row_high;    /* of the mean, 90% */
    double seconds, seconds_low, seconds_high; /* negative: unknown */
    int64_t batch_rows;                        /* that take the target time, nine times out of ten */
    int64_t workers;                           /* that the pace needs */
    int64_t rows_per_second;                   /* that keep one worker busy half of the time */
    char
        finish_within[FORECAST_TEXT]; /* as a plan writes a duration: by then it is over, but for one time in twenty; "": unknown */
};

/* `count` is at least 1. With one batch there is no interval: low and high are the mean. Workers are taken to add up, what the ledger's
 * statements take in the server is not in it, and the load of the application is what it was while measuring. */
void forecast_make(const struct forecast_facts *facts, struct forecast *forecast);

#endif
