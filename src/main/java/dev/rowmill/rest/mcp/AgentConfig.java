package dev.rowmill.rest.mcp;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/** Configures the server for assistants. */
@ConfigMapping(prefix = "rowmill.agent")
public interface AgentConfig {

  /** Returns whether assistants can call {@code /mcp}. */
  @WithDefault("false")
  boolean enabled();

  /**
   * Returns the number of rows above which a batch or undo that an assistant starts needs an
   * approval; with 0, each one that changes a row.
   */
  @WithDefault("0")
  @Min(0)
  long approvalRows();
}
