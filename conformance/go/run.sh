#!/usr/bin/env bash
# run.sh ADDRESS [list | SCENARIO ...] : scenarios on the official Go client, rocketmq-client-go/v2 v2.1.2.
# Environment: SKYLARK_CACHE (~/.cache/skylark-conformance), CLIENT_LOG_LEVEL (info, warn, ...: what the client logs). Needs Go.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); cache=${SKYLARK_CACHE:-$HOME/.cache/skylark-conformance}/go
binary=$cache/go-conformance-$(cksum <<<"$here" | cut -d' ' -f1); mkdir -p "$cache"
# Two runs at once must not build at once: one would start what the other has half written.
exec 9>"$cache/lock"; ! command -v flock >/dev/null || flock 9
(cd "$here" && go build -o "$binary" .)
exec 9>&-
[ $# -gt 0 ] || exit 0
# The client writes the offsets of broadcasting consumers here.
home=$(mktemp -d); trap 'rm -rf "$home"' EXIT
env "rocketmq.client.localOffsetStoreDir=$home" "$binary" "$@"
