package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.ProjectQueues;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Retries launches of projects after an error that left the stored status unknown. Safe for many
 * threads.
 */
public final class LaunchRetries implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(LaunchRetries.class);
  private static final long REVISIT_SECONDS = 1;

  private final ProjectQueues queues;
  private final Consumer<BatchView> launch;
  private final Set<String> projects = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-revisit", true));

  /**
   * Starts the thread that retries.
   *
   * @param launch launches the queued batch of a project, if there is one
   */
  public LaunchRetries(ProjectQueues queues, Consumer<BatchView> launch) {
    this.queues = queues;
    this.launch = launch;
    thread.scheduleWithFixedDelay(
        this::revisit, REVISIT_SECONDS, REVISIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Adds a project, to be retried until the database responds. */
  public void add(String project) {
    projects.add(project);
  }

  private void revisit() {
    for (String project : projects) {
      projects.remove(project);
      try {
        queues.queueNext(project).ifPresent(launch);
      } catch (RuntimeException | Error e) {
        projects.add(project);
        LOG.warnf("The next batch of project %s can't be launched yet: %s", project, e);
        return;
      }
    }
  }

  /** Stops the retries. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
