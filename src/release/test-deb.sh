#!/usr/bin/env bash
# Installs the .deb in a Debian in a folder, changes a row by it, updates and purges it. Needs root, and
# the folder, which it makes if it is missing:
#   test-deb.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."

base=${1:-/var/cache/rowmill/debian}
deb=$(echo target/release/rowmill_*_all.deb)
source src/release/test-lib.sh

debian_base "$base"
root=$(mktemp -d)
service=
database=
finish() {
  local status=$?
  [ "$status" = 0 ] || tail -n 50 "$root"/tmp/*.log >&2 2>/dev/null || true
  stop "$service"
  stop "$database"
  release "$root"
  exit "$status"
}
trap finish EXIT
layer "$base" "$root"

inside() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

echo "-- install"
cp "$deb" "$root/tmp/rowmill.deb"
inside dpkg -i /tmp/rowmill.deb
test "$(inside stat -c '%U %a' /var/lib/rowmill)" = "rowmill 750"
test "$(inside stat -c '%U:%G %a' /etc/rowmill/rowmill.properties)" = "root:rowmill 640"

test "$(inside stat -c '%U %a %s' /etc/rowmill/database-password)" = "root 600 0"

echo "-- a client command"
test -s "$root/var/cache/rowmill/client.jsa"
inside rowmill --version | grep -q '^rowmill [0-9]'
gzip -dc "$root/usr/share/man/man1/rowmill.1.gz" | grep -q '^.SS rowmill start'
inside bash -c '. /usr/share/bash-completion/completions/rowmill && complete -p rowmill' >/dev/null
status=0
inside rowmill list --server http://127.0.0.1:1 2>/dev/null || status=$?
test "$status" = 1
for _ in 1 2 3; do
  begin=$(date +%s%N)
  inside rowmill list --server http://127.0.0.1:1 2>/dev/null || true
  echo "   started and ended in $((($(date +%s%N) - begin) / 1000000)) ms"
done

echo "-- the unit"
inside systemd-analyze verify /lib/systemd/system/rowmill.service
inside systemd-analyze security --offline=true --no-pager --threshold=30 /lib/systemd/system/rowmill.service | tail -n 1

start_database "$root"
cat >>"$root/etc/rowmill/rowmill.properties" <<END
quarkus.datasource.jdbc.url=jdbc:mysql://127.0.0.1:$database_port/rowmill
quarkus.datasource.username=rowmill
quarkus.http.port=$(free_port)
rowmill.export.directory=/var/lib/rowmill/exports
END
inside install -d -o rowmill /var/lib/rowmill/exports

# As systemd does: the unit's user, directory, variables and credentials.
start_service() {
  local unit=$root/lib/systemd/system/rowmill.service
  local credentials=/run/credentials/rowmill.service
  value() { sed -n "s/^$1=//p" "$unit"; }
  mkdir -p "$root$credentials"
  printf '%s\n' "$database_password" >"$root$credentials/$(value LoadCredential | cut -d: -f1)"
  chroot "$root" chown -R "$(value User)" "$credentials"
  chroot "$root" setpriv --reuid "$(value User)" --regid "$(value Group)" --init-groups \
    --no-new-privs --bounding-set=-all \
    env -i PATH=/usr/bin:/bin "CREDENTIALS_DIRECTORY=$credentials" \
    sh -c 'cd "$1"; exec $2' sh "$(value WorkingDirectory)" "$(value ExecStart)" \
    >>"$root/tmp/service.log" 2>&1 &
  service=$!
  await_ready "$(sed -n 's/^quarkus.http.port=//p' "$root/etc/rowmill/rowmill.properties" | tail -1)" "$service"
}

echo "-- start, and change a row"
start_service
change_row "$(cat "$root/var/lib/rowmill/admin-token")"
export_row "$(cat "$root/var/lib/rowmill/admin-token")"
stop "$service"

echo "-- update to a newer version, with the changed configuration"
newer=$(mktemp -d)
dpkg-deb -R "$deb" "$newer"
sed -i 's/^Version:.*/Version: 999/' "$newer/DEBIAN/control"
echo "# new" >>"$newer/lib/systemd/system/rowmill.service"
dpkg-deb -Znone --root-owner-group -b "$newer" "$root/tmp/newer.deb" >/dev/null
rm -rf "$newer"
inside dpkg -i /tmp/newer.deb
grep -q "rowmill:\|jdbc:mysql://127.0.0.1:$database_port" "$root/etc/rowmill/rowmill.properties"
start_service
change_row "$(cat "$root/var/lib/rowmill/admin-token")"
stop "$service"

echo "-- remove, then purge"
inside dpkg -r rowmill
test -f "$root/etc/rowmill/rowmill.properties"
test -f "$root/var/lib/rowmill/admin-token"
test ! -e "$root/usr/bin/rowmill"
test ! -e "$root/var/cache/rowmill"
inside dpkg -P rowmill
test ! -e "$root/etc/rowmill"
test ! -e "$root/var/lib/rowmill"
test ! -e "$root/etc/default/rowmill"
if inside getent passwd rowmill; then
  exit 1
fi
echo "-- the package installs, runs, updates and goes"
