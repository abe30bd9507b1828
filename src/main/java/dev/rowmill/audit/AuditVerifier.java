package dev.rowmill.audit;

import dev.rowmill.audit.AuditRows.Head;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the chain from its first row to its head, and reports the first altered row. Reads a
 * thousand rows at a time and holds no lock. Rows appended meanwhile are not verified. Thread-safe.
 */
@ApplicationScoped
public class AuditVerifier {

  private static final int STEP = 1000;

  /** Limits the distance at which a moved row's original number is searched for. */
  private static final long FARTHEST = 100_000;

  /** Classifies how a row was altered. */
  public enum Reason {
    /**
     * Indicates that a field differs from the hashed one, or that the next row refers to another
     * hash.
     */
    CHANGED,
    /** Indicates that no row has this number. */
    MISSING,
    /**
     * Indicates an inserted row: the rows after it have higher numbers than they were created with.
     */
    INSERTED,
    /** Indicates a row that was created with a higher number. */
    REORDERED
  }

  /** Reports the first altered row. */
  public record Broken(long id, Reason reason) {}

  /**
   * Holds the result of a verification.
   *
   * @param rows number of intact rows before the first altered one
   * @param id number of the newest row, as recorded in the head; 0 if there is none
   * @param hash hash of the newest row
   * @param broken null if the chain is intact
   */
  public record Verdict(long rows, long id, String hash, @Nullable Broken broken) {}

  private final ControlTransactions transactions;

  AuditVerifier(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Verifies the chain. Reports a broken chain as a result. Throws a runtime exception if the
   * database is unreachable.
   */
  public Verdict verify() {
    Optional<Head> found = transactions.read(AuditRows::head);
    if (found.isEmpty()) {
      return new Verdict(0, 0, AuditRow.NONE, new Broken(1, Reason.MISSING));
    }
    Head head = found.get();
    long valid = 0;
    String hash = AuditRow.NONE;
    while (valid < head.id()) {
      long after = valid;
      List<AuditRow> rows =
          transactions.read(connection -> AuditRows.after(connection, after, head.id(), STEP));
      for (AuditRow row : rows) {
        Broken broken = check(row, valid + 1, hash, head.id());
        if (broken != null) {
          return new Verdict(broken.id() - 1, head.id(), head.hash(), broken);
        }
        valid = row.id();
        hash = row.hash();
      }
      if (rows.isEmpty()) {
        return broken(valid + 1, Reason.MISSING, head);
      }
    }
    if (!hash.equals(head.hash())) {
      return broken(Math.max(1, valid), Reason.CHANGED, head);
    }
    return head.newest() > head.id()
        ? broken(head.id() + 1, Reason.INSERTED, head)
        : new Verdict(valid, head.id(), head.hash(), null);
  }

  private static Verdict broken(long id, Reason reason, Head head) {
    return new Verdict(id - 1, head.id(), head.hash(), new Broken(id, reason));
  }

  /**
   * Checks a row and returns its defect, or null.
   *
   * @param expected number that must come next
   * @param hash hash of the previous row, which matches that row's fields
   */
  private static @Nullable Broken check(AuditRow row, long expected, String hash, long last) {
    if (row.id() != expected) {
      return new Broken(expected, Reason.MISSING);
    }
    if (!row.hash().equals(row.hashAs(row.id()))) {
      return moved(row, last).orElse(new Broken(row.id(), Reason.CHANGED));
    }
    if (!row.previousHash().equals(hash)) {
      // This row refers to another hash, so the previous row was changed together with its hash.
      return new Broken(Math.max(1, expected - 1), Reason.CHANGED);
    }
    return null;
  }

  /**
   * Checks whether the row's hash is right for another number, which means that the row was moved.
   */
  private static Optional<Broken> moved(AuditRow row, long last) {
    for (long away = 1; away <= FARTHEST; away++) {
      long lower = row.id() - away;
      if (lower >= 1 && row.hash().equals(row.hashAs(lower))) {
        return Optional.of(new Broken(lower, Reason.INSERTED));
      }
      long higher = row.id() + away;
      if (higher <= last && row.hash().equals(row.hashAs(higher))) {
        return Optional.of(new Broken(row.id(), Reason.REORDERED));
      }
      if (lower < 1 && higher > last) {
        break;
      }
    }
    return Optional.empty();
  }
}
