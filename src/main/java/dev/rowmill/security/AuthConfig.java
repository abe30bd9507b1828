package dev.rowmill.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.util.Optional;

/** Configures the authentication of callers. */
@ConfigMapping(prefix = "rowmill.auth")
public interface AuthConfig {

  /**
   * Selects the mode. An unset mode is resolved before the service starts; if it is still unset
   * then, tokens are required.
   */
  @WithParentName
  Optional<AuthMode> mode();

  /** Specifies the file for the first admin token, which is written if no admin token exists. */
  @WithDefault("rowmill-admin-token")
  Path tokenFile();
}
