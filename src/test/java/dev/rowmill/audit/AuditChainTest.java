package dev.rowmill.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.audit.AuditVerifier.Broken;
import dev.rowmill.audit.AuditVerifier.Reason;
import dev.rowmill.audit.AuditVerifier.Verdict;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.LosingPool;
import dev.rowmill.testing.LosingPool.Commit;
import dev.rowmill.testing.Sql;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AuditChainTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.007Z");

  private static final List<AuditEntry> ENTRIES =
      List.of(
          entry("first", null),
          entry("", "UPDATE shop.item SET name = '\u0000 \\ '' %  '"),
          entry("张三 \uD83D\uDE00", "DELETE FROM shop.item  "),
          new AuditEntry(
              NOON, null, null, null, "bare", null, null, null, null, null, null, null, null),
          entry("half \uD83D of a pair", "x".repeat(3000)),
          entry("last", "UPDATE t SET a = 1"));

  @Inject AuditLog audit;
  @Inject AuditVerifier verifier;
  @Inject AuditHistory history;
  @Inject AgroalDataSource database;

  private long first;
  private long last;

  private static AuditEntry entry(String actor, String statement) {
    return new AuditEntry(
        NOON,
        actor,
        "admin",
        "::1",
        "startBatch",
        "POST /api/v1/x",
        "p",
        42L,
        statement,
        "ab",
        "{\"lanes\":1}",
        202,
        null);
  }

  /** Writes a few rows, and copies the audit, because the tests manipulate only the copy. */
  @BeforeEach
  void aFewRows() throws SQLException {
    awaitQuiet();
    first = head() + 1;
    ENTRIES.forEach(audit::write);
    last = head();
    assertEquals(first + ENTRIES.size() - 1, last);
    Sql.execute(database, "DROP TABLE IF EXISTS audit_copy, audit_head_copy");
    Sql.execute(database, "CREATE TABLE audit_copy AS SELECT * FROM audit");
    Sql.execute(database, "CREATE TABLE audit_head_copy AS SELECT * FROM audit_head");
  }

  @AfterEach
  void asItWas() throws SQLException {
    Sql.execute(database, "DELETE FROM audit");
    Sql.execute(database, "INSERT INTO audit SELECT * FROM audit_copy");
    Sql.execute(database, "REPLACE INTO audit_head SELECT * FROM audit_head_copy");
    Sql.execute(database, "DROP TABLE audit_copy, audit_head_copy");
    assertNull(verifier.verify().broken());
  }

  @Test
  void written_lines_are_read_back_and_valid() {
    Verdict verdict = verifier.verify();
    assertEquals(new Verdict(last, last, verdict.hash(), null), verdict);
    List<AuditRow> rows = history.list(new AuditFilter("p", null, null, null), null, 5).items();
    assertEquals(ENTRIES.get(5), rows.get(0).entry());
    assertEquals("half \uFFFD of a pair", rows.get(1).entry().actor());
    assertEquals("x".repeat(2000), rows.get(1).entry().statement());
    assertEquals(ENTRIES.get(2), rows.get(2).entry());
    assertEquals(ENTRIES.get(1), rows.get(3).entry());
    assertEquals(rows.get(1).hash(), rows.get(0).previousHash());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          happened_at | '2026-01-01 12:00:00.008'
          actor | 'First'
          actor | NULL
          actor | 'first '
          actor_role | 'viewer'
          address | '::2'
          operation | 'cancelBatch'
          request | NULL
          project | 'q'
          batch | 43
          batch | NULL
          statement_text | ''
          statement_sha256 | NULL
          detail | '{}'
          http_status | 409
          problem | 'project-busy'
          problem | ''
          previous_hash | REPEAT('1', 64)
          hash | REPEAT('1', 64)
          """)
  void a_changed_column_is_reported_with_its_row(String column, String value) throws SQLException {
    Sql.execute(database, "UPDATE audit SET " + column + " = " + value + " WHERE id = " + first);
    assertBroken(first, Reason.CHANGED);
  }

  @Test
  void every_column_is_hashed() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        var columns = statement.executeQuery("SELECT * FROM audit LIMIT 0")) {
      assertEquals(
          AuditRow.class.getRecordComponents().length
              - 1
              + AuditEntry.class.getRecordComponents().length,
          columns.getMetaData().getColumnCount());
    }
  }

  @Test
  void a_value_moved_to_the_next_column_is_detected() throws SQLException {
    Sql.execute(
        database, "UPDATE audit SET actor = 'firs', actor_role = 'tadmin' WHERE id = " + first);
    assertBroken(first, Reason.CHANGED);
  }

  @Test
  void missing_rows_are_reported() throws SQLException {
    Sql.execute(database, "DELETE FROM audit WHERE id = " + (first + 2));
    assertBroken(first + 2, Reason.MISSING);
    Sql.execute(database, "DELETE FROM audit WHERE id > " + first);
    assertBroken(first + 1, Reason.MISSING);
    Sql.execute(database, "DELETE FROM audit WHERE id = 1");
    assertBroken(1, Reason.MISSING);
    Sql.execute(database, "DELETE FROM audit");
    assertBroken(1, Reason.MISSING);
  }

  @Test
  void missing_last_rows_are_detected_by_the_head() throws SQLException {
    Sql.execute(database, "DELETE FROM audit WHERE id = " + last);
    assertBroken(last, Reason.MISSING);
  }

  @Test
  void a_truncated_chain_is_detected_by_an_older_head() throws SQLException {
    Verdict before = verifier.verify();
    Sql.execute(database, "DELETE FROM audit WHERE id = " + last);
    Sql.execute(
        database,
        "UPDATE audit_head SET id = id - 1, hash = (SELECT hash FROM audit WHERE id = "
            + (last - 1)
            + ")");
    Verdict after = verifier.verify();
    assertNull(after.broken());
    assertTrue(after.id() < before.id());
  }

  @Test
  void a_changed_row_with_a_correct_hash_is_detected_by_the_next_row() throws SQLException {
    for (long changed : List.of(first + 2, last)) {
      AuditRow old = row(changed);
      var forged = AuditRow.after(changed - 1, old.previousHash(), entry("someone else", null));
      Sql.execute(
          database,
          "UPDATE audit SET actor = 'someone else', statement_text = NULL, hash = '"
              + forged.hash()
              + "' WHERE id = "
              + changed);
      if (changed == first + 2) {
        assertEquals(forged, row(changed));
      }
      assertBroken(first + 2, Reason.CHANGED);
    }
    Sql.execute(database, "REPLACE INTO audit SELECT * FROM audit_copy WHERE id = " + (first + 2));
    assertBroken(last, Reason.CHANGED);
  }

  @Test
  void an_inserted_row_is_reported() throws SQLException {
    long place = first + 2;
    Sql.execute(
        database, "UPDATE audit SET id = id + 1 WHERE id >= " + place + " ORDER BY id DESC");
    copy("audit_copy WHERE id = " + (place - 1), place);
    // With a correct hash, as a forger would compute it.
    AuditRow before = row(place - 1);
    AuditRow forged = AuditRow.after(before.id(), before.hash(), before.entry());
    Sql.execute(
        database,
        "UPDATE audit SET previous_hash = '"
            + forged.previousHash()
            + "', hash = '"
            + forged.hash()
            + "' WHERE id = "
            + place);
    assertBroken(place, Reason.INSERTED);
  }

  @Test
  void a_row_after_the_head_is_reported() throws SQLException {
    copy("audit_copy WHERE id = " + last, last + 1);
    assertBroken(last + 1, Reason.INSERTED);
  }

  @Test
  void swapped_rows_are_reported() throws SQLException {
    Sql.execute(database, "UPDATE audit SET id = -1 WHERE id = " + (first + 1));
    Sql.execute(database, "UPDATE audit SET id = " + (first + 1) + " WHERE id = " + (first + 4));
    Sql.execute(database, "UPDATE audit SET id = " + (first + 4) + " WHERE id = -1");
    assertBroken(first + 1, Reason.REORDERED);
  }

  @Test
  void a_missing_head_is_detected() throws SQLException {
    Sql.execute(database, "UPDATE audit_head SET hash = REPEAT('2', 64)");
    assertBroken(last, Reason.CHANGED);
    Sql.execute(database, "DELETE FROM audit_head");
    assertBroken(1, Reason.MISSING);
  }

  @Test
  void a_commit_with_a_lost_response_is_not_repeated() {
    for (Commit fate : Commit.values()) {
      long before = head();
      var losing = new LosingPool(database, commit -> commit <= 7 ? fate : Commit.ANSWERED);
      var chain = new AuditChain(new ControlTransactions(losing));
      List<AuditEntry> entries = List.of(entry("lost", fate.name()), entry("lost", fate.name()));
      // Like the log, repeat the same write until it succeeds.
      for (int attempt = 0; attempt < 3; attempt++) {
        try {
          chain.append(entries);
          break;
        } catch (IllegalStateException e) {
          assertEquals("a control transaction failed", e.getMessage());
        }
      }
      assertEquals(before + 2, head(), fate.name());
      assertNull(verifier.verify().broken());
    }
  }

  @Test
  void a_chain_continues_where_another_node_has_moved_its_head() {
    var transactions = new ControlTransactions(database);
    var own = new AuditChain(transactions);
    var others = new AuditChain(transactions);
    for (String actor : List.of("first", "second")) {
      append(transactions, own, "own " + actor);
      append(transactions, others, "others " + actor);
    }
    // An entry without a caller's transaction moves it as well.
    others.append(List.of(entry("others third", "c")));
    append(transactions, own, "own third");
    assertEquals(last + 11, head());
    assertEquals(new Verdict(head(), head(), verifier.verify().hash(), null), verifier.verify());
  }

  @Test
  void a_chain_continues_after_a_transaction_that_was_rolled_back() {
    var transactions = new ControlTransactions(database);
    var chain = new AuditChain(transactions);
    append(transactions, chain, "before");
    assertThrows(
        IllegalStateException.class,
        () ->
            transactions.sql(
                connection -> {
                  chain.append(connection, List.of(entry("rolled back", "a")));
                  throw new SQLException("the start failed", "HY000");
                }));
    append(transactions, chain, "after");
    assertEquals(last + 4, head());
    assertNull(verifier.verify().broken());
    assertEquals(
        0, history.list(new AuditFilter(null, null, "rolled back", null), null, 5).items().size());
  }

  /** Appends two entries in a transaction, as a group of starts does. */
  private static void append(ControlTransactions transactions, AuditChain chain, String actor) {
    transactions.sql(
        connection -> {
          chain.append(connection, List.of(entry(actor, "a"), entry(actor, "b")));
          return true;
        });
  }

  @Test
  void many_threads_write_one_chain_while_it_is_verified() throws Exception {
    int threads = 16;
    int each = 40;
    ExecutorService pool = Executors.newFixedThreadPool(threads + 1);
    try {
      var done = new AtomicBoolean();
      Future<Integer> walks =
          pool.submit(
              () -> {
                int count = 0;
                while (!done.get()) {
                  Verdict verdict = verifier.verify();
                  assertNull(verdict.broken(), verdict::toString);
                  count++;
                }
                return count;
              });
      List<Future<?>> writers = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        String actor = "thread " + thread;
        writers.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    audit.write(entry(actor, "UPDATE t SET a = " + i));
                  }
                }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      done.set(true);
      assertTrue(walks.get() > 0);
      Verdict verdict = verifier.verify();
      assertEquals(last + threads * each, verdict.id(), verdict::toString);
      assertNull(verdict.broken());
      var of3 = history.list(new AuditFilter(null, null, "thread 3", null), null, 500).items();
      assertEquals(each, of3.size());
      assertEquals("UPDATE t SET a = 39", of3.get(0).entry().statement());
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void each_page_begins_after_the_previous_one() {
    var filter = new AuditFilter("p", 42L, null, "startBatch");
    var page = history.list(filter, null, 2);
    assertEquals(List.of(last, last - 1), page.items().stream().map(AuditRow::id).toList());
    // A line without a project is between them.
    assertEquals(
        List.of(last - 3, last - 4),
        history.list(filter, page.next(), 2).items().stream().map(AuditRow::id).toList());
  }

  private void assertBroken(long id, Reason reason) {
    Verdict verdict = verifier.verify();
    assertEquals(new Broken(id, reason), verdict.broken());
    assertEquals(id - 1, verdict.rows());
  }

  private AuditRow row(long id) {
    return history.list(new AuditFilter(null, null, null, null), id + 1, 1).items().get(0);
  }

  private void copy(String from, long to) throws SQLException {
    Sql.execute(database, "DROP TABLE IF EXISTS audit_one");
    Sql.execute(database, "CREATE TABLE audit_one AS SELECT * FROM " + from);
    Sql.execute(database, "UPDATE audit_one SET id = " + to);
    Sql.execute(database, "INSERT INTO audit SELECT * FROM audit_one");
    Sql.execute(database, "DROP TABLE audit_one");
  }

  private long head() {
    return verifier.verify().id();
  }

  /** Batches of other tests may just have ended. */
  private void awaitQuiet() {
    Awaitility.await()
        .during(java.time.Duration.ofMillis(50))
        .until(
            () -> {
              long before = head();
              Thread.sleep(20);
              return before == head();
            });
  }
}
