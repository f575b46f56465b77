/* oltp.c - the foreground of `./dev bench live` on MariaDB, as pgbench is on PostgreSQL: point reads, and updates of the source, one
 * statement a transaction, on a schedule that does not wait for the server (Poisson, so a late answer delays those behind it and is counted in
 * full: latency is from the scheduled start). Prints "epoch_us latency_us" for each transaction.
 *
 * usage: oltp HOST PORT USER DATABASE CLIENTS RATE SECONDS MAX_ID SEED */
#include <math.h>
#include <mysql.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { UPDATES_PERCENT = 20 };

struct client {
    pthread_t thread;
    char **argv;
    uint64_t random;
    double rate, seconds;
    long long max_id;
    size_t count, room;
    struct {
        int64_t at_us, took_us;
    } * times;
    int failed;
};

static int64_t now_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* xorshift64*: Vigna 2016. */
static uint64_t next_random(struct client *client) {
    uint64_t x = client->random;
    x ^= x >> 12, x ^= x << 25, x ^= x >> 27;
    client->random = x;
    return x * 0x2545f4914f6cdd1du;
}

static int transaction(struct client *client, MYSQL *connection) {
    char sql[160];
    long long id = 1 + (long long)(next_random(client) % (uint64_t)client->max_id);
    int len =
        next_random(client) % 100 < UPDATES_PERCENT
            ? snprintf(sql, sizeof sql, "UPDATE users_legacy SET balance = balance + 1, updated_at = now() WHERE id = %lld", id)
            : snprintf(sql, sizeof sql, "SELECT id, email, status, balance FROM users_legacy WHERE id = %lld", id);
    if (mysql_real_query(connection, sql, (unsigned long)len) != 0)
        return -1;
    mysql_free_result(mysql_store_result(connection));
    return 0;
}

static int keep(struct client *client, int64_t took_us) {
    if (client->count == client->room) {
        client->room = client->room ? client->room * 2 : 4096;
        void *times = realloc(client->times, client->room * sizeof *client->times);
        if (times == NULL)
            return -1;
        client->times = times;
    }
    client->times[client->count].at_us = now_us(CLOCK_REALTIME);
    client->times[client->count++].took_us = took_us;
    return 0;
}

static void *run(void *argument) {
    struct client *client = argument;
    MYSQL *connection = mysql_init(NULL);
    if (!mysql_real_connect(connection, client->argv[1], client->argv[3], NULL, client->argv[4], (unsigned)atoi(client->argv[2]),
                            NULL, 0)) {
        fprintf(stderr, "%s\n", mysql_error(connection));
        client->failed = 1;
    }
    double due_us = (double)now_us(CLOCK_MONOTONIC), end_us = due_us + client->seconds * 1e6;
    while (!client->failed) {
        due_us -= log(((double)(next_random(client) >> 11) + 1) / 9007199254740993.0) * 1e6 / client->rate;
        if (due_us >= end_us)
            break;
        struct timespec due = {.tv_sec = (time_t)(due_us / 1e6), .tv_nsec = (long)((int64_t)due_us % 1000000) * 1000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        if (transaction(client, connection) != 0 || keep(client, now_us(CLOCK_MONOTONIC) - (int64_t)due_us) != 0) {
            fprintf(stderr, "%s\n", mysql_error(connection));
            client->failed = 1;
        }
    }
    mysql_close(connection);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 10)
        return 2;
    int clients = atoi(argv[5]), failed = 0;
    struct client *list = calloc((size_t)clients, sizeof *list);
    if (list == NULL || mysql_library_init(0, NULL, NULL) != 0)
        return 1;
    for (int i = 0; i < clients; i++) {
        list[i] = (struct client){.argv = argv,
                                  .random = (uint64_t)(atoi(argv[9]) * 1000 + i + 1) * 0x9e3779b97f4a7c15u,
                                  .rate = atof(argv[6]) / clients,
                                  .seconds = atof(argv[7]),
                                  .max_id = atoll(argv[8])};
        pthread_create(&list[i].thread, NULL, run, &list[i]);
    }
    for (int i = 0; i < clients; i++) {
        pthread_join(list[i].thread, NULL);
        failed |= list[i].failed;
        for (size_t n = 0; n < list[i].count; n++)
            printf("%lld %lld\n", (long long)list[i].times[n].at_us, (long long)list[i].times[n].took_us);
        free(list[i].times);
    }
    free(list);
    return failed;
}
