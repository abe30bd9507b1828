package dev.rowmill.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.chaos.Caller.Answer;
import dev.rowmill.chaos.Caller.GivenUpException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs one project: starts its batches one after the other, pauses, cancels and undoes some, and
 * checks each row after each batch. Not thread-safe.
 */
final class Project {

  /** Configures pauses of four times the duration of a chunk. */
  private static final double NICE = 4;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PAUSED = "paused";
  private static final Set<String> FINAL = Set.of("succeeded", "failed", "cancelled");

  private final String name;
  private final ProjectRows rows;
  private final Caller caller;
  private final Site site;
  private final Journal journal;
  private final Tally tally;
  private final long seed;

  private ProjectRows.State state;

  /** Indicates that a request without a response may still take effect. */
  private boolean unanswered;

  private boolean lost;

  /** Holds the last batch and the rows before it, if it can be undone. */
  private @Nullable Undoable undoable;

  private record Undoable(long batch, ProjectRows.State before) {}

  Project(
      String name,
      ProjectRows rows,
      Caller caller,
      Site site,
      Journal journal,
      Tally tally,
      long seed) {
    this.name = name;
    this.rows = rows;
    this.caller = caller;
    this.site = site;
    this.journal = journal;
    this.tally = tally;
    this.seed = seed;
    state = rows.initial();
  }

  /**
   * Runs one batch from its start to its end. Does nothing after an earlier batch was given up,
   * because the expected rows are unknown then.
   *
   * @param deadline time at which it must have ended
   */
  void run(BatchPlan plan, long deadline) throws InterruptedException {
    if (lost) {
      return;
    }
    try {
      Undoable undo = plan.undoes() ? undoable : null;
      undoable = null;
      unanswered = false;
      long batch = start(plan, undo, deadline);
      List<LocalDateTime> cuts = control(plan, undo != null, batch, deadline);
      JsonNode ended = awaitEnd(batch, deadline);
      judge(plan, undo, batch, ended, cuts);
    } catch (GivenUpException e) {
      lost = true;
      journal.violation(e.getMessage());
    } catch (SQLException e) {
      lost = true;
      journal.violation("the rows of " + name + " could not be checked: " + e);
    }
  }

  /** Checks that the rows are unchanged since the last batch. */
  void checkAgain() throws SQLException {
    if (lost) {
      return;
    }
    try (Connection connection = site.connect()) {
      List<String> errors = rows.compare(connection, state, state, false, List.of()).bad();
      if (!errors.isEmpty()) {
        journal.violation(name + " changed after its last batch: " + errors);
      }
      tally.rowsChecked(state.count().length - 1);
    }
  }

  private long start(BatchPlan plan, @Nullable Undoable undo, long deadline)
      throws InterruptedException, GivenUpException {
    ObjectNode body = JSON.createObjectNode();
    body.put("mode", plan.serial() ? "serial" : "parallel");
    body.putObject("chunk").put("rows", plan.chunkRows());
    if (plan.lanes() == 1 || undo != null) {
      body.putObject("limits").put("rowsPerSecond", plan.rowsPerSecond());
    } else {
      // Lanes of a batch with a rate limit remain on one node.
      body.putObject("limits").put("nice", NICE);
    }
    String path;
    if (undo != null) {
      path = "/batches/" + undo.batch + "/undo";
    } else {
      path = "/projects/" + name + "/batches";
      body.put("sql", rows.sql()).put("undo", plan.keep());
      if (plan.lanes() > 0) {
        body.put("lanes", plan.lanes());
      }
      body.putObject("parameters").put("add", plan.add()).put("but", plan.but());
    }
    String key = "chaos-" + seed + "-" + plan.number();
    Answer response = caller.post(path, body, key, deadline);
    if (!response.isGood()) {
      throw new GivenUpException("the start of " + plan + " was rejected: " + response.reply());
    }
    long batch = response.body().path("id").asLong();
    journal.note(
        batch,
        "started for "
            + name
            + (undo == null ? "" : " to undo batch " + undo.batch)
            + (response.again() ? ", not by the first request" : "")
            + " as "
            + plan);
    if (plan.twice()) {
      Answer second = caller.post(path, body, key, deadline);
      if (!second.isGood() || second.body().path("id").asLong() != batch) {
        journal.violation(
            batch, "was started again with its key, with the response " + second.reply());
      }
    }
    tally.started(batch);
    return batch;
  }

  /** Pauses and cancels the batch as planned; returns the times at which it was paused. */
  private List<LocalDateTime> control(BatchPlan plan, boolean undo, long batch, long deadline)
      throws InterruptedException, GivenUpException {
    List<LocalDateTime> cuts = new ArrayList<>();
    for (int pause : plan.pauses()) {
      Thread.sleep(pause);
      if (ask(batch, "pause", deadline)) {
        String status = awaitStatus(batch, PAUSED, deadline);
        if (status.equals(PAUSED)) {
          cuts.add(now(deadline));
          Thread.sleep(pause / 2);
          ask(batch, "resume", deadline);
        }
      }
    }
    // A partial undo can't be verified by the rows.
    if (plan.cancel() >= 0 && !undo) {
      Thread.sleep(plan.cancel());
      if (ask(batch, "cancel", deadline)) {
        tally.cancelAsked(batch);
      }
    }
    return cuts;
  }

