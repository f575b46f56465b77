/* What can be wrong with a plan on a SQLite database: one case each, with every problem it gives. */
#include "preflight_fixture.h"

#define OLD "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL);"
#define OLD2 "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL);"
#define NEW "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT NULL);"
#define FILL "  - {name: f, from: old, into: new, "
#define CARRY FILL "carry: [id, email]}\n"

static const struct {
    const char *title, *schema, *fills, *problems;
} cases[] = {
    /* tables */
    {"nothing wrong", OLD NEW, CARRY, ""},
    {"a source that is not there", OLD NEW, "  - {name: f, from: olf, into: new, carry: [id]}\n",
     "f table: there is no table olf; did you mean old? -> names in a plan are the exact catalog spelling\n"},
    {"a target that is not there", OLD, CARRY,
     "f table: there is no table new -> names in a plan are the exact catalog spelling\n"},
    {"neither is there", "CREATE TABLE x (id INTEGER PRIMARY KEY)", CARRY,
     "f table: there is no table old -> names in a plan are the exact catalog spelling\n"
     "f table: there is no table new -> names in a plan are the exact catalog spelling\n"},
    {"a target that is a view", OLD "CREATE VIEW new AS SELECT * FROM old;", CARRY,
     "f table: new is a view; infill fills from tables into tables\n"
     "f match: match column id of new may be NULL: NULL matches nothing, so a row that is tried twice would be there twice -> "
     "ALTER TABLE ... SET NOT NULL, or name other columns under match:\n"
     "f match: new has no unique index over match (id): a row that is tried twice would be there twice -> create a plain unique "
     "index over exactly these columns\n"},
    {"a source that is a view", "CREATE TABLE o (id INTEGER PRIMARY KEY, email TEXT); CREATE VIEW old AS SELECT * FROM o;" NEW,
     CARRY,
     "f table: old is a view; infill fills from tables into tables\n"
     "f narrowing?: id may be NULL, id may not -> rows with NULL become rejects\n"
     "f narrowing?: email may be NULL, email may not -> rows with NULL become rejects\n"
     "f key: old has no primary key -> name unique, indexed columns under key:\n"},
    {"one table for both", OLD, "  - {name: f, from: old, into: old, carry: [id, email]}\n",
     "f table: from and into are the same table -> fill new columns in place: table: and set:\n"},
    /* columns */
    {"a carried column that neither has", OLD NEW, FILL "carry: [id, email, nmae]}\n",
     "f column: target column nmae is not a column of new\n"
     "f column: carried column nmae is not a column of old\n"},
    {"a carried column that the source has not", OLD "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT, phone TEXT);",
     FILL "carry: [id, email, phone]}\n", "f column: carried column phone is not a column of old\n"},
    {"an expression for a column that is not there", OLD NEW, FILL "carry: [id, email], columns: {emial: lower(src.email)}}\n",
     "f column: target column emial is not a column of new; did you mean email?\n"},
    {"an expression that names what is not there", OLD NEW, FILL "carry: [id], columns: {email: lower(src.mail)}}\n",
     "f expression: the expression of email: the server says: SQLite: no such column: src.mail -> columns of the source row are "
     "src.name\n"
     "f left-behind?: column email of old is carried nowhere -> carry it, use it, or name it under omit:\n"},
    {"two expressions that do not compile",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT "
     "NULL, x TEXT);",
     FILL "carry: [id], columns: {email: nosuch(src.email), x: src.email ||}}\n",
     "f expression: the expression of email: the server says: SQLite: no such function: nosuch -> columns of the source row are "
     "src.name\n"
     "f expression: the expression of x: the server says: SQLite: near \")\": syntax error -> columns of the source row are "
     "src.name\n"},
    {"an expression that is two", OLD NEW, FILL "carry: [id], columns: {email: \"'a'; DROP TABLE old\"}}\n",
     "f expression: the expression of email: one expression is expected; ';' would begin another statement\n"
     "f column: email of new is NOT NULL without a default and the plan does not fill it -> give it an expression, or a default in "
     "the table\n"
     "f left-behind?: column email of old is carried nowhere -> carry it, use it, or name it under omit:\n"},
    {"an expression that leaves its brackets", OLD NEW, FILL "carry: [id], columns: {email: \"'a') FROM old --\"}}\n",
     "f expression: the expression of email: a bracket is closed that was not opened\n"
     "f column: email of new is NOT NULL without a default and the plan does not fill it -> give it an expression, or a default in "
     "the table\n"
     "f left-behind?: column email of old is carried nowhere -> carry it, use it, or name it under omit:\n"},
    {"where: that does not compile", OLD NEW, FILL "carry: [id, email], where: nosuch > 1}\n",
     "f expression: where: the server says: SQLite: no such column: nosuch -> columns of the source row are src.name\n"},
    {"where: that is two", OLD NEW, FILL "carry: [id, email], where: \"1; SELECT 2\"}\n",
     "f expression: where: one expression is expected; ';' would begin another statement\n"},
    {"a volatile function", OLD NEW, FILL "carry: [id], columns: {email: lower(src.email) || random()}}\n",
     "f volatile: the expression of email uses random: a batch that is tried again would write something else -> write a value "
     "that is the same every time, or say volatile: allow for this fill\n"},
    {"a clock", OLD NEW, FILL "carry: [id], columns: {email: src.email || CURRENT_TIMESTAMP}}\n",
     "f volatile: the expression of email uses current_timestamp: a batch that is tried again would write something else -> write "
     "a value that is the same every time, or say volatile: allow for this fill\n"},
    {"a volatile where:", OLD NEW, FILL "carry: [id, email], where: random() > 0}\n",
     "f volatile: where uses random: a batch that is tried again would write something else -> write a value that is the same "
     "every time, or say volatile: allow for this fill\n"},
    {"a volatile function that is allowed", OLD NEW,
     FILL "volatile: allow, carry: [id], columns: {email: src.email || random()}}\n",
     "f volatile?: the expression of email uses random: a batch that is tried again would write something else\n"},
    {"a generated column that is written",
     OLD "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT, lower TEXT AS (lower(email)) STORED);",
     FILL "carry: [id, email], columns: {lower: src.email}}\n",
     "f column: lower of new is generated -> leave it out: the database computes it\n"},
    {"a generated column that is left alone",
     OLD "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT, lower TEXT NOT NULL AS (lower(email)) STORED);", CARRY, ""},
    {"a NOT NULL column that is left out",
     OLD "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT, state TEXT NOT NULL, at TEXT NOT NULL DEFAULT 'x');", CARRY,
     "f column: state of new is NOT NULL without a default and the plan does not fill it -> give it an expression, or a default in "
     "the table\n"},
    {"a source column that is left behind",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL, phone TEXT, fax TEXT, \"full name\" TEXT, city TEXT);" NEW,
     FILL "carry: [id, email], omit: [fax], where: '\"full name\" <> upper(city)'}\n",
     "f left-behind?: column phone of old is carried nowhere -> carry it, use it, or name it under omit:\n"},
    {"omit: that names what is not there", OLD NEW, FILL "carry: [id, email], omit: [eamil]}\n",
     "f column: omit: eamil is not a column of old; did you mean email?\n"},
    {"a longer text",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL); CREATE TABLE new (id INTEGER PRIMARY KEY, email "
     "VARCHAR(40) NOT NULL);",
     CARRY, ""},
    {"a text without a length",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE TABLE new (id INTEGER PRIMARY KEY, email VARCHAR(40) "
     "NOT NULL);",
     CARRY, ""},
    {"another type",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE TABLE new (id INTEGER PRIMARY KEY, email INTEGER NOT "
     "NULL);",
     CARRY, "f narrowing?: email TEXT goes into email INTEGER -> rows that do not fit become rejects\n"},
    {"NULL into NOT NULL", "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT);" NEW, CARRY,
     "f narrowing?: email may be NULL, email may not -> rows with NULL become rejects\n"},
    {"a bare expression that is narrowed", "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT);" NEW,
     FILL "carry: [id], columns: {email: '\"email\"'}}\n",
     "f narrowing?: email may be NULL, email may not -> rows with NULL become rejects\n"},
    /* triggers */
    {"triggers that fire",
     OLD NEW "CREATE TRIGGER a AFTER INSERT ON new BEGIN SELECT 1; END; CREATE TRIGGER b BEFORE UPDATE ON new BEGIN SELECT 1; END; "
             "CREATE TRIGGER c AFTER DELETE ON new BEGIN SELECT 1; END; CREATE TRIGGER d AFTER INSERT ON old BEGIN SELECT 1; END;",
     CARRY,
     "f trigger?: trigger a on new fires for every row the fill writes -> make sure it is meant to fire for rows that already "
     "exist\n"},
    {"triggers that fire when rows are overwritten",
     OLD NEW "CREATE TRIGGER a AFTER INSERT ON new BEGIN SELECT 1; END; CREATE TRIGGER b BEFORE UPDATE ON new BEGIN SELECT 1; END;",
     FILL "carry: [id, email], on_conflict: overwrite}\n",
     "f trigger?: trigger a on new fires for every row the fill writes -> make sure it is meant to fire for rows that already "
     "exist\n"
     "f trigger?: trigger b on new fires for every row the fill writes -> make sure it is meant to fire for rows that already "
     "exist\n"},
    {"triggers that fire in place",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT, low TEXT); CREATE TRIGGER a AFTER INSERT ON old BEGIN SELECT 1; END; "
     "CREATE TRIGGER b AFTER UPDATE ON old BEGIN SELECT 1; END;",
     "  - {name: f, table: old, set: {low: lower(email)}}\n",
     "f trigger?: trigger b on old fires for every row the fill writes -> make sure it is meant to fire for rows that already "
     "exist\n"},
    /* keys */
    {"a source without a primary key", "CREATE TABLE old (id INTEGER NOT NULL, email TEXT NOT NULL);" NEW, CARRY,
     "f key: old has no primary key -> name unique, indexed columns under key:\n"},
    {"a key column that is not there", OLD NEW, FILL "key: [ix], carry: [id, email]}\n",
     "f key: key column ix is not a column of old\n"},
    {"a key that is not unique",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE INDEX by_email ON old (email);" NEW,
     FILL "key: [email], match: [id], carry: [id, email]}\n",
     "f key: key (email) of old is not unique: batches could skip rows that share a key -> add the primary key's columns behind "
     "them, or name unique columns\n"},
    {"a key that is unique with the primary key behind it",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE INDEX by_email ON old (email, id);" NEW,
     FILL "key: [email, id], match: [id], carry: [id, email]}\n", ""},
    {"a key in another order than its index",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE INDEX by_email ON old (id, email);" NEW,
     FILL "key: [email, id], match: [id], carry: [id, email]}\n",
     "f key: no index of old begins with (email, id): every batch would read the whole table -> create an index over exactly these "
     "columns, in this order\n"},
    {"a key whose unique index is partial",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE UNIQUE INDEX u ON old (email) WHERE id > 5;" NEW,
     FILL "key: [email], match: [id], carry: [id, email]}\n",
     "f key: key (email) of old is not unique: batches could skip rows that share a key -> the unique index over them is partial, "
     "deferrable, over an expression or not valid; a plain one is needed\n"
     "f key: no index of old begins with (email): every batch would read the whole table -> create an index over exactly these "
     "columns, in this order\n"},
    {"a key whose unique index is over an expression",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL); CREATE UNIQUE INDEX u ON old (lower(email));" NEW,
     FILL "key: [email], match: [id], carry: [id, email]}\n",
     "f key: key (email) of old is not unique: batches could skip rows that share a key -> add the primary key's columns behind "
     "them, or name unique columns\n"
     "f key: no index of old begins with (email): every batch would read the whole table -> create an index over exactly these "
     "columns, in this order\n"},
    {"a key without an index", OLD NEW, FILL "key: [email], match: [id], carry: [id, email]}\n",
     "f key: key (email) of old is not unique: batches could skip rows that share a key -> add the primary key's columns behind "
     "them, or name unique columns\n"
     "f key: no index of old begins with (email): every batch would read the whole table -> create an index over exactly these "
     "columns, in this order\n"},
    {"a key that may be NULL", "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT UNIQUE);" NEW,
     FILL "key: [email], match: [id], carry: [id, email]}\n",
     "f narrowing?: email may be NULL, email may not -> rows with NULL become rejects\n"
     "f key: email may be NULL: rows without a key would silently be left out -> ALTER the column to NOT NULL, or name other "
     "columns under key:\n"},
    {"a primary key that may be NULL, as SQLite lets it",
     "CREATE TABLE old (id TEXT PRIMARY KEY, email TEXT NOT NULL); CREATE TABLE new (id TEXT NOT NULL PRIMARY KEY, email TEXT NOT "
     "NULL);",
     CARRY,
     "f narrowing?: id may be NULL, id may not -> rows with NULL become rejects\n"
     "f key: id may be NULL: rows without a key would silently be left out -> ALTER the column to NOT NULL, or name other columns "
     "under key:\n"},
    {"a key of floating numbers",
     "CREATE TABLE old (id REAL NOT NULL PRIMARY KEY, email TEXT NOT NULL); CREATE TABLE new (id REAL NOT NULL PRIMARY KEY, email "
     "TEXT NOT NULL);",
     CARRY, "f key: id (REAL) cannot be part of the key: floating point numbers are not exact -> name other columns under key:\n"},
    {"a key of nine columns",
     "CREATE TABLE old (a INT NOT NULL, b INT NOT NULL, c INT NOT NULL, d INT NOT NULL, e INT NOT NULL, f INT NOT NULL, g INT NOT "
     "NULL, h INT NOT NULL, i INT NOT NULL, PRIMARY KEY (a, b, c, d, e, f, g, h, i)); CREATE TABLE new AS SELECT * FROM old;",
     FILL "carry: [a, b, c, d, e, f, g, h, i]}\n", "f key: a key has at most 8 columns\n"},
    {"periods over a key that is no time", OLD NEW, FILL "carry: [id, email]}\nrange: {every: 1 day}\n",
     "f range: range: {every: ...}: the first key column does not hold dates as ISO text -> range: {rows: ...}\n"},
    /* matches */
    {"a key that is copied nowhere", OLD NEW, FILL "columns: {id: src.id + 1, email: src.email}}\n",
     "f match: key column id is copied to no column of new as it is, so the row of a key cannot be found there -> name the "
     "target's unique columns under match:\n"},
    {"a match column that is not there", OLD NEW, FILL "match: [ix], carry: [id, email]}\n",
     "f match: match column ix is not filled by this fill -> give it an expression under columns:, or carry it\n"},
    {"a match column that is not filled",
     OLD "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT NULL, code TEXT NOT NULL DEFAULT 'x' UNIQUE);",
     FILL "match: [code], carry: [id, email]}\n",
     "f match: match column code is not filled by this fill -> give it an expression under columns:, or carry it\n"},
    {"a match without a unique index",
     OLD "CREATE TABLE new (id INTEGER NOT NULL, email TEXT NOT NULL); CREATE INDEX by_id ON new (id);", CARRY,
     "f match: new has no unique index over match (id): a row that is tried twice would be there twice -> create a plain unique "
     "index over exactly these columns\n"},
    {"a match whose unique index is partial",
     OLD "CREATE TABLE new (id INTEGER NOT NULL, email TEXT NOT NULL); CREATE UNIQUE INDEX u ON new (id) WHERE email <> '';", CARRY,
     "f match: new has no unique index over match (id): a row that is tried twice would be there twice -> create a plain unique "
     "index over exactly these columns\n"},
    {"a match whose unique index has a column more",
     OLD "CREATE TABLE new (id INTEGER NOT NULL, email TEXT NOT NULL, PRIMARY KEY (id, email));", CARRY,
     "f match: new has no unique index over match (id): a row that is tried twice would be there twice -> create a plain unique "
     "index over exactly these columns\n"},
    {"a match that may be NULL", OLD "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT UNIQUE);",
     FILL "match: [email], carry: [id, email]}\n",
     "f match: match column email of new may be NULL: NULL matches nothing, so a row that is tried twice would be there twice -> "
     "ALTER TABLE ... SET NOT NULL, or name other columns under match:\n"},
    {"a match of which one column may be NULL",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, tenant INT NOT NULL); CREATE TABLE new (tenant INT, id INTEGER NOT NULL, UNIQUE "
     "(tenant, id));",
     FILL "match: [tenant, id], carry: [id, tenant]}\n",
     "f match: match column tenant of new may be NULL: NULL matches nothing, so a row that is tried twice would be there twice -> "
     "ALTER TABLE ... SET NOT NULL, or name other columns under match:\n"},
    {"a derived match that may be NULL", OLD "CREATE TABLE new (id INTEGER UNIQUE, email TEXT NOT NULL);", CARRY,
     "f match: match column id of new may be NULL: NULL matches nothing, so a row that is tried twice would be there twice -> "
     "ALTER TABLE ... SET NOT NULL, or name other columns under match:\n"},
    /* in place */
    {"a key that is changed in place", OLD, "  - {name: f, table: old, set: {id: 1}}\n",
     "f key: set: changes id, which is part of the key that the fill walks -> name another key under key:\n"},
    {"a column in place that is read, too", OLD2, "  - {name: f, table: old, set: {email: \"src.email || '!'\", name: \"'x'\"}}\n",
     "f expression: the expression of email reads email, which this fill sets: settling, verify and repair would do it once more "
     "-> read "
     "other columns, with a table\'s name in front of what a subquery reads; or say idempotent: true for this fill if doing it "
     "twice gives what doing it once gives, as lower(src.NAME) "
     "does\n"},
    {"another column that is set is read", OLD2, "  - {name: f, table: old, set: {email: NAME, name: \"'x'\"}}\n",
     "f expression: the expression of email reads name, which this fill sets: settling, verify and repair would do it once more -> "
     "read "
     "other columns, with a table\'s name in front of what a subquery reads; or say idempotent: true for this fill if doing it "
     "twice gives what doing it once gives, as lower(src.NAME) "
     "does\n"},
    {"a column of that name in another table", OLD2,
     "  - {name: f, table: old, set: {email: (SELECT o.email FROM old o WHERE o.id = src.id + 1)}}\n", ""},
    {"a column in place that may be read", OLD2, "  - {name: f, table: old, set: {email: lower(email)}, idempotent: true}\n", ""},
    {"where: reads what is set", OLD2,
     "  - {name: f, table: old, set: {email: lower(name)}, where: src.email IS NULL, idempotent: true}\n",
     "f where: where reads email, which this fill sets: filled rows are out of it, and nothing could be verified -> leave it out: "
     "rows that "
     "are right already are not written; values that are there already are kept by coalesce(src.NAME, …) with idempotent: true\n"},
    {"a column in place that is not there", OLD, "  - {name: f, table: old, set: {emial: lower(email)}}\n",
     "f column: target column emial is not a column of old; did you mean email?\n"},
    /* order */
    {"a table that refers to itself",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, boss INT); CREATE TABLE new (id INTEGER PRIMARY KEY, boss INT REFERENCES new);",
     FILL "carry: [id, boss]}\n",
     "f foreign-key: new refers to itself (foreign key (boss) REFERENCES new): a child row could come before its parent -> fill "
     "the table "
     "without that column first, then the column with a second fill (table: and set:) that needs this one\n"},
    {"a reference to itself that is not filled",
     "CREATE TABLE old (id INTEGER PRIMARY KEY, boss INT); CREATE TABLE new (id INTEGER PRIMARY KEY, boss INT REFERENCES new);",
     FILL "carry: [id], omit: [boss]}\n", ""},
    {"tables that refer to each other",
     "CREATE TABLE oa (id INTEGER PRIMARY KEY, b INT); CREATE TABLE ob (id INTEGER PRIMARY KEY, a INT); CREATE TABLE na (id "
     "INTEGER PRIMARY KEY, b INT REFERENCES nb); CREATE TABLE nb (id INTEGER PRIMARY KEY, a INT REFERENCES na);",
     "  - {name: a, from: oa, into: na, carry: [id, b]}\n  - {name: b, from: ob, into: nb, carry: [id, a]}\n",
     "a foreign-key: fill a waits for fill b (foreign key (b) REFERENCES nb), which waits for it: a cycle -> fill one of the "
     "tables without "
     "the column of the constraint first, then that column with a second fill (table: and set:)\n"
     "b foreign-key: fill b waits for fill a (foreign key (a) REFERENCES na), which waits for it: a cycle -> fill one of the "
     "tables without "
     "the column of the constraint first, then that column with a second fill (table: and set:)\n"},
    {"several fills", OLD NEW,
     "  - {name: a, from: old, into: new, carry: [id]}\n  - {name: b, from: olf, into: new, carry: [id, email]}\n  - {name: c, "
     "from: old, into: new, carry: [id, emial]}\n",
     "a column: email of new is NOT NULL without a default and the plan does not fill it -> give it an expression, or a default in "
     "the table\n"
     "a left-behind?: column email of old is carried nowhere -> carry it, use it, or name it under omit:\n"
     "b table: there is no table olf; did you mean old? -> names in a plan are the exact catalog spelling\n"
     "c column: target column emial is not a column of new; did you mean email?\n"
     "c column: carried column emial is not a column of old; did you mean email?\n"
     "c column: email of new is NOT NULL without a default and the plan does not fill it -> give it an expression, or a default in "
     "the table\n"
     "c left-behind?: column email of old is carried nowhere -> carry it, use it, or name it under omit:\n"},
    /* checks */
    {"checks of columns that are there", OLD NEW,
     FILL "carry: [id, email], checks: {distribution: [email], unique: [[id, email]], semantic: [email], expect: {email: "
          "src.email}}}\n",
     ""},
    {"a check of the key in place", "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT, x TEXT)",
     "  - {name: f, table: old, set: {x: src.email}, checks: {unique: [[id]], aggregates: {extrema: [email]}}}\n",
     "f checks: checks: email is a column that this fill does not fill -> checks see the columns that the fill fills, and its "
     "key\n"},
    {"a check of a column that is not there", "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT, x TEXT)",
     "  - {name: f, table: old, set: {x: src.email}, checks: {distribution: [emial]}}\n",
     "f column: checked column emial is not a column of old; did you mean email?\n"},
    {"what names the row is matched exactly", OLD NEW, FILL "carry: [id, email], checks: {semantic: [id], expect: {id: src.id}}}\n",
     "f checks: checks.semantic: id names the row, which is matched exactly -> leave it out: rows are found by this column\n"
     "f checks: checks.expect of id: the column names the row -> leave it out: rows are found by this column\n"},
    {"a second spelling that does not compile", OLD NEW, FILL "carry: [id, email], checks: {expect: {email: lower(src.mail)}}}\n",
     "f expression: checks.expect of email: the server says: SQLite: no such column: src.mail -> columns of the source row are "
     "src.name\n"},
};

