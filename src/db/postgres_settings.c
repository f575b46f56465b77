/* postgres_settings.c - the settings of a server that a fill feels. */
#include "base/buf.h"
#include "db/postgres.h"

static const struct db_setting table[] = {
    {"encoding", NULL, DB_EFFECT_RESULT, "a text that fits into one may be refused by the other"},
    {"lc_ctype", NULL, DB_EFFECT_RESULT, "lower(), upper() and initcap() may give other texts"},
    {"lc_collate", NULL, DB_EFFECT_SPEED, "texts are sorted otherwise: other ranges of a text key, other index plans"},
    {"collation version", NULL, DB_EFFECT_SPEED, "texts may be sorted otherwise: other ranges of a text key"},
    {"locale provider", NULL, DB_EFFECT_SPEED, "texts may be sorted otherwise: other ranges of a text key"},
    {"fsync", NULL, DB_EFFECT_SPEED, "without it no commit waits for the disk, and a crash may lose everything"},
    {"full_page_writes", NULL, DB_EFFECT_SPEED, "the log grows by whole pages after each checkpoint"},
    {"synchronous_commit", NULL, DB_EFFECT_SPEED, "commits wait for something else, and for longer"},
    {"synchronous_standby_names", NULL, DB_EFFECT_SPEED, "commits wait for standbys, as fast as the slowest of them"},
    {"wal_level", NULL, DB_EFFECT_SPEED, "another amount of log for each row"},
    {"wal_compression", NULL, DB_EFFECT_SPEED, "another amount of log for each row, and of CPU"},
    {"data_checksums", NULL, DB_EFFECT_SPEED, "hint bits are logged too: more log when rows are read after a fill"},
    {"archive_mode", NULL, DB_EFFECT_SPEED, "the log has to be archived as fast as it is written"},
    {"max_wal_size", NULL, DB_EFFECT_SPEED, "checkpoints come after another amount of log"},
    {"checkpoint_timeout", NULL, DB_EFFECT_SPEED, "checkpoints come after another time"},
    {"checkpoint_completion_target", NULL, DB_EFFECT_SPEED, "checkpoints write at another speed"},
    {"wal_buffers", NULL, DB_EFFECT_SPEED, "large batches write the log in other pieces"},
    {"shared_buffers", NULL, DB_EFFECT_SPEED, "another part of tables and indexes stays in memory"},
    {"effective_cache_size", NULL, DB_EFFECT_SPEED, "the planner chooses indexes by it"},
    {"random_page_cost", NULL, DB_EFFECT_SPEED, "the planner chooses indexes by it"},
    {"seq_page_cost", NULL, DB_EFFECT_SPEED, "the planner chooses indexes by it"},
    {"enable_seqscan", NULL, DB_EFFECT_SPEED, "the planner chooses otherwise"},
    {"enable_indexscan", NULL, DB_EFFECT_SPEED, "the planner chooses otherwise"},
    {"enable_indexonlyscan", NULL, DB_EFFECT_SPEED, "the planner chooses otherwise"},
    {"enable_bitmapscan", NULL, DB_EFFECT_SPEED, "the planner chooses otherwise"},
    {"enable_nestloop", NULL, DB_EFFECT_SPEED, "the planner chooses otherwise"},
    {"work_mem", NULL, DB_EFFECT_SPEED, "sorts and hashes of an expression's subqueries go to disk at another size"},
    {"autovacuum", NULL, DB_EFFECT_SPEED, "without it dead rows and old statistics stay behind a fill"},
    {"autovacuum_vacuum_cost_delay", NULL, DB_EFFECT_SPEED, "vacuum keeps up with a fill at another speed"},
    {"autovacuum_vacuum_cost_limit", NULL, DB_EFFECT_SPEED, "vacuum keeps up with a fill at another speed"},
    {"autovacuum_max_workers", NULL, DB_EFFECT_SPEED, "vacuum keeps up with a fill at another speed"},
    {"session_replication_role", NULL, DB_EFFECT_RESULT, "other triggers fire, and foreign keys may not be checked"},
    {"max_connections", NULL, DB_EFFECT_NONE, "infill check looks at the room that is left"},
    {"default_transaction_isolation", NULL, DB_EFFECT_NONE, "infill sets its own"},
    {"TimeZone", NULL, DB_EFFECT_NONE, "infill's sessions are in UTC; the application's are not"},
    {"statement_timeout", NULL, DB_EFFECT_NONE, "infill sets its own"},
    {"lock_timeout", NULL, DB_EFFECT_NONE, "infill sets its own"},
    {"jit", NULL, DB_EFFECT_NONE, "batch statements are too cheap to be compiled"},
    {0},
};

/* As sessions of this role begin with it, not as the transaction that asks has it. Sizes and times in one spelling, whatever their unit.
 * What a version does not have yet, the row as JSON does not have either. $1 the names. */
static const char settings_sql[] =
    "SELECT name, CASE WHEN unit ~ '^[0-9]*[kMG]?B$' AND reset_val ~ '^[0-9]+$' AND unit <> 'B'"
    "  THEN pg_catalog.pg_size_pretty(reset_val::bigint"
    "   * pg_catalog.pg_size_bytes(CASE WHEN unit ~ '^[0-9]' THEN unit ELSE '1' || unit END))"
    "  WHEN unit IS NOT NULL AND reset_val NOT IN ('0', '-1') THEN reset_val || ' ' || unit ELSE reset_val END"
    " FROM pg_catalog.pg_settings WHERE name = ANY ($1::text[]) AND name NOT IN ('lc_collate', 'lc_ctype')"
    " UNION ALL SELECT v.name, v.value FROM pg_catalog.pg_database d CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(d)) AS j(d)"
    " CROSS JOIN LATERAL (VALUES ('encoding', pg_catalog.pg_encoding_to_char(d.encoding)::text), ('lc_collate', "
    "d.datcollate::text),"
    "  ('lc_ctype', d.datctype::text), ('collation version', j.d ->> 'datcollversion'),"
    "  ('locale provider', (j.d ->> 'datlocprovider') || COALESCE(' ' || (j.d ->> 'datlocale'), ' ' || (j.d ->> 'daticulocale'), "
    "'')))"
    "  AS v(name, value) WHERE d.datname = pg_catalog.current_database()";

/* Names of ours need no quotes in an array but for a blank. */
static void names_array(struct buf *out) {
    buf_add(out, "{");
    for (const struct db_setting *row = table; row->name != NULL; row++)
        buf_printf(out, "%s\"%s\"", row == table ? "" : ",", row->name);
    buf_add(out, "}");
}

int pg_settings(struct db *db, struct arena *arena, struct db_settings *settings, struct err *err) {
    struct buf names;
    struct db_result found;
    buf_init(&names);
    names_array(&names);
    struct sql_value args[] = {value_text(names.data)};
    int code = buf_ok(&names) ? db_query(db, &pg_catalog_tx, settings_sql, args, 1, arena, &found, err) : err_nomem(err);
    buf_release(&names);
    return code ? code : db_settings_of(table, &found, arena, settings, err);
}
