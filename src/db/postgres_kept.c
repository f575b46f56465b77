/* postgres_kept.c - see postgres_kept.h. */
#include "db/postgres_kept.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "db/postgres.h"

enum {
    SENT_MIN = 2,
    SQL_MAX = 32 * 1024, /* longer ones are made for their values, and do not come again */
};

static atomic_uint numbers; /* of all connections of the process */

static void name_of(struct pg_kept *kept, const struct pg_text *text, char name[PG_NAME_MAX]) {
    if (kept->born_us == 0)
        kept->born_us = clock_wall_us();
    snprintf(name, PG_NAME_MAX, "infill_%d_%" PRIx64 "_%u", (int)getpid(), (uint64_t)kept->born_us, text->number);
}

static struct pg_text *find(struct pg_kept *kept, const char *sql) {
    for (size_t i = 0; i < PG_TEXTS; i++)
        if (kept->texts[i].sql != NULL && strcmp(kept->texts[i].sql, sql) == 0)
            return &kept->texts[i];
    return NULL;
}

/* A free place, or that of the text which is not prepared and was not sent for the longest time; NULL: all are prepared. */
static struct pg_text *place(struct pg_kept *kept) {
    struct pg_text *oldest = NULL;
    for (size_t i = 0; i < PG_TEXTS; i++) {
        struct pg_text *text = &kept->texts[i];
        if (text->sql == NULL)
            return text;
        if (text->number == 0 && (oldest == NULL || text->used < oldest->used))
            oldest = text;
    }
    return oldest;
}

/* A literal that means the present is made a constant when the text is analysed (K3). */
static bool names_the_present(const char *sql) {
    static const char *const words[] = {"'now", "'today", "'tomorrow", "'yesterday"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasestr(sql, words[i]) != NULL)
            return true;
    return false;
}

/* For want of memory nothing is remembered, and nothing is lost. When all places are taken, all are given up before the next transaction:
 * whoever has so many texts has gone on to other ones. */
static void remember(struct pg_kept *kept, const char *sql) {
    struct pg_text *text = place(kept);
    if (text == NULL)
        kept->is_stale = true;
    char *copy = text != NULL ? mem_strdup(sql) : NULL;
    if (copy == NULL)
        return;
    mem_free(text->sql);
    *text = (struct pg_text){.sql = copy, .sent = 1, .refused = names_the_present(sql), .used = ++kept->clock};
}

bool pg_kept_name(struct pg_kept *kept, const char *sql, char name[PG_NAME_MAX]) {
    if (!kept->is_own || strnlen(sql, SQL_MAX) == SQL_MAX)
        return false;
    struct pg_text *text = find(kept, sql);
    if (text == NULL) {
        remember(kept, sql);
        return false;
    }
    text->used = ++kept->clock;
    text->sent += text->number == 0;
    if (text->number != 0)
        name_of(kept, text, name);
    return text->number != 0;
}

static void forget_all(struct pg_kept *kept) {
    for (size_t i = 0; i < PG_TEXTS; i++) {
        mem_free(kept->texts[i].sql);
        kept->texts[i] = (struct pg_text){0};
    }
}

void pg_kept_release(struct pg_kept *kept) {
    forget_all(kept);
}

/* The words of 0A000 are those of many errors; the place in the server where they are said is not. XX000: a type that was dropped, say. */
bool pg_kept_is_stale(struct pg_kept *kept, const PGresult *error) {
    const char *sqlstate = PQresultErrorField(error, PG_DIAG_SQLSTATE);
    const char *place = PQresultErrorField(error, PG_DIAG_SOURCE_FUNCTION);
    bool is_unknown = text_equal(sqlstate, "26000");
    bool has_changed =
        text_equal(sqlstate, "XX000") || (text_equal(sqlstate, "0A000") && text_equal(place, "RevalidateCachedQuery"));
    if (is_unknown) {
        forget_all(kept);
        kept->is_own = false;
    }
    kept->is_stale = kept->is_stale || has_changed;
    return is_unknown || has_changed;
}

static bool is_wanted(const struct pg_text *text) {
    return text->sql != NULL && text->number == 0 && !text->refused && text->sent >= SENT_MIN;
}

/* All at once: the session has nothing else prepared. */
static int give_up(struct pg *pg, const struct db_tx *tx, struct err *err) {
    static const struct db_query all = {.sql = "DEALLOCATE ALL"};
    forget_all(&pg->kept);
    pg->kept.is_stale = false;
    return pg_flush_prepare(pg, tx, &all, NULL, 1, err);
}

/* What cannot be prepared is not tried again; what a lock or somebody's cancel was in the way of is, when it has come twice more. */
static void not_prepared(struct pg_text *text, bool is_culprit, const struct err *why) {
    text->number = 0;
    text->sent = 0;
    text->refused = is_culprit && (why->code == ERR_SQL || why->code == ERR_DENIED);
}

static int prepare(struct pg *pg, const struct db_tx *tx, struct err *err) {
    struct pg_text *texts[PG_TEXTS];
    struct db_query queries[PG_TEXTS];
    char names[PG_TEXTS][PG_NAME_MAX];
    size_t count = 0;
    for (size_t i = 0; i < PG_TEXTS; i++)
        if (is_wanted(&pg->kept.texts[i])) {
            texts[count] = &pg->kept.texts[i];
            queries[count] = (struct db_query){.sql = texts[count]->sql};
            texts[count]->number = atomic_fetch_add(&numbers, 1) + 1;
            name_of(&pg->kept, texts[count], names[count]);
            count++;
        }
    int rc = count > 0 ? pg_flush_prepare(pg, tx, queries, (const char(*)[PG_NAME_MAX])names, count, err) : 0;
    for (size_t i = 0; i < count && rc != 0; i++)
        not_prepared(texts[i], (int)i == err->statement, err);
    pg->kept.is_stale =
        rc != 0 && rc != ERR_SQL && rc != ERR_DENIED; /* those in front of it are in the session, without a name here */
    return rc;
}

static bool is_due(const struct pg_kept *kept) {
    bool due = kept->is_stale;
    for (size_t i = 0; i < PG_TEXTS && !due; i++)
        due = is_wanted(&kept->texts[i]);
    return kept->is_own && due;
}

/* A cancel in between would find nothing to cancel, and be forgotten. */
int pg_kept_prepare(struct pg *pg, const struct db_tx *tx, struct err *err) {
    if (!is_due(&pg->kept))
        return 0;
    struct db_tx reads = *tx;
    struct err why;
    err_clear(&why);
    reads.read_only = true;
    int rc = pg->kept.is_stale ? give_up(pg, &reads, &why) : 0;
    if (!pg->is_dead && !atomic_load(&pg->cancel_asked))
        rc = prepare(pg, &reads, &why);
    if (pg->is_dead)
        return rc == ERR_NOMEM ? err_nomem(err) : err_set(err, ERR_LOST, "the connection was lost while statements were prepared");
    if (atomic_load(&pg->cancel_asked))
        return err_set(err, ERR_CANCELLED, "cancelled while statements were prepared");
    return 0;
}
