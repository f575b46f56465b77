-- ==== into another table, key (tenant, id)

-- bound open below (ijq)
SELECT src."tenant"::text, src."id"::text FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) ORDER BY src."tenant", src."id" LIMIT 1 OFFSET $3::bigint;

-- bound bounded (abijq)
SELECT src."tenant"::text, src."id"::text FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) ORDER BY src."tenant", src."id" LIMIT 1 OFFSET $5::bigint;

-- high_water  ()
SELECT src."tenant"::text, src."id"::text FROM "app"."old" AS src ORDER BY src."tenant" DESC, src."id" DESC LIMIT 1;

-- is_above  (abij)
SELECT count(*) FROM (SELECT src."tenant", src."id" FROM "app"."old" AS src WHERE 1 = 0 UNION ALL SELECT $1::text, $2::bigint) AS src WHERE (src."tenant", src."id") > ($3::text, $4::bigint);

-- rows_read  ()
SELECT sum(pg_catalog.pg_stat_get_xact_tuples_returned(oid)) FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind IN ('r', 'm', 'i', 't');

-- count open below (ij)
SELECT count(*) FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
);

-- count bounded (abij)
SELECT count(*) FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
);

-- insert open below (ij)
INSERT INTO "app"."users" ("id", "email") OVERRIDING SYSTEM VALUE SELECT (
id
), (
lower(email)
) FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
);

-- insert bounded (abij)
INSERT INTO "app"."users" ("id", "email") OVERRIDING SYSTEM VALUE SELECT (
id
), (
lower(email)
) FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
);

-- insert_counted open below (ijij)
WITH infill_w AS (INSERT INTO "app"."users" ("id", "email") OVERRIDING SYSTEM VALUE SELECT (
id
), (
lower(email)
) FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
) RETURNING 1) SELECT (SELECT count(*) FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)), (SELECT count(*) FROM infill_w);

-- insert_counted bounded (abijabij)
WITH infill_w AS (INSERT INTO "app"."users" ("id", "email") OVERRIDING SYSTEM VALUE SELECT (
id
), (
lower(email)
) FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
) RETURNING 1) SELECT (SELECT count(*) FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($5::text, $6::bigint) AND (src."tenant", src."id") <= ($7::text, $8::bigint) AND (
email <> ''
)), (SELECT count(*) FROM infill_w);

-- insert_missing open below (ij)
INSERT INTO "app"."users" ("id", "email") OVERRIDING SYSTEM VALUE SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint) ON CONFLICT ("id") DO NOTHING;

-- insert_missing bounded (abij)
INSERT INTO "app"."users" ("id", "email") OVERRIDING SYSTEM VALUE SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint) ON CONFLICT ("id") DO NOTHING;

-- insert_missing from (abij)
INSERT INTO "app"."users" ("id", "email") OVERRIDING SYSTEM VALUE SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") >= ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint) ON CONFLICT ("id") DO NOTHING;

