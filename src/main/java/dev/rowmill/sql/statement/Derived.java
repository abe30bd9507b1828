package dev.rowmill.sql.statement;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Caches one fact that a later layer derives from a statement, such as the layout of its images.
 * All statements of one text share it, so that the server is queried once. Thread-safe.
 */
public final class Derived {

  private final AtomicReference<@Nullable Object> fact = new AtomicReference<>();

  /** Returns the fact, or null as long as none is set. */
  public <T> @Nullable T get(Class<T> type) {
    return type.cast(fact.get());
  }

  /** Sets the fact; the last one set stays. */
  public void set(Object derived) {
    fact.set(derived);
  }
}
