package dev.rowmill.throttle;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Configures the default throttle limits of batches, and how they are measured. A limit of 0
 * switches its throttle off for batches that set no limit themselves.
 */
@ConfigMapping(prefix = "rowmill.throttle")
public interface ThrottleConfig {

  /** Lists the JDBC URLs of the replicas to measure; none by default. */
  Optional<List<String>> replicas();

  /** Names the account on replicas whose URL names none; by default that of the main server. */
  Optional<String> replicaUsername();

  /** Holds the password of that account. */
  Optional<String> replicaPassword();

  /** Limits the lag of a replica. */
  @WithDefault("1500ms")
  Duration replicaLag();

  /**
   * Limits the age of a measured value, of a replica or of the main server. An older value counts
   * as unread.
   */
  @WithDefault("15s")
  Duration replicaStaleAfter();

  /**
   * Names a table as {@code pt-heartbeat --utc} maintains it, as {@code schema.table}. Its newest
   * {@code ts} gives the lag of a replica to a fraction of a second. By default the lag that the
   * replica itself reports is used.
   */
  Optional<String> heartbeatTable();

  /** Limits the statements that run at once on the main server. */
  @WithDefault("25")
  int threadsRunning();

  /** Sets the number of running statements above which a batch fails. */
  @WithDefault("100")
  int threadsRunningCritical();

  /** Limits the time that the commits of chunks take. */
  @WithDefault("100ms")
  Duration commitLatency();

  /**
   * Limits the length of InnoDB's history list; 1,000,000 by default. The default is not set by the
   * framework because a configured limit always holds, and the built-in one need not.
   */
  OptionalLong historyLength();

  /** Limits how long others may have waited for a chunk's locks; 1 s by default. */
  Optional<Duration> lockWait();

  /** Sets the interval between samples; longer where it would exceed four queries a second. */
  @WithDefault("500ms")
  Duration sampleInterval();
}
