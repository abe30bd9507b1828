package dev.rowmill.database;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.mysql.cj.exceptions.MysqlErrorNumbers;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ServerErrorTest {

  /** Holds the errors that MySQL 9 does not send to clients, or by no symbol of its own. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "HA_ERR_AUTOINC_ERANGE",
          "ER_DISK_FULL",
          "ER_NORMAL_SHUTDOWN",
          "ER_CONNECTION_KILLED",
          "ER_STATEMENT_TIMEOUT",
          "CR_CONNECTION_ERROR",
          "CR_CONN_HOST_ERROR",
          "CR_SERVER_GONE_ERROR",
          "CR_SERVER_LOST",
          "ER_CONSTRAINT_FAILED",
          "ER_PROXYSQL_MAX_CONN_TIMEOUT");

  @Test
  void symbols_and_numbers_are_those_of_mysql() throws IllegalAccessException {
    Map<String, Integer> numbers = new TreeMap<>();
    for (Field field : MysqlErrorNumbers.class.getFields()) {
      if (field.getType() == int.class) {
        numbers.put(field.getName(), field.getInt(null));
      }
    }
    Map<String, Integer> expected = new TreeMap<>();
    Map<String, Integer> actual = new TreeMap<>();
    for (ServerError error : ServerError.values()) {
      if (!OF_OTHERS.contains(error.name())) {
        expected.put(error.name(), numbers.get(error.name()));
        actual.put(error.name(), error.number());
      }
    }
    assertEquals(expected, actual);
    assertEquals(
        OF_OTHERS,
        Stream.of(ServerError.values())
            .map(Enum::name)
            .filter(name -> !numbers.containsKey(name))
            .collect(toSet()));
  }
}
