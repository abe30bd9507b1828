package dev.rowmill.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.mysql.cj.jdbc.MysqlDataSource;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checks that the table for the undo tests has the expected contents, and that its state reveals a
 * change.
 */
@BesideOthers
class AllTypesTableTest {

  private static final int ROWS = 240;

  private static final TestServer SERVER = new TestServer();
  private static final MysqlDataSource DATABASE = new MysqlDataSource();

  @BeforeAll
  static void start() {
    SERVER.start();
    DATABASE.setURL(SERVER.url(""));
    DATABASE.setUser(SERVER.user());
    DATABASE.setPassword(SERVER.password());
  }

  @AfterAll
  static void stop() {
    SERVER.close();
  }

  @ParameterizedTest
  @EnumSource
  void a_table_of_every_key_is_changed_in_all_other_columns(AllTypesTable.Key key)
      throws SQLException {
    AllTypesTable table = AllTypesTable.create(DATABASE, key, ROWS);
    AllTypesTable.State before = table.state();
    assertEquals(ROWS, before.rows());
    assertEquals(before, table.state());
    table.execute(table.update());
    AllTypesTable.State after = table.state();
    assertNotEquals(before.checksum(), after.checksum());
    List<String> same = new ArrayList<>(table.columns());
    same.removeIf(column -> !before.columns().get(column).equals(after.columns().get(column)));
    same.removeIf(column -> !column.startsWith("c_") && !column.startsWith("g_"));
    assertEquals(List.of("c_untouched"), same);
  }

  @ParameterizedTest
  @EnumSource
  void a_copy_has_the_same_checksum(AllTypesTable.Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(DATABASE, key, ROWS);
    AllTypesTable copy = table.likeThis();
    table.execute("DELETE FROM " + table.name() + " WHERE NOT (" + table.strict() + ")");
    table.execute(table.copyTo(copy));
    assertNotEquals(0, copy.state().rows());
    assertEquals(table.state(), copy.state());
  }

  @Test
  void critical_values_are_included() throws SQLException {
    AllTypesTable table = AllTypesTable.create(DATABASE, AllTypesTable.Key.BIGINT, ROWS);
    String from = " FROM " + table.name() + " WHERE ";
    for (String condition :
        List.of(
            "CAST(c_double AS CHAR) = '-0'",
            "CAST(c_float AS CHAR) = '-0'",
            "c_double = 1e-300",
            "c_big_u = 18446744073709551615",
            "CAST(c_datetime AS CHAR) = '0000-00-00 00:00:00'",
            "CAST(c_date AS CHAR) = '2024-00-00'",
            "CAST(c_timestamp6 AS CHAR) LIKE '0000-00-00%'",
            "CAST(c_time6 AS CHAR) = '-12:34:56.789012'",
            "HEX(c_enum + 0) = '0'",
            "HEX(c_varchar) = '612020'",
            "HEX(c_sjis) = '955C8EA68365835C'",
            "HEX(c_cp932) = '879081E0'",
            "HEX(c_utf16) = 'D83DDE000041'",
            "LENGTH(c_blob) = 256",
            "LENGTH(c_binary) = 5",
            "c_json IS NOT NULL AND JSON_VALID(c_json)",
            "ST_SRID(c_point) = 4326",
            "c_hidden = 5",
            "g_stored = c_int * 2")) {
      assertNotEquals(0, table.number("SELECT COUNT(*)" + from + condition), condition);
    }
  }
}
