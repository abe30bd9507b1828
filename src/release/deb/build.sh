#!/bin/sh
# Makes the .deb of a jar: build.sh JAR VERSION TIME DIRECTORY
set -eu
umask 022

jar=$1
# 0.1.0~SNAPSHOT is older than 0.1.0.
version=$(echo "$2" | sed 's/-/~/')
time=$3
directory=$4
sources=$(dirname "$0")

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

put() {
  install -D -m "$1" "$2" "$tree$3"
}
put 644 "$jar" /usr/share/rowmill/rowmill.jar
put 755 "$sources/rowmill" /usr/bin/rowmill
put 644 "$sources/rowmill.service" /lib/systemd/system/rowmill.service
put 644 "$sources/rowmill.properties" /etc/rowmill/rowmill.properties
put 644 "$sources/default" /etc/default/rowmill
put 644 "$sources/copyright" /usr/share/doc/rowmill/copyright
mkdir -p "$tree/usr/share/man/man1" "$tree/usr/share/bash-completion/completions"
java -jar "$jar" man | gzip -9n >"$tree/usr/share/man/man1/rowmill.1.gz"
java -jar "$jar" completion >"$tree/usr/share/bash-completion/completions/rowmill"
for script in postinst prerm postrm; do
  put 755 "$sources/$script" /DEBIAN/$script
done
put 644 "$sources/conffiles" /DEBIAN/conffiles
# In KiB and without directories, whose size depends on the file system.
size=$(find "$tree" -type f -printf '%s\n' | awk '{sum += $1} END {print int((sum + 1023) / 1024)}')
sed "s/@VERSION@/$version/; s/@SIZE@/$size/" \
  "$sources/control" >"$tree/DEBIAN/control"
(cd "$tree" && find usr lib -type f | LC_ALL=C sort | xargs md5sum) >"$tree/DEBIAN/md5sums"
chmod 644 "$tree/DEBIAN/control" "$tree/DEBIAN/md5sums"

find "$tree" -exec touch -h -d "$time" {} +
# The jar is compressed already.
SOURCE_DATE_EPOCH=$(date -d "$time" +%s) dpkg-deb --root-owner-group -Zgzip -z1 --build "$tree" \
  "$directory/rowmill_${version}_all.deb" >/dev/null
