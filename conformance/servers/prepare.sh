#!/usr/bin/env bash
# prepare.sh : fetches and builds, before the tests that run them, Apache RocketMQ 5.5.0, its mqadmin and the official clients: no test waits for a download, and no limit of a test counts it. Leaves out what a missing tool is needed for; what is there already costs nothing.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd); missed=0
has() { for tool in "$@"; do command -v "$tool" >/dev/null || return 1; done; }
if has java javac mvn; then
  "$here/../bench/setup.sh" apache >/dev/null || missed=1
  "$here/mqadmin/setup.sh" >/dev/null || missed=1
  for version in 4.9.8 5.5.0; do "$here/java/run.sh" "$version" none list >/dev/null || missed=1; done
fi
if has go; then "$here/go/run.sh" none list >/dev/null || missed=1; fi
exit "$missed"
