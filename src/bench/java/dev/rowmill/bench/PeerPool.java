package dev.rowmill.bench;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionFactoryConfiguration.TransactionIsolation;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Opens connections for the alternatives. They have the same pool, number of connections, isolation
 * and driver settings as Rowmill's own, so that these do not affect the comparison.
 */
final class PeerPool {

  private static final int CONNECTIONS = 40;

  private PeerPool() {}

  static AgroalDataSource open(Database database) throws SQLException {
    return AgroalDataSource.from(
        new AgroalDataSourceConfigurationSupplier()
            .connectionPoolConfiguration(
                pool ->
                    pool.initialSize(CONNECTIONS)
                        .maxSize(CONNECTIONS)
                        .acquisitionTimeout(Duration.ofSeconds(30))
                        .connectionFactoryConfiguration(
                            factory ->
                                factory
                                    .jdbcUrl(database.url(Database.SCHEMA))
                                    .principal(new NamePrincipal(database.user()))
                                    .credential(new SimplePassword(database.password()))
                                    .jdbcTransactionIsolation(TransactionIsolation.READ_COMMITTED)
                                    .jdbcProperty("useServerPrepStmts", "true")
                                    .jdbcProperty("cachePrepStmts", "true")
                                    .jdbcProperty("useLocalSessionState", "true"))));
  }
}
