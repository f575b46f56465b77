/* http.c - see http.h. */
#include "base/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_MS = 50 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready; /* set once, before anybody reads it */

static void start(void) {
    is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static bool make_ready(void) {
    pthread_once(&once, start);
    return is_ready;
}

/* ---- URLs ---- */

static CURLU *parse(const char *url) {
    CURLU *parts = make_ready() ? curl_url() : NULL;
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
        return parts;
    curl_url_cleanup(parts);
    return NULL;
}

char *http_endpoint(const char *url, char *out, size_t size) {
    CURLU *parts = parse(url);
    char *scheme = NULL, *host = NULL, *port = NULL;
    if (parts && curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        bool has_port = curl_url_get(parts, CURLUPART_PORT, &port, 0) == CURLUE_OK;
        snprintf(out, size, "%s://%s%s%s", scheme, host, has_port ? ":" : "", has_port ? port : "");
    } else {
        snprintf(out, size, "the URL");
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return out;
}

bool http_is_url(const char *url) {
    CURLU *parts = parse(url);
    char *scheme = NULL;
    bool good = parts && curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return good;
}

/* ---- a call ---- */

struct call {
    const struct http_request *request;
    struct buf *answer;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    bool is_full;
};

static size_t take(char *data, size_t size, size_t count, void *context) {
    struct call *call = context;
    size_t len = size * count;
    if (call->answer == NULL)
        return len;
    call->is_full = call->answer->len + len > HTTP_ANSWER_MAX;
    if (call->is_full)
        return 0;
    buf_add_mem(call->answer, data, len);
    return buf_ok(call->answer) ? len : 0;
}

static long at_most_ms(int64_t us, int64_t most_us) {
    int64_t ms = (us < most_us ? us : most_us) / 1000;
    return ms > 0 ? (long)ms : 1;
}

/* A body of its own type, and sent at once instead of asking whether it may be. */
static bool set_body(struct call *call) {
    static const char *const lines[] = {"Content-Type: application/json", "Expect:"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct curl_slist *longer = curl_slist_append(call->headers, lines[i]);
        if (longer == NULL)
            return false;
        call->headers = longer;
    }
    return curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK &&
           curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->request->body) == CURLE_OK;
}

static bool set_up(struct call *call) {
    CURL *easy = call->easy = curl_easy_init();
    call->multi = curl_multi_init();
    if (easy == NULL || call->multi == NULL)
        return false;
    int64_t us = call->request->timeout_us;
    int wrong = curl_easy_setopt(easy, CURLOPT_URL, call->request->url) != CURLE_OK;
    wrong |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
    wrong |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
    wrong |=
        curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK; /* whoever starts the process does not decide who sees the URL */
    wrong |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
    wrong |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) != CURLE_OK; /* a name that is still looked up is not waited for */
    wrong |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, at_most_ms(us, HTTP_CONNECT_US)) != CURLE_OK;
    wrong |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, at_most_ms(us, HTTP_TIMEOUT_US)) != CURLE_OK;
    wrong |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "infill/" INFILL_VERSION) != CURLE_OK;
    wrong |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) != CURLE_OK;
    wrong |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, call) != CURLE_OK;
    return !wrong && (call->request->body == NULL || set_body(call)) && curl_multi_add_handle(call->multi, easy) == CURLM_OK;
}

static bool is_stopped(const struct call *call) {
    return call->request->stop && atomic_load(call->request->stop);
}

/* Its end, or nothing when it was stopped. */
static bool perform(struct call *call, CURLcode *code) {
    int running = 1, left;
    while (!is_stopped(call) && curl_multi_perform(call->multi, &running) == CURLM_OK && running)
        curl_multi_poll(call->multi, NULL, 0, LOOK_MS, NULL);
    const CURLMsg *message = running ? NULL : curl_multi_info_read(call->multi, &left);
    if (message == NULL || message->msg != CURLMSG_DONE)
        return false;
    *code = message->data.result;
    return true;
}

static bool is_passing(CURLcode code) {
    static const CURLcode passing[] = {CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_GOT_NOTHING,
                                       CURLE_RECV_ERROR,      CURLE_SEND_ERROR,           CURLE_PARTIAL_FILE};
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (passing[i] == code)
            return true;
    return false;
}

/* curl's own detailed messages may hold more of the URL; these texts are constant. */
static int fail(const struct call *call, CURLcode code, struct err *err) {
    char where[HTTP_ENDPOINT_MAX];
    http_endpoint(call->request->url, where, sizeof where);
    if (call->is_full)
        return err_set(err, ERR_FULL, "%s answered with more than %d bytes", where, (int)HTTP_ANSWER_MAX);
    if (code == CURLE_OUT_OF_MEMORY || (call->answer && !buf_ok(call->answer)))
        return err_nomem(err);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, ERR_SLOW, "%s did not answer within %ld ms", where,
                       at_most_ms(call->request->timeout_us, HTTP_TIMEOUT_US));
    return err_set(err, is_passing(code) ? ERR_TRANSIENT : ERR_IO, "%s: %s", where, curl_easy_strerror(code));
}

static void release(struct call *call) {
    if (call->multi && call->easy)
        curl_multi_remove_handle(call->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_multi_cleanup(call->multi);
    curl_slist_free_all(call->headers);
}

int http_call(const struct http_request *request, int *status, struct buf *answer, struct err *err) {
    struct call call = {.request = request, .answer = answer};
    CURLcode code = CURLE_OK;
    long said = 0;
    int rc = 0;
    if (!http_is_url(request->url))
        return err_set(err, ERR_IO, "this is no URL that begins with http:// or https://");
    if (!set_up(&call))
        rc = err_nomem(err);
    else if (!perform(&call, &code))
        rc = is_stopped(&call) ? err_set(err, ERR_CANCELLED, "an answer over HTTP was not waited for")
                               : err_set(err, ERR_IO, "a request over HTTP could not be made");
    else if (code != CURLE_OK)
        rc = fail(&call, code, err);
    else if (curl_easy_getinfo(call.easy, CURLINFO_RESPONSE_CODE, &said) == CURLE_OK)
        *status = (int)said;
    release(&call);
    return rc;
}
