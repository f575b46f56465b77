"""Expressions of one type into columns of another: what storing makes of them is no difference, on any engine; settling depends on it."""
import pytest

EXPRESSIONS = {  # column, its type, the expression; {engine: ...} where they spell it differently
    "postgres": [("a", "bigint", "src.n * 1.5"), ("b", "numeric(12,2)", "src.n / 7.0"), ("c", "integer", "src.d * 2.5"), ("e", "varchar(20)", "src.n || 'x'"),
                 ("f", "char(8)", "src.t"), ("g", "date", "src.at"), ("h", "timestamptz", "src.at"), ("i", "timestamp(0)", "src.at"),
                 ("j", "double precision", "src.n / 3.0"), ("k", "real", "src.d"), ("l", "jsonb", "json_build_object('n', src.n, 'a', src.t)"),
                 ("m", "numeric", "src.n"), ("o", "smallint", "CASE WHEN src.n % 2 = 0 THEN 1 ELSE 0 END"), ("p", "text", "NULL"), ("q", "date", "'2024-02-29'"),
                 ("r", "boolean", "src.n % 2 = 0"), ("s", "numeric(8,3)", "src.d"), ("u", "integer", "src.big")],
    # a value that storing would change is a warning there, and the row a reject: what is left are changes of type
    "mariadb": [("a", "bigint", "src.n * 2.0"), ("b", "decimal(12,2)", "src.n * 0.5"), ("c", "int", "src.n * 2e0"), ("e", "varchar(20)", "concat(src.n, 'x')"),
                ("f", "char(8)", "src.t"), ("h", "timestamp(6) NULL", "src.at"), ("i", "datetime(6)", "cast(src.at as date)"), ("j", "double", "src.n / 3.0"),
                ("k", "float", "src.n * 0.5"), ("l", "json", "json_object('n', src.n, 'a', src.t)"), ("m", "decimal(20,4)", "src.n"), ("o", "tinyint(1)", "src.n % 2 = 0"),
                ("p", "text", "NULL"), ("q", "date", "'2024-02-29'"), ("r", "varchar(30)", "src.n"), ("u", "int unsigned", "src.big"),
                ("v", "varchar(10) CHARACTER SET latin1", "'caf\u00e9'"), ("w", "bigint", "'42'"), ("x", "double", "src.n"), ("y", "datetime(6)", "'2024-02-29 10:00:00.5'")],
    "sqlite": [("a", "INTEGER", "src.n * 1.5"), ("b", "NUMERIC(12,2)", "src.n / 7.0"), ("c", "INTEGER", "src.d * 2.0"), ("e", "TEXT", "src.n"), ("f", "TEXT", "src.d"),
               ("g", "INTEGER", "src.n || ''"), ("h", "REAL", "src.n"), ("i", "BLOB", "src.n"), ("j", "REAL", "' 12.5 '"), ("k", "NUMERIC", "'1e3'"), ("l", "INTEGER", "'x' || src.n"),
               ("m", "VARCHAR(5)", "src.t"), ("o", "DATETIME", "src.at"), ("p", "TEXT", "NULL"), ("q", "TEXT", "src.n / 3.0")],
}


@pytest.mark.lanes
@pytest.mark.parametrize("kind", ["into", "set"])
def test_what_storing_makes_of_a_value_is_no_difference(db, planned, kind):
    columns = EXPRESSIONS[db.engine]
    double = {"postgres": "double precision", "mariadb": "double", "sqlite": "REAL"}[db.engine]
    declared = ", ".join(f"{name} {kind_of}" for name, kind_of, _ in columns)
    db.script(f"CREATE TABLE old (id {{int}} NOT NULL PRIMARY KEY, n {{int}} NOT NULL, d {double}, t {{name}}, at {{time}}, big {{big}}"
              + (f", {declared})" if kind == "set" else ")"))
    rows = [(key, key * 3 - 50, None if key % 9 == 0 else key * 0.35 - 3, None if key % 7 == 0 else f"t{key} ", f"2024-03-{key % 28 + 1:02} 11:59:59.{key * 7919 % 1000000:06}", key * 1000)
            for key in range(1, 61)]
    for row in rows:
        db.run("INSERT INTO old (id, n, d, t, at, big) VALUES (%s, %s, %s, %s, %s, %s)", row)
    expressions = {name: expression for name, _, expression in columns}
    if kind == "into":
        db.run(f"CREATE TABLE new (id {{int}} NOT NULL PRIMARY KEY, {declared})")
        infill = planned(db, {"name": "f", "from": "old", "into": "new", "carry": ["id"], "columns": expressions, "omit": ["n", "d", "t", "at", "big"]})
    else:
        infill = planned(db, {"name": "f", "table": "old", "set": expressions})
    summary = infill.run("--json").json
    assert summary["settled"] == {"ranges": 1, "repaired": 0, "deleted": 0, "extra_left": 0}, summary
    document = infill.call("verify", "--json").json
    assert document["verdict"] == "match", document
