package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds 1 to two columns of every row of a table and changes those that its shape names, as one
 * plain statement or as a batch, and counts these changes. Not thread-safe.
 */
final class WholeTableChange {

  static final String PLAIN = "plain statement";

  /** Represents an ended batch and its duration. */
  record Done(JsonNode batch, double seconds) {}

  private final BenchTable table;
  private final ServiceClient client;
  private int times;

  WholeTableChange(BenchTable table, ServiceClient client) {
    this.table = table;
    this.client = client;
  }

  /** Waits until the server has finished earlier work. */
  WholeTableChange afterTidying() throws SQLException, InterruptedException {
    Sql.awaitTidy(table.connection());
    return this;
  }

  /** Returns the seconds of one statement with its commit. */
  double plain() throws SQLException {
    long started = System.nanoTime();
    long changed = Sql.update(table.connection(), sql());
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(table.rows(), changed);
    times++;
    return seconds;
  }

  /** Returns the seconds of a program of one loop over chunks; see {@link JdbcLoop}. */
  double loop(Database database, int chunkRows, int lanes, boolean undo) throws Exception {
    long started = System.nanoTime();
    long changed = new JdbcLoop(database, table, chunkRows, lanes, undo).run(sql());
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(table.rows(), changed);
    times++;
    return seconds;
  }

  /**
   * Returns the seconds from the request to the response that the batch has ended.
   *
   * @param chunkRows rows of a chunk; 0 for the service's own choice
   * @param lanes number of lanes; 0 for the default
   */
  double batch(int chunkRows, int lanes) throws Exception {
    return run(shaped(ServiceClient.statement(sql()), chunkRows, lanes)).seconds();
  }

  /** Runs the same batch with undo data. */
  Done batchThatKeeps(int chunkRows, int lanes) throws Exception {
    return run(shaped(ServiceClient.statement(sql()).put("undo", true), chunkRows, lanes));
  }

  /** Undoes such a batch, with the same measurement. */
  Done undo(Done change, int chunkRows, int lanes) throws Exception {
    ObjectNode body = shaped(ServiceClient.JSON.createObjectNode(), chunkRows, lanes);
    long started = System.nanoTime();
    JsonNode undo = client.undo(change.batch(), body);
    Done done = done(undo, started);
    times--;
    return done;
  }

  private Done run(ObjectNode body) throws Exception {
    long started = System.nanoTime();
    JsonNode batch = client.run("bench", body);
    Done done = done(batch, started);
    times++;
    return done;
  }

  private Done done(JsonNode batch, long started) {
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(table.rows(), ServiceClient.rowsChanged(batch), batch::toString);
    return new Done(batch, seconds);
  }

  private static ObjectNode shaped(ObjectNode body, int chunkRows, int lanes) {
    if (chunkRows > 0) {
      body.putObject("chunk").put("rows", chunkRows);
    }
    if (lanes > 0) {
      body.put("lanes", lanes);
    }
    return body;
  }

  double rows() {
    return table.rows();
  }

  /** Fails unless every row has changed once for each change. */
  void assertExact() throws SQLException {
    table.assertPricesGrewBy(times);
  }

  /** Returns the number of pieces that these changes have added to the stock of all rows. */
  long piecesAdded() {
    return (long) table.rows() * times;
  }

  private String sql() {
    List<String> changes = new ArrayList<>(List.of("price = price + 1", "stock = stock + 1"));
    changes.addAll(table.shape().changes());
    return "UPDATE " + table.name() + " SET " + String.join(", ", changes);
  }
}
