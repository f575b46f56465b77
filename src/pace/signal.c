/* signal.c - see signal.h. */
#include "pace/signal.h"

#include <math.h>

#include "base/http.h"
#include "base/mem.h"
#include "base/text.h"

#define SIGNAL_KIND(name, unit, needs, takes, slow, stop, every_ms) extern const struct signal_type name##_signal;
#include "signal_kinds.h"
#undef SIGNAL_KIND

#define SIGNAL_KIND(name, unit, needs, takes, slow, stop, every_ms) &name##_signal,
static const struct signal_type *const types[] = {
#include "signal_kinds.h"
    NULL};
#undef SIGNAL_KIND

int signal_open(const struct plan *plan, const struct plan_signal *about, struct signal **out, struct err *err) {
    const struct signal_type *const *type = types;
    while (*type && !text_equal((*type)->name, about->kind))
        type++;
    if (*type == NULL)
        return err_set(err, ERR_UNSUPPORTED, "this infill was built without the signal %s", about->kind);
    struct signal *signal = mem_zalloc(1, (*type)->size ? (*type)->size : sizeof *signal);
    if (signal == NULL)
        return err_nomem(err);
    signal->type = *type;
    signal->about = about;
    int rc = signal->type->open ? signal->type->open(signal, plan, err) : 0;
    if (rc) {
        err_where(err, "signal %s", about->name);
        signal_close(signal);
        return rc;
    }
    *out = signal;
    return 0;
}

void signal_close(struct signal *signal) {
    if (signal == NULL)
        return;
    if (signal->type->close)
        signal->type->close(signal);
    mem_free(signal);
}

int signal_rows(const struct signal *signal, const struct signal_tools *tools, const char *sql, struct db_result *result,
                struct err *err) {
    unsigned timeout_ms = (unsigned)(signal->about->timeout_us / 1000);
    struct db_tx tx = {
        .statement_timeout_ms = timeout_ms, .lock_timeout_ms = timeout_ms, .idle_timeout_ms = 10000, .read_only = true};
    return db_query(tools->db, &tx, sql, NULL, 0, tools->arena, result, err);
}

int signal_query(const struct signal *signal, const struct signal_tools *tools, const char *sql, struct db_result *result,
                 struct err *err) {
    int rc = signal_rows(signal, tools, sql, result, err);
    if (rc == 0 && (result->row_count == 0 || result->column_count == 0))
        rc = err_set(err, ERR_SQL, "the query gives no row");
    return rc;
}

int signal_get(const struct signal *signal, const struct signal_tools *tools, const char *url, struct buf *answer,
               struct err *err) {
    enum { STATUS_OK = 200, STATUS_OTHER = 300 };
    char where[HTTP_ENDPOINT_MAX];
    const struct http_request request = {.url = url, .timeout_us = signal->about->timeout_us, .stop = tools->stop};
    int status = 0, rc = http_call(&request, &status, answer, err);
    if (rc || (status >= STATUS_OK && status < STATUS_OTHER))
        return rc;
    return err_set(err, ERR_IO, "%s answered with status %d", http_endpoint(url, where, sizeof where), status);
}

int signal_number(const char *text, double *number, struct err *err) {
    char copy[64];
    size_t begin = text ? strspn(text, " \t\r\n") : 0, len = text ? strlen(text) : 0;
    while (len > begin && strchr(" \t\r\n", text[len - 1]))
        len--;
    bool percent = len > begin && text[len - 1] == '%';
    len -= percent;
    if (len <= begin || len - begin >= sizeof copy)
        return err_set(err, ERR_SQL, "it gives no number");
    memcpy(copy, text + begin, len - begin);
    copy[len - begin] = '\0';
    if (strspn(copy, "0123456789.eE+-") != len - begin || !text_to_double(copy, number) || !isfinite(*number))
        return err_set(err, ERR_SQL, "it gives no number");
    *number = percent ? *number / 100 : *number;
    return 0;
}
