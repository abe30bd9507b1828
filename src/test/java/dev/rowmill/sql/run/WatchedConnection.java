package dev.rowmill.sql.run;

import com.mysql.cj.jdbc.JdbcConnection;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;

/** Runs an action before each change that a real connection sends by a prepared statement. */
final class WatchedConnection {

  private WatchedConnection() {}

  static Connection of(Connection real, Runnable action) {
    return watched(Connection.class, real, action);
  }

  private static <T> T watched(Class<T> type, T real, Runnable action) {
    return type.cast(
        Proxy.newProxyInstance(
            WatchedConnection.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals("executeLargeUpdate")) {
                action.run();
              }
              Object result;
              try {
                result = method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              return switch (method.getName()) {
                case "prepareStatement", "clientPrepareStatement" ->
                    watched(PreparedStatement.class, (PreparedStatement) result, action);
                case "unwrap" ->
                    result instanceof JdbcConnection unwrapped
                        ? watched(JdbcConnection.class, unwrapped, action)
                        : result;
                default -> result;
              };
            }));
  }
}
