# Functions for the tests of packages: a Debian in a folder, a database, and one changed row.

# Makes a Debian with Java in a folder, unless it is there.
debian_base() {
  local base=$1
  if [ ! -x "$base/usr/bin/java" ]; then
    rm -rf "$base" "$base.new"
    mkdir -p "$base.new"
    if ! debootstrap --variant=minbase --include=default-jre-headless,adduser,systemd \
      bookworm "$base.new" >"$base.log" 2>&1; then
      tail -n 20 "$base.log" >&2
      return 1
    fi
    rm -rf "$base.new"/var/cache/apt/archives/*.deb "$base.new"/var/lib/apt/lists/*
    mv "$base.new" "$base"
  fi
}

# Shows a folder at another place; changes stay there, and go with it.
layer() {
  local base=$1 root=$2
  mkdir -p "$root.layer"
  mount -t tmpfs -o size=1g rowmill-test "$root.layer"
  mkdir "$root.layer/changes" "$root.layer/work"
  mount -t overlay -o "lowerdir=$base,upperdir=$root.layer/changes,workdir=$root.layer/work" \
    rowmill-test "$root"
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
}

# Undoes layer.
release() {
  local root=$1
  for folder in "$root/dev" "$root/proc" "$root" "$root.layer"; do
    if mountpoint -q "$folder"; then
      umount "$folder"
    fi
  done
  rmdir "$root" "$root.layer" 2>/dev/null || true
}

# Ends a process of this script, and waits for its end.
stop() {
  if [ -n "$1" ] && kill -0 "$1" 2>/dev/null; then
    kill "$1"
    wait "$1" || true
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts a MariaDB with a table shop.item and an account for Rowmill, its files below a folder. Sets
# database, database_port and database_password.
start_database() {
  local data=$1/tmp/database
  database_port=$(free_port)
  database_password=$(head -c 12 /dev/urandom | base64 | tr -d '+/=')
  mkdir "$data"
  mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal \
    --skip-test-db --user=root >"$data.log" 2>&1
  cat >"$data.sql" <<END
CREATE SCHEMA shop;
CREATE TABLE shop.item (id INT PRIMARY KEY, price INT NOT NULL);
INSERT INTO shop.item VALUES (1, 100);
CREATE USER rowmill@'127.0.0.1' IDENTIFIED BY '$database_password';
GRANT ALL ON rowmill.* TO rowmill@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER, CREATE TEMPORARY TABLES ON shop.* TO rowmill@'127.0.0.1';
END
  /usr/sbin/mariadbd --no-defaults --datadir="$data" --user=root --bind-address=127.0.0.1 \
    --skip-name-resolve --port="$database_port" --socket="$data/socket" --pid-file="$data/pid" \
    --innodb-flush-log-at-trx-commit=0 >>"$data.log" 2>&1 &
  database=$!
  until mariadb --socket="$data/socket" -u root -e 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$database"
    sleep 0.2
  done
  mariadb --socket="$data/socket" -u root <"$data.sql"
  database_socket=$data/socket
}

# Waits until the service of a process is ready on a port, and sets api.
await_ready() {
  api=http://127.0.0.1:$1
  until curl -sf "$api/q/health/ready" >/dev/null; do
    kill -0 "$2"
    sleep 0.2
  done
}

# Changes the row of shop.item by a batch, and checks it in the database.
change_row() {
  local before after
  before=$(mariadb --socket="$database_socket" -u root -N -e 'SELECT price FROM shop.item')
  curl -sf "$api/api/v1/projects/shop/batches" -H "Authorization: Bearer $1" \
    -H 'Content-Type: application/json' -H 'Prefer: wait=30' \
    -d '{"sql": "UPDATE shop.item SET price = price + 1 WHERE id = 1"}' | grep '"status":"succeeded"' >/dev/null
  after=$(mariadb --socket="$database_socket" -u root -N -e 'SELECT price FROM shop.item')
  test "$after" = $((before + 1))
}

# Exports the row to a Parquet file in the folder export, which uses most of what the jar has shrunk.
export_row() {
  curl -sf "$api/api/v1/projects/shop/exports" -H "Authorization: Bearer $1" \
    -H 'Content-Type: application/json' -H 'Prefer: wait=30' \
    -d '{"select": "SELECT id, price FROM shop.item", "format": "parquet", "to": {"directory": "test"}}' |
    grep '"status":"succeeded"' >/dev/null
}

# Makes a small Debian as the base of images in a folder, unless it is there.
image_base() {
  local base=$1
  if [ ! -x "$base/usr/bin/apt-get" ]; then
    rm -rf "$base" "$base.new"
    mkdir -p "$base.new"
    if ! debootstrap --variant=minbase bookworm "$base.new" >"$base.log" 2>&1; then
      tail -n 20 "$base.log" >&2
      return 1
    fi
    rm -rf "$base.new"/var/cache/apt/* "$base.new"/var/lib/apt/lists/* \
      "$base.new"/usr/share/{doc,man,info,locale}/* "$base.new"/var/log/*
    mv "$base.new" "$base"
  fi
}