static size_t count_failures(const struct preflight *p) {
    size_t failures = 0;
    for (const struct problem *problem = p->jobs->problems.first; problem; problem = problem->following)
        failures += problem->severity == PROBLEM_FAIL;
    return failures;
}

static void every_problem_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
        struct preflight p;
        preflight_make(&p, cases[i].schema, cases[i].fills);
        preflight_resolve(&p);
        if (strcmp(preflight_problems(&p), cases[i].problems) != 0)
            print_error("%s\n", cases[i].title);
        assert_string_equal(preflight_problems(&p), cases[i].problems);
        assert_int_equal(p.jobs->problems.failures, count_failures(&p));
        preflight_remove(&p);
    }
}

/* All at once, as one message of run; warnings are not in the way. */
static void run_refuses_with_the_whole_list(void **state) {
    (void)state;
    struct preflight p;
    struct err err;
    preflight_make(&p, OLD NEW,
                   FILL "carry: [id], columns: {emial: src.mail}}\n  - {name: g, from: olf, into: new, carry: [id]}\n");
    preflight_resolve(&p);
    assert_int_equal(problems_to_err(&p.jobs->problems, ERR_REFUSED, &err), ERR_REFUSED);
    assert_string_equal(err.message, "3 things are in the way of this plan\n"
                                     "  - fill f: target column emial is not a column of new; did you mean email?\n"
                                     "  - fill f: email of new is NOT NULL without a default and the plan does not fill it\n"
                                     "    give it an expression, or a default in the table\n"
                                     "  - fill g: there is no table olf; did you mean old?\n"
                                     "    names in a plan are the exact catalog spelling");
    preflight_remove(&p);
    preflight_make(&p, "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT, fax TEXT);" NEW, CARRY);
    preflight_resolve(&p);
    assert_int_equal(p.jobs->problems.count, 2);
    assert_int_equal(problems_to_err(&p.jobs->problems, ERR_REFUSED, &err), 0);
    assert_true(p.jobs->jobs[0].has_sql);
    preflight_remove(&p);
}