-- compare open below (ij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) AND (tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C") THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
)) AS s LEFT JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- compare bounded (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) AND (tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C") THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s LEFT JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- compare from (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) AND (tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C") THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") >= ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s LEFT JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- different open below (ijq)
SELECT s.infill_k0::text, s.infill_k1::text FROM (SELECT src."tenant" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint WHERE NOT ((tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) AND (tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C")) ORDER BY s.infill_k0, s.infill_k1 LIMIT $3::bigint;

-- different bounded (abijq)
SELECT s.infill_k0::text, s.infill_k1::text FROM (SELECT src."tenant" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint WHERE NOT ((tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) AND (tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C")) ORDER BY s.infill_k0, s.infill_k1 LIMIT $5::bigint;

-- lock_source open below (ij)
SELECT count(*) FROM (SELECT 1 AS one FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
) ORDER BY src."tenant", src."id" FOR NO KEY UPDATE) AS l;

-- lock_source bounded (abij)
SELECT count(*) FROM (SELECT 1 AS one FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
) ORDER BY src."tenant", src."id" FOR NO KEY UPDATE) AS l;

-- lock_source from (abij)
SELECT count(*) FROM (SELECT 1 AS one FROM "app"."old" AS src WHERE (src."tenant", src."id") >= ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
) ORDER BY src."tenant", src."id" FOR NO KEY UPDATE) AS l;

-- overwrite open below (ij)
UPDATE "app"."users" AS tgt SET "email" = s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
)) AS s WHERE tgt."id" = s.infill_m0::bigint AND NOT ((tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C"));

-- overwrite bounded (abij)
UPDATE "app"."users" AS tgt SET "email" = s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s WHERE tgt."id" = s.infill_m0::bigint AND NOT ((tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C"));

-- overwrite from (abij)
UPDATE "app"."users" AS tgt SET "email" = s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM "app"."old" AS src WHERE (src."tenant", src."id") >= ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s WHERE tgt."id" = s.infill_m0::bigint AND NOT ((tgt."email"::text COLLATE "C" IS NOT DISTINCT FROM s.infill_v1::text::text COLLATE "C"));

-- missing open below (ij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint);

-- missing bounded (abij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint);

-- verify source open (ij)
SELECT src."tenant", src."id", CAST((
id
) AS bigint), CAST((
lower(email)
) AS text) FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
);

-- verify target open (ij)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."tenant", src."id") <= ($1::text, $2::bigint) AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source above (abij)
SELECT src."tenant", src."id", CAST((
id
) AS bigint), CAST((
lower(email)
) AS text) FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
);

-- verify target above (abij)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source key (abij)
SELECT src."tenant", src."id", CAST((
id
) AS bigint), CAST((
lower(email)
) AS text) FROM "app"."old" AS src WHERE (src."tenant", src."id") >= ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
);

-- verify target key (abij)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."tenant", src."id") >= ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source rest (ab)
SELECT src."tenant", src."id", CAST((
id
) AS bigint), CAST((
lower(email)
) AS text) FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (
email <> ''
);

-- verify target rest (ab)
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."tenant", src."id") > ($1::text, $2::bigint) AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source whole ()
SELECT src."tenant", src."id", CAST((
id
) AS bigint), CAST((
lower(email)
) AS text) FROM "app"."old" AS src WHERE 1 = 1 AND (
email <> ''
);

-- verify target whole ()
SELECT tgt."id", tgt."email" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify strays  ()
SELECT tgt."id" FROM "app"."users" AS tgt WHERE NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (
email <> ''
)) AS s WHERE tgt."id" = s.infill_m0::bigint);

-- verify shared  ()
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint GROUP BY tgt."id" HAVING COUNT(*) > 1;

-- verify rivals  (abij)
SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN (SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."tenant", src."id") >= ($1::text, $2::bigint) AND (src."tenant", src."id") <= ($3::text, $4::bigint) AND (
email <> ''
)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint) AS tgt ON tgt."id" = s.infill_m0::bigint LIMIT 2;

-- lock extra  (a)
SELECT 1 FROM "app"."users" WHERE "id" = $1::bigint FOR UPDATE;

-- delete extra  (aa)
DELETE FROM "app"."users" WHERE "id" = $1::bigint AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1 AND (
email <> ''
)) AS s WHERE s.infill_m0 = $2::bigint);

-- ==== key (at, id), in ranges of a day

-- bound open below (ijq)
SELECT src."at"::text, src."id"::text FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint) ORDER BY src."at", src."id" LIMIT 1 OFFSET $3::bigint;

-- bound bounded (abijq)
SELECT src."at"::text, src."id"::text FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint) ORDER BY src."at", src."id" LIMIT 1 OFFSET $5::bigint;

-- high_water  ()
SELECT src."at"::text, src."id"::text FROM "app"."old" AS src ORDER BY src."at" DESC, src."id" DESC LIMIT 1;

-- is_above  (abij)
SELECT count(*) FROM (SELECT src."at", src."id" FROM "app"."old" AS src WHERE 1 = 0 UNION ALL SELECT $1::timestamp, $2::bigint) AS src WHERE (src."at", src."id") > ($3::timestamp, $4::bigint);

-- rows_read  ()
SELECT sum(pg_catalog.pg_stat_get_xact_tuples_returned(oid)) FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind IN ('r', 'm', 'i', 't');

