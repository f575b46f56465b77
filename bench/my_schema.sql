-- The tables of pg_gen.sql for MariaDB. The rows are loaded from a CSV that PostgreSQL exports, so both have the same ones.
DROP TABLE IF EXISTS users_legacy, users_v2, users_copy;
CREATE TABLE users_legacy(
  id BIGINT PRIMARY KEY, email VARCHAR(255) NOT NULL, full_name VARCHAR(255), status VARCHAR(16) NOT NULL,
  balance DECIMAL(12,2) NOT NULL, legacy_data LONGTEXT, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL) ENGINE=InnoDB;
CREATE TABLE users_copy LIKE users_legacy;
CREATE TABLE users_v2(
  id BIGINT PRIMARY KEY, email_norm VARCHAR(255) NOT NULL, first_name VARCHAR(255), last_name VARCHAR(255), balance_cents BIGINT NOT NULL,
  status_code SMALLINT NOT NULL, country VARCHAR(8), created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL) ENGINE=InnoDB;
