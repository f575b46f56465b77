/* dialect.h - how one engine spells things. Text only: no connection, no state.
 *
 * A dialect is a constant table that a driver registers together with itself (db/<engine>_dialect.c). Whatever differs between engines
 * in SQL text is a slot or a flag here, so that no other file asks which engine it is. All functions append to `out`. Thread-safe. */
#ifndef SQL_DIALECT_H
#define SQL_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "sql/table.h"

struct sql_scratch;

struct sql_clock_function {
    const char *name;
    unsigned args_min; /* with fewer arguments it reads the clock */
};

/* What a server says of its load and of its replicas. A statement that is NULL does not exist on this engine. */
struct sql_load {
    const char *position; /* on the primary: how far its log is, as text */
    /* On a replica: how far it has replayed, as text; 1 while it is a replica; seconds since what it replayed last was committed, or NULL. */
    const char *replayed;
    bool (*has_reached)(const char *replayed, const char *position);
    double (*distance)(const char *from, const char *to); /* between two positions, in any unit */
    const char *replicas;   /* on the primary, for each one: its name, seconds behind (NULL: not behind), 1 if we may see that */
    const char *lock_waits; /* sessions that wait for a lock, not counting ours; of them for one of ours, or NULL: not known */
    const char
        *blockers; /* the numbers (db_session) of sessions of ours that somebody else waits for; on some engines of any sessions */
    const char *sessions; /* sessions that run something, and how many the server takes; 1 if we may see that */
    /* Is the server a process of this machine? A process number of it and 1 if we came by a local way; or NULL, and the machine's name. */
    const char *place;
};

struct sql_dialect {
    const char *name;     /* "postgres", "mariadb", "sqlite" */
    char quote;           /* of identifiers: '"' or '`' */
    bool has_schemas;     /* a table is written schema.name */
    bool numbered;        /* placeholders are $1, $2 ...; else ? */
    bool row_values;      /* (a, b) > (x, y) uses an index; else the comparison is expanded */
    bool anti_join_by_in; /* rows without a partner are found fast by NOT IN, and slowly by NOT EXISTS */
    bool locks_rows;      /* SELECT ... FOR UPDATE exists; else the transaction is the lock */
    /* SELECT 1/0 is an error: a lost lease can fail in the server, and a COMMIT sent behind it does not get through. */
    bool division_fails;
    bool concurrent_writers; /* other sessions may commit between two statements of our transaction */
    /* An UPDATE leaves equal rows alone and reports how many really changed: no "differs" predicate needed. */
    bool update_counts_changes;
    bool update_sets_in_order; /* reserved for engines that evaluate SET left to right without a mode against it */
    bool update_joins;         /* UPDATE a JOIN b SET ...; else UPDATE a SET ... FROM b */
    /* An UPDATE of a key range locks its rows in key order, because the index can be forced or nobody waits. */
    bool updates_in_key_order;
    /* A bare 'text' or NULL takes its type from where it is assigned: in a derived table it needs a cast. */
    bool untyped_literals;
    /* A subquery is an index bound only when it is a MIN or MAX of the index, not with ORDER BY ... LIMIT 1. */
    bool folds_min_max_only;
    bool count_in_statement;    /* rows selected and rows inserted must come out of one snapshot, i.e. out of one statement */
    bool key_hex_upper;         /* key_out writes bytes in capitals */
    bool key_pads_fraction;     /* key_out writes all digits that a time's column has, not only those that say something */
    bool sequences_stay_behind; /* a number written explicitly does not move the column's generator on */
    const char *ledger_schema;  /* "infill", or NULL: table names get a prefix */
    const char *ledger_prefix;  /* "", or "infill_" */
    /* -> rows that this session has read so far, of whatever tables; the last column of all rows is added up. NULL: nobody counts. */
    const char *rows_read;
    /* In a transaction -> rows updated so far, and of them without touching an index; what it has locked, as a text. NULL: nobody tells. */
    const char *updates_counted;
    const char *locks_told;
    /* Writes nothing but to the log, and makes COMMIT wait for it as after a batch. NULL: there is no such statement. */
    const char *commit_measured;
    /* -> how holders' `who` begins, and more about that session for people; NULL: `who` says all. */
    const char *sessions_told;
    const char *see_transactions; /* the privilege that shows other sessions' transactions, or NULL where everybody may see them */
    const char *ddl_text;         /* column type of long text in the ledger */
    const char *ddl_name;         /* of short text that can stand in an index */
    const char *ddl_time;         /* of a ledger timestamp */
    const char *ddl_end;          /* behind the closing bracket of CREATE TABLE */
    const char *ddl_busy_end;     /* the same, of a table whose rows change all the time */
    const char *now;              /* the database's clock as a ledger timestamp, moving within a transaction */
    const char *for_update;       /* " FOR UPDATE" or "" */
    const char *skip_locked;      /* " FOR UPDATE SKIP LOCKED" or "" */
    const char *for_share;        /* " FOR SHARE", " LOCK IN SHARE MODE" or "" */
    const char *lock_rows; /* the weakest lock that keeps others from changing a row: " FOR NO KEY UPDATE", " FOR UPDATE" or "" */
    const char
        *on_duplicate_nothing; /* used by the race-free form of keep: " ON CONFLICT (%s) DO NOTHING" where it exists, else NULL */

