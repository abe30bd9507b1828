package dev.rowmill.sql.run;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.conf.RuntimeProperty;
import com.mysql.cj.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Lets the driver read rows that are larger than the packets that the server accepts. A row of
 * several large values may be larger, and the server sends it.
 */
record AnyPacket(RuntimeProperty<Integer> largest, int before) implements AutoCloseable {

  static AnyPacket on(Connection connection) throws SQLException {
    RuntimeProperty<Integer> largest =
        connection
            .unwrap(JdbcConnection.class)
            .getPropertySet()
            .getMemorySizeProperty(PropertyKey.maxAllowedPacket);
    var any = new AnyPacket(largest, largest.getValue());
    largest.setValue(Integer.MAX_VALUE);
    return any;
  }

  @Override
  public void close() {
    largest.setValue(before);
  }
}
