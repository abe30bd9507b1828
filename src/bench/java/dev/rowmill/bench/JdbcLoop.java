package dev.rowmill.bench;

import io.airlift.compress.lz4.Lz4Compressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Changes a table with the key {@code id} in chunks, with the least that this takes: the ends of
 * the chunks are known, and nothing is counted, checked or recorded. Shows what chunks and undo
 * data cost on a server, whoever runs them.
 *
 * @param database server, without a schema
 * @param chunkRows rows of a chunk
 * @param lanes number of threads, each with a connection and an equal part of the table
 * @param undo whether to lock and read the rows before each chunk, and to store them compressed
 */
record JdbcLoop(Database database, BenchTable table, int chunkRows, int lanes, boolean undo) {

  private static final String IMAGES = Database.SCHEMA + ".jdbc_loop_images";

  /**
   * Runs all chunks.
   *
   * @param statement statement to whose condition the range of a chunk is added
   * @return number of rows changed
   */
  long run(String statement) throws Exception {
    Sql.execute(
        table.connection(),
        "CREATE TABLE IF NOT EXISTS "
            + IMAGES
            + " (id BIGINT AUTO_INCREMENT PRIMARY KEY, image LONGBLOB NOT NULL)");
    ExecutorService threads = Executors.newFixedThreadPool(lanes);
    try {
      List<Future<Long>> running = new ArrayList<>();
      for (int lane = 0; lane < lanes; lane++) {
        int after = (int) ((long) table.rows() * lane / lanes);
        int upTo = (int) ((long) table.rows() * (lane + 1) / lanes);
        running.add(threads.submit(() -> lane(statement, after, upTo)));
      }
      long changed = 0;
      for (Future<Long> each : running) {
        changed += each.get();
      }
      return changed;
    } finally {
      threads.shutdown();
    }
  }

  private long lane(String statement, int after, int upTo) throws SQLException, IOException {
    String range = " id > ? AND id <= ?";
    long changed = 0;
    String url = database.url("") + (database.url("").contains("?") ? "&" : "?");
    try (Connection connection =
            DriverManager.getConnection(
                url + "useServerPrepStmts=true", database.user(), database.password());
        PreparedStatement read =
            connection.prepareStatement(
                "SELECT GROUP_CONCAT(id), GROUP_CONCAT(price), GROUP_CONCAT(stock) FROM "
                    + table.name()
                    + " WHERE"
                    + range
                    + " FOR UPDATE");
        PreparedStatement change =
            connection.prepareStatement(
                statement + (statement.contains(" WHERE ") ? " AND" : " WHERE") + range);
        PreparedStatement store =
            connection.prepareStatement("INSERT INTO " + IMAGES + " (image) VALUES (?)")) {
      Sql.execute(connection, "SET group_concat_max_len = 16777216");
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      connection.setAutoCommit(false);
      for (int at = after; at < upTo; at += chunkRows) {
        int end = Math.min(upTo, at + chunkRows);
        byte[] image = undo ? image(read, at, end) : new byte[0];
        bind(change, at, end);
        changed += change.executeUpdate();
        if (undo) {
          store.setBytes(1, image);
          store.executeUpdate();
        }
        connection.commit();
      }
    }
    return changed;
  }

  private static byte[] image(PreparedStatement read, int after, int upTo)
      throws SQLException, IOException {
    bind(read, after, upTo);
    var plain = new ByteArrayOutputStream();
    try (ResultSet row = read.executeQuery()) {
      row.next();
      for (int column = 1; column <= 3; column++) {
        plain.write(row.getBytes(column));
      }
    }
    var compressor = new Lz4Compressor();
    byte[] stored = new byte[compressor.maxCompressedLength(plain.size())];
    int length =
        compressor.compress(plain.toByteArray(), 0, plain.size(), stored, 0, stored.length);
    return Arrays.copyOf(stored, length);
  }

  private static void bind(PreparedStatement statement, int after, int upTo) throws SQLException {
    statement.setInt(1, after);
    statement.setInt(2, upTo);
  }
}
