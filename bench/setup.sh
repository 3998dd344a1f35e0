#!/usr/bin/env bash
# setup.sh [apache]: fetches Apache RocketMQ 5.5.0 and nats-server and builds the load generators under ${BENCH_HOME:-~/.cache/skylark-bench}; with `apache`, only the first. Needs Java 17 and Maven, and Go. Prints the folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); B=${BENCH_HOME:-$HOME/.cache/skylark-bench}; mkdir -p "$B/lib" "$B/bin" "$B/classes"
# Two at once would write over the files that the other already uses.
exec 9>"$B/lock"; ! command -v flock >/dev/null || flock 9
[ -e "$B/lib/.done" ] || { "$here/../scripts/maven.sh" -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$B/lib" >&2 && touch "$B/lib/.done"; }
if [ "${1:-}" != apache ]; then
  [ "$B/bin/raw" -nt "$here/raw/main.go" ] || (cd "$here/raw" && go build -o "$B/bin/raw" .)
  [ "$B/classes/Bench.class" -nt "$here/client/Bench.java" ] || javac -nowarn -cp "$B/lib/*" -d "$B/classes" "$here/client/Bench.java"
  [ "$B/bin/peers" -nt "$here/peers/main.go" ] || (cd "$here/peers" && go build -o "$B/bin/peers" .)
  [ -e "$B/bin/nats-server" ] || GOBIN="$B/bin" go install github.com/nats-io/nats-server/v2@v2.15.2
fi
echo "$B"
