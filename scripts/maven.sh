#!/usr/bin/env bash
# maven.sh ARGUMENT ... : Maven, one at a time: its local repository breaks when two of them download into it.
set -euo pipefail
mkdir -p "$HOME/.m2"
command -v flock >/dev/null || exec mvn -q -B "$@"
exec flock "$HOME/.m2/skylark.lock" mvn -q -B "$@"
