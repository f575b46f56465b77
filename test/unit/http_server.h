/* http_server.h - a web server of the test's own: one thread, a free port of this machine, answers by a script. */
#ifndef TEST_HTTP_SERVER_H
#define TEST_HTTP_SERVER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_REQUESTS_MAX = 32, SERVER_REQUEST_BYTES = 8192 };

/* One answer each, the last one again and again; NULL: none ever comes. */
struct http_server {
    const char *const *answers;
    size_t answer_count;
    int listener, port;
    pthread_t thread;
    atomic_bool stop;
    atomic_size_t count; /* requests[0 .. count - 1] are whole */
    char requests[SERVER_REQUESTS_MAX][SERVER_REQUEST_BYTES];
};

#define SERVER_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
#define SERVER_SAYS(status) "HTTP/1.1 " status " x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

/* Headers, and as many bytes as they announce. */
static inline void server_read(struct http_server *server, int fd, char *request) {
    size_t len = 0, wanted = SIZE_MAX;
    while (len < wanted && len < SERVER_REQUEST_BYTES - 1 && !atomic_load(&server->stop)) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 20) <= 0)
            continue;
        ssize_t got = read(fd, request + len, SERVER_REQUEST_BYTES - 1 - len);
        if (got <= 0)
            return;
        len += (size_t)got;
        request[len] = '\0';
        const char *end = strstr(request, "\r\n\r\n"), *length = strcasestr(request, "content-length:");
        if (end != NULL)
            wanted = (size_t)(end + 4 - request) + (length ? strtoul(length + 15, NULL, 10) : 0);
    }
}

static inline void server_serve(struct http_server *server, int fd) {
    size_t number = atomic_load(&server->count);
    const char *answer = server->answers[number < server->answer_count ? number : server->answer_count - 1];
    server_read(server, fd, server->requests[number % SERVER_REQUESTS_MAX]);
    atomic_fetch_add(&server->count, 1);
    while (answer == NULL && !atomic_load(&server->stop)) {
        struct pollfd gone = {.fd = fd, .events = POLLRDHUP};
        if (poll(&gone, 1, 20) > 0)
            break;
    }
    size_t len = answer ? strlen(answer) : 0;
    for (ssize_t sent = 0; len > 0 && (sent = send(fd, answer, len, MSG_NOSIGNAL)) > 0; answer += sent)
        len -= (size_t)sent;
    shutdown(fd, SHUT_WR);
    close(fd);
}

static inline void *server_thread(void *context) {
    struct http_server *server = context;
    while (!atomic_load(&server->stop)) {
        struct pollfd ready = {.fd = server->listener, .events = POLLIN};
        int fd = poll(&ready, 1, 20) > 0 ? accept(server->listener, NULL, NULL) : -1;
        if (fd >= 0)
            server_serve(server, fd);
    }
    return NULL;
}

static inline struct http_server *server_start(const char *const *answers, size_t count) {
    struct http_server *server = calloc(1, sizeof *server);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    assert_non_null(server);
    server->answers = answers;
    server->answer_count = count;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &size), 0);
    server->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, server_thread, server), 0);
    return server;
}

static inline void server_stop(struct http_server *server) {
    atomic_store(&server->stop, true);
    pthread_join(server->thread, NULL);
    close(server->listener);
    free(server);
}

/* Of that server, with all that a URL may hold of secrets: each is the word canary. */
static inline const char *server_url(const struct http_server *server, char *out, size_t size) {
    snprintf(out, size, "http://canary:canary@127.0.0.1:%d/services/canary?token=canary", server->port);
    return out;
}

#endif