-- period_bound open below (ijij)
SELECT src."at"::text, src."id"::text FROM "app"."old" AS src WHERE NOT ((src."at", src."id") > ($1::timestamp, $2::bigint)) AND src."at" < (SELECT CASE WHEN isfinite(f.infill_k0) THEN timestamp '2000-01-03 00:00:00' + interval '1 second' * ((floor(extract(epoch FROM f.infill_k0 - timestamp '2000-01-03 00:00:00') / 86400) + 1) * 86400)::double precision END FROM (SELECT src."at" AS infill_k0 FROM "app"."old" AS src WHERE (src."at", src."id") <= ($3::timestamp, $4::bigint) ORDER BY src."at", src."id" LIMIT 1) AS f) ORDER BY src."at" DESC, src."id" DESC LIMIT 1;

-- period_bound bounded (abijabij)
SELECT src."at"::text, src."id"::text FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND NOT ((src."at", src."id") > ($3::timestamp, $4::bigint)) AND src."at" < (SELECT CASE WHEN isfinite(f.infill_k0) THEN timestamp '2000-01-03 00:00:00' + interval '1 second' * ((floor(extract(epoch FROM f.infill_k0 - timestamp '2000-01-03 00:00:00') / 86400) + 1) * 86400)::double precision END FROM (SELECT src."at" AS infill_k0 FROM "app"."old" AS src WHERE (src."at", src."id") > ($5::timestamp, $6::bigint) AND (src."at", src."id") <= ($7::timestamp, $8::bigint) ORDER BY src."at", src."id" LIMIT 1) AS f) ORDER BY src."at" DESC, src."id" DESC LIMIT 1;

-- count open below (ij)
SELECT count(*) FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint);

-- count bounded (abij)
SELECT count(*) FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint);

-- insert open below (ij)
INSERT INTO "app"."users" ("id") SELECT (
id
) FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint);

-- insert bounded (abij)
INSERT INTO "app"."users" ("id") SELECT (
id
) FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint);

-- insert_counted open below (ijij)
WITH infill_w AS (INSERT INTO "app"."users" ("id") SELECT (
id
) FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint) RETURNING 1) SELECT (SELECT count(*) FROM "app"."old" AS src WHERE (src."at", src."id") <= ($3::timestamp, $4::bigint)), (SELECT count(*) FROM infill_w);

-- insert_counted bounded (abijabij)
WITH infill_w AS (INSERT INTO "app"."users" ("id") SELECT (
id
) FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint) RETURNING 1) SELECT (SELECT count(*) FROM "app"."old" AS src WHERE (src."at", src."id") > ($5::timestamp, $6::bigint) AND (src."at", src."id") <= ($7::timestamp, $8::bigint)), (SELECT count(*) FROM infill_w);

-- insert_missing open below (ij)
INSERT INTO "app"."users" ("id") SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint) ON CONFLICT ("id") DO NOTHING;

-- insert_missing bounded (abij)
INSERT INTO "app"."users" ("id") SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint) ON CONFLICT ("id") DO NOTHING;

-- insert_missing from (abij)
INSERT INTO "app"."users" ("id") SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") >= ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint) ON CONFLICT ("id") DO NOTHING;

-- compare open below (ij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint)) AS s LEFT JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- compare bounded (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s LEFT JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- compare from (abij)
SELECT count(*), count(tgt."id"), coalesce(sum(CASE WHEN tgt."id" IS NOT NULL AND (tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") >= ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s LEFT JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- different open below (ijq)
SELECT s.infill_k0::text, s.infill_k1::text FROM (SELECT src."at" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint WHERE NOT ((tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint)) ORDER BY s.infill_k0, s.infill_k1 LIMIT $3::bigint;

-- different bounded (abijq)
SELECT s.infill_k0::text, s.infill_k1::text FROM (SELECT src."at" AS infill_k0, src."id" AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0 FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint WHERE NOT ((tgt."id" IS NOT DISTINCT FROM s.infill_v0::bigint)) ORDER BY s.infill_k0, s.infill_k1 LIMIT $5::bigint;

-- lock_source open below (ij)
SELECT count(*) FROM (SELECT 1 AS one FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint) ORDER BY src."at", src."id" FOR NO KEY UPDATE) AS l;

-- lock_source bounded (abij)
SELECT count(*) FROM (SELECT 1 AS one FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint) ORDER BY src."at", src."id" FOR NO KEY UPDATE) AS l;

-- lock_source from (abij)
SELECT count(*) FROM (SELECT 1 AS one FROM "app"."old" AS src WHERE (src."at", src."id") >= ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint) ORDER BY src."at", src."id" FOR NO KEY UPDATE) AS l;

-- missing open below (ij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint);

-- missing bounded (abij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s WHERE NOT EXISTS (SELECT 1 FROM "app"."users" AS tgt WHERE tgt."id" = s.infill_m0::bigint);

-- verify source open (ij)
SELECT src."at", src."id", CAST((
id
) AS bigint) FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint);

-- verify target open (ij)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."at", src."id") <= ($1::timestamp, $2::bigint)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source above (abij)
SELECT src."at", src."id", CAST((
id
) AS bigint) FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint);

-- verify target above (abij)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source key (abij)
SELECT src."at", src."id", CAST((
id
) AS bigint) FROM "app"."old" AS src WHERE (src."at", src."id") >= ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint);