/* ---- what comes out when nothing is wrong ---- */

static const char *order(struct preflight *p) {
    const char *text = "";
    for (size_t i = 0; i < p->jobs->count; i++)
        text = arena_printf(&p->file.arena, "%s%s%s", text, i > 0 ? " " : "", p->jobs->jobs[p->jobs->order[i]].name);
    return text;
}

static void parents_come_first(void **state) {
    (void)state;
    static const char schema[] = "CREATE TABLE o (id INTEGER PRIMARY KEY, up INT NOT NULL);"
                                 "CREATE TABLE top (id INTEGER PRIMARY KEY);"
                                 "CREATE TABLE mid (id INTEGER PRIMARY KEY, up INT REFERENCES top);"
                                 "CREATE TABLE low (id INTEGER PRIMARY KEY, up INT REFERENCES mid);"
                                 "CREATE TABLE copy (id INTEGER PRIMARY KEY, up INT);";
    static const struct {
        const char *fills, *order;
    } cases_of_order[] = {
        {"  - {name: l, from: o, into: low, carry: [id, up]}\n  - {name: m, from: o, into: mid, carry: [id, up]}\n"
         "  - {name: t, from: o, into: top, carry: [id]}\n",
         "t m l"},
        /* a column that is not written refers to nothing */
        {"  - {name: l, from: o, into: low, carry: [id]}\n  - {name: m, from: o, into: mid, carry: [id]}\n"
         "  - {name: t, from: o, into: top, carry: [id]}\n",
         "l m t"},
        /* given is given */
        {"  - {name: l, from: o, into: low, carry: [id, up], needs: []}\n  - {name: m, from: o, into: mid, carry: [id, up], needs: "
         "[t]}\n"
         "  - {name: t, from: o, into: top, carry: [id]}\n",
         "l t m"},
        /* what is filled is read when it is full */
        {"  - {name: c, from: low, into: copy, carry: [id, up]}\n  - {name: l, from: o, into: low, carry: [id, up]}\n", "l c"},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases_of_order); i++) {
        struct preflight p;
        preflight_make(&p, schema, cases_of_order[i].fills);
        preflight_resolve(&p);
        assert_int_equal(p.jobs->problems.failures, 0);
        assert_string_equal(order(&p), cases_of_order[i].order);
        preflight_remove(&p);
    }
}

