package dev.rowmill.sql.plan;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.CatalogQuery;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.task.Plan.Count;
import dev.rowmill.task.Plan.Warning;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds effects of a statement that a caller may not expect. For one thread. */
final class PlanWarnings {

  /** Limits the rows that a chunk reads without a warning, as a multiple of its own rows. */
  private static final long MUCH = 2;

  private final PlanSession session;
  private final ChunkableStatement statement;
  private final ParsedStatement parsed;
  private final TableName target;
  private final Set<Warning> warnings = new LinkedHashSet<>();

  PlanWarnings(PlanSession session, ChunkableStatement statement) {
    this.session = session;
    this.statement = statement;
    this.parsed = statement.parsed();
    this.target = statement.target();
  }

  List<Warning> all() {
    return List.copyOf(warnings);
  }

  void add(List<Warning> more) {
    warnings.addAll(more);
  }

  void add(Warning warning) {
    warnings.add(warning);
  }

  void matches(Count matching, Count rows) {
    if (matching.exact() && matching.rows() == 0) {
      warnings.add(Warning.of("matches-nothing"));
    } else if ((parsed.where() == null && parsed.limit().isEmpty())
        || (matching.exact() && rows.exact() && matching.rows() >= rows.rows())) {
      warnings.add(Warning.of("matches-whole-table"));
    }
  }

  /**
   * Warns about a condition without an index.
   *
   * @param explain the server's plan for finding all matching rows
   */
  void condition(List<Map<String, @Nullable Object>> explain) {
    boolean bare =
        explain.stream()
            .limit(1)
            .anyMatch(row -> row.get("table") != null && row.get("possibleKeys") == null);
    if (parsed.where() != null && bare) {
      warnings.add(Warning.of("no-index"));
    }
  }

  /**
   * Warns about a chunk that reads many more rows than it spans.
   *
   * @param explain the server's plan for one chunk's statement
   * @param chunkRows number of rows that the chunk spans
   */
  void chunk(List<Map<String, @Nullable Object>> explain, long chunkRows) {
    for (Map<String, @Nullable Object> row : explain) {
      if (row.get("rows") instanceof Long rows && rows > MUCH * chunkRows) {
        warnings.add(
            new Warning(
                "scans-more",
                Map.of(
                    "table", String.valueOf(row.get("table")),
                    "rows", Long.toString(rows),
                    "chunkRows", Long.toString(chunkRows))));
      }
    }
  }

  /** Warns about how the statement runs, by its text alone. */
  void ofText() {
    if (statement.isUndivided()) {
      warnings.add(Warning.of("undivided"));
    } else if (!parsed.order().isEmpty() && parsed.limit().isEmpty()) {
      warnings.add(Warning.of("order-ignored"));
    }
    if (parsed.limit().isPresent()) {
      warnings.add(
          Warning.of(statement.isUndivided() ? "limit-undivided" : "limit", "rows", limit()));
    }
    ChunkKey key = statement.walkedBy();
    if (key != null && !statement.isUndivided() && !key.equals(statement.rowKey())) {
      String columns =
          key.columns().stream().map(KeyColumn::name).collect(Collectors.joining(", "));
      warnings.add(new Warning("walk-moves", Map.of("key", key.index(), "columns", columns)));
    }
    if (parsed.ignore()) {
      warnings.add(Warning.of("ignore"));
    }
  }

  private String limit() {
    return Long.toString(statement.limit().orElse(0));
  }

  /**
   * Warns about rows that match several times.
   *
   * @param matching number of changed rows
   * @param joined number of rows of the join
   */
  void joins(long matching, long joined) {
    if (joined > matching) {
      warnings.add(
          new Warning(
              "joins-several",
              Map.of(
                  "table", statement.table().written(),
                  "rows", Long.toString(matching),
                  "joined", Long.toString(joined))));
    }
  }

  void setTouchesWhere() {
    if (parsed.kind() != Kind.UPDATE || parsed.where() == null) {
      return;
    }
    Set<String> touched = new TreeSet<>();
    statement.assigned().stream()
        .filter(name -> parsed.conditionColumns().contains(name.toLowerCase(Locale.ROOT)))
        .forEach(touched::add);
    if (!touched.isEmpty()) {
      warnings.add(Warning.of("set-touches-where", "columns", String.join(", ", touched)));
    }
  }

  /** Warns about generated columns that depend on an assigned one. */
  void generatedColumns(List<Column> columns) throws SQLException {
    if (parsed.kind() != Kind.UPDATE || columns.stream().noneMatch(Column::generated)) {
      return;
    }
    Set<String> follow = new LinkedHashSet<>();
    read(
        "SELECT COLUMN_NAME, GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE "
            + CatalogQuery.named(target, "TABLE_SCHEMA", "TABLE_NAME"),
        row -> {
          String expression = String.valueOf(row.getString(2));
          for (String column : statement.assigned()) {
            Pattern named =
                Pattern.compile(
                    "(?<![\\w$])" + Pattern.quote(column) + "(?![\\w$])",
                    Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
            if (named.matcher(expression).find()) {
              follow.add(row.getString(1));
            }
          }
        });
    if (!follow.isEmpty()) {
      warnings.add(Warning.of("generated-columns", "columns", String.join(", ", follow)));
    }
  }

  void triggers() throws SQLException {
    List<String> names = new ArrayList<>();
    read(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE "
            + CatalogQuery.named(target, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE")
            + " AND EVENT_MANIPULATION IN ('"
            + switch (parsed.kind()) {
              case REPLACE -> "INSERT";
              case EXCHANGE -> "UPDATE','DELETE";
              default -> parsed.kind().name();
            }
            + "') ORDER BY TRIGGER_NAME",
        row -> names.add(row.getString(1)));
    if (!names.isEmpty()) {
      warnings.add(Warning.of("triggers", "triggers", String.join(", ", names)));
    }
  }

  /** Warns about foreign keys that change rows of other tables as well. */
  void cascades() throws SQLException {
    if (parsed.kind().inserts()) {
      return;
    }
    boolean deletes = parsed.kind() == Kind.DELETE || parsed.kind() == Kind.EXCHANGE;
    String rule = deletes ? "r.DELETE_RULE" : "r.UPDATE_RULE";
    Set<String> tables = new TreeSet<>();
    // Only in the table's own schema, as MariaDB takes long to search all schemas.
    read(
        "SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.REFERENCED_COLUMN_NAME"
            + " FROM information_schema.REFERENTIAL_CONSTRAINTS r"
            + " JOIN information_schema.KEY_COLUMN_USAGE k"
            + " ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.TABLE_NAME = r.TABLE_NAME"
            + " AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME WHERE "
            + CatalogQuery.named(target, "r.CONSTRAINT_SCHEMA", "r.REFERENCED_TABLE_NAME")
            + " AND "
            + CatalogQuery.named(target, "k.REFERENCED_TABLE_SCHEMA", "k.REFERENCED_TABLE_NAME")
            + " AND "
            + rule
            + " NOT IN ('RESTRICT', 'NO ACTION')",
        row -> {
          String column = row.getString(3);
          if (deletes || statement.assigned().stream().anyMatch(column::equalsIgnoreCase)) {
            tables.add(row.getString(1) + "." + row.getString(2));
          }
        });
    if (!tables.isEmpty()) {
      warnings.add(Warning.of("cascades", "tables", String.join(", ", tables)));
    }
  }

  private void read(String sql, CatalogQuery.RowConsumer reader) throws SQLException {
    new CatalogQuery(session.connection()).forEach(sql, reader);
  }
}
