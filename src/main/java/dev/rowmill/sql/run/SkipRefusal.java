package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the reasons why a statement can't pass over single rows that fail. Stateless. */
public final class SkipRefusal {

  private SkipRefusal() {}

  /** Returns the refusal; empty if rows can be passed over. */
  public static Optional<Refusal> of(ChunkableStatement statement) {
    ParsedStatement parsed = statement.parsed();
    List<Reason> reasons = new ArrayList<>();
    if (parsed.kind() == Kind.REPLACE) {
      reasons.add(Reason.of("skip-replace"));
    } else if (!parsed.onDuplicate().isEmpty()) {
      reasons.add(Reason.of("skip-on-duplicate"));
    }
    if (parsed.ignore()) {
      reasons.add(Reason.of("skip-ignore"));
    }
    if (parsed.limit().isPresent() || parsed.orderAndLimit() != null) {
      reasons.add(Reason.of("skip-limit"));
    } else if (statement.isUndivided()) {
      reasons.add(Reason.of("skip-undivided"));
      reasons.addAll(statement.undivided());
    }
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(new Refusal("skip-impossible", Map.of(), reasons));
  }
}
