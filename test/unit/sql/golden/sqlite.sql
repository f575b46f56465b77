-- ==== into another table, key (tenant, id)

-- bound open below (ijq)
SELECT src."tenant", src."id" FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) ORDER BY src."tenant", src."id" LIMIT 1 OFFSET CAST(? AS INTEGER);

-- bound bounded (abijq)
SELECT src."tenant", src."id" FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) ORDER BY src."tenant", src."id" LIMIT 1 OFFSET CAST(? AS INTEGER);

-- high_water  ()
SELECT src."tenant", src."id" FROM "old" AS src ORDER BY src."tenant" DESC, src."id" DESC LIMIT 1;

-- is_above  (abij)
SELECT count(*) FROM (SELECT src."tenant", src."id" FROM "old" AS src WHERE 1 = 0 UNION ALL SELECT ?, ?) AS src WHERE (src."tenant", src."id") > (?, ?);

-- count open below (ij)
SELECT count(*) FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
);

-- count bounded (abij)
SELECT count(*) FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
);

-- insert open below (ij)
INSERT INTO "users" ("id", "email") SELECT (
id
), (
lower(email)
) FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
);

-- insert bounded (abij)
INSERT INTO "users" ("id", "email") SELECT (
id
), (
lower(email)
) FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
);

-- insert_missing open below (ij)
INSERT INTO "users" ("id", "email") SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- insert_missing bounded (abij)
INSERT INTO "users" ("id", "email") SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- insert_missing from (abij)
INSERT INTO "users" ("id", "email") SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") >= (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- compare open below (ij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" COLLATE BINARY IS +s.infill_v0) AND (tgt."email" COLLATE BINARY IS +s.infill_v1) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s LEFT JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- compare bounded (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" COLLATE BINARY IS +s.infill_v0) AND (tgt."email" COLLATE BINARY IS +s.infill_v1) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s LEFT JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- compare from (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" COLLATE BINARY IS +s.infill_v0) AND (tgt."email" COLLATE BINARY IS +s.infill_v1) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") >= (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s LEFT JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- different open below (ijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src."tenant" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0 WHERE NOT ((tgt."id" COLLATE BINARY IS +s.infill_v0) AND (tgt."email" COLLATE BINARY IS +s.infill_v1)) ORDER BY s.infill_k0, s.infill_k1 LIMIT CAST(? AS INTEGER);

-- different bounded (abijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src."tenant" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0 WHERE NOT ((tgt."id" COLLATE BINARY IS +s.infill_v0) AND (tgt."email" COLLATE BINARY IS +s.infill_v1)) ORDER BY s.infill_k0, s.infill_k1 LIMIT CAST(? AS INTEGER);

-- overwrite open below (ij)
UPDATE "users" AS tgt SET "email" = s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE tgt."id" = +s.infill_m0 AND NOT ((tgt."email" COLLATE BINARY IS +s.infill_v1));

-- overwrite bounded (abij)
UPDATE "users" AS tgt SET "email" = s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE tgt."id" = +s.infill_m0 AND NOT ((tgt."email" COLLATE BINARY IS +s.infill_v1));

-- overwrite from (abij)
UPDATE "users" AS tgt SET "email" = s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "old" AS src WHERE (src."tenant", src."id") >= (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE tgt."id" = +s.infill_m0 AND NOT ((tgt."email" COLLATE BINARY IS +s.infill_v1));

-- missing open below (ij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- missing bounded (abij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- verify source open (ij)
SELECT src."tenant", src."id", (
id
), (
lower(email)
) FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
);

-- verify target open (ij)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source above (abij)
SELECT src."tenant", src."id", (
id
), (
lower(email)
) FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
);

-- verify target above (abij)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source key (abij)
SELECT src."tenant", src."id", (
id
), (
lower(email)
) FROM "old" AS src WHERE (src."tenant", src."id") >= (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
);

-- verify target key (abij)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."tenant", src."id") >= (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source rest (ab)
SELECT src."tenant", src."id", (
id
), (
lower(email)
) FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (
email <> ''
);

-- verify target rest (ab)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."tenant", src."id") > (?, ?) AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source whole ()
SELECT src."tenant", src."id", (
id
), (
lower(email)
) FROM "old" AS src WHERE 1 = 1 AND (
email <> ''
);

-- verify target whole ()
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify strays  ()
SELECT tgt."id" FROM "users" AS tgt WHERE (tgt."id") NOT IN (SELECT +s.infill_m0 FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (
email <> ''
)) AS s WHERE +s.infill_m0 IS NOT NULL);

-- verify shared  ()
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0 GROUP BY tgt."id" HAVING COUNT(*) > 1;

-- verify rivals  (abij)
SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN (SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."tenant", src."id") >= (?, ?) AND (src."tenant", src."id") <= (?, ?) AND (
email <> ''
)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0) AS tgt ON tgt."id" = +s.infill_m0 LIMIT 2;

-- delete extra  (aa)
DELETE FROM "users" WHERE "id" = ? AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s WHERE s.infill_m0 = ?);

-- ==== key (at, id), in ranges of a day

