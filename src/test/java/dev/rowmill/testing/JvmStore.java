package dev.rowmill.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Holds objects that all tests of a JVM share, until the JVM ends. The stores of JUnit end with
 * each class if several JVMs run tests in parallel, because each class is a separate run then.
 *
 * <p>Thread-safe.
 */
public final class JvmStore {

  private static final Map<String, AutoCloseable> CONTENTS = new HashMap<>();
  private static final Deque<AutoCloseable> NEWEST_FIRST = new ArrayDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(JvmStore::close));
  }

  private JvmStore() {}

  /** Returns the object stored under a name, and creates it if it is missing. */
  public static synchronized <T extends AutoCloseable> T get(
      String name, Class<T> type, Supplier<T> maker) {
    T stored = type.cast(CONTENTS.get(name));
    if (stored == null) {
      stored = maker.get();
      CONTENTS.put(name, stored);
      NEWEST_FIRST.push(stored);
    }
    return stored;
  }

  /** Returns the object stored under a name; empty if it is missing. */
  public static synchronized <T extends AutoCloseable> Optional<T> find(
      String name, Class<T> type) {
    return Optional.ofNullable(type.cast(CONTENTS.get(name)));
  }

  private static synchronized void close() {
    for (AutoCloseable stored : NEWEST_FIRST) {
      try {
        stored.close();
      } catch (Exception e) {
        e.printStackTrace();
      }
    }
  }
}
