package dev.rowmill.startup;

import dev.rowmill.security.AuthMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Settles before the start whether callers have to say who they are. */
final class StartupAuth {

  private static final String MODE = "rowmill.auth";

  private StartupAuth() {}

  /**
   * Returns with the mode settled, as a system property where it was not configured.
   *
   * @throws RuntimeException with a message for a person, when the service must not start so
   */
  static void prepare() {
    var config = StartupConfig.read();
    Optional<String> configured = config.getOptionalValue(MODE, String.class);
    AuthMode mode =
        mode(
            configured,
            config.getOptionalValue("quarkus.http.host", String.class).orElse("0.0.0.0"),
            config.getOptionalValue(StartupDatabase.URL, String.class).isEmpty());
    if (configured.isEmpty()) {
      System.setProperty(MODE, text(mode));
    }
  }

  /**
   * The mode that holds.
   *
   * @param configured what was asked for, if anything was
   * @param host that the service will listen on
   * @param embedded whether the database is the embedded one
   * @throws IllegalArgumentException when it was no mode, or the service would be open to others
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
                        "rowmill.auth is " + configured.get() + ", and can be token or open."));
    if (mode == AuthMode.OPEN && !local) {
      throw new IllegalArgumentException(
          "rowmill.auth=open lets anyone who reaches the service do everything, and so goes with a"
              + " loopback address alone: quarkus.http.host is "
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
