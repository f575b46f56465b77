-- users_legacy: :rows rows, 3% id gaps, one gap of :biggap ids in the middle. Deterministic.
DROP TABLE IF EXISTS users_legacy, users_v2;
CREATE TABLE users_legacy(
  id bigint PRIMARY KEY, email text NOT NULL, full_name text, status text NOT NULL,
  balance numeric(12,2) NOT NULL, legacy_data json, created_at timestamp NOT NULL, updated_at timestamp NOT NULL);
INSERT INTO users_legacy
SELECT CASE WHEN k > :rows/2 THEN n + :biggap ELSE n END,
  CASE WHEN r1 % 10 = 0 THEN '  ' ELSE '' END
    || initcap((ARRAY['anna','bruno','chloé','dmitri','elif','fatima','george','hiro','ines','josé'])[1 + r1 % 10])
    || '.' || n || '@' || (ARRAY['Example.COM','mail.example.org','Corp.Example.NET'])[1 + r2 % 3],
  CASE WHEN r3 % 200 = 0 THEN NULL
       WHEN r3 % 50 = 1 THEN (ARRAY['Cher','Prince','Björk'])[1 + r2 % 3]
       ELSE (ARRAY['Anna','Bruno','Chloé','Dmitri','Elif','Fatima','George','Hiro','Inés','José'])[1 + r1 % 10] || ' '
         || CASE WHEN r2 % 7 = 0 THEN 'van der ' ELSE '' END
         || (ARRAY['Smith','Nguyen','García','Kowalski','Yılmaz','O''Brien','Sato','Müller','Rossi','Singh'])[1 + r3 % 10] END,
  CASE WHEN p < 70 THEN 'active' WHEN p < 85 THEN 'inactive' WHEN p < 95 THEN 'pending' WHEN p < 99 THEN 'suspended' ELSE 'deleted' END,
  ((r2 % 100000000)::numeric / 100 - 1000)::numeric(12,2),
  ('{"country":"' || (ARRAY['DE','FR','US','IN','BR','JP','TR','PL'])[1 + r1 % 8] || '","plan":"' || (ARRAY['free','pro','team'])[1 + r2 % 3]
    || '","prefs":{"lang":"en","tz":"UTC","newsletter":' || (r3 % 2 = 0) || '},"tags":["a' || r1 % 97 || '","b' || r2 % 89
    || '"],"ref":"' || md5(n::text) || '","note":"imported from crm batch ' || r3 % 10007 || '","score":' || r2 % 1000 || '}')::json,
  timestamp '2015-01-01' + (n * interval '151 seconds'),
  timestamp '2020-01-01' + ((r3 % 100000000) * interval '1 second')
FROM (SELECT n, row_number() OVER (ORDER BY n) AS k,
        (hashint8extended(n, 1) & 2147483647) AS r1, (hashint8extended(n, 2) & 2147483647) AS r2,
        (hashint8extended(n, 3) & 2147483647) AS r3, (hashint8extended(n, 4) & 2147483647) % 100 AS p
      FROM generate_series(1::bigint, (:rows * 1.08)::bigint) n
      WHERE (hashint8extended(n, 5) & 2147483647) % 100 >= 3) g
WHERE k <= :rows ORDER BY n;
CREATE TABLE users_v2(
  id bigint PRIMARY KEY, email_norm text NOT NULL, first_name text, last_name text, balance_cents bigint NOT NULL,
  status_code smallint NOT NULL, country text, created_at timestamp NOT NULL, updated_at timestamp NOT NULL);
VACUUM (ANALYZE) users_legacy;
