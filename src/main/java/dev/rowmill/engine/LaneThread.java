package dev.rowmill.engine;

import dev.rowmill.throttle.Pace;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Holds what one thread of a run needs for its lanes: two connections, and the permit for its
 * chunks. A forced stop kills the statements of both connections. For one thread.
 */
final class LaneThread implements AutoCloseable {

  private final RunControl.Shift shift;
  private final ChunkPermit permit;
  private final RunConnection connection;
  private final SideConnection side;
  private final boolean mayLeave;
  private final StopSignal.Registration force;
  private final StopSignal.Registration forceSide;

  /**
   * @param held receives the reason of each wait, before it
   * @param lookers executor that never queues one read behind another
   * @param mayLeave whether the thread may leave its lane to others while the run continues
   */
  LaneThread(
      RunContext run,
      Pace pace,
      Consumer<String> held,
      DataSource pool,
      Executor lookers,
      boolean mayLeave) {
    this.shift = run.control().begin();
    this.permit = new ChunkPermit(run, shift, pace, held);
    this.connection = run.sharing().connection(pool, run.batch().spec().work(), permit::connection);
    this.side = new SideConnection(pool, lookers);
    this.mayLeave = mayLeave;
    this.force = run.control().stop().onForce(connection::breakOff);
    this.forceSide = run.control().stop().onForce(side::breakOff);
  }

  RunControl.Shift shift() {
    return shift;
  }

  ChunkPermit permit() {
    return permit;
  }

  RunConnection connection() {
    return connection;
  }

  SideConnection side() {
    return side;
  }

  boolean mayLeave() {
    return mayLeave;
  }

  /** Returns both connections to the pool, before a wait or after an error. */
  void releaseConnections() {
    side.close();
    connection.close();
  }

  @Override
  public void close() {
    forceSide.close();
    force.close();
    releaseConnections();
    permit.close();
    shift.close();
  }
}
