package dev.rowmill.startup;

import dev.rowmill.database.DatabaseUrl;
import dev.rowmill.database.StartupConfig;
import dev.rowmill.security.AuthMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Determines before the start whether callers must authenticate. */
final class StartupAuth {

  private static final String MODE = "rowmill.auth";

  private StartupAuth() {}

  /**
   * Determines the mode, and stores it as a system property if it was not configured.
   *
   * @throws RuntimeException with a readable message, when the service must not start in this mode
   */
  static void prepare() {
    var config = StartupConfig.read();
    Optional<String> configured = config.getOptionalValue(MODE, String.class);
    AuthMode mode =
        mode(
            configured,
            config.getOptionalValue("quarkus.http.host", String.class).orElse("0.0.0.0"),
            config.getOptionalValue(DatabaseUrl.PROPERTY, String.class).isEmpty());
    if (configured.isEmpty()) {
      System.setProperty(MODE, text(mode));
    }
  }

  /**
   * Returns the effective mode.
   *
   * @param configured configured mode; empty if there is none
   * @param host host that the service will listen on
   * @param embedded whether the database is the embedded one
   * @throws IllegalArgumentException when the mode is unknown, or the service would be open to
   *     others
   */
  static AuthMode mode(Optional<String> configured, String host, boolean embedded) {
    boolean local = isLoopback(host);
    if (configured.isEmpty()) {
      return embedded && local ? AuthMode.OPEN : AuthMode.TOKEN;
    }
    AuthMode mode =
        Arrays.stream(AuthMode.values())
            .filter(value -> text(value).equals(configured.get()))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "rowmill.auth is " + configured.get() + "; it must be token or open."));
    if (mode == AuthMode.OPEN && !local) {
      throw new IllegalArgumentException(
          "rowmill.auth=open lets anyone who reaches the service do everything, so it requires a"
              + " loopback address, but quarkus.http.host is "
              + host
              + ". Set rowmill.auth=token, or the host to 127.0.0.1.");
    }
    return mode;
  }

  private static boolean isLoopback(String host) {
    try {
      return !host.isBlank()
          && Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static String text(AuthMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
