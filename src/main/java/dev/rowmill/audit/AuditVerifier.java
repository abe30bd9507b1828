package dev.rowmill.audit;

import dev.rowmill.audit.AuditRows.Head;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks the chain from its first row to its head, and names the first row that is not as it was
 * written. Holds a thousand rows at a time and no lock; rows that are added meanwhile are left to
 * the next walk. Safe for many threads.
 */
@ApplicationScoped
public class AuditVerifier {

  private static final int STEP = 1000;

  /** How far from its place a row is looked for by its hash. */
  private static final long FARTHEST = 100_000;

  /** What is wrong with a row. */
  public enum Reason {
    /** A field is not what was hashed, or the row after it was made for another. */
    CHANGED,
    /** There is none with this number. */
    MISSING,
    /**
     * It stands where another was: those behind it have higher numbers than they were made with.
     */
    INSERTED,
    /** It was made with a higher number. */
    REORDERED
  }

  /** The first row that is not as it was written. */
  public record Broken(long id, Reason reason) {}

  /**
   * What a walk has found.
   *
   * @param rows that are as they were written, up to the first that is not
   * @param id number of the newest row, as the head tells it; 0 when there is none
   * @param hash of the newest row
   * @param broken null where everything is as it was written
   */
  public record Verdict(long rows, long id, String hash, @Nullable Broken broken) {}

  private final ControlTransactions transactions;

  AuditVerifier(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Throws a runtime exception when the database can't be reached; a broken chain is an answer. */
  public Verdict verify() {
    Optional<Head> found = transactions.read(AuditRows::head);
    if (found.isEmpty()) {
      return new Verdict(0, 0, AuditRow.NONE, new Broken(1, Reason.MISSING));
    }
    Head head = found.get();
    long good = 0;
    String hash = AuditRow.NONE;
    while (good < head.id()) {
      long after = good;
      List<AuditRow> rows =
          transactions.read(connection -> AuditRows.after(connection, after, head.id(), STEP));
      for (AuditRow row : rows) {
        Broken broken = check(row, good + 1, hash, head.id());
        if (broken != null) {
          return new Verdict(broken.id() - 1, head.id(), head.hash(), broken);
        }
        good = row.id();
        hash = row.hash();
      }
      if (rows.isEmpty()) {
        return broken(good + 1, Reason.MISSING, head);
      }
    }
    if (!hash.equals(head.hash())) {
      return broken(Math.max(1, good), Reason.CHANGED, head);
    }
    return head.newest() > head.id()
        ? broken(head.id() + 1, Reason.INSERTED, head)
        : new Verdict(good, head.id(), head.hash(), null);
  }

  private static Verdict broken(long id, Reason reason, Head head) {
    return new Verdict(id - 1, head.id(), head.hash(), new Broken(id, reason));
  }

  /**
   * @param expected the number that comes next
   * @param hash of the row before, which is good in itself
   */
  private static @Nullable Broken check(AuditRow row, long expected, String hash, long last) {
    if (row.id() != expected) {
      return new Broken(expected, Reason.MISSING);
    }
    if (!row.hash().equals(row.hashAs(row.id()))) {
      return moved(row, last).orElse(new Broken(row.id(), Reason.CHANGED));
    }
    if (!row.previousHash().equals(hash)) {
      // This row bears witness of the one before: that was given a new hash to go with a change.
      return new Broken(Math.max(1, expected - 1), Reason.CHANGED);
    }
    return null;
  }

  /** A row whose hash is right for another number has been moved. */
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
