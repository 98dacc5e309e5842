#!/usr/bin/env bash
# Makes a cluster in an empty data folder, and runs PostgreSQL. As in the official image, whoever comes over the network
# needs a password, whoever comes by the socket does not, and a password is needed to begin with.
set -euo pipefail

if [[ ! -s $PGDATA/PG_VERSION ]]; then
    password=${POSTGRES_PASSWORD:-$(<"$POSTGRES_PASSWORD_FILE")}
    [[ -n $password ]] || { echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is needed" >&2 && exit 1; }
    chmod 0700 "$PGDATA"
    # shellcheck disable=SC2086 # Several arguments stand in one variable.
    initdb -U postgres --pwfile=<(echo "$password") ${POSTGRES_INITDB_ARGS:-}
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    # Here the official image runs a server for its initial scripts, reached by the socket only.
    pg_ctl -w -o "-c listen_addresses=''" start
    pg_ctl -w -m fast stop
fi
exec "$@"
