package dev.rowmill.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.jboss.logging.Logger;

/** Sees to it that there is an admin token: without one, nobody could make any. */
@ApplicationScoped
class FirstToken {

  private static final Logger LOG = Logger.getLogger(FirstToken.class);
  private static final String NAME = "first-admin";

  private final Tokens tokens;
  private final AuthConfig config;

  FirstToken(Tokens tokens, AuthConfig config) {
    this.tokens = tokens;
    this.config = config;
  }

  /**
   * Makes an admin token where none is good, and leaves it in a file that only the service's user
   * can read. The log names the file, never the token.
   *
   * @throws TokenFileException when the file can't be written; then there is no new token
   */
  void makeIfMissing() {
    if (tokens.hasLiveAdmin()) {
      return;
    }
    Path file = config.tokenFile().toAbsolutePath().normalize();
    String secret = Secrets.token();
    // The file first: a crash in between leaves a file without a token, and the next start makes
    // both anew. The other way around nobody would know the token.
    try {
      write(file, secret);
    } catch (IOException e) {
      throw new TokenFileException(file, e);
    }
    String name = NAME;
    for (int next = 2;
        tokens.make(secret, name, Role.ADMIN, ProjectPatterns.ALL, null, null).isEmpty();
        next++) {
      name = NAME + "-" + next;
    }
    LOG.infof(
        "There was no admin token: a first one, %s, is in the file %s, which only this user can"
            + " read. Keep it, and delete the file.",
        name, file);
  }

  /** Takes the place of whatever has the name, a link included, in one step. */
  private static void write(Path file, String secret) throws IOException {
    Path folder = file.getParent();
    Path made = Files.createTempFile(folder, ".rowmill-", ".tmp", ownerOnly());
    try {
      Files.write(made, (secret + "\n").getBytes(StandardCharsets.UTF_8));
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