/* What is left out of a plan: the key, and the match of what is copied as it is, under whatever spelling. */
static void key_and_match_are_found(void **state) {
    (void)state;
    static const struct {
        const char *fill, *key, *match, *expr;
    } cases_of_keys[] = {
        {FILL "carry: [id, email]}\n", "id", "id", "src.\"id\""},
        {FILL "columns: {id: id, email: email}}\n", "id", "id", "id"},
        {FILL "columns: {id: src.id, email: email}}\n", "id", "id", "src.id"},
        {FILL "columns: {id: 'src.\"id\"', email: email}}\n", "id", "id", "src.\"id\""},
        {FILL "key: [email], carry: [id, email]}\n", "email", "email", "src.\"email\""},
        {FILL "match: [email], columns: {id: id + 1, email: lower(email)}}\n", "id", "email", "lower(email)"},
    };
    for (size_t i = 0; i < UNIT_COUNT(cases_of_keys); i++) {
        struct preflight p;
        preflight_make(&p,
                       "CREATE TABLE old (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);"
                       "CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);",
                       cases_of_keys[i].fill);
        preflight_resolve(&p);
        assert_string_equal(preflight_problems(&p), "");
        const struct fill_map *map = &p.jobs->jobs[0].map;
        assert_int_equal(map->key_count, 1);
        assert_int_equal(map->match_count, 1);
        assert_string_equal(map->key[0]->name, cases_of_keys[i].key);
        assert_string_equal(map->match[0]->name, cases_of_keys[i].match);
        assert_string_equal(map->match_expr[0], cases_of_keys[i].expr);
        preflight_remove(&p);
    }
}

