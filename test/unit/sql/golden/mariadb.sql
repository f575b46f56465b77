-- ==== into another table, key (tenant, id)

-- bound open below (iijq)
SELECT src.`tenant`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) ORDER BY src.`tenant`, src.`id` LIMIT 1 OFFSET ?;

-- bound bounded (aabiijq)
SELECT src.`tenant`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) ORDER BY src.`tenant`, src.`id` LIMIT 1 OFFSET ?;

-- high_water  ()
SELECT src.`tenant`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) ORDER BY src.`tenant` DESC, src.`id` DESC LIMIT 1;

-- is_above  (abiij)
SELECT count(*) FROM (SELECT src.`tenant`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 0 UNION ALL SELECT ?, CAST(? AS SIGNED)) AS src WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED)));

-- rows_read  ()
SHOW SESSION STATUS LIKE 'Handler_read_%';

-- count open below (iij)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
);

-- count bounded (aabiij)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
);

-- insert open below (iij)
INSERT INTO `app`.`users` (`id`, `email`) SELECT (
id
), (
lower(email)
) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
);

-- insert bounded (aabiij)
INSERT INTO `app`.`users` (`id`, `email`) SELECT (
id
), (
lower(email)
) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
);

-- insert_missing open below (iij)
INSERT INTO `app`.`users` (`id`, `email`) SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- insert_missing bounded (aabiij)
INSERT INTO `app`.`users` (`id`, `email`) SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- insert_missing from (aabiij)
INSERT INTO `app`.`users` (`id`, `email`) SELECT s.infill_v0, s.infill_v1 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- compare open below (iij)
SELECT count(*), count(tgt.`id`), coalesce(sum(CASE WHEN tgt.`id` IS NOT NULL AND (tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) AND (CAST(tgt.`email` AS BINARY) <=> CAST(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT(s.infill_v1 USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY(s.infill_v1) = 5, tgt.`email` <=> s.infill_v1, TRUE)) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s LEFT JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- compare bounded (aabiij)
SELECT count(*), count(tgt.`id`), coalesce(sum(CASE WHEN tgt.`id` IS NOT NULL AND (tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) AND (CAST(tgt.`email` AS BINARY) <=> CAST(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT(s.infill_v1 USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY(s.infill_v1) = 5, tgt.`email` <=> s.infill_v1, TRUE)) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s LEFT JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- compare from (aabiij)
SELECT count(*), count(tgt.`id`), coalesce(sum(CASE WHEN tgt.`id` IS NOT NULL AND (tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) AND (CAST(tgt.`email` AS BINARY) <=> CAST(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT(s.infill_v1 USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY(s.infill_v1) = 5, tgt.`email` <=> s.infill_v1, TRUE)) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s LEFT JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- different open below (iijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src.`tenant` AS infill_k0, src.`id` AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) WHERE NOT ((tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) AND (CAST(tgt.`email` AS BINARY) <=> CAST(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT(s.infill_v1 USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY(s.infill_v1) = 5, tgt.`email` <=> s.infill_v1, TRUE))) ORDER BY s.infill_k0, s.infill_k1 LIMIT ?;

-- different bounded (aabiijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src.`tenant` AS infill_k0, src.`id` AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) WHERE NOT ((tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) AND (CAST(tgt.`email` AS BINARY) <=> CAST(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT(s.infill_v1 USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT(s.infill_v1 USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY(s.infill_v1) = 5, tgt.`email` <=> s.infill_v1, TRUE))) ORDER BY s.infill_k0, s.infill_k1 LIMIT ?;

-- lock_source open below (iij)
SELECT count(*) FROM (SELECT 1 AS one FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
) ORDER BY src.`tenant`, src.`id` FOR UPDATE) AS l;

-- lock_source bounded (aabiij)
SELECT count(*) FROM (SELECT 1 AS one FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
) ORDER BY src.`tenant`, src.`id` FOR UPDATE) AS l;

-- lock_source from (aabiij)
SELECT count(*) FROM (SELECT 1 AS one FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
) ORDER BY src.`tenant`, src.`id` FOR UPDATE) AS l;

-- overwrite open below (iij)
UPDATE `app`.`users` AS tgt JOIN (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) SET tgt.`email` = s.infill_v1;

-- overwrite bounded (aabiij)
UPDATE `app`.`users` AS tgt JOIN (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) SET tgt.`email` = s.infill_v1;

-- overwrite from (aabiij)
UPDATE `app`.`users` AS tgt JOIN (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0, (
lower(email)
) AS infill_v1 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) SET tgt.`email` = s.infill_v1;

-- missing open below (iij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- missing bounded (aabiij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- verify source open (iij)
SELECT src.`tenant`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))), CONVERT((
lower(email)
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
);

-- verify target open (iij)
SELECT tgt.`id`, tgt.`email` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source above (aabiij)
SELECT src.`tenant`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))), CONVERT((
lower(email)
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
);

-- verify target above (aabiij)
SELECT tgt.`id`, tgt.`email` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source key (aabiij)
SELECT src.`tenant`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))), CONVERT((
lower(email)
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
);

-- verify target key (aabiij)
SELECT tgt.`id`, tgt.`email` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source rest (aab)
SELECT src.`tenant`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))), CONVERT((
lower(email)
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (
email <> ''
);

-- verify target rest (aab)
SELECT tgt.`id`, tgt.`email` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` > CAST(? AS SIGNED))) AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source whole ()
SELECT src.`tenant`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))), CONVERT((
lower(email)
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1 AND (
email <> ''
);

-- verify target whole ()
SELECT tgt.`id`, tgt.`email` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify strays  ()
SELECT tgt.`id` FROM `app`.`users` AS tgt WHERE (tgt.`id`) NOT IN (SELECT CAST(s.infill_m0 AS SIGNED) FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (
email <> ''
)) AS s WHERE CAST(s.infill_m0 AS SIGNED) IS NOT NULL);

-- verify shared  ()
SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) GROUP BY tgt.`id` HAVING COUNT(*) > 1;

-- verify rivals  (aabiij)
SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src WHERE 1 = 1 AND (
email <> ''
)) AS s JOIN (SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`tenant` > ? OR (src.`tenant` = ? AND src.`id` >= CAST(? AS SIGNED))) AND (src.`tenant` < ? OR (src.`tenant` = ? AND src.`id` <= CAST(? AS SIGNED))) AND (
email <> ''
)) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED)) AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) LIMIT 2;

-- lock extra  (a)
SELECT 1 FROM `app`.`users` WHERE `id` = CAST(? AS SIGNED) FOR UPDATE;

-- delete extra  (aa)
DELETE FROM `app`.`users` WHERE `id` = CAST(? AS SIGNED) AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1 AND (
email <> ''
)) AS s WHERE s.infill_m0 = CAST(? AS SIGNED));

-- ==== key (at, id), in ranges of a day

-- bound open below (iijq)
SELECT src.`at`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED))) ORDER BY src.`at`, src.`id` LIMIT 1 OFFSET ?;

-- bound bounded (aabiijq)
SELECT src.`at`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED))) ORDER BY src.`at`, src.`id` LIMIT 1 OFFSET ?;

-- high_water  ()
SELECT src.`at`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) ORDER BY src.`at` DESC, src.`id` DESC LIMIT 1;

-- is_above  (abiij)
SELECT count(*) FROM (SELECT src.`at`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 0 UNION ALL SELECT CAST(? AS DATETIME(6)), CAST(? AS SIGNED)) AS src WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED)));

-- rows_read  ()
SHOW SESSION STATUS LIKE 'Handler_read_%';

-- period_bound open below (iij)
SELECT src.`at`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED))) AND src.`at` < TIMESTAMPADD(MICROSECOND, (TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'2000-01-03 00:00:00', (SELECT MIN(src.`at`) FROM `app`.`old` AS src FORCE INDEX (`old_key`))) + 63244886400000000) DIV 86400000000 * 86400000000 + -63244800000000000, TIMESTAMP'2000-01-03 00:00:00') ORDER BY src.`at` DESC, src.`id` DESC LIMIT 1;

-- period_bound bounded (aabiijabaa)
SELECT src.`at`, src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED))) AND src.`at` < TIMESTAMPADD(MICROSECOND, (TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'2000-01-03 00:00:00', CASE WHEN (SELECT MIN(src.`id`) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED)) IS NOT NULL THEN CAST(? AS DATETIME(6)) ELSE (SELECT MIN(src.`at`) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`at` > CAST(? AS DATETIME(6))) END) + 63244886400000000) DIV 86400000000 * 86400000000 + -63244800000000000, TIMESTAMP'2000-01-03 00:00:00') ORDER BY src.`at` DESC, src.`id` DESC LIMIT 1;

-- count open below (iij)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)));

-- count bounded (aabiij)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)));

-- insert open below (iij)
INSERT INTO `app`.`users` (`id`) SELECT (
id
) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)));

-- insert bounded (aabiij)
INSERT INTO `app`.`users` (`id`) SELECT (
id
) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)));

-- insert_missing open below (iij)
INSERT INTO `app`.`users` (`id`) SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- insert_missing bounded (aabiij)
INSERT INTO `app`.`users` (`id`) SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- insert_missing from (aabiij)
INSERT INTO `app`.`users` (`id`) SELECT s.infill_v0 FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` >= CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- compare open below (iij)
SELECT count(*), count(tgt.`id`), coalesce(sum(CASE WHEN tgt.`id` IS NOT NULL AND (tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s LEFT JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- compare bounded (aabiij)
SELECT count(*), count(tgt.`id`), coalesce(sum(CASE WHEN tgt.`id` IS NOT NULL AND (tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s LEFT JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- compare from (aabiij)
SELECT count(*), count(tgt.`id`), coalesce(sum(CASE WHEN tgt.`id` IS NOT NULL AND (tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0)))) THEN 1 ELSE 0 END), 0) FROM (SELECT (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` >= CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s LEFT JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- different open below (iijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src.`at` AS infill_k0, src.`id` AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) WHERE NOT ((tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0))))) ORDER BY s.infill_k0, s.infill_k1 LIMIT ?;

-- different bounded (aabiijq)
SELECT s.infill_k0, s.infill_k1 FROM (SELECT src.`at` AS infill_k0, src.`id` AS infill_k1, (
id
) AS infill_m0, (
id
) AS infill_v0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) WHERE NOT ((tgt.`id` <=> IF(COERCIBILITY(s.infill_v0) = 5, CAST(s.infill_v0 AS SIGNED), CAST(s.infill_v0 AS DECIMAL(65,0))))) ORDER BY s.infill_k0, s.infill_k1 LIMIT ?;

-- lock_source open below (iij)
SELECT count(*) FROM (SELECT 1 AS one FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED))) ORDER BY src.`at`, src.`id` FOR UPDATE) AS l;

-- lock_source bounded (aabiij)
SELECT count(*) FROM (SELECT 1 AS one FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED))) ORDER BY src.`at`, src.`id` FOR UPDATE) AS l;

-- lock_source from (aabiij)
SELECT count(*) FROM (SELECT 1 AS one FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` >= CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED))) ORDER BY src.`at`, src.`id` FOR UPDATE) AS l;

-- missing open below (iij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- missing bounded (aabiij)
SELECT count(*) FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s WHERE NOT EXISTS (SELECT 1 FROM `app`.`users` AS tgt WHERE tgt.`id` = CAST(s.infill_m0 AS SIGNED));

-- verify source open (iij)
SELECT src.`at`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)));

-- verify target open (iij)
SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source above (aabiij)
SELECT src.`at`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)));

