package dev.rowmill.webhook;

import dev.rowmill.batch.store.BatchHistory;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Sends the deliveries of one target on a thread of its own, one at a time. Retries a failed
 * delivery after a pause that doubles from one second to one hour. After each failure it also waits
 * before the next delivery, up to ten seconds after repeated failures. Thread-safe.
 */
final class WebhookSender {

  private static final Logger LOG = Logger.getLogger(WebhookSender.class);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
  private static final Duration LONGEST_REFUSAL_PAUSE = Duration.ofSeconds(10);

  /**
   * Extends the lease beyond the timeout, so that no other node sends the same delivery meanwhile.
   */
  private static final Duration LEASE_MARGIN = Duration.ofSeconds(10);

  private final WebhookTarget target;
  private final Signer signer;
  private final DeliveryTable deliveries;
  private final BatchHistory history;
  private final WebhookConfig config;
  private final WebhookMetrics metrics;
  private final Clock clock;
  private final HttpClient client;
  private final Semaphore news = new Semaphore(0);
  private final Thread thread;
  private int refusals;

  WebhookSender(
      WebhookTarget target,
      Signer signer,
      DeliveryTable deliveries,
      BatchHistory history,
      WebhookConfig config,
      WebhookMetrics metrics,
      Clock clock) {
    this.target = target;
    this.signer = signer;
    this.deliveries = deliveries;
    this.history = history;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(config.timeout())
            .build();
    thread = new Thread(this::work, "rowmill-webhook");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Stops the thread without waiting for the response; an interrupted delivery is sent again later.
   */
  void stop() {
    thread.interrupt();
  }

  /** Wakes the thread, because a delivery may be due. */
  void wake() {
    news.release();
  }

  private void work() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          step();
        } catch (RuntimeException e) {
          LOG.warnf("Webhooks wait, because the database can't be queried: %s", e.getMessage());
          Thread.sleep(POLL.toMillis());
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("This process makes no more deliveries");
    }
  }

  private void step() throws InterruptedException {
    Instant now = clock.instant();
    Instant lease = now.plus(config.timeout()).plus(LEASE_MARGIN);
    Optional<PendingDelivery> due = deliveries.claim(target, now, lease);
    if (due.isEmpty()) {
      news.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
      news.drainPermits();
      return;
    }
    PendingDelivery delivery = due.get();
    Optional<byte[]> payload = payload(delivery);
    if (payload.isEmpty()) {
      deliveries.givenUp(delivery, clock.instant(), "the batch no longer exists");
      return;
    }
    Optional<String> refusal = send(delivery, payload.get());
    if (refusal.isEmpty()) {
      refusals = 0;
      deliveries.delivered(delivery, clock.instant());
      metrics.delivered();
    } else {
      refused(delivery, refusal.get());
      Thread.sleep(pause().toMillis());
    }
  }

  private Optional<byte[]> payload(PendingDelivery delivery) {
    String run = delivery.run();
    return run == null
        ? history.find(delivery.subject()).map(batch -> WebhookPayload.of(delivery, batch))
        : Optional.of(WebhookPayload.of(delivery, run));
  }

  private void refused(PendingDelivery delivery, String why) {
    Instant now = clock.instant();
    refusals++;
    if (now.isAfter(delivery.since().plus(config.giveUpAfter()))) {
      deliveries.givenUp(delivery, now, why);
      metrics.givenUp();
      LOG.errorf(
          "Webhook %s will not receive %s: delivery %d is given up"
              + " after %d attempts, the last of which ended with %s",
          target, delivery.event(), delivery.id(), delivery.attempts(), why);
      return;
    }
    Duration pause = pause(delivery.attempts());
    deliveries.postpone(delivery, now.plus(pause), why);
    metrics.refused();
    LOG.logf(
        // Warn once, instead of at every attempt while the target is unavailable.
        refusals == 1 ? Logger.Level.WARN : Logger.Level.DEBUG,
        "Webhook %s did not accept delivery %d, %s (%s); attempt %d follows in %d s or later",
        target,
        delivery.id(),
        delivery.event(),
        why,
        delivery.attempts() + 1,
        pause.toSeconds());
  }

  /**
   * Returns the pause before the next attempt. It adds up to 20% at random, so that deliveries that
   * failed together are not retried together.
   */
  static Duration pause(int attempts) {
    long doubled = FIRST_PAUSE.toMillis() << Math.min(attempts - 1, 20);
    long millis = Math.min(doubled, LONGEST_PAUSE.toMillis());
    return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 5 + 1));
  }

  private Duration pause() {
    long doubled = 50L << Math.min(refusals, 20);
    return Duration.ofMillis(Math.min(doubled, LONGEST_REFUSAL_PAUSE.toMillis()));
  }

  /**
   * Sends a delivery. Returns a short reason for the failure, or empty if the target accepted it.
   */
  private Optional<String> send(PendingDelivery delivery, byte[] body) throws InterruptedException {
    long seconds = clock.instant().getEpochSecond();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target.uri())
            .header("Content-Type", "application/json")
            .header("User-Agent", "rowmill")
            .header("Rowmill-Delivery", Long.toString(delivery.id()))
            .header("Rowmill-Signature", signer.sign(seconds, body))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (target.authorization() != null) {
      request.header("Authorization", target.authorization());
    }
    CompletableFuture<HttpResponse<Void>> response =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
    try {
      // Limits the time including the body; the client's own timeout ends with the response
      // headers.
      int status = response.get(config.timeout().toMillis(), TimeUnit.MILLISECONDS).statusCode();
      return status / 100 == 2 ? Optional.empty() : Optional.of("status " + status);
    } catch (TimeoutException e) {
      return Optional.of("no response in time");
    } catch (ExecutionException e) {
      // The message is omitted because it may contain the URL.
      Throwable cause = e.getCause() instanceof IOException io ? io : e;
      return Optional.of(cause.getClass().getSimpleName());
    } finally {
      response.cancel(true);
    }
  }
}
