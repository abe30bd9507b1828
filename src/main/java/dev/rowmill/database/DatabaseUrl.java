package dev.rowmill.database;

import java.util.Properties;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/** Names the settings of the database, and shows its URL without secrets. Stateless. */
public final class DatabaseUrl {

  /** Is the URL of the schema with Rowmill's own tables. */
  public static final String PROPERTY = "quarkus.datasource.jdbc.url";

  /** Is the name of its account. */
  public static final String USERNAME = "quarkus.datasource.username";

  /** Is the password of its account. */
  public static final String PASSWORD = "quarkus.datasource.password";

  /** Shows users the form of a URL. */
  public static final String EXAMPLE = "jdbc:mysql://localhost:3306/rowmill";

  private static final Pattern ACCOUNT = Pattern.compile("//[^/]*@");

  private DatabaseUrl() {}

  /** Returns a URL without its account and its parameters, which may contain a password. */
  public static String withoutSecrets(String url) {
    int parameters = url.indexOf('?');
    String address = parameters < 0 ? url : url.substring(0, parameters);
    return ACCOUNT.matcher(address).replaceAll("//");
  }

  /** Returns the configured account as properties of a connection outside of the pools. */
  public static Properties account(Config config) {
    Properties account = new Properties();
    // Otherwise the driver starts the platform's tracing before the platform.
    account.setProperty("openTelemetry", "DISABLED");
    config
        .getOptionalValue(USERNAME, String.class)
        .ifPresent(user -> account.setProperty("user", user));
    config
        .getOptionalValue(PASSWORD, String.class)
        .ifPresent(password -> account.setProperty("password", password));
    return account;
  }
}
