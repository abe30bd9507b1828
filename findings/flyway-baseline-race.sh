#!/usr/bin/env bash
# Flyway: with baselineOnMigrate, one of several migrations that start at once on an empty schema fails.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FLYWAY=12.0.0
ROUNDS=200

start_mariadb

words <<'END'
Flyway holds a lock of the server while it migrates, so that several nodes of an application can start at
once. But migrate() looks first for the table of its history, and then whether the schema is empty. If
another node creates that table in between, the schema is not empty any more. With baselineOnMigrate,
Flyway then wants to record a baseline, and fails because of that table: it is empty, or already has
migrations. The schema was empty when both nodes began, so no baseline was needed. A second call of
migrate() succeeds.
