package dev.rowmill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs Percona Toolkit's program that deletes rows piece by piece, in Debian's package. Passes the
 * account in a file that only its owner can read, because everyone can see the command line.
 */
final class PtArchiver implements AutoCloseable {

  private static final Path PROGRAM = Path.of("/usr/bin/pt-archiver");

  private final Database database;
  private final Path account;

  PtArchiver(Database database) throws IOException {
    this.database = database;
    Path folder = Files.createDirectories(Path.of("target/bench").toAbsolutePath());
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    account = Files.createTempFile(folder, "account", ".cnf", ownerOnly);
    Files.writeString(
        account,
        """
        [client]
        user="%s"
        password="%s"
        """
            .formatted(quoted(database.user()), quoted(database.password())));
  }

  /**
   * Deletes the rows that meet a condition, with the options that its manual gives for that: only
   * the key's columns are read, and a transaction is as long as a piece.
   *
   * @param table with its schema
   * @param bulk one DELETE for the rows of a piece, rather than one for each row
   * @throws SkippedException where it isn't installed
   */
  void purge(String table, String condition, int limit, boolean bulk)
      throws SkippedException, IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("--purge", "--primary-key-only"));
    if (bulk) {
      options.add("--bulk-delete");
    }
    run(table, condition, limit, options);
  }

  /**
   * Moves the rows that meet a condition to another table, with one LOAD DATA LOCAL INFILE and one
   * DELETE for the rows of a piece. The server must allow local files.
   *
   * @param table with its schema
   * @param to table on the same server, with its schema
   * @throws SkippedException where it isn't installed
   */
  void archive(String table, String to, String condition, int limit)
      throws SkippedException, IOException, InterruptedException {
    run(
        table,
        condition,
        limit,
        List.of("--dest", place(to) + ",L=1", "--bulk-insert", "--bulk-delete"));
  }

  private void run(String table, String condition, int limit, List<String> options)
      throws SkippedException, IOException, InterruptedException {
    if (!Files.isExecutable(PROGRAM)) {
      throw new SkippedException(PROGRAM + " is missing; Debian's percona-toolkit contains it");
    }
    List<String> command = new ArrayList<>();
    command.add(PROGRAM.toString());
    command.addAll(List.of("--source", place(table), "--where", condition));
    command.addAll(options);
    command.addAll(List.of("--limit", Integer.toString(limit), "--commit-each"));
    // By default it spares the row with the highest key, and checks for newer versions online.
    command.addAll(List.of("--no-safe-auto-increment", "--no-version-check"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException("pt-archiver failed:\n" + output);
    }
  }

  private String place(String table) {
    String[] name = table.split("\\.");
    return "F=%s,h=%s,P=%d,D=%s,t=%s,A=utf8mb4"
        .formatted(account, host(), database.port(), name[0], name[1]);
  }

  /** Replaces localhost, which MySQL's clients connect by a socket, possibly of another server. */
  private String host() {
    return database.host().equals("localhost") ? "127.0.0.1" : database.host();
  }

  private static String quoted(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(account);
  }
}
