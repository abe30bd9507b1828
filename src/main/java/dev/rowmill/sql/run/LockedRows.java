package dev.rowmill.sql.run;

import java.sql.SQLException;

/** Holds the rows that a statement is about to change, read and locked before it. */
sealed interface LockedRows permits AggregatedRows, KeyedRows {

  /** Returns the number of rows. */
  int size();

  /** Returns the first row; there must be one. */
  KeyedRows.Row first() throws SQLException;

  /** Returns the rows one by one. */
  KeyedRows keyed() throws SQLException;

  /** Writes the values column by column, those of the keys first. */
  void write(ImageOutput out) throws SQLException;
}
