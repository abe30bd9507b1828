package dev.rowmill.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Checks the credentials of open event streams again and again. Thread-safe. */
@ApplicationScoped
public class CredentialWatch {

  /** Reports whether a caller's credential has become invalid. Closing it ends the checks. */
  public static final class Watch implements AutoCloseable {

    private final @Nullable Credential credential;
    private final Set<Watch> all;
    private volatile boolean over;

    private Watch(@Nullable Credential credential, Set<Watch> all) {
      this.credential = credential;
      this.all = all;
    }

    /**
     * Returns whether the credential has become invalid; once true, it stays true. Never blocks.
     */
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
   * Starts a watch on a credential.
   *
   * @param credential null if the service runs in mode {@code open}; such a watch never reports an
   *     invalid credential
   */
  Watch watch(@Nullable Credential credential) {
    var watch = new Watch(credential, watches);
    if (credential != null) {
      watches.add(watch);
    }
    return watch;
  }

  /**
   * Checks each credential once, even if several watches refer to it. If the database is
   * unreachable, throws and marks no further watch as invalid.
   */
  void check() {
    Map<Credential.Key, Optional<Grant>> grantsByKey = new HashMap<>();
    for (Watch watch : watches) {
      Credential credential = watch.credential;
      if (credential != null
          && grantsByKey
              .computeIfAbsent(credential.key(), key -> grants.find(credential))
              .isEmpty()) {
        watch.over = true;
        watch.close();
      }
    }
  }
}
