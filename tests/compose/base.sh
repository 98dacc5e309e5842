#!/usr/bin/env bash
# Makes the image that the tests' containers stand on, canbao-base:bookworm: a minimal Debian, imported, since no image
# is pulled. Keeps the one that is there. Needs root, debootstrap and a Docker engine.
set -euo pipefail

image=canbao-base:bookworm
exec 9>"${TMPDIR:-/tmp}/canbao-base.lock"
flock 9 # Whoever comes second waits, and finds the image made.
if docker image inspect "$image" >/dev/null 2>&1; then
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
debootstrap --variant=minbase bookworm "$work/root" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
}
tar -C "$work/root" -c . | docker import - "$image" >/dev/null
