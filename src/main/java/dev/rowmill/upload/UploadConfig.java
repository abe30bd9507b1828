package dev.rowmill.upload;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures uploads of files. */
@ConfigMapping(prefix = "rowmill.upload")
public interface UploadConfig {

  /** Limits the bytes of a file, and the characters of all its values. */
  @WithDefault("2147483648")
  long maxBytes();

  /** Limits the lines of a file. */
  @WithDefault("50000000")
  long maxLines();

  /** Limits the files that a node receives at the same time. */
  @WithDefault("4")
  int concurrent();

  /** Limits how long a node waits for a client that sends slower than the minimum rate. */
  @WithDefault("1m")
  Duration idleTimeout();

  /** Sets the minimum rate at which a client must send a file, in bytes per second. */
  @WithDefault("10000")
  int minRate();

  /** Returns how long an upload is retained that no batch has applied successfully. */
  @WithDefault("7d")
  Duration retention();

  /** Returns the interval between two purges of uploads that are no longer needed. */
  @WithDefault("1m")
  Duration purgeInterval();
}
