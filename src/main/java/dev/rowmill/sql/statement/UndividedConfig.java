package dev.rowmill.sql.statement;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Configures which statements run undivided because they can't be divided into chunks. */
@ConfigMapping(prefix = "rowmill.undivided")
public interface UndividedConfig {

  /**
   * Returns the maximum number of rows of each table of such a statement; 0 rejects all of them.
   */
  @WithDefault("1000")
  int maxRows();
}
