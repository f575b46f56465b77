/* mariadb_stream.c - the rows of one SELECT as they arrive: a prepared statement whose result is never stored.
 *
 * T1  The library holds one packet, the places one row. A value longer than its place is fetched once more into a larger one, and the
 *     place stays that large.
 * T2  Only the server's own end of the rows ends a stream well. The library may keep the error of a row to the connection and not to the
 *     statement; without any error there, the connection is taken for lost.
 * T3  Nothing else can be sent before the last row is read. What a refusal leaves behind is read to its end if that is near, else the
 *     statement is killed from another connection, else this one is closed.
 * T4  Where a cast fails, other servers end the statement; this one warns and makes a value up: 0 of a text, NULL of a date, the largest
 *     number of one that is larger. Rows with such a value among them are not what the database says: the stream ends with ERR_ROW. */
#include <errmsg.h>
#include <string.h>

#include "base/mem.h"
#include "db/mariadb.h"
#include "db/mariadb_datum.h"

enum {
    ROOM_FIRST = 256,      /* holds most texts */
    LEFT_ROWS_MAX = 10000, /* read rather than killed: milliseconds */
    LEFT_BYTES_MAX = 4 << 20,
    KILLED_ROWS_MAX = 1 << 24, /* what was on its way when the kill came: far more than any socket buffers */
};

struct stream {
    struct mdb *mdb;
    MYSQL_STMT *handle;
    db_row_fn *row;
    void *context;
    struct err *err;
    unsigned column_count;
    struct mdb_place *places;
    MYSQL_BIND *binds;
    struct datum *datums;
    bool is_bound; /* as the places are now */
    bool at_end;   /* the server has sent all */
};

/* T2 */
static int fail(struct stream *s) {
    struct mdb_failure failure = mdb_stmt_failure(s->handle);
    if (failure.native == 0)
        failure = mdb_conn_failure(s->mdb->conn);
    if (failure.native == 0)
        failure = (struct mdb_failure){CR_SERVER_LOST, "HY000", "the rows ended without an end"};
    return mdb_fail(s->mdb, &failure, 0, s->err);
}

/* Places */

static bool grow(struct mdb_place *place, unsigned long len) {
    unsigned long room = place->room > 0 ? place->room : ROOM_FIRST;
    while (room < len)
        room *= 2;
    char *text = mem_realloc(place->text, room);
    if (text == NULL)
        return false;
    place->text = text;
    place->room = room;
    return true;
}

static bool make_places(struct stream *s) {
    MYSQL_RES *fields = mysql_stmt_result_metadata(s->handle);
    s->places = mem_zalloc(s->column_count, sizeof(*s->places));
    s->binds = mem_zalloc(s->column_count, sizeof(*s->binds));
    s->datums = mem_zalloc(s->column_count, sizeof(*s->datums));
    bool made = fields != NULL && s->places != NULL && s->binds != NULL && s->datums != NULL;
    for (unsigned i = 0; i < s->column_count && made; i++) {
        mdb_place_init(&s->places[i], mysql_fetch_field_direct(fields, i));
        made = !mdb_place_has_bytes(&s->places[i]) || grow(&s->places[i], ROOM_FIRST);
    }
    mysql_free_result(fields);
    return made;
}

static void free_places(struct stream *s) {
    for (unsigned i = 0; i < s->column_count && s->places != NULL; i++)
        mem_free(s->places[i].text);
    mem_free(s->places);
    mem_free(s->binds);
    mem_free(s->datums);
}

static int bind(struct stream *s) {
    for (unsigned i = 0; i < s->column_count; i++)
        mdb_place_bind(&s->places[i], &s->binds[i]);
    s->is_bound = true;
    return mysql_stmt_bind_result(s->handle, s->binds) == 0 ? 0 : fail(s);
}

/* Rows */

/* T1 */
static int fetch_long(struct stream *s, unsigned column) {
    struct mdb_place *place = &s->places[column];
    if (place->len <= place->room || place->is_null || !mdb_place_has_bytes(place))
        return 0;
    if (!grow(place, place->len))
        return err_nomem(s->err);
    s->is_bound = false;
    MYSQL_BIND bind;
    mdb_place_bind(place, &bind);
    return mysql_stmt_fetch_column(s->handle, &bind, column, 0) == 0 ? 0 : fail(s);
}