    /* A placeholder as text, as a 64-bit integer, and as the number of a LIMIT or OFFSET. */
    void (*text_in)(struct buf *out, const char *placeholder);
    void (*integer_in)(struct buf *out, const char *placeholder);
    void (*limit_in)(struct buf *out, const char *placeholder);
    /* A literal time `ms` milliseconds from now: appended expression of ledger timestamp type; `placeholder` is the text that binds an
     * integer of milliseconds. */
    void (*now_plus_ms)(struct buf *out, const char *placeholder);
    /* Milliseconds since 1970 of a ledger timestamp expression, as an integer expression. */
    void (*epoch_ms)(struct buf *out, const char *expr);

    /* Wherever a slot takes an `expr` or `stored`, it is a column's name or stands in parentheses. */

    /* A key column as it is selected for the ledger (text, bytes as hex): `expr` is the quoted, qualified column. */
    void (*key_out)(struct buf *out, const struct sql_column *column, const char *expr);
    /* The placeholder of a key value, cast back to the column's type so that the index is used and nothing is lost. */
    void (*key_in)(struct buf *out, const struct sql_column *column, const char *placeholder);
    /* Can this column be part of a key at all? NULL if it can, else the reason ("floating point has no exact text"). */
    const char *(*key_refused)(const struct sql_column *column);

    /* `expr` brought to the column's type so that comparing the column with it uses the column's index; never cuts a text short. */
    void (*converted)(struct buf *out, const struct sql_column *column, const char *expr);
    /* `expr` as what reading `column` back gives after storing it there: for reading the source as the target has it. NULL slot: the column
     * converts while it stores, and no expression does the same. */
    void (*as_stored)(struct buf *out, const struct sql_column *column, const char *expr);
    /* A boolean expression, never NULL: the stored column `stored` and what storing `expr` there would give are byte for byte the same. */
    void (*same_bytes)(struct buf *out, const struct sql_column *column, const char *stored, const char *expr);
    /* ` FORCE INDEX (name)` behind a table where that is how an index is chosen; nothing elsewhere. */
    void (*force_index)(struct buf *out, const char *quoted_index);
    /* What a plan may hint at: NULL if batches over `source` along `key` can go on with it, else the reason. NULL slot: no such thing here. */
    const char *(*hint_refused)(const struct sql_table *source, const char *key, const char *const *names, size_t count);
    /* For range: {every: ...}: an expression for the first instant of the next period after the one `expr` lies in; periods are counted
     * from 2000-01-03 00:00 UTC (a Monday). NULL slot: not on this engine. `column` is the first key column. */
    void (*next_period)(struct buf *out, const struct sql_column *column, const char *expr, long long period_us);
    /* NULL if the column and period work with next_period, else the reason. */
    const char *(*period_refused)(const struct sql_column *column, long long period_us);

    /* Functions refused in expressions unless volatile: allow, lower case, NULL-terminated. */
    const char *const *volatile_functions;
    /* Words that are volatile without parentheses (current_user, current_timestamp ...), lower case, NULL-terminated. */
    const char *const *volatile_words;
    /* Functions that read the clock when they get too few arguments or a string that means the present; ended by {NULL, 0}. */
    const struct sql_clock_function *clock_functions;
    /* Strings that mean the present to a clock function: "now" ...; lower case, NULL-terminated. */
    const char *const *clock_strings;
    bool clock_strings_anywhere; /* ... and wherever a time is expected */
    /* Backslash escapes in string literals; dollar quoting; # comments: what the tokenizer must know. */
    bool backslash_escapes;
    bool dollar_quotes;
    bool hash_comments;
    bool double_quoted_strings; /* "..." is a string (MariaDB without ANSI_QUOTES), not an identifier */
    bool bracket_names;         /* [name] and `name` are identifiers too */
    bool named_placeholders;    /* :name @name $name are placeholders */
    bool session_variables;     /* @name is a variable of the session */

    const struct sql_scratch *scratch; /* the self-test's tables (sql/scratch.h) */
    const struct sql_load *load;       /* NULL: nothing of it */
};

/* `name` quoted, the quote doubled. A name with a NUL cannot reach here. */
void sql_ident(const struct sql_dialect *dialect, struct buf *out, const char *name);
/* Is `text` just that? Needs no memory, so that a no is never a want of it. */
bool sql_is_ident(const struct sql_dialect *dialect, const char *text, const char *name);
/* period_refused of engines with dates and timestamps: the period must be whole seconds, and whole days for a date. */
const char *sql_period_refused(const struct sql_column *column, long long period_us);
/* schema.table, quoted; the schema only where the engine has schemas and it is not NULL. */
void sql_table_name(const struct sql_dialect *dialect, struct buf *out, const char *schema, const char *name);

#endif
