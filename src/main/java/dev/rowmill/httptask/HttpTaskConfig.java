package dev.rowmill.httptask;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Configures the tasks that other services do over HTTP. */
@ConfigMapping(prefix = "rowmill.tasks")
public interface HttpTaskConfig {

  /**
   * Lists the hosts that HTTP tasks may call, such as {@code geo.example.com} or {@code
   * 127.0.0.1:8081}. Without any, tasks with a URL are rejected. An address in a private, loopback
   * or link-local range is called only if the list has the address itself, or a name without a
   * wildcard that resolves to it. {@code *.example.com} allows the names below a domain.
   */
  Optional<List<String>> hosts();

  /**
   * Limits for how long the calls of a chunk are repeated after errors of the connection, timeouts
   * and responses 5xx. Then the batch fails.
   */
  @WithDefault("15m")
  Duration giveUpAfter();

  /** Limits the size of a response; a larger one is broken off. */
  @WithDefault("16M")
  MemorySize maxResponse();

  /**
   * Limits the bytes of all answers that a node holds at once, an eighth of the heap by default.
   * Further responses are read later.
   */
  Optional<MemorySize> answerMemory();

  /**
   * Limits the bytes of all rows that a node has read ahead for calls, an eighth of the heap by
   * default. A lane has one chunk at least.
   */
  Optional<MemorySize> rowMemory();
}
