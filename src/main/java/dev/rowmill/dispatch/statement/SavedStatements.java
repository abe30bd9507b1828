package dev.rowmill.dispatch.statement;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the saved statements. Safe for many threads; throws a runtime exception with the
 * SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class SavedStatements {

  /**
   * Represents a row of the table of saved statements.
   *
   * @param definition JSON of the {@link SavedStatement}
   * @param version 1, and one more with each change
   * @param updatedBy null where callers are not identified
   */
  @Embeddable
  public record Stored(
      @Column(insertable = false, updatable = false) String name,
      String definition,
      int version,
      @Nullable String updatedBy,
      Instant updatedAt) {}

  private final ControlTransactions transactions;
  private final StatementRepository statements;
  private final Clock clock;

  SavedStatements(ControlTransactions transactions, StatementRepository statements, Clock clock) {
    this.transactions = transactions;
    this.statements = statements;
    this.clock = clock;
  }

  /**
   * Saves a statement, and replaces the one of the same name. Batches already started from it don't
   * change.
   */
  public Stored put(String name, String definition, @Nullable String by) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    try {
      return transactions.call(
          () -> {
            int updated =
                statements.update(
                    "stored.version = stored.version + 1, stored.definition = ?1,"
                        + " stored.updatedBy = ?2, stored.updatedAt = ?3 where name = ?4",
                    definition,
                    by,
                    now,
                    name);
            if (updated == 0) {
              var row = new StatementEntity();
              row.name = name;
              row.stored = new Stored(name, definition, 1, by, now);
              statements.persist(row);
            }
            return statements.findById(name).stored;
          });
    } catch (RuntimeException e) {
      if (DatabaseFailure.isDuplicateKey(e)) {
        return put(name, definition, by); // Another caller has saved the first version meanwhile.
      }
      throw e;
    }
  }

  /** Returns the statement of a name; empty where there is none. */
  public Optional<Stored> find(String name) {
    return transactions.query(() -> statements.findByIdOptional(name).map(row -> row.stored));
  }

  /** Returns the existing statements among the given names. */
  public List<Stored> find(Collection<String> names) {
    return names.isEmpty()
        ? List.of()
        : transactions.query(
            () -> statements.find("name in ?1", names).stream().map(row -> row.stored).toList());
  }

  /**
   * Lists statements, ordered by name.
   *
   * @param after lists only names greater than this; may be empty
   * @param limit maximum number of statements
   */
  public List<Stored> list(String after, int limit) {
    return transactions.query(
        () ->
            statements.find("name > ?1 order by name", after).page(0, limit).stream()
                .map(row -> row.stored)
                .toList());
  }

  /** Deletes a statement; false where there is none. Batches already started from it continue. */
  public boolean delete(String name) {
    return transactions.call(() -> statements.deleteById(name));
  }
}
