package dev.rowmill.httptask;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the table of chunks that are offered to workers. The node that offers a chunk
 * keeps its row; rows that are no longer kept are neither leased nor completed. Thread-safe, and
 * safe for several nodes. Throws a runtime exception with the SQL error among its causes when the
 * database can't be reached.
 */
@ApplicationScoped
class OfferTable {

  /** Limits the offers of other projects that are passed over at a time. */
  private static final int AT_ONCE = 20;

  /** Represents an offer as its node sees it. */
  record Offer(long id, boolean leased, boolean done) {}

  /** Represents the answer to an offer; null to leave all rows as they are. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(byte @Nullable [] json) {}

  /** Represents the batch whose chunk is leased. */
  record Subject(String project, long batch) {}

  /**
   * Represents a leased chunk.
   *
   * @param body the request, with the number of its first attempt
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Leased(Subject subject, int attempt, byte[] body) {}

  private record Candidate(long id, Subject subject, int attempt) {}

  private record Holding(long id, Subject subject, int done, boolean valid) {}

  private final ControlTransactions transactions;

  OfferTable(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Adds an offer, and returns its id. */
  long add(CallChannel.Request request, String node, Instant keptUntil) {
    return transactions.sql(
        connection ->
            Rows.insert(
                connection,
                "INSERT INTO task_offer (task, project, batch, node, attempt, body, kept_until)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                request.task().name(),
                request.project(),
                request.batch(),
                node,
                request.attempt() - 1,
                request.body(),
                keptUntil));
  }

  /** Keeps the offers of a node for longer. */
  void keep(String node, Instant keptUntil) {
    transactions.sql(
        connection ->
            Rows.update(
                connection,
                "UPDATE task_offer SET kept_until = ? WHERE node = ?",
                keptUntil,
                node));
  }

  /** Deletes the offers that no node keeps, and the leases that can no longer be repeated. */
  void purge(Instant now) {
    transactions.sql(
        connection -> Rows.update(connection, "DELETE FROM task_offer WHERE kept_until <= ?", now));
  }

  /** Returns the offers of a node whose answers it has not taken. */
  List<Offer> of(String node, Instant now) {
    return transactions.read(
        connection ->
            Rows.query(
                connection,
                "SELECT id, done, lease IS NOT NULL AND leased_until > ? FROM task_offer"
                    + " WHERE node = ?",
                row -> new Offer(row.getLong(1), row.getBoolean(3), row.getBoolean(2)),
                now,
                node));
  }

  /**
   * Takes the answer to an offer. Its lease is known for some time, without data, so that a worker
   * may repeat its completion.
   *
   * @return empty if another node has deleted the offer
   */
  Optional<Answer> take(long id, Instant knownUntil) {
    return transactions.sql(
        connection -> {
          Optional<Answer> answer =
              Rows.first(
                  connection,
                  "SELECT answer FROM task_offer WHERE id = ? AND done = 1 FOR UPDATE",
                  row -> new Answer(row.getBytes(1)),
                  id);
          Rows.update(
              connection,
              "UPDATE task_offer SET done = 2, node = '', body = '', answer = NULL, kept_until = ?"
                  + " WHERE id = ? AND done = 1",
              knownUntil,
              id);
          return answer;
        });
  }

  void delete(Collection<Long> ids) {
    if (!ids.isEmpty()) {
      transactions.sql(
          connection ->
              Rows.update(
                  connection, "DELETE FROM task_offer WHERE id IN " + Rows.list(ids.size()), ids));
    }
  }

  /**
   * Leases the oldest offer of a task that nobody has leased.
   *
   * @param projects projects whose chunks the worker may see
   * @param lease new name of the lease
   */
  Optional<Leased> lease(
      String task, Predicate<String> projects, String lease, Instant now, Duration time) {
    return transactions.sql(
        connection -> {
          long after = 0;
          // What is read is locked, and passed over by other workers.
          int most = 1;
          while (true) {
            List<Candidate> some =
                Rows.query(
                    connection,
                    "SELECT id, project, batch, attempt FROM task_offer WHERE task = ? AND done = 0"
                        + " AND id > ? AND (lease IS NULL OR leased_until <= ?)"
                        + " AND kept_until > ? ORDER BY id LIMIT "
                        + most
                        + " FOR UPDATE SKIP LOCKED",
                    row ->
                        new Candidate(
                            row.getLong(1),
                            new Subject(String.valueOf(row.getString(2)), row.getLong(3)),
                            row.getInt(4)),
                    task,
                    after,
                    now,
                    now);
            for (Candidate each : some) {
              if (projects.test(each.subject().project())) {
                Rows.update(
                    connection,
                    "UPDATE task_offer SET lease = ?, leased_until = ?, attempt = attempt + 1"
                        + " WHERE id = ?",
                    lease,
                    now.plus(time),
                    each.id());
                return Rows.first(
                    connection,
                    "SELECT body FROM task_offer WHERE id = ?",
                    row ->
                        new Leased(
                            each.subject(),
                            each.attempt() + 1,
                            Objects.requireNonNull(row.getBytes(1))),
                    each.id());
              }
            }
            if (some.size() < most) {
              return Optional.<Leased>empty();
            }
            after = some.get(some.size() - 1).id();
            most = AT_ONCE;
          }
        });
  }

  /**
   * Completes a lease, once or again.
   *
   * @param projects projects whose chunks the worker may see
   * @return empty if it has expired
   */
  Optional<Subject> complete(
      String task,
      Predicate<String> projects,
      String lease,
      byte @Nullable [] answer,
      Instant now) {
    return transactions.sql(
        connection -> {
          Optional<Holding> found =
              find(connection, task, projects, lease, now)
                  .filter(each -> each.done() > 0 || each.valid());
          if (found.isPresent() && found.get().done() == 0) {
            Rows.update(
                connection,
                "UPDATE task_offer SET done = 1, answer = ? WHERE id = ?",
                answer,
                found.get().id());
          }
          return found.map(Holding::subject);
        });
  }

  /**
   * Extends a lease; false if it has expired.
   *
   * @param projects projects whose chunks the worker may see
   */
  boolean extend(
      String task, Predicate<String> projects, String lease, Instant now, Instant until) {
    return transactions.sql(
        connection -> {
          Optional<Holding> found =
              find(connection, task, projects, lease, now)
                  .filter(each -> each.done() == 0 && each.valid());
          if (found.isPresent()) {
            Rows.update(
                connection,
                "UPDATE task_offer SET leased_until = ? WHERE id = ?",
                until,
                found.get().id());
          }
          return found.isPresent();
        });
  }

  /** Finds and locks the offer that has a lease. */
  private static Optional<Holding> find(
      Connection connection, String task, Predicate<String> projects, String lease, Instant now)
      throws SQLException {
    return Rows.first(
            connection,
            "SELECT id, project, batch, done, leased_until > ? AND kept_until > ?"
                + " FROM task_offer WHERE lease = ? AND task = ? FOR UPDATE",
            row ->
                new Holding(
                    row.getLong(1),
                    new Subject(String.valueOf(row.getString(2)), row.getLong(3)),
                    row.getInt(4),
                    row.getBoolean(5)),
            now,
            now,
            lease,
            task)
        .filter(each -> projects.test(each.subject().project()));
  }
}
