/* datum.c - see datum.h. */
#include "sql/datum.h"

static const char *const names[] = {
    [DATUM_NULL] = "null",           [DATUM_BOOL] = "bool",       [DATUM_INT] = "int",           [DATUM_UINT] = "uint",
    [DATUM_DECIMAL] = "decimal",     [DATUM_DOUBLE] = "double",   [DATUM_TEXT] = "text",         [DATUM_BYTES] = "bytes",
    [DATUM_JSON] = "json",           [DATUM_UUID] = "uuid",       [DATUM_DATE] = "date",         [DATUM_TIME] = "time",
    [DATUM_TIMESTAMP] = "timestamp", [DATUM_INSTANT] = "instant", [DATUM_ODD_DATE] = "odd date", [DATUM_OTHER] = "other",
};

const char *datum_kind_name(enum datum_kind kind) {
    return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}
