package dev.rowmill.sql.run;

import java.util.function.Predicate;

/** Selects rows by the first column of their key. */
public interface KeyFilter {

  /** Returns whether it selects all rows. */
  boolean isOfAll();

  /** Returns the condition for the stored values of a column. */
  Predicate<byte[]> of(ImageColumn column);
}
