package dev.rowmill.faults;

import dev.rowmill.testing.RowmillApi;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Reads continuously with several callers until closed, and records unexpected responses. */
final class Readers implements AutoCloseable {

  private static final long PAUSE_NANOS = 5_000_000;

  private final Queue<String> bad = new ConcurrentLinkedQueue<>();
  private final AtomicLong responses = new AtomicLong();
  private final ExecutorService threads;
  private volatile boolean open = true;

  Readers(RowmillApi api, List<String> paths) {
    threads = Executors.newFixedThreadPool(paths.size());
    paths.forEach(path -> threads.execute(() -> read(api, path)));
  }

  /** Reads of a batch, the projects, the batches and the pool. */
  static Readers of(RowmillApi api, long batch) {
    return new Readers(
        api,
        List.of(
            "/batches/" + batch,
            "/projects",
            "/projects?running=true",
            "/batches?limit=10",
            "/pool"));
  }

  private void read(RowmillApi api, String path) {
    while (open) {
      try {
        RowmillApi.Reply reply = api.get(path);
        responses.incrementAndGet();
        if (reply.status() != 200) {
          bad.add(path + ": " + reply);
        }
      } catch (UncheckedIOException e) {
        bad.add(path + ": " + e.getCause());
      }
      // Leave CPU time to other threads.
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Returns the number of responses. */
  long responses() {
    return responses.get();
  }

  /** Returns the responses with a status other than 200, and the failed requests. */
  List<String> bad() {
    return List.copyOf(bad);
  }

  @Override
  public void close() throws InterruptedException {
    open = false;
    threads.shutdown();
    threads.awaitTermination(1, TimeUnit.MINUTES);
  }
}
