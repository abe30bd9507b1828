package dev.rowmill.sql.statement;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Which statements run undivided, because they can't be divided into chunks. */
@ConfigMapping(prefix = "rowmill.undivided")
public interface UndividedConfig {

  /** How many rows each table of such a statement may have; 0 refuses all of them. */
  @WithDefault("1000")
  int maxRows();
}
