package dev.rowmill.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.util.Optional;

/** How callers are told apart. */
@ConfigMapping(prefix = "rowmill.auth")
public interface AuthConfig {

  /**
   * The mode. Where nothing is configured it is settled before the service starts; left open even
   * then, tokens are needed.
   */
  @WithParentName
  Optional<AuthMode> mode();

  /** Where the first admin token is written to, when there is none. */
  @WithDefault("rowmill-admin-token")
  Path tokenFile();
}
