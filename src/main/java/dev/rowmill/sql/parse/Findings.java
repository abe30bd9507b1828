package dev.rowmill.sql.parse;

import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Collects the reasons why a statement can't run, or not chunk by chunk.
 *
 * @param reasons reasons why it can't run at all
 * @param undivided reasons why it can't be divided into chunks
 */
public record Findings(Set<Reason> reasons, Set<Reason> undivided) {

  public Findings() {
    this(new LinkedHashSet<>(), new LinkedHashSet<>());
  }

  public void reject(Reason reason) {
    reasons.add(reason);
  }

  public void undivided(Reason reason) {
    undivided.add(reason);
  }

  /**
   * Rejects the statement if there is a reason why it can't run at all.
   *
   * @throws Refusal {@code unsupported-statement} with these reasons
   */
  public void refuseIfAny() {
    if (!reasons.isEmpty()) {
      throw StatementParser.refusal(reasons);
    }
  }
}