-- verify target above (aabiij)
SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source key (aabiij)
SELECT src.`at`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` >= CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)));

-- verify target key (aabiij)
SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` >= CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source rest (aab)
SELECT src.`at`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED)));

-- verify target rest (aab)
SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` > CAST(? AS SIGNED)))) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify source whole ()
SELECT src.`at`, src.`id`, IF(COERCIBILITY((
id
)) = 5, CAST((
id
) AS SIGNED), CAST(TRIM(TRAILING ' ' FROM (
id
)) AS DECIMAL(65,0))) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1;

-- verify target whole ()
SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED);

-- verify strays  ()
SELECT tgt.`id` FROM `app`.`users` AS tgt WHERE (tgt.`id`) NOT IN (SELECT CAST(s.infill_m0 AS SIGNED) FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`)) AS s WHERE CAST(s.infill_m0 AS SIGNED) IS NOT NULL);

-- verify shared  ()
SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src WHERE 1 = 1) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) GROUP BY tgt.`id` HAVING COUNT(*) > 1;

-- verify rivals  (aabiij)
SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src WHERE 1 = 1) AS s JOIN (SELECT tgt.`id` FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE (src.`at` > CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` >= CAST(? AS SIGNED))) AND (src.`at` < CAST(? AS DATETIME(6)) OR (src.`at` = CAST(? AS DATETIME(6)) AND src.`id` <= CAST(? AS SIGNED)))) AS s JOIN `app`.`users` AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED)) AS tgt ON tgt.`id` = CAST(s.infill_m0 AS SIGNED) LIMIT 2;

-- lock extra  (a)
SELECT 1 FROM `app`.`users` WHERE `id` = CAST(? AS SIGNED) FOR UPDATE;

-- delete extra  (aa)
DELETE FROM `app`.`users` WHERE `id` = CAST(? AS SIGNED) AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1) AS s WHERE s.infill_m0 = CAST(? AS SIGNED));

-- ==== verified by a second spelling, key id

-- verify source open (i)
SELECT src.`id`, CONVERT((
lower(trim(email))
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` <= CAST(? AS SIGNED);

-- verify target open (i)
SELECT tgt.`id`, tgt.`email` FROM `app`.`users` AS tgt WHERE tgt.`id` <= CAST(? AS SIGNED);

-- verify source above (ai)
SELECT src.`id`, CONVERT((
lower(trim(email))
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- verify target above (ai)
SELECT tgt.`id`, tgt.`email` FROM `app`.`users` AS tgt WHERE tgt.`id` > CAST(? AS SIGNED) AND tgt.`id` <= CAST(? AS SIGNED);

-- verify source key (ai)
SELECT src.`id`, CONVERT((
lower(trim(email))
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` >= CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- verify target key (ai)
SELECT tgt.`id`, tgt.`email` FROM `app`.`users` AS tgt WHERE tgt.`id` >= CAST(? AS SIGNED) AND tgt.`id` <= CAST(? AS SIGNED);

-- verify source rest (a)
SELECT src.`id`, CONVERT((
lower(trim(email))
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` > CAST(? AS SIGNED);

-- verify target rest (a)
SELECT tgt.`id`, tgt.`email` FROM `app`.`users` AS tgt WHERE tgt.`id` > CAST(? AS SIGNED);

-- verify source whole ()
SELECT src.`id`, CONVERT((
lower(trim(email))
) USING utf8mb4) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1;

-- verify target whole ()
SELECT tgt.`id`, tgt.`email` FROM `app`.`users` AS tgt WHERE 1 = 1;

-- lock extra  (a)
SELECT 1 FROM `app`.`users` WHERE `id` = CAST(? AS SIGNED) FOR UPDATE;

-- delete extra  (aa)
DELETE FROM `app`.`users` WHERE `id` = CAST(? AS SIGNED) AND NOT EXISTS (SELECT 1 FROM (SELECT (
id
) AS infill_m0 FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1) AS s WHERE s.infill_m0 = CAST(? AS SIGNED));

-- ==== in place, key id

-- bound open below (iq)
SELECT src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` <= CAST(? AS SIGNED) ORDER BY src.`id` LIMIT 1 OFFSET ?;

-- bound bounded (aiq)
SELECT src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED) ORDER BY src.`id` LIMIT 1 OFFSET ?;

-- high_water  ()
SELECT src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) ORDER BY src.`id` DESC LIMIT 1;

-- is_above  (ai)
SELECT count(*) FROM (SELECT src.`id` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 0 UNION ALL SELECT CAST(? AS SIGNED)) AS src WHERE src.`id` > CAST(? AS SIGNED);

-- rows_read  ()
SHOW SESSION STATUS LIKE 'Handler_read_%';

-- count open below (i)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` <= CAST(? AS SIGNED);

-- count bounded (ai)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- update open below (i)
UPDATE `app`.`old` AS src FORCE INDEX (`old_key`) SET `email` = (
lower(email)
), `touched` = `touched` WHERE src.`id` <= CAST(? AS SIGNED);

-- update bounded (ai)
UPDATE `app`.`old` AS src FORCE INDEX (`old_key`) SET `email` = (
lower(email)
), `touched` = `touched` WHERE src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- update from (ai)
UPDATE `app`.`old` AS src FORCE INDEX (`old_key`) SET `email` = (
lower(email)
), `touched` = `touched` WHERE src.`id` >= CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- update_ordered open below (i)
UPDATE `app`.`old` AS src FORCE INDEX (`old_key`) SET `email` = (
lower(email)
), `touched` = `touched` WHERE src.`id` <= CAST(? AS SIGNED);

-- update_ordered bounded (ai)
UPDATE `app`.`old` AS src FORCE INDEX (`old_key`) SET `email` = (
lower(email)
), `touched` = `touched` WHERE src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- differing open below (i)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` <= CAST(? AS SIGNED) AND NOT ((CAST(src.`email` AS BINARY) <=> CAST(LEFT(CONVERT((
lower(email)
) USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT((
lower(email)
) USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT((
lower(email)
) USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY((
lower(email)
)) = 5, src.`email` <=> (
lower(email)
), TRUE)));

-- differing bounded (ai)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED) AND NOT ((CAST(src.`email` AS BINARY) <=> CAST(LEFT(CONVERT((
lower(email)
) USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT((
lower(email)
) USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT((
lower(email)
) USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY((
lower(email)
)) = 5, src.`email` <=> (
lower(email)
), TRUE)));

-- differing from (ai)
SELECT count(*) FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` >= CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED) AND NOT ((CAST(src.`email` AS BINARY) <=> CAST(LEFT(CONVERT((
lower(email)
) USING utf8mb4), 40) AS BINARY) AND CAST(RTRIM(CONVERT(LEFT(CONVERT((
lower(email)
) USING utf8mb4), 40) USING utf8mb4)) AS BINARY) <=> CAST(RTRIM(CONVERT((
lower(email)
) USING utf8mb4)) AS BINARY) AND IF(COERCIBILITY((
lower(email)
)) = 5, src.`email` <=> (
lower(email)
), TRUE)));

-- verify source open (i)
SELECT src.`id`, CONVERT((
lower(email)
) USING utf8mb4), src.`email` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` <= CAST(? AS SIGNED);

-- verify source above (ai)
SELECT src.`id`, CONVERT((
lower(email)
) USING utf8mb4), src.`email` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` > CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- verify source key (ai)
SELECT src.`id`, CONVERT((
lower(email)
) USING utf8mb4), src.`email` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` >= CAST(? AS SIGNED) AND src.`id` <= CAST(? AS SIGNED);

-- verify source rest (a)
SELECT src.`id`, CONVERT((
lower(email)
) USING utf8mb4), src.`email` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE src.`id` > CAST(? AS SIGNED);

-- verify source whole ()
SELECT src.`id`, CONVERT((
lower(email)
) USING utf8mb4), src.`email` FROM `app`.`old` AS src FORCE INDEX (`old_key`) WHERE 1 = 1;

