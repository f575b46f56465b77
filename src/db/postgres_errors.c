/* postgres_errors.c - what each SQLSTATE means for a batch, and how much of a server's message may be shown.
 *
 * A server's message may hold row values ('invalid input syntax for type integer: "bob"'), and what a trigger raises may hold anything.
 * So the primary message is shown only for the classes that speak of the server, the session or the statement; for the others the
 * SQLSTATE's name and the names of constraint, table and column stand in for it. DETAIL, HINT and CONTEXT are never shown. */
#include "db/postgres.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* Exact codes first come first; two characters stand for the rest of a class. What is not here is ERR_UNKNOWN: stop. */
static const struct db_error_class classes[] = {
    {"08", ERR_LOST},
    {"09", ERR_ROW},    /* a trigger's action failed */
    {"0A", ERR_SQL},    /* feature not supported */
    {"0L", ERR_DENIED}, /* invalid grantor */
    {"0P", ERR_DENIED}, /* invalid role */
    {"21", ERR_ROW},    /* a scalar subquery gave more than one row for this one */
    {"22", ERR_ROW},
    {"23505", ERR_DUPLICATE},
    {"23", ERR_ROW},
    {"25006", ERR_READ_ONLY},
    {"25P01", ERR_TRANSIENT}, /* no transaction is open: D5 */
    {"25P02", ERR_INTERNAL},  /* a statement was sent into a failed transaction */
    {"25P03", ERR_LOST},      /* idle_in_transaction_session_timeout ended the session */
    {"25P04", ERR_LOST},      /* transaction_timeout ended the session */
    {"25", ERR_SQL},
    {"28", ERR_DENIED},
    {"2B", ERR_SQL},     /* others depend on it */
    {"3D", ERR_CONNECT}, /* no such database */
    {"3F", ERR_SQL},     /* no such schema */
    {"40000", ERR_TRANSIENT},
    {"40001", ERR_TRANSIENT},
    {"40002", ERR_ROW}, /* a constraint checked at the end */
    {"40P01", ERR_TRANSIENT},
    {"42501", ERR_DENIED},
    {"42", ERR_SQL},
    {"44", ERR_ROW}, /* WITH CHECK OPTION of a view */
    {"53000", ERR_TRANSIENT},
    {"53100", ERR_FULL},
    {"53200", ERR_TRANSIENT}, /* out of memory or of lock slots */
    {"53300", ERR_CONNECT},   /* too many connections */
    {"53400", ERR_FULL},      /* temp_file_limit */
    {"54000", ERR_ROW},       /* an index row or a value is too large */
    {"54", ERR_SQL},
    {"55006", ERR_LOCKED},
    {"55P03", ERR_LOCKED},
    {"55", ERR_SQL},
    {"57014", ERR_SLOW}, /* or ERR_CANCELLED, when it was us */
    {"57P01", ERR_LOST},
    {"57P02", ERR_LOST},
    {"57P03", ERR_CONNECT},
    {"57P04", ERR_LOST},
    {"57P05", ERR_LOST},
    {"72", ERR_TRANSIENT}, /* snapshot too old */
    {"P0", ERR_ROW},       /* a trigger raised it */
    {NULL, 0},
};

/* Names for the errors whose message is not shown. */
static const struct {
    const char *sqlstate;
    const char *name;
} names[] = {
    {"21000", "a subquery gave more than one row"},
    {"22001", "text too long"},
    {"22003", "number out of range"},
    {"22004", "NULL where none is allowed"},
    {"22007", "not a date or time"},
    {"22008", "date or time out of range"},
    {"22012", "division by zero"},
    {"22021", "character not in the encoding"},
    {"22023", "parameter out of range"},
    {"22026", "bit string of the wrong length"},
    {"22032", "not valid JSON"},
    {"22P02", "text that the type does not accept"},
    {"22P05", "character that the encoding does not have"},
    {"23001", "row still referenced"},
    {"23502", "NULL in a NOT NULL column"},
    {"23503", "foreign key violated"},
    {"23505", "duplicate key"},
    {"23514", "check constraint violated"},
    {"23P01", "exclusion constraint violated"},
    {"44000", "outside the view's CHECK OPTION"},
    {"54000", "value too large for an index"},
    {"P0001", "raised by a trigger or function"},
};

/* Classes whose primary message speaks of the server, the session or the statement's own text. */
static const char *const shown[] = {"08", "0A", "0L", "0P", "21", "25", "28", "2B", "3D", "3F",
                                    "40", "42", "53", "54", "55", "57", "58", "72", "XX"};

int pg_error_class(const char *sqlstate) {
    return db_error_class(classes, sqlstate);
}

static bool message_is_shown(const char *sqlstate) {
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        if (text_starts(sqlstate, shown[i]))
            return true;
    return false;
}

