package dev.rowmill.upload;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.FileChange;
import dev.rowmill.sql.run.FileChange.Action;
import dev.rowmill.sql.run.FileChange.Pair;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableDefinition.Index;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks what is to be done with an upload against its columns and the table. For one request and
 * one thread.
 */
final class UploadChange {

  private final Upload upload;
  private final UploadParameters parameters;
  private final Catalog catalog;
  private final StatementScope scope;
  private final List<Reason> reasons = new ArrayList<>();

  UploadChange(
      Upload upload, UploadParameters parameters, Connection connection, StatementScope scope) {
    this.upload = upload;
    this.parameters = parameters;
    this.catalog = new Catalog(connection);
    this.scope = scope;
  }

  /**
   * Returns the change.
   *
   * @throws Refusal {@code unknown-table}, or {@code upload-mismatch} with all reasons
   */
  FileChange change() throws SQLException {
    String ownSchema = catalog.schema();
    TableKind kind = catalog.usable(tableName(parameters.table()), ownSchema, scope);
    TableName target = kind.name();
    if (!kind.isTable()) {
      reject("upload-no-table", "table", target.written());
    } else if (!target.equals(upload.table())) {
      reasons.add(
          new Reason(
              "upload-other-table",
              Map.of(
                  "upload",
                  upload.name(),
                  "of",
                  upload.table().written(),
                  "table",
                  target.written())));
    }
    refuseIfAny();
    TableDefinition definition = catalog.definition(target);
    Action action = parameters.action().action();
    List<Pair> match = match(definition);
    List<Pair> expect = pairs(definition, orNone(parameters.expect()));
    List<Pair> set = set(definition, action, match, expect);
    if (!expect.isEmpty() && action == Action.INSERT) {
      reject("upload-expect-insert");
    }
    Optional<Index> index = index(definition, target, match, action.inserts());
    triggers(target, ownSchema, action, match);
    refuseIfAny();
    return new FileChange(
        action,
        new TableName(ownSchema, Upload.rowsTable(upload.id())),
        target,
        key(definition, target),
        index.orElseThrow().name(),
        match,
        set,
        expect);
  }

