package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Holds a fresh schema with a service of its own, a client of the service, and a connection to the
 * server. For one thread.
 */
record BenchSite(
    Database database, Connection connection, ServiceProcess service, ServiceClient client)
    implements AutoCloseable {

  /** Creates the schema, and starts the service. */
  static BenchSite open(Bench bench) throws Exception {
    return open(bench, List.of());
  }

  /**
   * Creates the schema, and starts the service through another program.
   *
   * @param through that program and its arguments; see {@link ServiceProcess#launch}
   */
  static BenchSite open(Bench bench, List<String> through) throws Exception {
    Database database = bench.database();
    database.freshSchema(Database.SCHEMA);
    Connection connection = database.connect();
    ServiceProcess service = null;
    try {
      service = database.service(through, Database.SCHEMA);
      return new BenchSite(database, connection, service, new ServiceClient(service.address()));
    } catch (Exception | Error e) {
      if (service != null) {
        service.close();
      }
      connection.close();
      throw e;
    }
  }

  /** Creates a table of items. */
  BenchTable table(String name, int rows) throws SQLException {
    return BenchTable.create(connection, Database.SCHEMA + "." + name, rows, TableShape.NUMBER_KEY);
  }

  /** Creates a table of items, all of which are to be changed. */
  WholeTableChange change(String name, int rows) throws SQLException {
    return change(name, rows, TableShape.NUMBER_KEY);
  }

  /** Creates a table of items of a certain shape, all of which are to be changed. */
  WholeTableChange change(String name, int rows, TableShape shape) throws SQLException {
    return new WholeTableChange(
        BenchTable.create(connection, Database.SCHEMA + "." + name, rows, shape), client);
  }

  @Override
  public void close() throws Exception {
    try (connection;
        service;
        client) {
      // All three are closed, in this order reversed.
    }
  }
}
