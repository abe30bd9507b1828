package dev.rowmill.rest.http;

import org.jspecify.annotations.Nullable;

/** Represents the progress of work that may know when it ends. */
public interface Eta {

  /** Returns the seconds until the end, or null where they are unknown. */
  @Nullable Long etaSeconds();
}
