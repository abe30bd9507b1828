package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes, lists and revokes tokens. Safe for many threads. Throws a runtime exception with the SQL
 * error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class Tokens {

  private static final String COLUMNS =
      "SELECT id, name, role, projects, created_at, created_by, expires_at, last_used_at,"
          + " revoked_at FROM access_token ";
  private static final String LIVE_ADMINS =
      "SELECT id FROM access_token WHERE role = 'admin' AND revoked_at IS NULL"
          + " AND (expires_at IS NULL OR expires_at > ?) ORDER BY id";

  /**
   * A token that was just made.
   *
   * @param secret the token itself, which nobody can find out again
   */
  public record Made(AccessToken token, String secret) {}

  /** What came of revoking a token. */
  public enum Revocation {
    /** It is good no more; perhaps it was not before. */
    DONE,
    /** There is no such token. */
    UNKNOWN,
    /** It is the last one by which tokens can be made. */
    LAST_ADMIN
  }

  private final AuthDatabase database;
  private final Grants grants;
  private final Clock clock;

  Tokens(AuthDatabase database, Grants grants, Clock clock) {
    this.database = database;
    this.grants = grants;
    this.clock = clock;
  }

  /**
   * Makes a token.
   *
   * @param name that no other live token has
   * @return empty when the name is taken
   */
  public Optional<Made> make(
      String name,
      Role role,
      ProjectPatterns projects,
      @Nullable String createdBy,
      @Nullable Instant expiresAt) {
    String secret = TokenSecrets.token();
    return make(secret, name, role, projects, createdBy, expiresAt, () -> {})
        .map(token -> new Made(token, secret));
  }

  /**
   * @param beforeCommit what it throws takes everything back
   */
  Optional<AccessToken> make(
      String secret,
      String name,
      Role role,
      ProjectPatterns projects,
      @Nullable String createdBy,
      @Nullable Instant expiresAt,
      Runnable beforeCommit) {
    Instant now = clock.instant();
    try {
      return Optional.of(
          database.transaction(
              connection -> {
                // One that has expired gives its name free.
                AuthDatabase.change(
                    connection,
                    "UPDATE access_token SET revoked_at = expires_at"
                        + " WHERE live_name = ? AND expires_at <= ?",
                    name,
                    now);
                AuthDatabase.change(
                    connection,
                    "INSERT INTO access_token (name, secret_hash, role, projects, created_at,"
                        + " created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    name,
                    TokenSecrets.hash(secret),
                    role.code(),
                    String.join("\n", projects.patterns()),
                    now,
                    createdBy,
                    expiresAt);
                AccessToken made = read(connection, COLUMNS + "WHERE live_name = ?", name).get(0);
                beforeCommit.run();
                return made;
              }));
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof SQLIntegrityConstraintViolationException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Tokens, the newest first, also those that are good no more.
   *
   * @param before only those with smaller ids; null for all
   * @param limit how many at most
   */
  public List<AccessToken> list(@Nullable Long before, int limit) {
    return database.call(
        connection ->
            read(
                connection,
                COLUMNS + "WHERE id < ? ORDER BY id DESC LIMIT ?",
                before == null ? Long.MAX_VALUE : before,
                limit));
  }

  /**
   * Revokes a token, and with it the sessions that were begun with it. On this node it is refused
   * at once, on others within a second. The last live admin token stays, for someone has to be able
   * to make others.
   */
  public Revocation revoke(long id) {
    Instant now = clock.instant();
    Revocation done =
        database.transaction(
            connection -> {
              // Locked, so that two admins can't revoke each other.
              List<Long> admins = new ArrayList<>();
              try (PreparedStatement find =
                  connection.prepareStatement(LIVE_ADMINS + " FOR UPDATE")) {
                AuthDatabase.set(find, now);
                try (ResultSet rows = find.executeQuery()) {
                  while (rows.next()) {
                    admins.add(rows.getLong(1));
                  }
                }
              }
              if (admins.equals(List.of(id))) {
                return Revocation.LAST_ADMIN;
              }
              if (read(connection, COLUMNS + "WHERE id = ?", id).isEmpty()) {
                return Revocation.UNKNOWN;
              }
              AuthDatabase.change(
                  connection,
                  "UPDATE access_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                  now,
                  id);
              AuthDatabase.change(connection, "DELETE FROM sign_in WHERE token = ?", id);
              return Revocation.DONE;
            });
    grants.forget();
    return done;
  }

  /** Whether there is an admin token that is good now. */
  boolean hasLiveAdmin() {
    return database.call(
        connection -> {
          try (PreparedStatement find = connection.prepareStatement(LIVE_ADMINS + " LIMIT 1")) {
            AuthDatabase.set(find, clock.instant());
            try (ResultSet row = find.executeQuery()) {
              return row.next();
            }
          }
        });
  }

  private static List<AccessToken> read(
      Connection connection, String sql, @Nullable Object... values) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      AuthDatabase.set(select, values);
      try (ResultSet row = select.executeQuery()) {
        List<AccessToken> tokens = new ArrayList<>();
        while (row.next()) {
          tokens.add(
              new AccessToken(
                  row.getLong(1),
                  row.getString(2),
                  Role.of(row.getString(3)).orElseThrow(),
                  new ProjectPatterns(List.of(row.getString(4).split("\n"))),
                  Objects.requireNonNull(AuthDatabase.time(row.getString(5))),
                  row.getString(6),
                  AuthDatabase.time(row.getString(7)),
                  AuthDatabase.time(row.getString(8)),
                  AuthDatabase.time(row.getString(9))));
        }
        return tokens;
      }
    }
  }
}
