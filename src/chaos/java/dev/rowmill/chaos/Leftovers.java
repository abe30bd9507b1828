package dev.rowmill.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.chaos.Caller.Answer;
import dev.rowmill.chaos.Caller.GivenUpException;
import dev.rowmill.testing.Metrics;
import dev.rowmill.testing.RowmillApi;
import java.io.UncheckedIOException;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Checks that nothing is left behind when all work is done. Not thread-safe. */
final class Leftovers {

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Limits the connections of a node: those of both pools, twice, because closing takes time. */
  private static final int MOST_CONNECTIONS = 2 * (20 + 50);

  private final Site site;
  private final Caller caller;
  private final Journal journal;
  private final Tally tally;

  Leftovers(Site site, Caller caller, Journal journal, Tally tally) {
    this.site = site;
    this.caller = caller;
    this.journal = journal;
    this.tally = tally;
  }

  private interface Look {
    List<String> left() throws SQLException, GivenUpException, InterruptedException;
  }

  /** Checks the running, idle nodes. */
  void checkIdle() throws InterruptedException {
    nothing("in the database", this::inDatabase);
    nothing("in the nodes", this::inNodes);
    nothing("of the audit", this::audit);
  }

  /** Checks what the ended nodes have left. */
  void checkStopped() throws InterruptedException {
    nothing("of nodes that have ended", this::ofConnections);
  }

  /** Polls until nothing is left, or until the time limit. */
  private void nothing(String where, Look look) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<String> left = List.of();
    do {
      try {
        left = look.left();
      } catch (SQLException | GivenUpException | UncheckedIOException e) {
        left = List.of(e.toString());
      }
      if (left.isEmpty()) {
        return;
      }
      Thread.sleep(500);
    } while (System.nanoTime() - deadline < 0);
    left.forEach(what -> journal.violation("left " + where + ": " + what));
  }

  private List<String> inDatabase() throws SQLException {
    List<String> left = new ArrayList<>();
    for (String id :
        site.texts(
            "SELECT id FROM "
                + Site.SCHEMA
                + ".batch WHERE status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED')")) {
      left.add("batch " + id + ", which has not ended");
    }
    for (String id : site.texts("SELECT id FROM " + Site.SCHEMA + ".batch")) {
      if (!tally.started().contains(Long.valueOf(id))) {
        left.add("batch " + id + ", which was never reported");
      }
    }
    // The launch of the nodes' housekeeping remains.
    for (String launch :
        site.texts(
            "SELECT task_instance FROM " + Site.SCHEMA + ".launch WHERE task_name = 'batch'")) {
      left.add("the launch " + launch);
    }
    for (String batch : site.texts("SELECT batch FROM " + Site.SCHEMA + ".serial_queue")) {
      left.add("batch " + batch + " in the serial queue");
    }
    for (String transaction :
        site.texts(
            "SELECT CONCAT(trx_mysql_thread_id, ' since ', trx_started)"
                + " FROM information_schema.innodb_trx"
                + " WHERE trx_started < NOW() - INTERVAL 3 SECOND")) {
      left.add("the transaction of connection " + transaction);
    }
    return left;
  }

  private List<String> inNodes() throws SQLException {
    List<String> left = new ArrayList<>();
    for (Node node : site.nodes()) {
      URI address = node.address().orElse(null);
      if (address == null) {
        left.add(node.name() + " does not listen");
        continue;
      }
      var api = new RowmillApi(address);
      JsonNode pool = api.get("/pool").body();
      if (pool.path("active").asInt(-1) != 0
          || pool.path("queued").asInt(-1) != 0
          || !pool.path("serial").path("holder").isNull()) {
        left.add("the pool of " + node.name() + " is " + pool);
      }
      double lent = new Metrics(api.metrics()).value("agroal_active_count{datasource=\"data\"}");
      if (lent != 0) {
        left.add(node.name() + " has handed out " + lent + " data connections");
      }
      int connections = site.connections(node).size();
      if (connections > MOST_CONNECTIONS || connections != node.link().open()) {
        left.add(
            "the server has "
                + connections
                + " connections of "
                + node.name()
                + ", and its link "
                + node.link().open());
      }
    }
    return left;
  }

  private List<String> audit() throws GivenUpException, InterruptedException {
    Answer response = caller.get("/audit/verify", System.nanoTime() + PATIENCE.toNanos());
    boolean intact = response.isGood() && response.body().path("valid").asBoolean();
    return intact ? List.of() : List.of("an invalid audit: " + response.reply());
  }

  private List<String> ofConnections() throws SQLException {
    List<String> left = new ArrayList<>();
    for (String id : site.connections(null)) {
      left.add("connection " + id);
    }
    for (String lock :
        site.texts(
            "SELECT object_name FROM performance_schema.metadata_locks"
                + " WHERE object_type = 'USER LEVEL LOCK'")) {
      left.add("the named lock " + lock);
    }
    for (String transaction :
        site.texts("SELECT trx_mysql_thread_id FROM information_schema.innodb_trx")) {
      left.add("the transaction of connection " + transaction);
    }
    return left;
  }
}
