/* postgres_stream.c - the rows of one SELECT through a cursor: declared with its arguments bound, fetched in binary, closed at the end.
 *
 * S1  Rows are taken one by one as they arrive (single-row mode), so what is in memory is one row, however wide, and the socket's buffer.
 * S2  Two FETCHes are on their way while rows are handed over, each with a sync of its own: the server works while the caller does. Their
 *     size follows the width of the last rows, because the server puts the answer of each together before it sends it.
 * S3  A FETCH that gave fewer rows than were asked for was the last, and nothing else says so: after an error, a loss or a refusal the
 *     stream has failed whatever had arrived.
 * S4  Whatever was sent is answered and read, also after an error, so that the connection can be used for the rollback. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "db/postgres_datum.h"
#include "db/postgres_flush.h"

#define CURSOR "infill_rows"

enum {
    IN_FLIGHT_MAX = 3, /* two FETCHes and the CLOSE behind them */
    FIRST_ROWS = 50,   /* nothing is known of their width */
    GROWTH = 8,
    ROWS_MAX = 5000,     /* each FETCH costs the server as much as a few hundred rows: parse, bind, sync */
    BYTES_MAX = 1 << 20, /* of one FETCH: below the 4 MB of memory that a server has for it by default */
    CLOSE = 0,           /* in place of a number of rows */
};

struct column {
    pg_decode_fn *decode;
    bool writes;
};

struct stream {
    struct pg_flush f;
    db_row_fn *row;
    void *context;
    PGresult *description;
    unsigned column_count;
    struct column *columns;
    bool writes; /* any of them */
    struct datum *datums;
    char *room; /* of what decoders write down for one row */
    size_t room_size;
    unsigned asked[IN_FLIGHT_MAX]; /* rows, or CLOSE, oldest first */
    unsigned in_flight;
    uint64_t rows; /* of the last FETCH */
    uint64_t bytes;
};

/* What follows is read and thrown away; pg_finish() rolls back. */
static void give_up(struct stream *s, int code) {
    s->f.code = code;
    s->f.failed = true;
}

/* Sending */

static void send_close(struct stream *s) {
    pg_send_one(&s->f, "CLOSE " CURSOR, NULL, 0, PG_TEXT);
    pg_send_sync(&s->f);
    s->asked[s->in_flight++] = CLOSE;
}

static void send_fetch(struct stream *s, unsigned rows) {
    char sql[64];
    snprintf(sql, sizeof(sql), "FETCH FORWARD %u FROM " CURSOR, rows);
    pg_send_one(&s->f, sql, NULL, 0, PG_BINARY);
    pg_send_sync(&s->f);
    s->asked[s->in_flight++] = rows;
}

static void send_declare(struct stream *s) {
    const struct db_query *query = &s->f.queries[0];
    struct buf sql;
    buf_init(&sql);
    buf_printf(&sql, "DECLARE " CURSOR " NO SCROLL CURSOR FOR %s", query->sql);
    if (buf_ok(&sql)) {
        pg_send_one(&s->f, sql.data, query->args, query->arg_count, PG_TEXT);
        pg_send_describe(&s->f, CURSOR);
        send_fetch(s, FIRST_ROWS);
        send_fetch(s, FIRST_ROWS);
    } else {
        give_up(s, err_nomem(s->f.err));
    }
    buf_release(&sql);
}

/* S2 */
static unsigned rows_to_ask_for(const struct stream *s, unsigned last) {
    uint64_t width = s->rows > 0 ? s->bytes / s->rows + 1 : 1;
    uint64_t rows = BYTES_MAX / width;
    if (rows > (uint64_t)last * GROWTH)
        rows = (uint64_t)last * GROWTH;
    return rows > ROWS_MAX ? ROWS_MAX : rows > 0 ? (unsigned)rows : 1;
}

/* Taking rows */