-- bound open below (ijq)
SELECT src."at", src."id" FROM "old" AS src WHERE (src."at", src."id") <= (?, ?) ORDER BY src."at", src."id" LIMIT 1 OFFSET CAST(? AS INTEGER);

-- bound bounded (abijq)
SELECT src."at", src."id" FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?) ORDER BY src."at", src."id" LIMIT 1 OFFSET CAST(? AS INTEGER);

-- high_water  ()
SELECT src."at", src."id" FROM "old" AS src ORDER BY src."at" DESC, src."id" DESC LIMIT 1;

-- is_above  (abij)
SELECT count(*) FROM (SELECT src."at", src."id" FROM "old" AS src WHERE 1 = 0 UNION ALL SELECT ?, ?) AS src WHERE (src."at", src."id") > (?, ?);

-- period_bound open below (ijij)
SELECT src."at", src."id" FROM "old" AS src WHERE NOT ((src."at", src."id") > (?, ?)) AND src."at" < (SELECT date('2000-01-03', ((CAST(julianday(substr(f.infill_k0, 1, 10)) - julianday('2000-01-03') AS INTEGER) + 1830001) / 1 * 1 + -1830000) || ' days') FROM (SELECT src."at" AS infill_k0 FROM "old" AS src WHERE (src."at", src."id") <= (?, ?) ORDER BY src."at", src."id" LIMIT 1) AS f) ORDER BY src."at" DESC, src."id" DESC LIMIT 1;

-- period_bound bounded (abijabij)
SELECT src."at", src."id" FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND NOT ((src."at", src."id") > (?, ?)) AND src."at" < (SELECT date('2000-01-03', ((CAST(julianday(substr(f.infill_k0, 1, 10)) - julianday('2000-01-03') AS INTEGER) + 1830001) / 1 * 1 + -1830000) || ' days') FROM (SELECT src."at" AS infill_k0 FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?) ORDER BY src."at", src."id" LIMIT 1) AS f) ORDER BY src."at" DESC, src."id" DESC LIMIT 1;

-- count open below (ij)
SELECT count(*) FROM "old" AS src WHERE (src."at", src."id") <= (?, ?);

-- count bounded (abij)
SELECT count(*) FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?);

-- insert open below (ij)
INSERT INTO "users" ("id") SELECT (
id
) FROM "old" AS src WHERE (src."at", src."id") <= (?, ?);

-- insert bounded (abij)
INSERT INTO "users" ("id") SELECT (
id
) FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?);

-- insert_missing open below (ij)
INSERT INTO "users" ("id") SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") <= (?, ?)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- insert_missing bounded (abij)
INSERT INTO "users" ("id") SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- insert_missing from (abij)
INSERT INTO "users" ("id") SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") >= (?, ?) AND (src."at", src."id") <= (?, ?)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- compare open below (ij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" COLLATE BINARY IS +s.infill_v0) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") <= (?, ?)) AS s LEFT JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- compare bounded (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" COLLATE BINARY IS +s.infill_v0) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?)) AS s LEFT JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- compare from (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" COLLATE BINARY IS +s.infill_v0) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") >= (?, ?) AND (src."at", src."id") <= (?, ?)) AS s LEFT JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- different open below (ijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src."at" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") <= (?, ?)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0 WHERE NOT ((tgt."id" COLLATE BINARY IS +s.infill_v0)) ORDER BY s.infill_k0, s.infill_k1 LIMIT CAST(? AS INTEGER);

-- different bounded (abijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src."at" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0 WHERE NOT ((tgt."id" COLLATE BINARY IS +s.infill_v0)) ORDER BY s.infill_k0, s.infill_k1 LIMIT CAST(? AS INTEGER);

-- missing open below (ij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."at", src."id") <= (?, ?)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- missing bounded (abij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?)) AS s WHERE NOT EXISTS (SELECT 1 FROM "users" AS tgt WHERE tgt."id" = +s.infill_m0);

-- verify source open (ij)
SELECT src."at", src."id", (
id
) FROM "old" AS src WHERE (src."at", src."id") <= (?, ?);

-- verify target open (ij)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."at", src."id") <= (?, ?)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source above (abij)
SELECT src."at", src."id", (
id
) FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?);

-- verify target above (abij)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."at", src."id") > (?, ?) AND (src."at", src."id") <= (?, ?)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source key (abij)
SELECT src."at", src."id", (
id
) FROM "old" AS src WHERE (src."at", src."id") >= (?, ?) AND (src."at", src."id") <= (?, ?);

-- verify target key (abij)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."at", src."id") >= (?, ?) AND (src."at", src."id") <= (?, ?)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source rest (ab)
SELECT src."at", src."id", (
id
) FROM "old" AS src WHERE (src."at", src."id") > (?, ?);

-- verify target rest (ab)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."at", src."id") > (?, ?)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify source whole ()
SELECT src."at", src."id", (
id
) FROM "old" AS src WHERE 1 = 1;

-- verify target whole ()
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0;

