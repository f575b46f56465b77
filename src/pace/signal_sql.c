/* signal_sql.c - any number that a SELECT of the user's gives. */
#include "pace/signal.h"

static int sample(struct signal *signal, const struct signal_tools *tools, struct pace_reading *reading, struct err *err) {
    struct db_result result;
    int rc = signal_query(signal, tools, signal->about->query, &result, err);
    return rc ? rc : signal_number(db_cell(&result, 0, 0), &reading->value, err);
}

const struct signal_type sql_signal = {.name = "sql", .kind = PACE_GAUGE, .needs_db = true, .sample = sample};