static int take_description(struct stream *s) {
    s->column_count = (unsigned)PQnfields(s->description);
    s->columns = mem_zalloc(s->column_count, sizeof(*s->columns));
    s->datums = mem_zalloc(s->column_count, sizeof(*s->datums));
    if (s->columns == NULL || s->datums == NULL)
        return err_nomem(s->f.err);
    for (unsigned i = 0; i < s->column_count; i++) {
        s->columns[i].decode = pg_decoder_of(PQftype(s->description, (int)i));
        s->columns[i].writes = pg_decoder_writes(s->columns[i].decode);
        s->writes = s->writes || s->columns[i].writes;
    }
    return 0;
}

static bool make_room(struct stream *s, const PGresult *from) {
    size_t size = 0;
    for (unsigned i = 0; i < s->column_count && s->writes; i++)
        if (s->columns[i].writes)
            size += pg_datum_room(PQgetvalue(from, 0, (int)i), (size_t)PQgetlength(from, 0, (int)i));
    if (size <= s->room_size)
        return true;
    char *more = mem_realloc(s->room, size);
    if (more == NULL)
        return false;
    s->room = more;
    s->room_size = size;
    return true;
}

static bool decode_row(struct stream *s, const PGresult *from) {
    char *room = s->room;
    for (unsigned i = 0; i < s->column_count; i++) {
        size_t size = (size_t)PQgetlength(from, 0, (int)i);
        if (size == 0 && PQgetisnull(from, 0, (int)i)) {
            s->datums[i] = (struct datum){.kind = DATUM_NULL};
            continue;
        }
        s->bytes += size;
        if (!s->columns[i].decode(PQgetvalue(from, 0, (int)i), size, &room, &s->datums[i]))
            return false;
    }
    s->rows++;
    return true;
}

static int misread(struct stream *s) {
    return err_set(s->f.err, ERR_INTERNAL, "the server sent a value in a form that infill does not know");
}

static void take_row(struct stream *s, const PGresult *from) {
    if (s->f.failed)
        return;
    int code = 0;
    if (atomic_load(&s->f.pg->cancel_asked))
        code = err_set(s->f.err, ERR_CANCELLED, "cancelled between two rows");
    else if (s->columns == NULL || (unsigned)PQnfields(from) != s->column_count)
        code = misread(s);
    else if (!make_room(s, from))
        code = err_nomem(s->f.err);
    else if (!decode_row(s, from))
        code = misread(s);
    else
        code = s->row(s->context, s->datums, s->column_count, s->f.err);
    if (code != 0)
        give_up(s, code);
}

/* Reading */

/* The answer to something that gives no rows; whoever calls clears it. NULL when it is not the right one. */
static PGresult *read_command(struct stream *s) {
    PGresult *result = s->f.pg->is_dead ? NULL : pg_next_result(&s->f);
    if (result == NULL) {
        if (!s->f.pg->is_dead)
            pg_lose_step(&s->f);
        return NULL;
    }
    bool is_right = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!is_right)
        pg_take_failure(&s->f, 0, result);
    PGresult *end = s->f.pg->is_dead ? NULL : pg_next_result(&s->f);
    if (end != NULL)
        pg_lose_step(&s->f);
    PQclear(end);
    if (is_right)
        return result;
    PQclear(result);
    return NULL;
}

/* How many rows came, whatever became of them. */
static unsigned read_fetch(struct stream *s) {
    unsigned rows = 0;
    bool answered = false;
    s->rows = s->bytes = 0;
    if (s->f.pg->is_dead)
        return 0;
    if (PQsetSingleRowMode(s->f.pg->conn) != 1 && !s->f.failed) /* there is nothing to set when the server skips it */
        pg_lose_step(&s->f);
    while (!s->f.pg->is_dead) {
        PGresult *result = pg_next_result(&s->f);
        ExecStatusType status = result != NULL ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
        if (result == NULL)
            break;
        if (status == PGRES_SINGLE_TUPLE) {
            rows++;
            take_row(s, result);
        } else {
            answered = true;
            if (status != PGRES_TUPLES_OK)
                pg_take_failure(&s->f, 0, result);
        }
        PQclear(result);
    }
    if (!answered && !s->f.pg->is_dead)
        pg_lose_step(&s->f);
    return rows;
}