static const char *name_of(const char *sqlstate) {
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].sqlstate, sqlstate) == 0)
            return names[i].name;
    return text_starts(sqlstate, "22") ? "a value that does not fit" : "its message is not shown, because it may hold values";
}

/* Catalog names and messages reach terminals and logs: no control characters, one line. */
static void add_printable(struct buf *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++)
        buf_add_char(out, (unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c);
}

static void add_field(struct buf *out, const PGresult *result, int field, const char *label) {
    const char *text = PQresultErrorField(result, field);
    if (text == NULL || *text == '\0')
        return;
    buf_printf(out, ", %s ", label);
    add_printable(out, text);
}

static void add_names(struct buf *out, const PGresult *result) {
    add_field(out, result, PG_DIAG_CONSTRAINT_NAME, "constraint");
    add_field(out, result, PG_DIAG_SCHEMA_NAME, "schema");
    add_field(out, result, PG_DIAG_TABLE_NAME, "table");
    add_field(out, result, PG_DIAG_COLUMN_NAME, "column");
    add_field(out, result, PG_DIAG_DATATYPE_NAME, "type");
}

static void describe(struct buf *out, const PGresult *result, const char *sqlstate) {
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (primary != NULL && message_is_shown(sqlstate))
        add_printable(out, primary);
    else
        buf_add(out, name_of(sqlstate));
    buf_printf(out, " (SQLSTATE %s", sqlstate);
    add_names(out, result);
    buf_add_char(out, ')');
}

static void copy_text(char *out, size_t size, const char *text) {
    snprintf(out, size, "%s", text != NULL ? text : "");
}

/* A row error needs a row: in front of the first statement there is none, and bisecting would never end. */
static int class_of(const char *sqlstate, bool was_cancelled, int statement) {
    int class = pg_error_class(sqlstate);
    if (class == ERR_SLOW && was_cancelled)
        return ERR_CANCELLED;
    if (statement < 0 && (class == ERR_ROW || class == ERR_DUPLICATE))
        return ERR_SQL;
    return class;
}

int pg_result_error(const PGresult *result, bool was_cancelled, int statement, struct err *err) {
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (sqlstate == NULL)
        sqlstate = "";
    struct buf text;
    buf_init(&text);
    describe(&text, result, sqlstate);
    int code = err_set(err, class_of(sqlstate, was_cancelled, statement), "%s",
                       buf_ok(&text) ? text.data : "the server refused a statement");
    buf_release(&text);
    err->statement = statement;
    copy_text(err->sqlstate, sizeof(err->sqlstate), sqlstate);
    copy_text(err->constraint, sizeof(err->constraint), PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
    return code;
}

bool pg_result_is_fatal(const PGresult *result) {
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

enum { SQLSTATE_LEN = 5 };

/* The first ":  XXXXX: " of a message in verbose form, whatever the language of the words around it. */
static bool find_sqlstate(const char *message, char sqlstate[SQLSTATE_LEN + 1]) {
    for (const char *at = strstr(message, ":  "); at != NULL; at = strstr(at + 1, ":  ")) {
        const char *code = at + 3;
        size_t len = strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (len == SQLSTATE_LEN && code[len] == ':') {
            memcpy(sqlstate, code, SQLSTATE_LEN);
            sqlstate[SQLSTATE_LEN] = '\0';
            return true;
        }
    }
    return false;
}

static int connect_class(const char *sqlstate, bool needs_password) {
    if (needs_password || strncmp(sqlstate, "28", 2) == 0 || strcmp(sqlstate, "42501") == 0)
        return ERR_DENIED;
    return ERR_CONNECT;
}

/* One line per host; the server's source location, which comes with the verbose form, says nothing to an operator. */
static void add_lines(struct buf *out, const char *message) {
    while (*message != '\0') {
        size_t len = strcspn(message, "\n");
        const char *text = message + strspn(message, " \t");
        size_t text_len = (size_t)(message + len - text);
        if (text_len > 0 && text < message + len && strncmp(text, "LOCATION:", 9) != 0) {
            buf_add(out, out->len > 0 ? "; " : "");
            buf_add_mem(out, text, text_len);
        }
        message += len + (message[len] == '\n');
    }
}

int pg_connect_error(const char *message, bool needs_password, struct err *err) {
    char sqlstate[SQLSTATE_LEN + 1] = "";
    find_sqlstate(message, sqlstate);
    struct buf lines, text;
    buf_init(&lines);
    buf_init(&text);
    add_lines(&lines, message);
    if (buf_ok(&lines))
        add_printable(&text, lines.data);
    int code =
        err_set(err, connect_class(sqlstate, needs_password), "%s", buf_ok(&text) && text.len > 0 ? text.data : "no connection");
    copy_text(err->sqlstate, sizeof(err->sqlstate), sqlstate);
    buf_release(&lines);
    buf_release(&text);
    return code;
}
