package dev.rowmill.doctor;

import static java.util.stream.Collectors.joining;

import dev.rowmill.database.OwnSchema;
import dev.rowmill.database.Rows;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.CRC32;

/** Checks the schema of Rowmill's own tables: whose they are, and of which version. Stateless. */
final class SchemaChecks {

  private static final String CHECK = "schema";

  private static final String OTHER_SCHEMA =
      "Name a schema of Rowmill's own in QUARKUS_DATASOURCE_JDBC_URL";

  private static final String MIGRATIONS =
      "SELECT script, checksum, success FROM "
          + OwnSchema.HISTORY
          + " WHERE type = 'SQL' ORDER BY installed_rank";

  /**
   * Represents a migration that Flyway has recorded.
   *
   * @param script its file
   */
  private record Migration(String script, int checksum, boolean success) {}

  private SchemaChecks() {}

  static Finding schema(Connection connection, String schema, Account account) throws SQLException {
    String catalog = connection.getCatalog();
    if (catalog == null || catalog.isEmpty()) {
      return missing(connection, schema, account);
    }
    Set<String> others = OwnSchema.tablesOfOthers(connection);
    if (!others.isEmpty()) {
      return Finding.error(
          CHECK,
          schema
              + " contains tables of others whose names Rowmill needs: "
              + String.join(", ", others),
          OTHER_SCHEMA + ".");
    }
    List<String> engines = OwnSchema.tablesOfOtherEngines(connection);
    if (!engines.isEmpty()) {
      return Finding.error(
          CHECK,
          "tables of Rowmill use an engine without transactions: " + String.join(", ", engines),
          "ALTER TABLE … ENGINE=InnoDB; for each, or drop them if their data is not needed.");
    }
    return OwnSchema.tables(connection).contains(OwnSchema.HISTORY)
        ? migrated(schema, Rows.query(connection, MIGRATIONS, SchemaChecks::migration))
        : Finding.ok(CHECK, schema + " has no tables of Rowmill yet: the first start creates them");
  }

  private static Finding missing(Connection connection, String schema, Account account)
      throws SQLException {
    String name = Account.identifier(schema);
    return AccountGrants.read(connection).include("CREATE", schema)
        ? Finding.ok(CHECK, schema + " does not exist yet: the first start creates it")
        : Finding.error(
            CHECK,
            schema + " does not exist, or the account may not use it",
            "CREATE DATABASE IF NOT EXISTS " + name + "; " + account.grant("ALL", name + ".*"));
  }

  private static Migration migration(ResultSet row) throws SQLException {
    String script = row.getString(1);
    return new Migration(
        script.substring(script.lastIndexOf('/') + 1), row.getInt(2), row.getBoolean(3));
  }

  /** Compares the recorded migrations with the files of this version, as Flyway does at a start. */
  private static Finding migrated(String schema, List<Migration> migrations) {
    for (Migration migration : migrations) {
      if (!migration.success) {
        return Finding.warning(
            CHECK,
            "the migration " + migration.script + " has failed in " + schema,
            "Correct the cause that the log of the start names. The next start repeats it.");
      }
      OptionalInt own = checksum(migration.script);
      if (own.isEmpty()) {
        return Finding.error(
            CHECK,
            "a newer version of Rowmill has changed the tables in "
                + schema
                + " ("
                + migration.script
                + ")",
            "Start that version, or restore the backup from before its first start.");
      }
      if (own.getAsInt() != migration.checksum) {
        return Finding.error(
            CHECK,
            "the tables in "
                + schema
                + " were created by another version of Rowmill, and this version can't upgrade"
                + " them ("
                + migration.script
                + ")",
            OTHER_SCHEMA + ", or start that version.");
      }
    }
    return Finding.ok(
        CHECK,
        schema
            + " has tables that this version uses; the start adds what they lack"
            + migrations.stream().map(Migration::script).collect(joining(", ", " (", ")")));
  }

  /** Returns Flyway's checksum of a migration of this version; empty if it has none of the name. */
  private static OptionalInt checksum(String script) {
    CRC32 checksum = new CRC32();
    try (InputStream file = SchemaChecks.class.getResourceAsStream("/db/migration/" + script)) {
      if (file == null) {
        return OptionalInt.empty();
      }
      // Flyway leaves out the ends of the lines.
      new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))
          .lines()
          .forEach(line -> checksum.update(line.getBytes(StandardCharsets.UTF_8)));
      return OptionalInt.of((int) checksum.getValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
