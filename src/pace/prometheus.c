/* prometheus.c - see prometheus.h. The API: prometheus.io/docs/prometheus/latest/querying/api, "Instant queries". */
#include "pace/prometheus.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static void add_escaped(struct buf *out, const char *text) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *text != '\0'; text++)
        if (strchr(plain, *text) != NULL)
            buf_add_char(out, *text);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

void prometheus_url(const char *base, const char *promql, struct buf *out) {
    size_t len = strcspn(base, "?#");
    const char *more = base[len] == '?' ? base + len + 1 : "";
    while (len > 0 && base[len - 1] == '/')
        len--;
    buf_add_mem(out, base, len);
    buf_add(out, "/api/v1/query?");
    if (more[0] != '\0') {
        buf_add_mem(out, more, strcspn(more, "#"));
        buf_add_char(out, '&');
    }
    buf_add(out, "query=");
    add_escaped(out, promql);
}

/* [time, "value"] */
static int read_pair(const json_t *pair, double *value, struct err *err) {
    const char *text = json_string_value(json_array_get(pair, 1));
    if (text == NULL)
        return err_set(err, ERR_SQL, "the answer is not one of a Prometheus");
    return signal_number(text, value, err);
}

int prometheus_read(const char *answer, size_t len, double *value, struct err *err) {
    json_t *document = json_loadb(answer, len, 0, NULL);
    const json_t *data = json_object_get(document, "data"), *result = json_object_get(data, "result");
    const char *type = json_string_value(json_object_get(data, "resultType"));
    int rc = 0;
    if (!text_equal(json_string_value(json_object_get(document, "status")), "success") || !json_is_array(result) || type == NULL)
        rc = err_set(err, ERR_SQL, "the answer is not one of a Prometheus");
    else if (text_equal(type, "scalar"))
        rc = read_pair(result, value, err);
    else if (!text_equal(type, "vector"))
        rc = err_set(err, ERR_SQL, "the query gives no value of a moment");
    else if (json_array_size(result) != 1)
        rc = err_set(err, ERR_SQL,
                     json_array_size(result) == 0 ? "the query matches nothing" : "the query gives more than one series");
    else
        rc = read_pair(json_object_get(json_array_get(result, 0), "value"), value, err);
    json_decref(document);
    return rc;
}

int prometheus_ask(const struct signal *signal, const struct signal_tools *tools, double *value, struct err *err) {
    struct buf url, answer;
    buf_init(&url);
    buf_init(&answer);
    prometheus_url(signal->about->url, signal->about->promql, &url);
    int rc = buf_ok(&url) ? signal_get(signal, tools, url.data, &answer, err) : err_nomem(err);
    if (rc == 0)
        rc = prometheus_read(answer.data, answer.len, value, err);
    if (url.cap > 0)
        explicit_bzero(url.data, url.cap);
    buf_release(&url);
    buf_release(&answer);
    return rc;
}
