package dev.rowmill.httptask;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Looks up the addresses of hosts. Calls of the same host share one lookup, and lookups of several
 * hosts run side by side, so that a slow one delays only the calls of its host. Thread-safe.
 */
@ApplicationScoped
class NameLookups {

  /** Resolves a name, and blocks meanwhile. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  private final Resolver resolver;
  private final Map<String, CompletableFuture<InetAddress[]>> running = new HashMap<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            var thread = new Thread(work, "rowmill-call-names");
            thread.setDaemon(true);
            return thread;
          });

  @Inject
  NameLookups() {
    this(InetAddress::getAllByName);
  }

  NameLookups(Resolver resolver) {
    this.resolver = resolver;
  }

  @PreDestroy
  void close() {
    threads.shutdownNow();
  }

  /**
   * Begins to look up a host.
   *
   * @return completes exceptionally with an {@link UnknownHostException} when it has no address
   */
  CompletableFuture<InetAddress[]> find(String host) {
    synchronized (running) {
      return running.computeIfAbsent(
          host,
          any -> {
            var found = new CompletableFuture<InetAddress[]>();
            threads.execute(() -> find(host, found));
            return found;
          });
    }
  }

  private void find(String host, CompletableFuture<InetAddress[]> found) {
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(host);
    } catch (UnknownHostException | RuntimeException | Error e) {
      // Calls of the same host must not wait for this lookup for ever.
      ended(host);
      found.completeExceptionally(e);
      return;
    }
    ended(host);
    found.complete(addresses);
  }

  private void ended(String host) {
    synchronized (running) {
      running.remove(host);
    }
  }
}