  /** Returns whether the request was accepted; it is rejected when the batch has ended. */
  private boolean ask(long batch, String what, long deadline)
      throws InterruptedException, GivenUpException {
    Answer response = caller.post("/batches/" + batch + "/" + what, null, null, deadline);
    journal.note(batch, what + " got the response " + response.reply().status());
    // A frozen node may process a request later, when nobody waits for the response.
    unanswered |= response.again();
    if (response.isGood()) {
      return true;
    }
    boolean doneBefore = unanswered && response.reply().status() == 409;
    boolean ended =
        response.reply().problem().equals("batch-ended")
            || FINAL.contains(response.body().path("from").asText());
    if (!ended && !doneBefore) {
      journal.violation(batch, what + " was rejected: " + response.reply());
    }
    return doneBefore;
  }

  private String awaitStatus(long batch, String wanted, long deadline)
      throws InterruptedException, GivenUpException {
    while (true) {
      String status = batch(batch, wanted.equals(PAUSED) ? 0 : 2, deadline).path("status").asText();
      if (status.equals(wanted) || FINAL.contains(status)) {
        return status;
      }
      if (unanswered && status.equals(PAUSED)) {
        journal.note(batch, "was paused by a request without a response");
        caller.post("/batches/" + batch + "/resume", null, null, deadline);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new GivenUpException("batch " + batch + " is never " + wanted + ", but " + status);
      }
      Thread.sleep(100);
    }
  }

  private JsonNode awaitEnd(long batch, long deadline)
      throws InterruptedException, GivenUpException {
    awaitStatus(batch, "succeeded", deadline);
    return batch(batch, 0, deadline);
  }

  private JsonNode batch(long batch, int waitSeconds, long deadline)
      throws InterruptedException, GivenUpException {
    Answer response =
        caller.get(
            "/batches/" + batch + (waitSeconds == 0 ? "" : "?wait=" + waitSeconds), deadline);
    if (!response.isGood()) {
      throw new GivenUpException("batch " + batch + " can't be read: " + response.reply());
    }
    return response.body();
  }

  /** Returns the time of the database's clock; retries until it responds. */
  private LocalDateTime now(long deadline) throws InterruptedException, GivenUpException {
    while (System.nanoTime() - deadline < 0) {
      try {
        return LocalDateTime.parse(
            site.texts("SELECT DATE_FORMAT(NOW(6), '%Y-%m-%dT%H:%i:%s.%f')").get(0));
      } catch (SQLException e) {
        Thread.sleep(100);
      }
    }
    throw new GivenUpException("the database's time can't be read");
  }

  private void judge(
      BatchPlan plan, @Nullable Undoable undo, long batch, JsonNode ended, List<LocalDateTime> cuts)
      throws InterruptedException, SQLException {
    String status = ended.path("status").asText();
    JsonNode progress = ended.path("progress");
    journal.note(batch, status + " with " + progress);
    tally.ended(status, undo != null, progress.path("retries").asLong());
    if (status.equals("failed")) {
      journal.violation(batch, "has failed: " + ended.path("error"));
    }
    boolean cancelled = status.equals("cancelled");
    if (cancelled && !tally.isCancelAsked(batch)) {
      journal.violation(batch, "was cancelled without a request");
    }
    ProjectRows.State before = state;
    ProjectRows.State after =
        undo == null ? rows.after(before, plan.add(), plan.but()) : undo.before;
    ProjectRows.Found found = find(before, after, !status.equals("succeeded"), cuts);
    List<String> errors = new ArrayList<>(found.bad());
    long reported = progress.path("rowsChanged").asLong();
    if (found.changed() != reported) {
      errors.add(reported + " changed rows are reported, but " + found.changed() + " were");
    }
    if (!errors.isEmpty()) {
      journal.violation(batch, "left wrong rows: " + errors);
    }
    if (plan.serial() && undo == null) {
      found.intervals().forEach(interval -> tally.serial(batch, interval));
    }
    state = found.state();
    tally.rowsChecked(state.count().length - 1);
    undoable =
        undo == null && plan.keep() && found.changed() > 0 && !status.equals("failed")
            ? new Undoable(batch, before)
            : null;
  }

  /** Retries as often as a fault requires, because the database may be unavailable. */
  private ProjectRows.Found find(
      ProjectRows.State before, ProjectRows.State after, boolean partly, List<LocalDateTime> cuts)
      throws InterruptedException, SQLException {
    for (int tries = 0; ; tries++) {
      try (Connection connection = site.connect()) {
        return rows.compare(connection, before, after, partly, cuts);
      } catch (SQLException e) {
        if (tries >= 300) {
          throw e;
        }
        Thread.sleep(100);
      }
    }
  }
}
