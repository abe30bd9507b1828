package dev.rowmill.throttle;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Provides the throttles of this node. One thread samples the servers for all batches, with at most
 * four queries a second in all, and only while a running batch needs the values. Thread-safe.
 *
 * <p>A throttle whose value can't be read makes batches wait, and reports why. The exception is a
 * built-in limit on the history or on lock waits, set neither in the configuration nor for the
 * batch. Where the server refuses to report its value, that limit does not apply, and a warning
 * names the missing grant. Rowmill runs with an account that has only the privileges it needs.
 */
@ApplicationScoped
public class Throttles {

  private final Defaults defaults;
  private final HeldLocks held = new HeldLocks();
  private final RunningChunks running = new RunningChunks();
  private final SampledLimits sampled;
  private final Sampler sampler;
  private final Measures measures;

  /**
   * @param control pool of the main server
   */
  Throttles(ThrottleConfig config, DataSource control, MeterRegistry metrics) {
    defaults = Defaults.of(config);
    List<Measure> lags = new ArrayList<>();
    var threads = new Measure("the number of running threads");
    var history = new Measure("the length of InnoDB's history");
    var locks = new Measure("the lock waits of others");
    measures = new Measures(threads, history, locks, lags);
    var server = new MainServer(control);
    List<Probe> main =
        List.of(
            new StatusProbe(server, measures, running),
            new LockProbe(server, locks, held),
            new HistoryProbe(server, history));
    List<Probe> replicas = new ArrayList<>();
    ThrottleMetrics.main(metrics, measures);
    Optional<Heartbeat> heartbeat = config.heartbeatTable().map(Heartbeat::new);
    for (String url : config.replicas().orElse(List.of())) {
      var replica = new Replica(url, config.replicaUsername(), config.replicaPassword());
      String address = replica.address(lags.size() + 1);
      var lag = new Measure("replica " + address);
      lags.add(lag);
      replicas.add(new ReplicaProbe(replica, heartbeat, lag));
      ThrottleMetrics.replica(metrics, address, lag);
    }
    sampler = new Sampler(main, replicas, config.sampleInterval(), System::nanoTime);
    sampled =
        new SampledLimits(
            measures, defaults, new SampleRule(config.replicaStaleAfter(), sampler::period));
  }

  /** Returns the limits of batches that set none themselves. */
  public Thresholds defaults() {
    return defaults.limits();
  }

  /** Returns the pace of a batch's first lane. The other lanes use its {@link Pace#another()}. */
  public Pace begin() {
    return new Pace(sampled, held, running, sampler::wake, new RowRate());
  }

  /** Returns the measured values. */
  Measures measures() {
    return measures;
  }

  @PreDestroy
  void end() {
    sampler.close();
  }
}