  /** Reads a name such as {@code shop.item}, in which parts may be in backticks. */
  static TableName tableName(String written) {
    List<String> parts = new ArrayList<>();
    var matcher = java.util.regex.Pattern.compile("`((?:[^`]|``)+)`|([^`.]+)").matcher(written);
    int at = 0;
    while (at < written.length() && matcher.find(at) && matcher.start() == at) {
      parts.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1).replace("``", "`"));
      at = matcher.end();
      if (at < written.length() && written.charAt(at) == '.') {
        at++;
      } else {
        break;
      }
    }
    if (at != written.length() || parts.size() != 2) {
      throw new Refusal("unknown-table", Map.of("table", written));
    }
    return new TableName(parts.get(0), parts.get(1));
  }

  private static Map<String, String> orNone(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  private void reject(String code) {
    reasons.add(Reason.of(code));
  }

  private void reject(String code, String name, String value) {
    reasons.add(Reason.of(code, name, value));
  }

  private void refuseIfAny() {
    if (!reasons.isEmpty()) {
      throw new Refusal("upload-mismatch", Map.of("upload", upload.name()), reasons);
    }
  }

  /**
   * Returns the columns to match, each with the column of the file that has its name, or with the
   * first that has its type by another name.
   */
  private List<Pair> match(TableDefinition definition) {
    Map<String, String> named = new LinkedHashMap<>();
    for (String column : parameters.match()) {
      named.put(
          column,
          upload.columns().stream()
              .filter(each -> column.equalsIgnoreCase(each.like()))
              .map(UploadColumn::name)
              .sorted(Comparator.comparing(name -> !name.equalsIgnoreCase(column)))
              .findFirst()
              .orElse(column));
    }
    return pairs(definition, named);
  }

  /** Returns the pairs of columns that the caller has named. */
  private List<Pair> pairs(TableDefinition definition, Map<String, String> named) {
    List<Pair> pairs = new ArrayList<>();
    named.forEach(
        (target, source) -> {
          Optional<Column> column = definition.column(target);
          Optional<UploadColumn> from =
              upload.columns().stream()
                  .filter(each -> each.name().equalsIgnoreCase(source))
                  .findFirst();
          if (column.isEmpty()) {
            reject("unknown-column", "column", target);
          } else if (from.isEmpty()) {
            reject("upload-no-column", "column", source);
          } else if (!from.get().isLike(column.get())) {
            reasons.add(
                new Reason(
                    "upload-type",
                    Map.of(
                        "column",
                        source,
                        "target",
                        column.get().name(),
                        "type",
                        column.get().fullType())));
          } else {
            pairs.add(new Pair(column.get(), from.get().stored()));
          }
        });
    return List.copyOf(pairs);
  }

  private List<Pair> set(
      TableDefinition definition, Action action, List<Pair> match, List<Pair> expect) {
    Map<String, String> named = parameters.set();
    if (action == Action.DELETE) {
      if (named != null) {
        reject("upload-set-delete");
      }
      return List.of();
    }
    List<Pair> set =
        named != null
            ? pairs(definition, named)
            : upload.columns().stream()
                .filter(column -> column.name().equalsIgnoreCase(column.like()))
                .filter(
                    column ->
                        Stream.concat(match.stream(), expect.stream())
                            .noneMatch(pair -> pair.source().equals(column.stored())))
                .flatMap(
                    column ->
                        definition.column(String.valueOf(column.like())).stream()
                            .filter(column::isLike)
                            .filter(each -> !each.generated())
                            .map(each -> new Pair(each, column.stored())))
                .toList();
    for (Pair pair : set) {
      if (pair.column().generated()) {
        reject("upload-generated", "column", pair.column().name());
      } else if (isAmong(match, pair.column().name())) {
        reject("upload-set-match", "column", pair.column().name());
      }
    }
    if (set.isEmpty() && action.updates()) {
      reject("upload-set-none");
    }
    return set;
  }

  private static boolean isAmong(List<Pair> pairs, String column) {
    return pairs.stream().anyMatch(pair -> pair.column().name().equalsIgnoreCase(column));
  }

  /** Returns an index by which lines find their rows. */
  private Optional<Index> index(
      TableDefinition definition, TableName target, List<Pair> match, boolean unique)
      throws SQLException {
    if (match.isEmpty()) {
      return Optional.empty();
    }
    Predicate<Index> isUnique =
        index ->
            definition.indexes().stream().anyMatch(one -> one.name().equals(index.name()))
                && index.parts().stream()
                    .allMatch(
                        part ->
                            part.column() != null
                                && (isAmong(match, part.column())
                                    || definition
                                        .column(part.column())
                                        .filter(it -> it.version() == Column.Version.END)
                                        .isPresent()));
    List<Index> usable =
        catalog.indexes(target).stream()
            .filter(index -> index.visible() && index.ordered())
            .filter(index -> beginsWith(index, match))
            .toList();
    Optional<Index> found =
        usable.stream()
            .filter(isUnique)
            .findFirst()
            .or(() -> unique ? Optional.empty() : usable.stream().findFirst());
    if (found.isEmpty()) {
      reasons.add(
          new Reason(
              unique ? "upload-match-unique" : "upload-match-index",
              Map.of(
                  "table",
                  target.written(),
                  "columns",
                  match.stream()
                      .map(pair -> pair.column().name())
                      .collect(Collectors.joining(", ")))));
    }
    return found;
  }

  private static boolean beginsWith(Index index, List<Pair> match) {
    return index.parts().size() >= match.size()
        && index.parts().subList(0, match.size()).stream()
            .allMatch(
                part -> !part.prefix() && part.column() != null && isAmong(match, part.column()));
  }

  /** Rejects triggers that reach Rowmill's tables, or that may change what lines are matched by. */
  private void triggers(TableName target, String ownSchema, Action action, List<Pair> match)
      throws SQLException {
    Set<String> events =
        switch (action) {
          case INSERT -> Set.of("INSERT");
          case UPDATE -> Set.of("UPDATE");
          case UPSERT -> Set.of("INSERT", "UPDATE");
          case DELETE -> Set.of("DELETE");
        };
    for (Trigger trigger : catalog.triggers(target, events)) {
      if (StatementScope.isNamedBy(trigger.body(), trigger.schema(), ownSchema)) {
        reject("trigger-reaches", "trigger", trigger.name());
      }
      for (Pair pair : match) {
        if (trigger.before() && trigger.maySet(pair.column().name())) {
          reasons.add(
              new Reason(
                  "upload-trigger",
                  Map.of("trigger", trigger.name(), "column", pair.column().name())));
        }
      }
    }
  }

  private static @Nullable ChunkKey key(TableDefinition definition, TableName target) {
    try {
      return KeyChoice.of(definition, target.written(), true);
    } catch (Refusal none) {
      return null;
    }
  }
}
