#!/usr/bin/env bash
# Builds a release twice, in two folders and at two times, and compares the bytes. The first is left in
# target/release.
set -euo pipefail
cd "$(dirname "$0")/../.."

./mvnw -Prelease clean package
other=$(mktemp -d)
trap 'rm -rf "$other"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$other"
(cd "$other" && TZ=Pacific/Auckland ./mvnw -Prelease package)

differs=0
for file in target/release/*; do
  if ! cmp "$file" "$other/$file"; then
    differs=1
  fi
done
if [ "$differs" = 1 ]; then
  echo "two builds differ" >&2
  exit 1
fi
echo "two builds give the same bytes:"
cat target/release/SHA256SUMS
