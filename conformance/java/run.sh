#!/usr/bin/env bash
# run.sh VERSION ADDRESS [list | SCENARIO ...] : scenarios on the official Java client of that version (4.9.8 or 5.5.0).
# Environment: SKYLARK_CACHE (~/.cache/skylark-conformance), JAVA_OPTIONS (for example -Dtls.enable=true). Needs Java 17 and Maven.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); version=${1:?version}; shift
cache=${SKYLARK_CACHE:-$HOME/.cache/skylark-conformance}/java-$version
# src5 is for what the older client does not have, or has in another form.
sources=("$here/src"); [ "$version" \< 5 ] || sources+=("$here/src5")
# The classes are those of exactly these sources: another checkout, or an edit, gets others, and no JVM loses its own.
classes=$cache/classes-$(find "${sources[@]}" -name '*.java' -print0 | sort -z | xargs -0 cat | cksum | cut -d' ' -f1); mkdir -p "$cache/lib"
# Two runs at once must not build at once.
exec 9>"$cache/lock"; ! command -v flock >/dev/null || flock 9
[ -e "$cache/lib/.done" ] || { "$here/../../scripts/maven.sh" -f "$here/pom.xml" "-Drocketmq.version=$version" dependency:copy-dependencies "-DoutputDirectory=$cache/lib" >&2 && touch "$cache/lib/.done"; }
# The hook that signs requests is a package of its own in 4.x (and reads YAML), in 5.x a part of the client.
if [ "${version%%.*}" = 4 ] && [ ! -e "$cache/lib/.acl" ]; then
  for one in "org.apache.rocketmq:rocketmq-acl:$version" org.yaml:snakeyaml:1.33 commons-codec:commons-codec:1.13; do
    "$here/../../scripts/maven.sh" dependency:copy "-Dartifact=$one" "-DoutputDirectory=$cache/lib" >&2
  done
  touch "$cache/lib/.acl"
fi
if [ ! -e "$classes" ]; then
  find "$cache" -maxdepth 1 -name 'classes-*' -mtime +7 -exec rm -rf {} +
  fresh=$(mktemp -d "$cache/compiling-XXXXXX")
  javac -nowarn -Xlint:none -cp "$cache/lib/*" -d "$fresh" $(find "${sources[@]}" -name '*.java') >&2; mv "$fresh" "$classes"
fi
exec 9>&-
[ $# -gt 0 ] || exit 0
home=$(mktemp -d); trap 'rm -rf "$home"' EXIT
# The clients write their logs and their local offsets below the home directory.
# A rebalance every second instead of every 20 s, or half of the time would be waiting for one.
# A busy machine may take longer than 3 s to connect. It works for seconds: compiling it well takes
# longer than it saves.
java -Drocketmq.client.rebalance.waitInterval=1000 -Dcom.rocketmq.remoting.client.connect.timeout=30000 -Xms64m -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.home="$home" ${JAVA_OPTIONS:-} -cp "$classes:$cache/lib/*" Conformance "$@"