-- verify target key (abij)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."at", src."id") >= ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source rest (ab)
SELECT src."at", src."id", CAST((
id
) AS bigint) FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint);

-- verify target rest (ab)
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."at", src."id") > ($1::timestamp, $2::bigint)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify source whole ()
SELECT src."at", src."id", CAST((
id
) AS bigint) FROM "app"."old" AS src WHERE 1 = 1;

-- verify target whole ()
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint;

-- verify strays  ()
SELECT tgt."id" FROM "app"."users" AS tgt WHERE NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src) AS s WHERE tgt."id" = s.infill_m0::bigint);

-- verify shared  ()
SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint GROUP BY tgt."id" HAVING COUNT(*) > 1;

-- verify rivals  (abij)
SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1) AS s JOIN (SELECT tgt."id" FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE (src."at", src."id") >= ($1::timestamp, $2::bigint) AND (src."at", src."id") <= ($3::timestamp, $4::bigint)) AS s JOIN "app"."users" AS tgt ON tgt."id" = s.infill_m0::bigint) AS tgt ON tgt."id" = s.infill_m0::bigint LIMIT 2;

-- lock extra  (a)
SELECT 1 FROM "app"."users" WHERE "id" = $1::bigint FOR UPDATE;

-- delete extra  (aa)
DELETE FROM "app"."users" WHERE "id" = $1::bigint AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1) AS s WHERE s.infill_m0 = $2::bigint);

-- ==== verified by a second spelling, key id

-- verify source open (i)
SELECT src."id", CAST((
lower(trim(email))
) AS text) FROM "app"."old" AS src WHERE src."id" <= $1::bigint;

-- verify target open (i)
SELECT tgt."id", tgt."email" FROM "app"."users" AS tgt WHERE tgt."id" <= $1::bigint;

-- verify source above (ai)
SELECT src."id", CAST((
lower(trim(email))
) AS text) FROM "app"."old" AS src WHERE src."id" > $1::bigint AND src."id" <= $2::bigint;

-- verify target above (ai)
SELECT tgt."id", tgt."email" FROM "app"."users" AS tgt WHERE tgt."id" > $1::bigint AND tgt."id" <= $2::bigint;

-- verify source key (ai)
SELECT src."id", CAST((
lower(trim(email))
) AS text) FROM "app"."old" AS src WHERE src."id" >= $1::bigint AND src."id" <= $2::bigint;

-- verify target key (ai)
SELECT tgt."id", tgt."email" FROM "app"."users" AS tgt WHERE tgt."id" >= $1::bigint AND tgt."id" <= $2::bigint;

-- verify source rest (a)
SELECT src."id", CAST((
lower(trim(email))
) AS text) FROM "app"."old" AS src WHERE src."id" > $1::bigint;

-- verify target rest (a)
SELECT tgt."id", tgt."email" FROM "app"."users" AS tgt WHERE tgt."id" > $1::bigint;

-- verify source whole ()
SELECT src."id", CAST((
lower(trim(email))
) AS text) FROM "app"."old" AS src WHERE 1 = 1;

-- verify target whole ()
SELECT tgt."id", tgt."email" FROM "app"."users" AS tgt WHERE 1 = 1;

-- lock extra  (a)
SELECT 1 FROM "app"."users" WHERE "id" = $1::bigint FOR UPDATE;

-- delete extra  (aa)
DELETE FROM "app"."users" WHERE "id" = $1::bigint AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM "app"."old" AS src WHERE 1 = 1) AS s WHERE s.infill_m0 = $2::bigint);

