#!/usr/bin/env bash
# Builds the release once more, in another folder, time zone and umask, and compares the bytes with
# those in target/release. Arguments are those of Maven, such as -o.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ ! -f target/release/SHA256SUMS ]; then
  echo "build target/release first: ./mvnw -Prelease" >&2
  exit 1
fi
other=$(mktemp -d)
trap 'rm -rf "$other"' EXIT
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$other"
(cd "$other" && umask 077 && TZ=Pacific/Auckland ./mvnw "$@" -Prelease package)

if ! diff -r target/release "$other/target/release"; then
  echo "two builds differ" >&2
  for jar in target/release/*.jar; do
    diff <(unzip -lv "$jar" | tail -n +2) <(unzip -lv "$other/$jar" | tail -n +2) >&2 || true
  done
  exit 1
fi
echo "two builds are equal"