/* A trigger that can leave a row out without an error makes counting what was written worthless. */
static void triggers_that_can_swallow_rows_are_remembered(void **state) {
    (void)state;
    static const struct {
        const char *trigger;
        bool blind;
    } cases_of_triggers[] = {{"CREATE TRIGGER t AFTER INSERT ON new BEGIN SELECT 1; END;", false},
                             {"CREATE TRIGGER t BEFORE INSERT ON new BEGIN SELECT 1; END;", true},
                             {"CREATE TRIGGER t BEFORE UPDATE ON new BEGIN SELECT 1; END;", false},
                             {"CREATE TRIGGER t BEFORE INSERT ON old BEGIN SELECT 1; END;", false}};
    for (size_t i = 0; i < UNIT_COUNT(cases_of_triggers); i++) {
        struct preflight p;
        preflight_make(&p, OLD NEW, CARRY);
        sqlite_file_exec(&p.file, cases_of_triggers[i].trigger);
        preflight_resolve(&p);
        assert_int_equal(p.jobs->jobs[0].writes_blind, cases_of_triggers[i].blind);
        preflight_remove(&p);
    }
}

static void encode(struct preflight *p, const char *digits, struct buf *key) {
    const struct sql_value value = {digits, strlen(digits), VALUE_INTEGER};
    buf_init(key);
    sqlite_file_ok(&p->file, key_encode(&value, 1, true, key, &p->file.err));
}

