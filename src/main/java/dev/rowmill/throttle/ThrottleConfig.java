package dev.rowmill.throttle;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What batches hold themselves to when they don't say otherwise, and where it is read. A limit of 0
 * switches its throttle off, for batches that don't ask for it.
 */
@ConfigMapping(prefix = "rowmill.throttle")
public interface ThrottleConfig {

  /** JDBC URLs of the replicas to look at; none by default. */
  Optional<List<String>> replicas();

  /** The account on replicas whose URL names none; by default that of the main server. */
  Optional<String> replicaUsername();

  /** The password that belongs to it. */
  Optional<String> replicaPassword();

  /** How far a replica may be behind. */
  @WithDefault("1500ms")
  Duration replicaLag();

  /** An older answer than this, of a replica or of the main server, counts as none. */
  @WithDefault("15s")
  Duration replicaStaleAfter();

  /**
   * A table as {@code pt-heartbeat --utc} keeps it, as {@code schema.table}: its newest {@code ts}
   * tells how far a replica is behind, to the fraction of a second. By default the replica's own
   * word is taken.
   */
  Optional<String> heartbeatTable();

  /** Statements that the main server may run at once. */
  @WithDefault("25")
  int threadsRunning();

  /** Above this a batch fails. */
  @WithDefault("100")
  int threadsRunningCritical();

  /** What the commits of chunks may take. */
  @WithDefault("100ms")
  Duration commitLatency();

  /**
   * Length of InnoDB's history list; 1,000,000 by default. No default of the framework's, since a
   * limit that was asked for has to be held to where a mere default need not be.
   */
  OptionalLong historyLength();

  /** How long others may have waited for a chunk's locks; 1 s by default. */
  Optional<Duration> lockWait();

  /** How often the servers are asked; less often where that would be over four queries a second. */
  @WithDefault("500ms")
  Duration sampleInterval();
}
