package dev.rowmill.webhook;

import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.StatusListener;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Runs a sender for each target, and purges the table of deliveries. Thread-safe. */
@ApplicationScoped
class WebhookSenders implements StatusListener {

  private static final Logger LOG = Logger.getLogger(WebhookSenders.class);
  private static final int POLL_SECONDS = 10;

  private final WebhookTargets targets;
  private final DeliveryTable deliveries;
  private final WebhookConfig config;
  private final WebhookMetrics metrics;
  private final Clock clock;
  private final List<WebhookSender> senders;
  private final ScheduledExecutorService keeper =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("rowmill-webhook-keeper", true));

  WebhookSenders(
      WebhookTargets targets,
      DeliveryTable deliveries,
      BatchHistory history,
      WebhookConfig config,
      WebhookMetrics metrics,
      Clock clock) {
    this.targets = targets;
    this.deliveries = deliveries;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
    senders =
        targets.all().stream()
            .map(
                target ->
                    new WebhookSender(
                        target, targets.signer(), deliveries, history, config, metrics, clock))
            .toList();
  }

  /** Starts the senders after the instance lock is acquired. */
  void start(@Observes @Priority(3000) StartupEvent event) {
    int dropped = deliveries.drop(targets.all());
    if (dropped > 0) {
      LOG.warnf(
          "%d deliveries are dropped, because their webhooks are no longer configured", dropped);
    }
    if (!senders.isEmpty()) {
      LOG.infof("Events are reported to %s", targets.all());
      senders.forEach(WebhookSender::start);
      keeper.scheduleWithFixedDelay(this::keep, 0, POLL_SECONDS, TimeUnit.SECONDS);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    keeper.shutdownNow();
    senders.forEach(WebhookSender::stop);
  }

  @Override
  public void changed(List<StatusChange> changes) {
    if (!senders.isEmpty() && changes.stream().anyMatch(WebhookOutbox::mayBeReported)) {
      senders.forEach(WebhookSender::wake);
    }
  }

  private void keep() {
    try {
      deliveries.purge(clock.instant().minus(config.retention()));
      metrics.counted(deliveries.counts());
    } catch (RuntimeException e) {
      LOG.debug("The deliveries can't be counted yet", e);
    }
  }
}
