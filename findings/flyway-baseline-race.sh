#!/usr/bin/env bash
# Flyway: with baselineOnMigrate, one of several migrations at once on an empty schema fails.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb

FLYWAY=12.0.0
ROUNDS=200

words <<'END'
Flyway holds a lock of the server while it migrates, so several nodes of an application can start at
once. But migrate() first looks for the table of its history, and then whether the schema is empty. If
another node creates that table in between, the schema is no longer empty. With baselineOnMigrate,
Flyway then wants to record a baseline, and fails because of that table: it is empty, or already
contains migrations. The schema was empty when both nodes began, so no baseline was needed. A second
call of migrate() succeeds.
END

mkdir "$tmp/flyway" "$tmp/migrations"
echo 'CREATE TABLE coin (id INT PRIMARY KEY);' >"$tmp/migrations/V1__coin.sql"
cat >"$tmp/flyway/pom.xml" <<END
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.flywaydb</groupId><artifactId>flyway-mysql</artifactId><version>$FLYWAY</version>
    </dependency>
    <dependency>
      <groupId>com.mysql</groupId><artifactId>mysql-connector-j</artifactId><version>$CONNECTOR_J</version>
    </dependency>
  </dependencies>
</project>
END
mvn -q -B -f "$tmp/flyway/pom.xml" -Dmaven.repo.local="${FINDINGS_MAVEN:-$tmp/maven}" \
  org.apache.maven.plugins:maven-dependency-plugin:3.6.0:build-classpath \
  -Dmdep.outputFile="$tmp/flyway/classpath" >"$tmp/maven.log" 2>&1 ||
  die "org.flywaydb:flyway-mysql:$FLYWAY could not be downloaded: $(head -2 "$tmp/maven.log")"
echo "# flyway-mysql $FLYWAY, mysql-connector-j $CONNECTOR_J"

cat >"$tmp/flyway/Main.java" <<'END'
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

class Main {
  public static void main(String[] args) throws Exception {
    java.util.logging.LogManager.getLogManager().reset();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    String failure = "no failure";
    for (int left = Integer.parseInt(args[2]); left > 0 && failure.equals("no failure"); left--) {
      try (Connection connection = DriverManager.getConnection(args[0]);
          Statement statement = connection.createStatement()) {
        statement.execute("DROP DATABASE f");
        statement.execute("CREATE DATABASE f");
      }
      CyclicBarrier ready = new CyclicBarrier(3);
      List<Future<Optional<String>>> nodes = new ArrayList<>();
      for (int node = 0; node < 3; node++) {
        Flyway flyway =
            Flyway.configure()
                .dataSource(args[0], "finder", "finder")
                .baselineOnMigrate(Boolean.parseBoolean(args[1]))
                .baselineVersion("0")
                .locations("filesystem:" + args[3])
                .load();
        nodes.add(
            threads.submit(
                () -> {
                  ready.await();
                  Thread.sleep(ThreadLocalRandom.current().nextInt(60));
                  return migrate(flyway);
                }));
      }
      for (Future<Optional<String>> node : nodes) {
        failure = node.get().orElse(failure);
      }
    }
    System.out.println(failure);
    System.exit(0);
  }

  /** Returns the start of the error, if there was one. The end differs: "exists", or "contains". */
  static Optional<String> migrate(Flyway flyway) {
    try {
      flyway.migrate();
      return Optional.empty();
    } catch (FlywayException e) {
      flyway.migrate();
      return Optional.of(
          e.getMessage().replaceFirst("(?s) `f`.* already.*", " … already …")
              + "\nA second call succeeds.");
    }
  }
}
END
run() {
  java -cp "$(cat "$tmp/flyway/classpath")" "$tmp/flyway/Main.java" \
    "jdbc:mysql://127.0.0.1:$mariadb_port/f?user=finder&password=finder&sslMode=DISABLED&allowPublicKeyRetrieval=true" \
    "$1" "$2" "$tmp/migrations"
}
show "three migrations at once on an empty schema with baselineOnMigrate, up to $ROUNDS times" \
  'Unable to baseline schema history table … already …
A second call succeeds.' "$(run true "$ROUNDS")"
show 'the same without baselineOnMigrate, 40 times' 'no failure' "$(run false 40)"
finish
