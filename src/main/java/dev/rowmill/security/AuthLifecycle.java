package dev.rowmill.security;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Logs the mode and creates the first token at startup. Then runs the periodic work on tokens and
 * sessions, on one thread of its own.
 */
@ApplicationScoped
class AuthLifecycle {

  private static final Logger LOG = Logger.getLogger(AuthLifecycle.class);

  private static final int LATE = 4000;
  private static final long POLL_MILLIS = 500;
  private static final long NOTE_MILLIS = 2_000;
  private static final long PURGE_MILLIS = TimeUnit.MINUTES.toMillis(10);

  private final AuthConfig config;
  private final FirstToken firstToken;
  private final CredentialWatch credentialWatch;
  private final TokenUsage lastUses;
  private final Sessions sessions;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-tokens", true));

  AuthLifecycle(
      AuthConfig config,
      FirstToken firstToken,
      CredentialWatch credentialWatch,
      TokenUsage lastUses,
      Sessions sessions) {
    this.config = config;
    this.firstToken = firstToken;
    this.credentialWatch = credentialWatch;
    this.lastUses = lastUses;
    this.sessions = sessions;
  }

  /** Runs after the startup steps that ensure that this is the only instance. */
  void start(@Observes @Priority(LATE) StartupEvent event) {
    if (config.mode().filter(AuthMode.OPEN::equals).isPresent()) {
      LOG.info(
          "Anyone on this machine may do everything: the service runs open (rowmill.auth). With"
              + " rowmill.auth=token each request needs a token.");
      return;
    }
    LOG.info("Each request needs a token (rowmill.auth).");
    firstToken.makeIfMissing();
    every(POLL_MILLIS, credentialWatch::check);
    every(NOTE_MILLIS, lastUses::note);
    every(PURGE_MILLIS, sessions::purge);
  }

  void stop(@Observes ShutdownEvent event) {
    thread.shutdownNow();
  }

  private void every(long millis, Runnable work) {
    thread.scheduleWithFixedDelay(() -> attempt(work), millis, millis, TimeUnit.MILLISECONDS);
  }

  private static void attempt(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.debugf("Tokens can't be maintained now: %s", e.getMessage());
    }
  }
}
