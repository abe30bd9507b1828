package dev.rowmill.sql.table;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;
import java.util.Set;

/** What statements, checks and plans may reach. */
@ConfigMapping(prefix = "rowmill")
public interface StatementScopeConfig {

  /**
   * The schemas that they may name, spelled as the server lists them; without it every one but the
   * system's.
   */
  Optional<Set<String>> schemas();

  /**
   * The functions that they may call besides the server's own: stored ones as {@code schema.name},
   * loadable ones and those of newer servers as {@code name}.
   */
  Optional<Set<String>> functions();
}
