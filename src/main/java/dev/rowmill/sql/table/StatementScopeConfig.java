package dev.rowmill.sql.table;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;
import java.util.Set;

/** Configures the schemas and functions that statements, checks and plans may use. */
@ConfigMapping(prefix = "rowmill")
public interface StatementScopeConfig {

  /**
   * Lists the schemas that statements may name, spelled as the server lists them; if unset, all
   * except the system schemas.
   */
  Optional<Set<String>> schemas();

  /**
   * Lists the functions that statements may call besides the server's own. Stored ones are {@code
   * schema.name}; loadable ones and those of newer servers are {@code name}.
   */
  Optional<Set<String>> functions();
}
