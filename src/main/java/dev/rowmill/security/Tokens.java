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
 * Creates, lists and revokes tokens. Thread-safe. Throws a runtime exception with the SQL error
 * among its causes if the database is unreachable.
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
   * Represents a token that was just created.
   *
   * @param secret the token itself, which can't be retrieved later
   */
  public record Made(AccessToken token, String secret) {}

  /** Represents the result of revoking a token. */
  public enum Revocation {
    /** Means that the token is now invalid; it may have been invalid before. */
    DONE,
    /** Means that no such token exists. */
    UNKNOWN,
    /** Means that the token is the last valid admin token, and so was not revoked. */
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
   * Creates a token.
   *
   * @param name a name that no other live token has
   * @return empty if the name is taken
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
   * Creates a token with a given secret.
   *
   * @param beforeCommit runs before the commit; an exception from it rolls everything back
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
                // An expired token releases its name.
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
   * Returns tokens, the newest first, including revoked and expired ones.
   *
   * @param before only tokens with smaller ids; null for all
   * @param limit maximum number of tokens
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
   * Revokes a token and ends the sessions created with it. This node rejects it at once, other
   * nodes within a second. The last valid admin token is never revoked, because new tokens could
   * then not be created.
   */
  public Revocation revoke(long id) {
    Instant now = clock.instant();
    Revocation done =
        database.transaction(
            connection -> {
              // The lock prevents two admins from revoking each other's token at the same time.
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

  /** Returns whether a valid admin token exists. */
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