-- ==== in place, key id

-- bound open below (iq)
SELECT src."id"::text FROM "app"."old" AS src WHERE src."id" <= $1::bigint ORDER BY src."id" LIMIT 1 OFFSET $2::bigint;

-- bound bounded (aiq)
SELECT src."id"::text FROM "app"."old" AS src WHERE src."id" > $1::bigint AND src."id" <= $2::bigint ORDER BY src."id" LIMIT 1 OFFSET $3::bigint;

-- high_water  ()
SELECT src."id"::text FROM "app"."old" AS src ORDER BY src."id" DESC LIMIT 1;

-- is_above  (ai)
SELECT count(*) FROM (SELECT src."id" FROM "app"."old" AS src WHERE 1 = 0 UNION ALL SELECT $1::bigint) AS src WHERE src."id" > $2::bigint;

-- rows_read  ()
SELECT sum(pg_catalog.pg_stat_get_xact_tuples_returned(oid)) FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind IN ('r', 'm', 'i', 't');

-- count open below (i)
SELECT count(*) FROM "app"."old" AS src WHERE src."id" <= $1::bigint;

-- count bounded (ai)
SELECT count(*) FROM "app"."old" AS src WHERE src."id" > $1::bigint AND src."id" <= $2::bigint;

-- update open below (i)
UPDATE "app"."old" AS src SET "email" = (
lower(email)
) WHERE src."id" <= $1::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C"));

-- update bounded (ai)
UPDATE "app"."old" AS src SET "email" = (
lower(email)
) WHERE src."id" > $1::bigint AND src."id" <= $2::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C"));

-- update from (ai)
UPDATE "app"."old" AS src SET "email" = (
lower(email)
) WHERE src."id" >= $1::bigint AND src."id" <= $2::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C"));

-- update_ordered open below (ii)
WITH infill_l AS MATERIALIZED (SELECT src."id" AS infill_k0 FROM "app"."old" AS src WHERE src."id" <= $1::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C")) ORDER BY src."id" FOR NO KEY UPDATE) UPDATE "app"."old" AS src SET "email" = (
lower(email)
) FROM infill_l WHERE src."id" <= $2::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C")) AND src."id" = infill_l.infill_k0;

-- update_ordered bounded (aiai)
WITH infill_l AS MATERIALIZED (SELECT src."id" AS infill_k0 FROM "app"."old" AS src WHERE src."id" > $1::bigint AND src."id" <= $2::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C")) ORDER BY src."id" FOR NO KEY UPDATE) UPDATE "app"."old" AS src SET "email" = (
lower(email)
) FROM infill_l WHERE src."id" > $3::bigint AND src."id" <= $4::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C")) AND src."id" = infill_l.infill_k0;

-- differing open below (i)
SELECT count(*) FROM "app"."old" AS src WHERE src."id" <= $1::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C"));

-- differing bounded (ai)
SELECT count(*) FROM "app"."old" AS src WHERE src."id" > $1::bigint AND src."id" <= $2::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C"));

-- differing from (ai)
SELECT count(*) FROM "app"."old" AS src WHERE src."id" >= $1::bigint AND src."id" <= $2::bigint AND NOT ((src."email"::text COLLATE "C" IS NOT DISTINCT FROM (
lower(email)
)::text::text COLLATE "C"));

-- verify source open (i)
SELECT src."id", CAST((
lower(email)
) AS text), src."email" FROM "app"."old" AS src WHERE src."id" <= $1::bigint;

-- verify source above (ai)
SELECT src."id", CAST((
lower(email)
) AS text), src."email" FROM "app"."old" AS src WHERE src."id" > $1::bigint AND src."id" <= $2::bigint;

-- verify source key (ai)
SELECT src."id", CAST((
lower(email)
) AS text), src."email" FROM "app"."old" AS src WHERE src."id" >= $1::bigint AND src."id" <= $2::bigint;

-- verify source rest (a)
SELECT src."id", CAST((
lower(email)
) AS text), src."email" FROM "app"."old" AS src WHERE src."id" > $1::bigint;

-- verify source whole ()
SELECT src."id", CAST((
lower(email)
) AS text), src."email" FROM "app"."old" AS src WHERE 1 = 1;

