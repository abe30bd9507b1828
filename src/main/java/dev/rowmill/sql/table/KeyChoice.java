package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.OrderPart;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableDefinition.Index;
import dev.rowmill.sql.table.TableDefinition.Index.Part;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the key along which a table is walked: the primary key, else the cheapest unique index,
 * or an index that has a required order.
 */
public final class KeyChoice {

  private static final Comparator<ChunkKey> CHEAPEST =
      Comparator.<ChunkKey, Boolean>comparing(key -> !key.index().equals("PRIMARY"))
          .thenComparing(key -> key.columns().size())
          .thenComparing(key -> key.columns().stream().mapToInt(KeyColumn::cost).sum())
          .thenComparing(ChunkKey::index);

  private static final String NO_UNIQUE_KEY = "no-unique-key";

  /** Begins the codes of all other reasons why a key is unusable. */
  private static final String KEY_PREFIX = "key-";

  private final TableDefinition table;
  private final boolean update;
  private final Set<Reason> reasons = new LinkedHashSet<>();

  private KeyChoice(TableDefinition table, boolean update) {
    this.table = table;
    this.update = update;
  }

  /**
   * Returns the cheapest usable key.
   *
   * @param update whether rows of the table are updated
   * @throws Refusal if no key is usable
   */
  public static ChunkKey of(TableDefinition table, String written, boolean update) {
    KeyChoice choice = new KeyChoice(table, update);
    List<ChunkKey> usable = new ArrayList<>();
    for (Index index : table.indexes()) {
      // An index with a single direction is walked to the larger values. The others are walked
      // forwards: MySQL would sort the rows of a range that it reads backwards.
      choice.key(index, index.parts().stream().allMatch(Part::descending)).ifPresent(usable::add);
    }
    return usable.stream().min(CHEAPEST).orElseThrow(() -> choice.refusal(written));
  }

  /**
   * Returns the cheapest key whose walk has an order; empty if no index has it.
   *
   * @param indexes all indexes of the table
   * @param unique a key of the table, which separates rows that are equal in the index
   */
  public static Optional<ChunkKey> inOrder(
      TableDefinition table,
      List<Index> indexes,
      ChunkKey unique,
      boolean update,
      List<OrderPart> order) {
    Optional<Index> behind =
        indexes.stream().filter(index -> index.name().equals(unique.index())).findFirst();
    List<ChunkKey> usable = new ArrayList<>();
    for (Index index : indexes) {
      boolean isUnique = table.indexes().stream().anyMatch(one -> one.name().equals(index.name()));
      Index whole = isUnique ? index : index.with(behind.map(Index::parts).orElse(List.of()));
      boolean backwards = order.get(0).descending() != whole.parts().get(0).descending();
      if (hasOrder(whole, backwards, order)) {
        new KeyChoice(table, update).key(whole, backwards).ifPresent(usable::add);
      }
    }
    return usable.stream().min(CHEAPEST);
  }

  private static boolean hasOrder(Index index, boolean backwards, List<OrderPart> order) {
    // After a whole key no rows are left to be ordered.
    for (int i = 0; i < Math.min(order.size(), index.parts().size()); i++) {
      Part part = index.parts().get(i);
      ColumnName column = order.get(i).column();
      if (column == null
          || !column.name().equalsIgnoreCase(part.column())
          || order.get(i).descending() != (part.descending() != backwards)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a reason is about the unique keys of a table. */
  public static boolean isOfKey(Reason reason) {
    return isMissingKey(reason) || reason.code().startsWith(KEY_PREFIX);
  }

  /** Returns whether a reason is that a table has no unique key. */
  public static boolean isMissingKey(Reason reason) {
    return reason.code().equals(NO_UNIQUE_KEY);
  }

  private Refusal refusal(String written) {
    if (table.indexes().isEmpty()) {
      reasons.add(Reason.of(NO_UNIQUE_KEY));
    }
    return new Refusal("no-usable-key", Map.of("table", written), List.copyOf(reasons));
  }

  private Optional<ChunkKey> key(Index index, boolean backwards) {
    int before = reasons.size();
    if (!index.visible()) {
      reasons.add(Reason.of("key-invisible", "key", index.name()));
    }
    if (!index.ordered()) {
      reasons.add(Reason.of("key-unordered", "key", index.name()));
    }
    List<KeyColumn> columns = new ArrayList<>();
    for (Part part : index.parts()) {
      String name = part.column();
      Optional<Column> column = name == null ? Optional.empty() : table.column(name);
      if (column.filter(it -> it.version() == Column.Version.END).isPresent()) {
        continue;
      }
      if (column.isEmpty()) {
        reasons.add(Reason.of("key-expression", "key", index.name()));
      } else {
        part(index, part, column.get())
            .map(it -> it.descending(part.descending() != backwards))
            .ifPresent(columns::add);
      }
    }
    return reasons.size() == before
        ? Optional.of(new ChunkKey(index.name(), List.copyOf(columns)))
        : Optional.empty();
  }

  private Optional<KeyColumn> part(Index index, Part part, Column column) {
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
