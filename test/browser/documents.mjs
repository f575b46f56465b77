// Documents as infill_report hands them out, made up: small and clean, damaged with keys that mean harm, very large, and never verified.

const key = (...values) => JSON.stringify(values.map(String));
const minutes = (start, count) => new Date(Date.parse(start) + count * 60000).toISOString().replace(".000", "");

const EVIL = `<script>document.title = "owned"</script><img src=x onerror=alert(1)>"'&\u202ereversed\u001b[31m`;

function base(verdict) {
    return {
        plan: "users_v2", environment: "prod", profile: "prod", run: 7, state: "done", server_version: "PostgreSQL 15.14",
        version: "0.1.0", generated_at: "2026-03-14T09:26:53Z", verdict,
        rows: {seen: 2000000, written: 1999990, same: 0, kept: 7, rejected: 3}, fills: [], findings: [], findings_total: 0, rejects: [],
        not_compared: [], sample: null,
        events: [
            {seq: 1, at: "2026-03-14T08:00:00Z", actor: "deploy@ops1", what: "started", detail: {workers: 2}},
            {seq: 2, at: "2026-03-14T08:41:10Z", actor: "deploy@ops1", what: "filled", detail: ""},
            {seq: 3, at: "2026-03-14T09:02:44Z", actor: "ana@ops1", what: "verify", detail: "pass 2"},
        ],
    };
}

function range(number, size, change = {}) {
    return {
        range: number, lo: number === 1 ? null : key((number - 1) * size), hi: key(number * size), state: "filled", rows: size,
        written: size, verdict: "match", reason: "", verified_at: minutes("2026-03-14T09:00:00Z", number % 25), missing: 0, extra: 0,
        different: 0, changed: 0, settled_at: minutes("2026-03-14T08:05:00Z", number % 50), repaired: 0, ...change,
    };
}

function fill(name, ranges, change = {}) {
    const sum = what => ranges.reduce((total, each) => total + each[what], 0);
    const verdicts = ranges.map(each => each.verdict);
    const worst = ["differ", "unverified", "changed"].find(word => verdicts.includes(word)) ?? verdicts[0];
    const source = sum("rows"), target = source - sum("missing") + sum("extra");
    const as = (one, other) => one === other ? "match" : "differ";
    return {
        fill: name, source: `public.${name}_legacy`, target: `public.${name}_v2`, verdict: worst, state: "settled", slices: ranges.length,
        frontier: ranges.at(-1).hi, high_water: ranges.at(-1).hi, rows: {source, target},
        digest: {source: "9f2c4a61b07e55d3a1c08e7734fd92be", target: worst === "differ" ? "13c0a58f6ee2d94b7d01bb2f80c6a7e4" : "9f2c4a61b07e55d3a1c08e7734fd92be"},
        missing: sum("missing"), extra: sum("extra"), different: sum("different"), duplicates: 0, changed: sum("changed"), weaker: 0,
        checks: [
            {check: "counts", verdict: as(source, target), facts: [{name: "rows", source: String(source), target: String(target), verdict: as(source, target)}]},
            {check: "rows", verdict: worst, facts: []},
            {check: "aggregates", verdict: "match", facts: [
                {name: "sum(balance_cents)", source: "998401227113", target: "998401227113", verdict: "match"},
                {name: "nulls(name)", source: "10000", target: "10000", verdict: "match"}]},
            {check: "distribution", verdict: "match", facts: [
                {name: "country, 8 values", source: "8", target: "8", verdict: "match"}]},
        ],
        causes: [], columns: ["id", "email", "country_id", "balance_cents", "created_at"], ranges, ...change,
    };
}

export function clean() {
    return {...base("match"), fills: [fill("users", Array.from({length: 20}, (_, i) => range(i + 1, 100000)))],
            sample: {rows: 46050, population: 2000000, seed: "5a17c0de", confidence: 0.99, defect_rate: 0.0001, defects: 0, upper_bound: 0.0001}};
}

