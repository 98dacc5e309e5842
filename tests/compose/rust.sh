#!/usr/bin/env bash
# Makes canbao-rust:bookworm, for services/Dockerfile where no image can be pulled: this machine's Rust toolchain, the
# crates of Cargo.lock and a C compiler, on the base of base.sh. Needs root, debootstrap and a Docker engine.
set -euo pipefail
cd "$(dirname "$0")"

./base.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo fetch --quiet --locked --manifest-path ../../Cargo.toml
mkdir -p "$work/rust" "$work/cargo/registry"
cp -a "$(rustc --print sysroot)"/{bin,lib} "$work/rust"
cp -a "${CARGO_HOME:-$HOME/.cargo}"/registry/{cache,index} "$work/cargo/registry"
cat >"$work/Dockerfile" <<'END'
FROM canbao-base:bookworm
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null \
    && rm -rf /var/lib/apt/lists/*
COPY rust /usr/local
COPY cargo /cargo
ENV CARGO_HOME=/cargo CARGO_NET_OFFLINE=true
END
docker build -q -t canbao-rust:bookworm "$work" >/dev/null
