package dev.rowmill.sql;

import dev.rowmill.sql.TableDefinition.Column;
import dev.rowmill.sql.TableDefinition.Index;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the key to walk a table along: the primary key, else the cheapest unique index. */
final class KeyChoice {

  private final TableDefinition table;
  private final boolean update;
  private final Set<Reason> reasons = new LinkedHashSet<>();

  private KeyChoice(TableDefinition table, boolean update) {
    this.table = table;
    this.update = update;
  }

  /**
   * @param update whether rows of the table are updated
   * @throws Refusal when no key will do
   */
  static ChunkKey of(TableDefinition table, String written, boolean update) {
    KeyChoice choice = new KeyChoice(table, update);
    List<ChunkKey> usable = new ArrayList<>();
    for (Index index : table.indexes()) {
      choice.key(index).ifPresent(usable::add);
    }
    Comparator<ChunkKey> cheapest =
        Comparator.<ChunkKey, Boolean>comparing(key -> !key.index().equals("PRIMARY"))
            .thenComparing(key -> key.columns().size())
            .thenComparing(key -> key.columns().stream().mapToInt(KeyColumn::cost).sum())
            .thenComparing(ChunkKey::index);
    return usable.stream().min(cheapest).orElseThrow(() -> choice.refusal(written));
  }

  private Refusal refusal(String written) {
    if (table.indexes().isEmpty()) {
      reasons.add(Reason.of("no-unique-key"));
    }
    return new Refusal("no-usable-key", Map.of("table", written), List.copyOf(reasons));
  }

  private Optional<ChunkKey> key(Index index) {
    int before = reasons.size();
    if (!index.visible()) {
      reasons.add(Reason.of("key-invisible", "key", index.name()));
    }
    if (!index.ordered()) {
      reasons.add(Reason.of("key-unordered", "key", index.name()));
    }
    // An index of one direction is walked to the larger values, whichever it is. The others are
    // walked forwards: MySQL would sort the rows of a range that it reads backwards.
    boolean mixed = index.parts().stream().map(Index.Part::descending).distinct().count() > 1;
    List<KeyColumn> columns = new ArrayList<>();
    for (Index.Part part : index.parts()) {
      String name = part.column();
      Optional<Column> column = name == null ? Optional.empty() : table.column(name);
      if (column.filter(it -> it.version() == Column.Version.END).isPresent()) {
        continue;
      }
      if (column.isEmpty()) {
        reasons.add(Reason.of("key-expression", "key", index.name()));
      } else {
        part(index, part, column.get())
            .map(it -> it.descending(mixed && part.descending()))
            .ifPresent(columns::add);
      }
    }
    return reasons.size() == before
        ? Optional.of(new ChunkKey(index.name(), List.copyOf(columns)))
        : Optional.empty();
  }

  private Optional<KeyColumn> part(Index index, Index.Part part, Column column) {
    String code = "";
    if (column.nullable()) {
      code = "key-nullable";
    } else if (part.prefix()) {
      code = "key-prefix";
    } else if (column.generated()) {
      code = "key-generated";
    } else if (update && column.changesOnUpdate()) {
      code = "key-on-update";
    }
    KeyColumn.Judgement judgement = KeyColumn.of(column, table);
    if (code.isEmpty()) {
      code = judgement.code();
    }
    if (!code.isEmpty()) {
      reasons.add(
          new Reason(
              code,
              code.equals("key-members")
                  ? Map.of(
                      "key",
                      index.name(),
                      "column",
                      column.name(),
                      "most",
                      "" + KeyColumn.MOST_CHOICES)
                  : Map.of(
                      "key", index.name(), "column", column.name(), "type", column.fullType())));
    }
    return judgement.usable();
  }
}