-- verify strays  ()
SELECT tgt."id" FROM "users" AS tgt WHERE (tgt."id") NOT IN (SELECT +s.infill_m0 FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src) AS s WHERE +s.infill_m0 IS NOT NULL);

-- verify shared  ()
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0 GROUP BY tgt."id" HAVING COUNT(*) > 1;

-- verify rivals  (abij)
SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1) AS s JOIN (SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE (src."at", src."id") >= (?, ?) AND (src."at", src."id") <= (?, ?)) AS s JOIN "users" AS tgt ON tgt."id" = +s.infill_m0) AS tgt ON tgt."id" = +s.infill_m0 LIMIT 2;

-- delete extra  (aa)
DELETE FROM "users" WHERE "id" = ? AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1) AS s WHERE s.infill_m0 = ?);

-- ==== verified by a second spelling, key id

-- verify source open (i)
SELECT src."id", (
lower(trim(email))
) FROM "old" AS src WHERE src."id" <= ?;

-- verify target open (i)
SELECT tgt."id", tgt."email" FROM "users" AS tgt WHERE tgt."id" <= ?;

-- verify source above (ai)
SELECT src."id", (
lower(trim(email))
) FROM "old" AS src WHERE src."id" > ? AND src."id" <= ?;

-- verify target above (ai)
SELECT tgt."id", tgt."email" FROM "users" AS tgt WHERE tgt."id" > ? AND tgt."id" <= ?;

-- verify source key (ai)
SELECT src."id", (
lower(trim(email))
) FROM "old" AS src WHERE src."id" >= ? AND src."id" <= ?;

-- verify target key (ai)
SELECT tgt."id", tgt."email" FROM "users" AS tgt WHERE tgt."id" >= ? AND tgt."id" <= ?;

-- verify source rest (a)
SELECT src."id", (
lower(trim(email))
) FROM "old" AS src WHERE src."id" > ?;

-- verify target rest (a)
SELECT tgt."id", tgt."email" FROM "users" AS tgt WHERE tgt."id" > ?;

-- verify source whole ()
SELECT src."id", (
lower(trim(email))
) FROM "old" AS src WHERE 1 = 1;

-- verify target whole ()
SELECT tgt."id", tgt."email" FROM "users" AS tgt WHERE 1 = 1;

-- delete extra  (aa)
DELETE FROM "users" WHERE "id" = ? AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "old" AS src WHERE 1 = 1) AS s WHERE s.infill_m0 = ?);

-- ==== in place, key id

-- bound open below (iq)
SELECT src."id" FROM "old" AS src WHERE src."id" <= ? ORDER BY src."id" LIMIT 1 OFFSET CAST(? AS INTEGER);

-- bound bounded (aiq)
SELECT src."id" FROM "old" AS src WHERE src."id" > ? AND src."id" <= ? ORDER BY src."id" LIMIT 1 OFFSET CAST(? AS INTEGER);

-- high_water  ()
SELECT src."id" FROM "old" AS src ORDER BY src."id" DESC LIMIT 1;

-- is_above  (ai)
SELECT count(*) FROM (SELECT src."id" FROM "old" AS src WHERE 1 = 0 UNION ALL SELECT ?) AS src WHERE src."id" > ?;

-- count open below (i)
SELECT count(*) FROM "old" AS src WHERE src."id" <= ?;

-- count bounded (ai)
SELECT count(*) FROM "old" AS src WHERE src."id" > ? AND src."id" <= ?;

-- update open below (i)
UPDATE "old" AS src SET "email" = (
lower(email)
) WHERE src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- update bounded (ai)
UPDATE "old" AS src SET "email" = (
lower(email)
) WHERE src."id" > ? AND src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- update from (ai)
UPDATE "old" AS src SET "email" = (
lower(email)
) WHERE src."id" >= ? AND src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- update_ordered open below (i)
UPDATE "old" AS src SET "email" = (
lower(email)
) WHERE src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- update_ordered bounded (ai)
UPDATE "old" AS src SET "email" = (
lower(email)
) WHERE src."id" > ? AND src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- differing open below (i)
SELECT count(*) FROM "old" AS src WHERE src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- differing bounded (ai)
SELECT count(*) FROM "old" AS src WHERE src."id" > ? AND src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- differing from (ai)
SELECT count(*) FROM "old" AS src WHERE src."id" >= ? AND src."id" <= ? AND NOT ((src."email" COLLATE BINARY IS +(
lower(email)
)));

-- verify source open (i)
SELECT src."id", (
lower(email)
), src."email" FROM "old" AS src WHERE src."id" <= ?;

-- verify source above (ai)
SELECT src."id", (
lower(email)
), src."email" FROM "old" AS src WHERE src."id" > ? AND src."id" <= ?;

-- verify source key (ai)
SELECT src."id", (
lower(email)
), src."email" FROM "old" AS src WHERE src."id" >= ? AND src."id" <= ?;

-- verify source rest (a)
SELECT src."id", (
lower(email)
), src."email" FROM "old" AS src WHERE src."id" > ?;

-- verify source whole ()
SELECT src."id", (
lower(email)
), src."email" FROM "old" AS src WHERE 1 = 1;

