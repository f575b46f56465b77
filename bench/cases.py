"""The transform that is measured, spelled once per engine, and used by the plain statement and by infill's plan alike."""

CODE = "CASE src.status " + " ".join(f"WHEN '{word}' THEN {n}" for n, word in enumerate(("active", "inactive", "pending", "suspended", "deleted"), 1)) + " END"

COLUMNS = {
    "postgres": {
        "email_norm": "lower(btrim(src.email))", "first_name": "split_part(src.full_name, ' ', 1)",
        "last_name": "CASE WHEN strpos(src.full_name, ' ') > 0 THEN substr(src.full_name, strpos(src.full_name, ' ') + 1) END",
        "balance_cents": "(src.balance * 100)::bigint", "status_code": CODE, "country": "src.legacy_data->>'country'"},
    "mariadb": {
        "email_norm": "lower(trim(src.email))", "first_name": "substring_index(src.full_name, ' ', 1)",
        "last_name": "if(locate(' ', src.full_name) > 0, substring(src.full_name, locate(' ', src.full_name) + 1), NULL)",
        "balance_cents": "cast(src.balance * 100 as signed)", "status_code": CODE,
        "country": "json_unquote(json_extract(src.legacy_data, '$.country'))"},
    "sqlite": {
        "email_norm": "lower(trim(src.email))", "first_name": "substr(src.full_name, 1, instr(src.full_name || ' ', ' ') - 1)",
        "last_name": "CASE WHEN instr(src.full_name, ' ') > 0 THEN substr(src.full_name, instr(src.full_name, ' ') + 1) END",
        "balance_cents": "cast(round(src.balance * 100) as integer)", "status_code": CODE, "country": "json_extract(src.legacy_data, '$.country')"},
}
CARRY = ["id", "created_at", "updated_at"]
PLACE = "users_place"  # id, email, balance, balance_cents NULL …: filled in place


def insert_statement(engine):
    columns = {"id": "src.id", **COLUMNS[engine], "created_at": "src.created_at", "updated_at": "src.updated_at"}
    return f"INSERT INTO users_v2 ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM users_legacy src"


def update_statement(engine):
    return f"UPDATE {PLACE} SET balance_cents = {COLUMNS[engine]['balance_cents'].replace('src.', '')}"


def into_fill(engine):
    return {"name": "users", "from": "users_legacy", "into": "users_v2", "columns": COLUMNS[engine], "carry": CARRY,
            "omit": ["email", "full_name", "status", "balance", "legacy_data"]}


def place_fill(engine):
    return {"name": "cents", "table": PLACE, "set": {"balance_cents": COLUMNS[engine]["balance_cents"]}}


class Case:
    """One line of the table: what is run, and what it has to reach against the plain statement of the same round."""

    def __init__(self, name, kind, settings, target=None, profile="dev"):
        self.name = name
        self.kind = kind  # into | place
        self.settings = settings
        self.target = target
        self.profile = profile


def rows(n, workers=1, **more):
    return [f"batch.rows={n}", f"batch.rows_max={n}", f"workers={workers}", *(f"{key.replace('__', '.')}={value}" for key, value in more.items())]


CASES = {
    "postgres": [Case("1 worker, 5,000 rows a batch", "into", rows(5000), 0.85), Case("1 worker, 1,000 rows a batch", "into", rows(1000), 0.75),
                 Case("2 workers, 5,000 rows a batch", "into", rows(5000, 2), 1.5), Case("in place, 1 worker, 5,000", "place", rows(5000), 0.95),
                 Case("in place, 2 workers, 5,000", "place", rows(5000, 2), 1.3)],
    "mariadb": [Case("1 worker, 5,000 rows a batch", "into", rows(5000), 0.80), Case("1 worker, 1,000 rows a batch", "into", rows(1000), 0.65),
                Case("2 workers, 5,000 rows a batch", "into", rows(5000, 2), 1.3), Case("in place, 1 worker, 5,000", "place", rows(5000), 0.85),
                Case("in place, 2 workers, 5,000", "place", rows(5000, 2), 1.2)],
    "sqlite": [Case("NORMAL, 5,000 rows a batch", "into", rows(5000, batch__commit="async"), 0.95),
               Case("FULL, 5,000 rows a batch", "into", rows(5000, batch__commit="sync"), 0.80),
               Case("NORMAL, 2 workers", "into", rows(5000, 2, batch__commit="async"), 0.90)],
}
