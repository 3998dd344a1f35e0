#!/usr/bin/env bash
# setup.sh : fetches the official mqadmin 4.9.8, once for all checkouts, and prints the folder of its jars.
# Environment: SKYLARK_CACHE (~/.cache/skylark-conformance). Needs Java 17 and Maven.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); lib=${SKYLARK_CACHE:-$HOME/.cache/skylark-conformance}/mqadmin-4.9.8; mkdir -p "$lib"
# Two at once would write over the files that the other already uses.
exec 9>"$lib.lock"; ! command -v flock >/dev/null || flock 9
[ -e "$lib/.done" ] || { "$here/../../scripts/maven.sh" -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$lib" >&2 && touch "$lib/.done"; }
echo "$lib"
