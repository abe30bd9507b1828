package dev.rowmill.sql.statement;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Configures which statements run undivided because they can't be divided into chunks. */
@ConfigMapping(prefix = "rowmill.undivided")
public interface UndividedConfig {

  /**
   * Limits the rows of each table of an undivided statement; 0 rejects all undivided statements.
   */
  @WithDefault("1000")
  int maxRows();
}
