#!/usr/bin/env bash
# Makes the image of PostgreSQL for the tests' containers, canbao-postgres:bookworm, on the base of base.sh. What was
# built once is kept, and built again only where its files have changed.
set -euo pipefail

folder=$(cd "$(dirname "$0")" && pwd)
"$folder/base.sh"
exec 9>"${TMPDIR:-/tmp}/canbao-postgres.lock"
flock 9 # Whoever comes second waits, and finds every step of the image made.
docker build -q -t canbao-postgres:bookworm "$folder/postgres" >/dev/null