static int take_row(struct stream *s) {
    int code = 0;
    for (unsigned i = 0; i < s->column_count && code == 0; i++)
        code = fetch_long(s, i);
    if (code == 0 && !s->is_bound) /* not before the last of them: it needs what the library knows of this row */
        code = bind(s);
    if (code != 0)
        return code;
    for (unsigned i = 0; i < s->column_count; i++)
        if (!mdb_place_take(&s->places[i], &s->datums[i]))
            return err_set(s->err, ERR_INTERNAL, "the server sent a value in a form that infill does not know");
    if (atomic_load(&s->mdb->cancel_asked))
        return err_set(s->err, ERR_CANCELLED, "cancelled between two rows");
    return s->row(s->context, s->datums, s->column_count, s->err);
}

static bool is_row(int fetched) {
    return fetched == 0 || fetched == MYSQL_DATA_TRUNCATED;
}

static int hand_over(struct stream *s) {
    int code = bind(s), fetched = 0;
    while (code == 0 && is_row(fetched = mysql_stmt_fetch(s->handle)))
        code = take_row(s);
    s->at_end = !is_row(fetched); /* an error too is the last that a server sends of a statement */
    if (s->at_end && fetched != MYSQL_NO_DATA)
        code = fail(s);
    return code;
}

static uint64_t width_of_row(const struct stream *s) {
    uint64_t bytes = 0;
    for (unsigned i = 0; i < s->column_count; i++)
        bytes += s->places[i].is_null ? 0 : s->places[i].len;
    return bytes;
}

/* T3. True when the rows are at their end. */
static bool read_rest(struct stream *s, uint64_t rows_max, uint64_t bytes_max) {
    uint64_t bytes = 0;
    for (uint64_t rows = 0; rows < rows_max && bytes < bytes_max; rows++) {
        if (!is_row(mysql_stmt_fetch(s->handle)))
            return true; /* a loss meets the rollback too */
        bytes += width_of_row(s);
    }
    return false;
}

static void abandon(struct stream *s) {
    if (s->mdb->conn == NULL || s->at_end || (s->is_bound && read_rest(s, LEFT_ROWS_MAX, LEFT_BYTES_MAX)))
        return;
    if (!s->is_bound || !mdb_kill_query(s->mdb) || !read_rest(s, KILLED_ROWS_MAX, UINT64_MAX))
        mdb_mark_dead(s->mdb);
}

static int stream_rows(struct stream *s) {
    int code = make_places(s) ? hand_over(s) : err_nomem(s->err);
    if (code != 0)
        abandon(s);
    else
        mysql_stmt_free_result(s->handle);
    free_places(s);
    return code;
}

/* T4. The library does not keep the number that comes with the end of the rows. */
static int check_warnings(struct mdb *mdb, struct err *err) {
    static const char sql[] = "SELECT @@warning_count";
    MYSQL_RES *answer = mysql_real_query(mdb->conn, sql, sizeof sql - 1) == 0 ? mysql_store_result(mdb->conn) : NULL;
    MYSQL_ROW row = answer ? mysql_fetch_row(answer) : NULL;
    bool asked = row && row[0], warned = asked && strcmp(row[0], "0") != 0;
    mysql_free_result(answer);
    if (!asked) {
        struct mdb_failure failure = mdb_conn_failure(mdb->conn);
        return mdb_fail(mdb, &failure, 0, err);
    }
    return warned ? err_set(err, ERR_ROW, "the server warns about a value that it changed while reading it") : 0;
}

static int run(struct mdb *mdb, const struct db_query *query, db_row_fn *row, void *context, struct err *err) {
    struct mdb_stmt *stmt = NULL;
    if (atomic_load(&mdb->cancel_asked))
        return err_set(err, ERR_CANCELLED, "cancelled before the statement was sent");
    int code = mdb_stmt_start(mdb, query, 0, &stmt, err);
    if (code != 0)
        return code;
    if (stmt->column_count == 0) {
        mdb_stmt_forget(mdb, stmt);
        return err_set(err, ERR_INTERNAL, "a stream of a statement that gives no rows");
    }
    struct stream s = {
        .mdb = mdb, .handle = stmt->handle, .row = row, .context = context, .err = err, .column_count = stmt->column_count};
    code = stream_rows(&s);
    if (code != 0)
        mdb_stmt_forget(mdb, stmt);
    else if (!mdb_in_transaction(mdb))
        code = err_set(err, ERR_TRANSIENT, "the transaction is no longer open");
    return code == 0 ? check_warnings(mdb, err) : code;
}

int mdb_stream(struct db *db, const struct db_query *query, db_row_fn *row, void *context, struct err *err) {
    struct mdb *mdb = mdb_of(db);
    int code = mdb_check_state(mdb, false, err);
    if (code != 0)
        return code;
    mdb_forget_cancels(mdb);
    code = run(mdb, query, row, context, err);
    if (code != 0 && mdb->conn != NULL)
        mdb_end_transaction(mdb);
    return code;
}
