package dev.rowmill.sql.parse;

import dev.rowmill.task.Refusal.Reason;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Collects the reasons in the text of a statement why it can't run, or not chunk by chunk.
 *
 * @param reasons reasons why it can't run at all
 * @param undivided reasons why it can't be divided into chunks
 */
record Findings(Set<Reason> reasons, Set<Reason> undivided) {

  Findings(Set<Reason> reasons) {
    this(reasons, new LinkedHashSet<>());
  }

  void reject(Reason reason) {
    reasons.add(reason);
  }

  void undivided(Reason reason) {
    undivided.add(reason);
  }
}
