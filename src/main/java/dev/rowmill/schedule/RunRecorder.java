package dev.rowmill.schedule;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Stores data in the same transaction as a run that has started no batch. Every CDI bean of this
 * type is called.
 */
public interface RunRecorder {

  /**
   * Records a run in the transaction that is open on the connection, and must not commit it. The
   * transaction may be repeated after a rollback.
   */
  void recorded(Connection connection, Schedule schedule, ScheduleRun run) throws SQLException;
}
