package dev.rowmill.throttle;

import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.testing.TestServer;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/** Provides a configuration of the service. */
final class Settings {

  private static final int ORDINAL = 500;

  private Settings() {}

  /**
   * Returns the defaults, with changed keys. The keys have no prefix, and each is followed by its
   * value.
   */
  static ThrottleConfig of(String... keysAndValues) {
    Map<String, String> properties = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      properties.put("rowmill.throttle." + keysAndValues[i], keysAndValues[i + 1]);
    }
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(ThrottleConfig.class)
        .withSources(new PropertiesConfigSource(properties, "test", ORDINAL))
        .build()
        .getConfigMapping(ThrottleConfig.class);
  }

  /** Opens connections of an account, without a pool. */
  static DataSource database(TestServer server, String user, String password) {
    var database = new MysqlDataSource();
    database.setURL(server.url(""));
    database.setUser(user);
    database.setPassword(password);
    return database;
  }
}
