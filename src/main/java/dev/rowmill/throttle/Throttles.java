package dev.rowmill.throttle;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The throttles of this node. The servers are looked at by one thread for all batches, with at most
 * four queries a second in all, and only while some batch runs that wants to know. Thread-safe.
 *
 * <p>A throttle that can't be read counts as closed and says why. The one exception is a limit on
 * the history or on lock waits that nobody asked for, neither in the configuration nor for the
 * batch: where the server refuses to tell, that built-in default is not held to, and a warning
 * names the missing grant. Rowmill runs with an account that may do no more than it needs.
 */
@ApplicationScoped
public class Throttles {

  private final Defaults defaults;
  private final HeldLocks held = new HeldLocks();
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
            new StatusProbe(server, measures),
            new LockProbe(server, locks, held),
            new HistoryProbe(server, history));
    List<Probe> replicas = new ArrayList<>();
    ThrottleMetrics.main(metrics, measures);
    Optional<Heartbeat> heartbeat = config.heartbeatTable().map(Heartbeat::new);
    for (String url : config.replicas().orElse(List.of())) {
      var replica = new Replica(url, config.replicaUsername(), config.replicaPassword());
      String address =
          replica.address().orElse("number " + (lags.size() + 1) + " of rowmill.throttle.replicas");
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

  /** What holds for batches that don't say otherwise. */
  public Thresholds defaults() {
    return defaults.limits();
  }

  /** The pace of a batch's first lane; its {@link Pace#another()} is for its others. */
  public Pace begin() {
    return new Pace(sampled, held, sampler::wake, new RowRate());
  }

  /** What has been read. */
  Measures measures() {
    return measures;
  }

  @PreDestroy
  void end() {
    sampler.close();
  }
}
