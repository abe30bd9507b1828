package dev.rowmill.sql.statement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.ServerError;
import dev.rowmill.task.Refusal;
import java.sql.SQLException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ServerErrorTranslatorTest {

  static SQLException[] transientErrors() {
    return Arrays.stream(ServerError.values())
        .filter(error -> error != ServerError.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)
        .map(ServerErrorTranslatorTest::error)
        .filter(error -> DatabaseFailure.of(error).filter(DatabaseFailure::isTransient).isPresent())
        .toArray(SQLException[]::new);
  }

  private static SQLException error(ServerError error) {
    return new SQLException(error.name(), "HY000", error.number());
  }

  @ParameterizedTest
  @MethodSource("transientErrors")
  void a_statement_is_not_rejected_for_an_error_that_may_pass(SQLException error) {
    assertSame(
        error, assertThrows(SQLException.class, () -> ServerErrorTranslator.refusal(error, "t")));
  }

  @ParameterizedTest
  @EnumSource(
      value = ServerError.class,
      names = {"ER_OUTOFMEMORY", "ER_OPTION_PREVENTS_STATEMENT"})
  void a_statement_is_not_rejected_for_the_condition_of_the_server(ServerError condition) {
    SQLException error = error(condition);
    assertSame(
        error, assertThrows(SQLException.class, () -> ServerErrorTranslator.refusal(error, "t")));
  }

  @Test
  void a_statement_that_writes_in_a_read_only_transaction_is_rejected() throws SQLException {
    Refusal refusal =
        ServerErrorTranslator.refusal(
            error(ServerError.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION), "t");
    assertEquals("server-refused", refusal.reasons().get(0).code());
  }
}
