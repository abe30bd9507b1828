package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.database.DatabaseFailure;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.jboss.logging.Logger;

/** Ensures that an admin token exists, because only an admin token can create others. */
@ApplicationScoped
class FirstToken {

  private static final Logger LOG = Logger.getLogger(FirstToken.class);
  private static final String NAME = "first-admin";

  private final Tokens tokens;
  private final Grants grants;
  private final AuthConfig config;

  FirstToken(Tokens tokens, Grants grants, AuthConfig config) {
    this.tokens = tokens;
    this.grants = grants;
    this.config = config;
  }

  /**
   * Creates an admin token if no valid one exists, and writes it to a file that only the service's
   * user can read. The log names the file, never the token. If several nodes do this at the same
   * time, only one creates a token, and the others leave no file.
   *
   * @throws TokenFileException if the file can't be written; then no token is created
   */
  void makeIfMissing() {
    Path file = config.tokenFile().toAbsolutePath().normalize();
    String name = NAME;
    for (int next = 2; !tokens.hasLiveAdmin(); next++) {
      if (make(name, file)) {
        LOG.infof(
            "There was no admin token. The first one, %s, is in the file %s, which only this user can"
                + " read. Store it safely, and delete the file.",
            name, file);
        return;
      }
      name = NAME + "-" + next;
    }
  }

  /**
   * Creates the token and returns whether this succeeded. Blocks while another node is creating a
   * token of the same name, until that node commits.
   */
  private boolean make(String name, Path file) {
    String secret = TokenSecrets.token();
    try {
      // Write the file before the commit. A crash in between leaves a file without a valid token,
      // and the next start creates both again. In the reverse order, the token could be lost.
      return tokens
          .make(
              secret, name, Role.ADMIN, ProjectPatterns.ALL, null, null, () -> write(file, secret))
          .isPresent();
    } catch (RuntimeException e) {
      if (grants.find(Credential.token(secret)).isEmpty()) {
        delete(file, secret);
      }
      if (DatabaseFailure.isAny(e, DatabaseFailure.DEADLOCK)) {
        return false;
      }
      throw e;
    }
  }

  /** Writes the file atomically. Replaces an existing file or link of the same name. */
  private static void write(Path file, String secret) {
    try {
      Path made = Files.createTempFile(file.getParent(), ".rowmill-", ".tmp", ownerOnly());
      try {
        Files.writeString(made, line(secret));
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(made);
      }
    } catch (IOException e) {
      throw new TokenFileException(file, e);
    }
  }

  /** Deletes the file unless it now holds another token. */
  private static void delete(Path file, String secret) {
    try {
      if (Files.exists(file) && Files.readString(file).equals(line(secret))) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.warnf("The file %s contains an invalid token, and can't be deleted: %s", file, e);
    }
  }

  private static String line(String secret) {
    return secret + "\n";
  }

  private static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
