package dev.rowmill.sql.statement;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Caches facts that later layers derive from a statement, such as the layout of its images. All
 * statements of one text share them, so that the server is queried once. Therefore no fact depends
 * on the values of a statement. Thread-safe.
 */
public final class Derived {

  private final Map<Class<?>, Object> facts = new ConcurrentHashMap<>();

  /** Returns the fact of a type, or null as long as none is set. */
  public <T> @Nullable T get(Class<T> type) {
    return type.cast(facts.get(type));
  }

  /** Sets the fact of its type; the last one set stays. */
  public void set(Object derived) {
    facts.put(derived.getClass(), derived);
  }
}
