\set id random(1, :max_id)
\set w random(1, 100)
\if :w <= 20
UPDATE users_legacy SET balance = balance + 1, updated_at = now() WHERE id = :id;
\else
SELECT id, email, status, balance FROM users_legacy WHERE id = :id;
\endif
