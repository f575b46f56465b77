/* sqlite_file.h - a SQLite file of the test's own behind the real driver: made, asked, removed. */
#ifndef TEST_SQLITE_FILE_H
#define TEST_SQLITE_FILE_H

#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "db/db.h"

enum { SQLITE_FILE_WAIT_MS = 60000 }; /* for locks and statements: a loaded machine must not fail a test */

struct sqlite_file {
    char directory[64];
    char url[96];
    struct db *db;
    struct arena arena; /* answers; as long as the file */
    struct err err;
};

static const struct db_tx sqlite_file_tx = {.statement_timeout_ms = SQLITE_FILE_WAIT_MS, .lock_timeout_ms = SQLITE_FILE_WAIT_MS};

/* Another connection; NULL when there is none. For threads, too, which must not assert. */
static inline struct db *sqlite_file_connect(const struct sqlite_file *file) {
    struct db *db = NULL;
    struct err err;
    const struct db_options options = {.url = file->url, .application_name = "test", .create = true};
    err_clear(&err);
    return db_open(&options, &db, &err) ? NULL : db;
}

static inline void sqlite_file_folder(struct sqlite_file *file) {
    memset(file, 0, sizeof *file);
    snprintf(file->directory, sizeof file->directory, "/dev/shm/infill-test-XXXXXX"); /* in memory, where fsync costs nothing */
    if (mkdtemp(file->directory) == NULL) {
        snprintf(file->directory, sizeof file->directory, "/tmp/infill-test-XXXXXX");
        assert_non_null(mkdtemp(file->directory));
    }
    snprintf(file->url, sizeof file->url, "sqlite:%s/db", file->directory);
}

static inline void sqlite_file_make(struct sqlite_file *file) {
    sqlite_file_folder(file);
    file->db = sqlite_file_connect(file);
    assert_non_null(file->db);
    arena_init(&file->arena);
    err_clear(&file->err);
}

static inline void sqlite_file_remove(struct sqlite_file *file) {
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    db_close(file->db);
    arena_release(&file->arena);
    for (size_t i = 0; i < UNIT_COUNT(endings); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/db%s", file->directory, endings[i]);
        unlink(path);
    }
    rmdir(file->directory);
}

/* A file of its own with the same rows; nobody is writing to the first. */
static inline void sqlite_file_copy(const struct sqlite_file *from, struct sqlite_file *file) {
    char bytes[4096];
    size_t len;
    sqlite_file_folder(file);
    FILE *in = fopen(from->url + strlen("sqlite:"), "re"), *out = fopen(file->url + strlen("sqlite:"), "we");
    assert_true(in != NULL && out != NULL);
    while ((len = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(in) | fclose(out), 0);
    file->db = sqlite_file_connect(file);
    assert_non_null(file->db);
    arena_init(&file->arena);
    err_clear(&file->err);
}

/* Success, or the error in the test's output. */
static inline void sqlite_file_ok(const struct sqlite_file *file, int rc) {
    if (rc)
        print_error("%s %s %s\n", file->err.message, file->err.where, file->err.next);
    assert_int_equal(rc, 0);
}

/* One statement or several, each committed. */
static inline void sqlite_file_exec(struct sqlite_file *file, const char *sql) {
    sqlite_file_ok(file, db_script(file->db, sql, &file->err));
}

/* Rows as "a|b c|d", NULL as "-". */
static inline const char *sqlite_file_rows(struct sqlite_file *file, const char *sql) {
    struct db_result result;
    struct buf text;
    sqlite_file_ok(file, db_query(file->db, &sqlite_file_tx, sql, NULL, 0, &file->arena, &result, &file->err));
    buf_init(&text);
    for (unsigned row = 0; row < result.row_count; row++)
        for (unsigned column = 0; column < result.column_count; column++) {
            const char *cell = db_cell(&result, row, column);
            buf_printf(&text, "%s%s", column > 0 ? "|" : row > 0 ? " " : "", cell ? cell : "-");
        }
    const char *rows = arena_strdup(&file->arena, text.data);
    buf_release(&text);
    assert_non_null(rows);
    return rows;
}

static inline long long sqlite_file_number(struct sqlite_file *file, const char *sql) {
    return strtoll(sqlite_file_rows(file, sql), NULL, 10);
}

#define assert_rows(file, sql, expected) assert_string_equal(sqlite_file_rows(file, sql), expected)

#endif
