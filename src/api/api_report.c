/* api_report.c - see infill.h. */
#include "api/api.h"

int infill_report(const struct infill_plan *plan, char **json, struct infill_error *error) {
    (void)plan, (void)json;
    struct err err;
    err_clear(&err);
    err_set(&err, ERR_UNSUPPORTED, "the report is not there yet");
    return api_fail(&err, error);
}
