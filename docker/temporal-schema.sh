#!/bin/sh
# Brings Temporal's two databases to the schema of this image; safe to repeat. The password comes from a file.
set -eu
SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE")
export SQL_PASSWORD

bring() {
  temporal-sql-tool --db "$1" create
  temporal-sql-tool --db "$1" setup-schema -v 0.0
  temporal-sql-tool --db "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}
bring temporal temporal
bring temporal_visibility visibility