static void read_declare(struct stream *s) {
    PQclear(read_command(s));
    s->description = read_command(s);
    int code = s->description != NULL ? take_description(s) : 0;
    if (code != 0)
        give_up(s, code);
}

static void read_unit_end(struct stream *s) {
    if (!s->f.pg->is_dead)
        pg_read_sync(&s->f);
    s->in_flight--;
    memmove(s->asked, s->asked + 1, s->in_flight * sizeof(*s->asked));
}

static void read_all(struct stream *s) {
    bool closing = false;
    while (s->in_flight > 0 && !s->f.pg->is_dead) {
        unsigned asked = s->asked[0];
        if (asked == CLOSE)
            PQclear(read_command(s));
        unsigned rows = asked == CLOSE ? 0 : read_fetch(s);
        read_unit_end(s);
        if (s->f.code != 0 || closing)
            continue;           /* S4 */
        closing = rows < asked; /* S3 */
        if (closing)
            send_close(s);
        else
            send_fetch(s, rows_to_ask_for(s, s->asked[s->in_flight - 1]));
    }
}

/* Columns without a binary form */

static const char typsend_sql[] =
    "SELECT c.n, pg_catalog.format_type(t.oid, NULL) FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS c (oid, n)"
    " JOIN pg_catalog.pg_type AS t ON t.oid = c.oid LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem"
    " WHERE t.typsend::pg_catalog.oid = 0 OR e.typsend::pg_catalog.oid = 0 ORDER BY c.n LIMIT 1";

static int ask_typsend(struct stream *s, struct arena *arena, struct db_result *found, struct err *err) {
    struct buf types;
    buf_init(&types);
    for (unsigned i = 0; i < s->column_count; i++)
        buf_printf(&types, "%c%u", i == 0 ? '{' : ',', PQftype(s->description, (int)i));
    buf_add_char(&types, '}');
    struct sql_value arg = value_text(buf_ok(&types) ? types.data : "{}");
    int code = db_query(&s->f.pg->base, &pg_catalog_tx, typsend_sql, &arg, 1, arena, found, err);
    buf_release(&types);
    return code;
}

/* The server's message names the type only. When the column cannot be found, that message stands. */
static void name_column(struct stream *s) {
    struct arena arena;
    struct db_result found = {0};
    struct err ignored;
    arena_init(&arena);
    err_clear(&ignored);
    int code = ask_typsend(s, &arena, &found, &ignored);
    int64_t number = code == 0 && found.row_count == 1 ? db_cell_int(&found, 0, 0, 0) : 0;
    if (number > 0 && number <= s->column_count) {
        err_set(s->f.err, ERR_SQL, "column %s has type %s, which has no binary form: its values cannot be read as they are stored",
                PQfname(s->description, (int)number - 1), db_cell(&found, 0, 1));
        snprintf(s->f.err->sqlstate, sizeof(s->f.err->sqlstate), "%s", "42883");
        s->f.err->statement = 0;
        err_next(s->f.err, "Leave the column out, or cast it to text.");
    }
    arena_release(&arena);
}

static void name_column_if_needed(struct stream *s) {
    bool is_undefined = s->f.code == ERR_SQL && text_equal(s->f.err->sqlstate, "42883");
    if (is_undefined && s->description != NULL && s->column_count > 0 && !s->f.pg->is_dead)
        name_column(s);
}

int pg_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err) {
    struct pg *pg = pg_of(db);
    struct stream s = {.f = {.pg = pg, .queries = query, .count = 1, .answer_limit_us = pg->answer_limit_us, .err = err},
                       .row = row,
                       .context = context};
    int code = pg_check_state(pg, 0, err);
    if (code == 0 && (code = pg_check_args(&s.f)) != 0)
        pg_rollback(db);
    if (code != 0)
        return code;
    pg_forget_cancels(pg);
    send_declare(&s);
    if (s.in_flight > 0)
        read_declare(&s);
    read_all(&s);
    code = pg_finish(&s.f, PQTRANS_INTRANS);
    name_column_if_needed(&s);
    PQclear(s.description);
    mem_free(s.columns);
    mem_free(s.datums);
    mem_free(s.room);
    return code;
}
