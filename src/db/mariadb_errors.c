/* mariadb_errors.c - how much of a server's message may be shown.
 *
 * A message may hold row values ("Duplicate entry 'bob' for key 'email'"), and what a trigger raises may hold anything. So it is shown
 * only for the classes that speak of the server, the session or the statement's own text; for the others a name of our own stands in
 * for it, and the names of key, constraint and column, taken from where no value can stand. Sessions speak English (lc_messages). */
#include "db/mariadb_errors.h"

#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static bool message_is_shown(int class) {
    return class != ERR_ROW && class != ERR_DUPLICATE && class != ERR_UNKNOWN;
}

/* Names and messages reach terminals and logs: no control characters, one line. */
static void add_printable(struct buf *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++)
        buf_add_char(out, (unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c);
}

static void copy(char *out, size_t size, const char *from, const char *to) {
    size_t len = from < to ? (size_t)(to - from) : 0;
    if (len >= size)
        len = size - 1;
    memcpy(out, from, len);
    out[len] = '\0';
}

static const char *last_of(const char *text, const char *word) {
    const char *last = NULL;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        last = at;
    return last;
}

/* "Duplicate entry '...' for key 'name'": the last thing in the message, behind the value. */
static void find_key(const char *message, char *name, size_t size) {
    static const char before[] = " for key '";
    const char *at = last_of(message, before);
    const char *end = message + strlen(message);
    if (at != NULL && end > message && end[-1] == '\'')
        copy(name, size, at + strlen(before), end - 1);
}

/* "CONSTRAINT `name` failed for ...", "... fails (`db`.`t`, CONSTRAINT `name` FOREIGN KEY ...": these messages hold no values. */
static void find_constraint(const char *message, char *name, size_t size) {
    static const char before[] = "CONSTRAINT `";
    const char *at = strstr(message, before);
    const char *end = at != NULL ? strchr(at + strlen(before), '`') : NULL;
    if (end != NULL)
        copy(name, size, at + strlen(before), end);
}

static void find_quoted(const char *message, char *name, size_t size) {
    const char *at = strchr(message, '\'');
    const char *end = at != NULL ? strchr(at + 1, '\'') : NULL;
    if (end != NULL)
        copy(name, size, at + 1, end);
}

/* "... for column `db`.`t`.`c` at row 7": with the row number at the end, what stands between is the column. */
static void find_column(const char *message, char *name, size_t size) {
    static const char before[] = " for column ", after[] = " at row ";
    const char *at = last_of(message, before), *end = last_of(message, after);
    if (at == NULL || end == NULL || end < at || end[strlen(after)] == '\0')
        return;
    if (strspn(end + strlen(after), "0123456789") == strlen(end + strlen(after)))
        copy(name, size, at + strlen(before), end);
}

struct names {
    char constraint[ERR_NAME_MAX];
    char column[ERR_NAME_MAX];
};

static void find_names(const struct mdb_failure *failure, int class, struct names *names) {
    memset(names, 0, sizeof(*names));
    switch (failure->native) {
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED_2:
    case ER_CONSTRAINT_FAILED:
        find_constraint(failure->message, names->constraint, sizeof(names->constraint));
        break;
    case ER_BAD_NULL_ERROR:
    case ER_NO_DEFAULT_FOR_FIELD:
        find_quoted(failure->message, names->column, sizeof(names->column));
        break;
    case ER_WARN_DATA_OUT_OF_RANGE:
    case WARN_DATA_TRUNCATED:
    case ER_DATA_TOO_LONG:
    case ER_TRUNCATED_WRONG_VALUE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
        find_column(failure->message, names->column, sizeof(names->column));
        break;
    default:
        if (class == ERR_DUPLICATE)
            find_key(failure->message, names->constraint, sizeof(names->constraint));
        break;
    }
}

static void describe(struct buf *out, const struct mdb_failure *failure, const struct mdb_meaning *meaning,
                     const struct names *names) {
    if (message_is_shown(meaning->class))
        add_printable(out, failure->message);
    else
        buf_add(out, meaning->name != NULL ? meaning->name : "its message is not shown, because it may hold values");
    buf_printf(out, " (error %u, SQLSTATE %s", failure->native, failure->sqlstate);
    if (names->constraint[0] != '\0') {
        buf_add(out, ", constraint ");
        add_printable(out, names->constraint);
    }
    if (names->column[0] != '\0') {
        buf_add(out, ", column ");
        add_printable(out, names->column);
    }
    buf_add_char(out, ')');
}

static int fill_in(const struct mdb_failure *failure, const struct mdb_meaning *meaning, int class, struct err *err) {
    struct names names;
    struct buf text;
    find_names(failure, meaning->class, &names);
    buf_init(&text);
    describe(&text, failure, meaning, &names);
    err_set(err, class, "%s", buf_ok(&text) ? text.data : "the server refused a statement");
    buf_release(&text);
    snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", failure->sqlstate);
    memcpy(err->constraint, names.constraint, sizeof(err->constraint));
    err->native = (int)failure->native;
    return class;
}

/* A row error needs a row: in front of the first statement there is none, and bisecting would never end. */
int mdb_error(const struct mdb_failure *failure, bool was_cancelled, int statement, struct err *err) {
    struct mdb_meaning meaning = mdb_meaning_of(failure);
    int class = meaning.class;
    if (was_cancelled && (failure->native == ER_QUERY_INTERRUPTED || failure->native == ER_FILSORT_ABORT))
        class = ERR_CANCELLED;
    else if (statement < 0 && (class == ERR_ROW || class == ERR_DUPLICATE))
        class = ERR_SQL;
    fill_in(failure, &meaning, class, err);
    err->statement = statement;
    return class;
}

int mdb_connect_error(const struct mdb_failure *failure, struct err *err) {
    struct mdb_meaning meaning = mdb_meaning_of(failure);
    meaning.class = meaning.class == ERR_DENIED ? ERR_DENIED : ERR_CONNECT;
    return fill_in(failure, &meaning, meaning.class, err);
}