static void keys_are_compared_by_the_database(void **state) {
    (void)state;
    static const struct {
        const char *key, *than;
        bool above;
    } cases_of_bounds[] = {{"9", "100", false}, {"100", "9", true}, {"9", "9", false}, {"-2", "-10", true}};
    struct preflight p;
    preflight_make(&p, OLD NEW, CARRY);
    preflight_resolve(&p);
    for (size_t i = 0; i < UNIT_COUNT(cases_of_bounds); i++) {
        bool above = !cases_of_bounds[i].above;
        struct buf key, than;
        encode(&p, cases_of_bounds[i].key, &key);
        encode(&p, cases_of_bounds[i].than, &than);
        sqlite_file_ok(&p.file,
                       job_key_is_above(&p.jobs->jobs[0], p.file.db, &sqlite_file_tx, key.data, than.data, &above, &p.file.err));
        assert_int_equal(above, cases_of_bounds[i].above);
        buf_release(&key);
        buf_release(&than);
    }
    preflight_remove(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_problem_is_named),
        cmocka_unit_test(run_refuses_with_the_whole_list),
        cmocka_unit_test(parents_come_first),
        cmocka_unit_test(key_and_match_are_found),
        cmocka_unit_test(triggers_that_can_swallow_rows_are_remembered),
        cmocka_unit_test(keys_are_compared_by_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
