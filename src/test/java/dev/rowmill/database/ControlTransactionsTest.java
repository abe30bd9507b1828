package dev.rowmill.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ControlTransactionsTest {

  @Inject DataSource control;

  @Test
  void a_transaction_that_a_server_without_writes_rejects_is_repeated_once() {
    var transactions = new ControlTransactions(control);
    List<Integer> calls = new ArrayList<>();
    int result =
        transactions.sql(
            connection -> {
              calls.add(calls.size());
              if (calls.size() == 1) {
                throw readOnly();
              }
              return calls.size();
            });
    assertEquals(2, result);
    calls.clear();
    assertThrows(
        IllegalStateException.class,
        () ->
            transactions.sql(
                connection -> {
                  calls.add(calls.size());
                  throw readOnly();
                }));
    assertEquals(2, calls.size());
  }

  private static SQLException readOnly() {
    return new SQLException("read only", "HY000", ServerError.ER_READ_ONLY_MODE.number());
  }

  @Test
  void a_transaction_finds_no_lost_connection_twice() throws SQLException {
    var transactions = new ControlTransactions(control);
    Set<Connection> lost = new HashSet<>();
    // Nested transactions have a connection each. All of them are lost once they are unused.
    transactions.sql(
        first ->
            transactions.sql(
                second -> transactions.sql(third -> lost.addAll(List.of(first, second, third)))));
    for (Connection connection : lost) {
      Connections.abort(connection);
    }
    List<Boolean> known = new ArrayList<>();
    transactions.sql(
        connection -> {
          known.add(lost.contains(connection));
          return Rows.number(connection, "SELECT 1");
        });
    // None at all, if a quarter of a second has passed.
    assertTrue(Collections.frequency(known, true) <= 1, known::toString);
    assertEquals(1, Collections.frequency(known, false));
  }
}
