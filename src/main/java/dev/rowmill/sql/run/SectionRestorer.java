package dev.rowmill.sql.run;

import java.sql.SQLException;
import java.util.List;

/** Restores the rows of one image that were changed in one way. */
interface SectionRestorer {

  /** Restores rows, the newest first. */
  void restore(List<RowImage.Row> newestFirst) throws SQLException;
}
