package dev.rowmill.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again whether the credentials of answers that go on for long are still good. Safe
 * for many threads.
 */
@ApplicationScoped
public class CredentialWatch {

  /** Whether a caller's credential is good no more. Closing it ends the looking. */
  public static final class Watch implements AutoCloseable {

    private final @Nullable Credential credential;
    private final Set<Watch> all;
    private volatile boolean over;

    private Watch(@Nullable Credential credential, Set<Watch> all) {
      this.credential = credential;
      this.all = all;
    }

    /** Once true, it stays so. Never blocks. */
    public boolean isOver() {
      return over;
    }

    @Override
    public void close() {
      all.remove(this);
    }
  }

  private final Grants grants;
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

  CredentialWatch(Grants grants) {
    this.grants = grants;
  }

  /**
   * @param credential null where the service runs open: that is never over
   */
  Watch watch(@Nullable Credential credential) {
    var watch = new Watch(credential, watches);
    if (credential != null) {
      watches.add(watch);
    }
    return watch;
  }

  /**
   * Looks at each credential once, however many watch it. While nothing can be said, none is over.
   */
  void look() {
    Map<Credential.Key, Optional<Grant>> seen = new HashMap<>();
    for (Watch watch : watches) {
      Credential credential = watch.credential;
      if (credential != null
          && seen.computeIfAbsent(credential.key(), key -> grants.find(credential)).isEmpty()) {
        watch.over = true;
        watch.close();
      }
    }
  }
}