export function damaged() {
    const users = Array.from({length: 20}, (_, i) => range(i + 1, 100000));
    Object.assign(users[11], {verdict: "differ", missing: 2, different: 1000});
    Object.assign(users[16], {verdict: "differ", extra: 1, repaired: 4});
    Object.assign(users[17], {verdict: "changed", changed: 12, reason: "12 rows changed three times while they were read"});
    Object.assign(users[18], {verdict: "unverified", reason: "statement timeout after 30 s; " + EVIL});
    Object.assign(users[19], {verdict: null, verified_at: null, settled_at: null, state: "open", hi: key("z".repeat(300))});
    const orders = Array.from({length: 240}, (_, i) => range(i + 1, 50000, {repaired: i % 60 === 0 ? 3 : 0}));
    const findings = [
        {fill: "users", key: key(1100007), range: 12, kind: "missing", columns: [], at: "2026-03-14T09:03:02Z"},
        {fill: "users", key: key(1100008), range: 12, kind: "missing", columns: [], at: "2026-03-14T09:03:02Z"},
        ...Array.from({length: 1000}, (_, i) => ({fill: "users", key: key(1100100 + 7 * i), range: 12, kind: "different",
                                                  columns: i % 4 ? ["paid_at"] : ["paid_at", "balance_cents"], at: "2026-03-14T09:03:02Z"})),
        {fill: "users", key: key(1650001, EVIL), range: 17, kind: "extra", columns: [], at: "2026-03-14T09:04:40Z"},
    ];
    findings.splice(2, 0, {fill: EVIL, key: key(EVIL), range: 12, kind: "kept", columns: [EVIL, "email"], at: "2026-03-14T09:03:02Z"});
    return {
        ...base("differ"),
        fills: [
            fill("users", users, {causes: ["paid_at is 7 h later in all 1,000 differing rows of range 12", EVIL], weaker: 31, state: "filled"}),
            fill("orders", orders, {source: "public.orders", target: "public.orders", columns: ["total_cents"]}),
        ],
        findings, findings_total: 1204,
        rejects: [{fill: "users", key: key(4711), range: 1, class: "ROW", sqlstate: "22001", constraint: null, state: "open", at: "2026-03-14T08:11:00Z", tries: 2},
                  {fill: "users", key: key(EVIL), range: 9, class: EVIL, sqlstate: "23514", constraint: "users_v2_email_check", state: "accepted", at: "2026-03-14T08:11:00Z", tries: 1}],
        not_compared: [{fill: "users", what: "column location", reason: "its type point has no canonical form"},
                       {fill: "orders", what: EVIL, reason: EVIL}],
    };
}

export function huge() {
    const ranges = Array.from({length: 23456}, (_, i) => range(i + 1, 20000));
    for (let i = 0; i < ranges.length; i += 37)
        Object.assign(ranges[i], {verdict: i % 2 ? "changed" : "unverified", changed: i % 2, reason: i % 2 ? "" : "snapshot too old"});
    for (let i = 500; i < ranges.length; i += 4001)
        Object.assign(ranges[i], {verdict: "differ", different: 3});
    const findings = Array.from({length: 3000}, (_, i) => ({fill: "events", key: key("2026-03-14T09:03:02.123456+00", 123456789012 + i), range: 501 + i % 5 * 4001,
                                                            kind: "different", columns: ["payload"], at: "2026-03-14T09:03:02Z"}));
    const events = Array.from({length: 900}, (_, i) => ({seq: i + 1, at: minutes("2026-03-14T00:00:00Z", i), actor: "infill", what: "lease", detail: {range: i}}));
    return {...base("differ"), plan: "events", fills: [fill("events", ranges)], findings, findings_total: 60000, events};
}

export function never() {
    const ranges = Array.from({length: 3}, (_, i) => range(i + 1, 1000, {verdict: null, verified_at: null, settled_at: null}));
    return {...base(null), state: "running", events: [], fills: [fill("users", ranges, {verdict: null, checks: [], columns: [], digest: {}, rows: {}, state: "open"})]};
}
