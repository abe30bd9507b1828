package dev.rowmill.testing;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.function.IntFunction;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Wraps a pool and loses acknowledgements of commits: before the server receives the commit, or
 * after it has executed it. Not thread-safe.
 */
public final class LosingPool implements DataSource {

  /** Defines how a commit ends. */
  public enum Commit {
    ANSWERED,
    LOST_BEFORE,
    LOST_AFTER
  }

  private final DataSource real;
  private final IntFunction<Commit> fate;
  private int commits;

  /**
   * Wraps a pool.
   *
   * @param fate returns how a commit ends, by the number of the commit, from 1
   */
  public LosingPool(DataSource real, IntFunction<Commit> fate) {
    this.real = real;
    this.fate = fate;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = real.getConnection();
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          switch (method.getName()) {
            case "commit" -> {
              losing(connection::commit);
              return null;
            }
            case "createStatement" -> {
              return losing((Statement) call(connection, method, arguments));
            }
            default -> {
              return call(connection, method, arguments);
            }
          }
        });
  }

  /** Intercepts a COMMIT that is executed as a statement. */
  private Statement losing(Statement statement) {
    return proxy(
        Statement.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("execute") && "COMMIT".equals(arguments[0])) {
            losing(() -> statement.execute("COMMIT"));
            return false;
          }
          return call(statement, method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private interface Committing {
    void commit() throws SQLException;
  }

  private void losing(Committing work) throws SQLException {
    Commit now = fate.apply(++commits);
    if (now == Commit.LOST_BEFORE) {
      throw new SQLException("the connection broke before the commit", "08S01", 0);
    }
    work.commit();
    if (now == Commit.LOST_AFTER) {
      throw new SQLException("the connection broke after the commit", "08S01", 0);
    }
  }

  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return real.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    real.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    real.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return real.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return real.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return real.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return real.isWrapperFor(type);
  }
}
