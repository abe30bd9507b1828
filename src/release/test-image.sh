#!/usr/bin/env bash
# Builds the Containerfile by buildah on a Debian in a folder, and changes a row by the image: with a
# read-only root, as the image's user. Needs root. Skipped where buildah is missing:
#   test-image.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v buildah >/dev/null; then
  echo "skipped: buildah is missing"
  exit 0
fi
cache=${1:-/var/cache/rowmill/image}
source src/release/test-lib.sh

mkdir -p "$cache"
image_base "$cache/base"
# Storage of its own, which keeps the stage with Java for next time.
engine() {
  buildah --root "$cache/storage" --runroot "$cache/run" --storage-driver vfs "$@"
}

if ! engine inspect --type image rowmill-base >/dev/null 2>&1; then
  container=$(engine from scratch)
  engine add -q "$container" "$cache/base" / >/dev/null
  engine commit -q "$container" rowmill-base >/dev/null
  engine rm "$container" >/dev/null
fi

echo "-- build"
# Containers without files of the sources beside the jar.
context=$(mktemp -d)
container=
root=$(mktemp -d)
service=
database=
finish() {
  local status=$?
  [ "$status" = 0 ] || tail -n 50 "$context"/*.log >&2 || true
  stop "$service"
  stop "$database"
  for folder in "$root/run/secrets" "$root/var/lib/rowmill" "$root/tmp"; do
    if mountpoint -q "$folder"; then
      umount "$folder"
    fi
  done
  release "$root"
  [ -z "$container" ] || engine rm "$container" >/dev/null
  rm -rf "$context"
  exit "$status"
}
trap finish EXIT
mkdir -p "$context/target/release" "$context/tmp"
cp Containerfile "$context"
cp target/release/rowmill.jar "$context/target/release"
engine build -q --isolation chroot --format docker --layers --pull-never \
  --build-arg BASE=localhost/rowmill-base -t rowmill "$context" >"$context/build.log" 2>&1
container=$(engine from --pull-never localhost/rowmill)
files=$(engine mount "$container")
size=$(du -sm "$files" | cut -f1)
echo "-- $size MB"
test "$size" -le 200
layer "$files" "$root"

setting() {
  engine inspect --type image --format "$1" rowmill
}
user=$(setting '{{.OCIv1.Config.User}}')
test "${user%%:*}" != 0
mapfile -t variables < <(setting '{{range .OCIv1.Config.Env}}{{println .}}{{end}}' | grep =)
mapfile -t command < <(setting '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}' | grep .)
mapfile -t health < <(setting '{{range .Docker.Config.Healthcheck.Test}}{{println .}}{{end}}' | grep .)

start_database "$context"
mkdir -p "$root/run/secrets"
mount -t tmpfs -o "uid=${user%%:*},mode=700" rowmill-test "$root/run/secrets"
mount -t tmpfs -o "uid=${user%%:*},mode=750" rowmill-test "$root/var/lib/rowmill"
mount -t tmpfs rowmill-test "$root/tmp"
printf '%s\n' "$database_password" >"$root/run/secrets/quarkus.datasource.password"
mount -o remount,ro "$root"
if touch "$root/opt/x" 2>/dev/null; then
  echo "the root can be written to" >&2
  exit 1
fi

port=$(free_port)
inside=(
  chroot "$root" setpriv --reuid "${user%%:*}" --regid "${user##*:}" --clear-groups --no-new-privs
  --bounding-set=-all env -i "${variables[@]}" "QUARKUS_HTTP_PORT=$port"
  "QUARKUS_DATASOURCE_JDBC_URL=jdbc:mysql://127.0.0.1:$database_port/rowmill"
  QUARKUS_DATASOURCE_USERNAME=rowmill sh -c 'cd /var/lib/rowmill; exec "$@"' sh
)

echo "-- start, and change a row"
if "${inside[@]}" "${health[@]:1}" 2>/dev/null; then
  echo "healthy without a service" >&2
  exit 1
fi
"${inside[@]}" "${command[@]}" >"$context/service.log" 2>&1 &
service=$!
await_ready "$port" "$service"
"${inside[@]}" "${health[@]:1}"
change_row "$(cat "$root/var/lib/rowmill/admin-token")"
stop "$service"
echo "-- the image runs"
